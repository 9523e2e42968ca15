//! Requests inside a request: they go the way of every other one, from path to handler, as the caller.

use std::sync::Arc;

use axum::http::{Method, Request, header};
use bytes::Bytes;
use model::{Code, Refusal};
use serde_json::{Map, Value as Json};
use wire::rest::entry;

use crate::answer::{self, Content, Dialect, Fault, Notation};
use crate::call::Call;
use crate::conditions;
use crate::path;
use crate::router::{self, Found};
use crate::routes::{Need, Route};

/// True if a route may be asked from inside: records, queries and what describes them (rest-api.md 7.1), no
/// bulk jobs, no composite request again, none of the other interfaces.
fn may_be_inside(route: &Route) -> bool {
    const ROOT: &str = "/services/data/{version}/";
    const AGAIN: [&str; 3] = ["composite", "composite/batch", "composite/graph"];
    let is_rest = route.dialect == Dialect::Rest && matches!(route.need, Need::Api | Need::Nothing);
    is_rest
        && route
            .path
            .strip_prefix(ROOT)
            .is_some_and(|rest| !AGAIN.contains(&rest) && !rest.starts_with("jobs/"))
}

/// One request inside another.
pub struct Inside<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path and query, from the root.
    pub url: &'a str,
    /// Body.
    pub body: &'a Json,
    /// Headers of its own; only those that say what a record must be like are looked at.
    pub headers: &'a Map<String, Json>,
}

/// Runs it and prints its outcome as REST does.
pub async fn run(call: &Call, inside: &Inside<'_>) -> Content {
    let outcome = match prepare(call, inside) {
        Ok((route, inner)) => (route.handler)(inner).await,
        Err(fault) => Err(fault),
    };
    match outcome {
        Ok(answer) => answer.into_content(),
        Err(fault) => answer::fault(fault, Dialect::Rest, Notation::Json),
    }
}

/// The route and parameters of a request inside.
///
/// # Errors
/// NOT_FOUND, METHOD_NOT_ALLOWED.
pub fn find(inside: &Inside<'_>) -> Result<(&'static Route, router::Params, Method), Fault> {
    let sent = Method::from_bytes(inside.method.to_ascii_uppercase().as_bytes());
    let sent = sent.map_err(|_| not_allowed(inside.method))?;
    let (path, query) = inside.url.split_once('?').unwrap_or((inside.url, ""));
    let segments = path::segments(path).ok_or_else(Fault::not_found)?;
    let method = path::method(&sent, query);
    match router::find(&method, &segments) {
        Found::Route(route, params) => {
            if !may_be_inside(route) {
                return Err(Refusal::new(
                    Code::InvalidInput,
                    "This resource is not supported inside a composite request",
                )
                .into());
            }
            Ok((route, params, method))
        }
        Found::OtherMethods(..) => Err(not_allowed(inside.method)),
        Found::Nothing => Err(Fault::not_found()),
    }
}

fn not_allowed(method: &str) -> Fault {
    let message = format!("HTTP Method '{}' not allowed.", wire::json::clip(method));
    Refusal::new(Code::MethodNotAllowed, message).into()
}

/// The call of a request inside, with the session of the outer one.
///
/// # Errors
/// As for [`find`].
pub fn prepare(call: &Call, inside: &Inside<'_>) -> Result<(&'static Route, Call), Fault> {
    let (route, params, method) = find(inside)?;
    let version = match params.iter().find(|(name, _)| *name == "version") {
        Some((_, text)) => entry::version(text).ok_or_else(Fault::not_found)?,
        None => call.version,
    };
    let body = match inside.body {
        Json::Null => Bytes::new(),
        json => Bytes::from(json.to_string()),
    };
    if body.len() > route.body_max {
        return Err(crate::body::too_large(route.body_max));
    }
    let uri = encoded(inside.url);
    let mut request = Request::builder().method(method).uri(uri);
    for name in [
        header::AUTHORIZATION.as_str(),
        "sforce-query-options",
        "sforce-auto-assign",
    ] {
        if let Some(value) = call.parts.headers.get(name) {
            request = request.header(name, value);
        }
    }
    for (name, value) in inside.headers {
        let mut known = conditions::HEADERS.iter();
        if let Some(known) = known.find(|k| k.as_str().eq_ignore_ascii_case(name)) {
            request = request.header(known, value.as_str().unwrap_or_default());
        }
    }
    let request = request.body(()).map_err(|_| Fault::not_found())?;
    let mut session = call.session()?.clone();
    session.caller.version = version;
    let inner = Call {
        porch: Arc::clone(&call.porch),
        route,
        params,
        parts: request.into_parts().0,
        body,
        stream: parking_lot::Mutex::default(),
        session: Some(session),
        center: None,
        version,
        notation: Notation::Json,
        peer: call.peer,
        instance_url: call.instance_url.clone(),
    };
    Ok((route, inner))
}

/// Clients write queries into these URLs as they are: what a URL cannot hold is escaped.
fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b' ' => out.push_str("%20"),
            b'"'
            | b'<'
            | b'>'
            | b'\\'
            | b'^'
            | b'`'
            | b'{'
            | b'|'
            | b'}'
            | b'#'
            | 0..=0x1f
            | 0x7f.. => {
                out.push_str(&format!("%{byte:02X}"));
            }
            _ => out.push(char::from(byte)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_records_and_queries_are_asked_from_inside() {
        let can = |method: &str, url: &str| {
            let (body, headers) = (&Json::Null, &Map::new());
            find(&Inside {
                method,
                url,
                body,
                headers,
            })
            .is_ok()
        };
        assert!(can("POST", "/services/data/v64.0/sobjects/Case"));
        assert!(can(
            "GET",
            "/services/data/v64.0/query?q=SELECT Id FROM Case"
        ));
        assert!(can("PATCH", "/services/data/v64.0/composite/sobjects"));
        assert!(can("GET", "/services/data/v64.0/limits"));
        for (method, url) in [
            ("POST", "/services/data/v64.0/composite"),
            ("POST", "/services/data/v64.0/composite/batch"),
            ("POST", "/services/data/v64.0/composite/graph"),
            ("POST", "/services/data/v64.0/jobs/ingest"),
            ("PUT", "/services/data/v64.0/jobs/ingest/750/batches"),
            ("GET", "/services/data/v64.0/jobs/query"),
            ("POST", "/services/async/64.0/job"),
            ("GET", "/services/omni/v1/setup/apps"),
            ("PUT", "/services/omni/v1/presence"),
            ("POST", "/telephony/v1/voiceCalls"),
            ("GET", "/metrics"),
            ("GET", "/"),
        ] {
            assert!(!can(method, url), "{method} {url}");
        }
    }
}
