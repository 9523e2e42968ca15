//! Paths: doubled and trailing slashes, percent escapes, suffixes (rest-api.md 1.1).

use std::borrow::Cow;

use axum::http::Method;
use wire::form::percent;

use crate::answer::Notation;

/// Longest request target (rest-api.md 3.1).
pub const TARGET_MAX: usize = 16_384;
/// No path of ours has more.
const SEGMENTS_MAX: usize = 24;

/// Segments of a path, decoded where they need it.
pub type Segments<'p> = Vec<Cow<'p, str>>;

/// Decoded segments of a path; `None` if an escape is broken or there are too many.
pub fn segments(path: &str) -> Option<Segments<'_>> {
    let mut all = Vec::with_capacity(8);
    for part in path.split('/').filter(|part| !part.is_empty()) {
        if all.len() == SEGMENTS_MAX {
            return None;
        }
        all.push(percent(part)?);
    }
    Some(all)
}

/// Cuts `.json` or `.xml` off the last segment and says which it was.
pub fn suffix(last: &str) -> Option<(&str, Notation)> {
    let cut = |end: &str| {
        let at = last.len().checked_sub(end.len())?;
        let (head, tail) = (last.get(..at)?, last.get(at..)?);
        (!head.is_empty() && tail.eq_ignore_ascii_case(end)).then_some(head)
    };
    match cut(".json") {
        Some(head) => Some((head, Notation::Json)),
        None => cut(".xml").map(|head| (head, Notation::Xml)),
    }
}

/// The method that `POST ...?_HttpMethod=PATCH` means (rest-api.md 1.1, 5).
pub fn method(sent: &Method, query: &str) -> Method {
    if sent != Method::POST || !query.contains("_HttpMethod=") {
        return sent.clone();
    }
    let meant = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("_HttpMethod="));
    match meant.map(str::to_ascii_uppercase).as_deref() {
        Some("PATCH") => Method::PATCH,
        Some("PUT") => Method::PUT,
        Some("DELETE") => Method::DELETE,
        Some("GET") => Method::GET,
        _ => sent.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_escapes() {
        assert_eq!(
            segments("//services//data/a%2Fb/").unwrap(),
            ["services", "data", "a/b"]
        );
        assert_eq!(segments("/%zz"), None);
        assert_eq!(segments(&"/a".repeat(100)), None);
        assert_eq!(suffix("Case.JSON"), Some(("Case", Notation::Json)));
        assert_eq!(suffix("query.xml"), Some(("query", Notation::Xml)));
        assert_eq!(
            (suffix("v64.0"), suffix(".xml"), suffix("é")),
            (None, None, None)
        );
    }

    #[test]
    fn methods_in_the_query() {
        assert_eq!(
            method(&Method::POST, "a=1&_HttpMethod=patch"),
            Method::PATCH
        );
        assert_eq!(method(&Method::GET, "_HttpMethod=PATCH"), Method::GET);
        assert_eq!(method(&Method::POST, "_HttpMethod=BREW"), Method::POST);
    }
}
