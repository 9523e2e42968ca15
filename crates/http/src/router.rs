//! Finds the route of a path: a tree over the segments of [`ROUTES`].
//!
//! Literal segments match without regard to case and win over parameters.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::http::Method;

use crate::routes::{ROUTES, Route, Verb};

/// Parameters of a path, by name.
pub type Params = Vec<(&'static str, String)>;

#[derive(Default)]
struct Branch {
    literals: Vec<(&'static str, Branch)>,
    parameter: Option<(&'static str, Box<Branch>)>,
    routes: Vec<&'static Route>,
}

static TREE: LazyLock<Branch> = LazyLock::new(|| {
    let mut root = Branch::default();
    for route in ROUTES {
        let mut at = &mut root;
        for segment in route.path.split('/').filter(|s| !s.is_empty()) {
            at = at.grow(segment);
        }
        at.routes.push(route);
    }
    root
});

impl Branch {
    fn grow(&mut self, segment: &'static str) -> &mut Branch {
        if let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            let branch = self.parameter.get_or_insert_with(|| (name, Box::default()));
            return &mut branch.1;
        }
        let known = self.literals.iter().position(|(text, _)| *text == segment);
        let at = known.unwrap_or_else(|| {
            self.literals.push((segment, Branch::default()));
            self.literals.len() - 1
        });
        &mut self.literals[at].1
    }

    fn find(&self, segments: &[Cow<'_, str>], params: &mut Params) -> Option<&Branch> {
        let Some((first, rest)) = segments.split_first() else {
            return (!self.routes.is_empty()).then_some(self);
        };
        let literal = self
            .literals
            .iter()
            .find(|(text, _)| text.eq_ignore_ascii_case(first));
        if let Some(found) = literal.and_then(|(_, branch)| branch.find(rest, params)) {
            return Some(found);
        }
        let (name, branch) = self.parameter.as_ref()?;
        params.push((name, first.clone().into_owned()));
        let found = branch.find(rest, params);
        if found.is_none() {
            params.pop();
        }
        found
    }
}

/// What a path leads to.
pub enum Found {
    /// A route, and the parameters of the path.
    Route(&'static Route, Params),
    /// The path is served, but not by this method; a route of it, and the `Allow` header.
    OtherMethods(&'static Route, String),
    /// Nothing.
    Nothing,
}

/// The route of a path and method; HEAD is served where GET is.
pub fn find(method: &Method, segments: &[Cow<'_, str>]) -> Found {
    let mut params = Params::new();
    let Some(branch) = TREE.find(segments, &mut params) else {
        return Found::Nothing;
    };
    match branch.routes.iter().find(|route| route.verb.serves(method)) {
        Some(route) => Found::Route(route, params),
        None => match branch.routes.first() {
            Some(route) => Found::OtherMethods(route, allowed(&branch.routes)),
            None => Found::Nothing,
        },
    }
}

fn allowed(routes: &[&Route]) -> String {
    let mut names = Vec::new();
    for route in routes {
        if route.verb == Verb::Get {
            names.push("HEAD");
        }
        names.push(route.verb.as_str());
    }
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::segments;

    fn path_of(method: Method, path: &str) -> String {
        match find(&method, &segments(path).unwrap()) {
            Found::Route(route, params) => {
                let params: Vec<_> = params.iter().map(|(_, value)| value.as_str()).collect();
                format!("{} {}", route.path, params.join(","))
            }
            Found::OtherMethods(_, allowed) => format!("405 {allowed}"),
            Found::Nothing => "404".to_owned(),
        }
    }

    #[test]
    fn literals_win_and_case_does_not_matter() {
        assert_eq!(
            path_of(Method::GET, "//SERVICES/data/v64.0/SObjects/"),
            "/services/data/{version}/sobjects v64.0"
        );
        assert_eq!(
            path_of(Method::GET, "/services/data/v64.0/sobjects/case/DESCRIBE"),
            "/services/data/{version}/sobjects/{object}/describe v64.0,case"
        );
        assert_eq!(
            path_of(
                Method::HEAD,
                "/services/data/v64.0/sobjects/Case/500000000000001"
            ),
            "/services/data/{version}/sobjects/{object}/{key} v64.0,Case,500000000000001"
        );
        assert_eq!(
            path_of(Method::DELETE, "/services/data/v64.0/sobjects"),
            "405 HEAD,GET"
        );
        assert_eq!(path_of(Method::GET, "/services/data/v64.0/nonsense"), "404");
    }

    #[test]
    fn no_route_stands_twice() {
        for (at, route) in ROUTES.iter().enumerate() {
            let same = |other: &&Route| other.path == route.path && other.verb == route.verb;
            assert!(
                ROUTES[..at].iter().all(|other| !same(&other)),
                "{:?} {}",
                route.verb,
                route.path
            );
        }
    }
}
