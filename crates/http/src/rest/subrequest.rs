//! Requests inside a request: they go the way of every other one, from path to handler, as the caller.

use std::sync::Arc;

use axum::http::{Method, Request, header};
use bytes::Bytes;
use model::{Code, Refusal};
use serde_json::Value as Json;
use wire::rest::entry;

use crate::answer::{self, Content, Dialect, Fault, Notation};
use crate::call::Call;
use crate::path;
use crate::router::{self, Found};
use crate::routes::{Need, Route};

/// What may not be asked from inside.
const NOT_INSIDE: [&str; 3] = [
    "/services/data/{version}/composite",
    "/services/data/{version}/composite/batch",
    "/services/data/{version}/composite/graph",
];

/// One request inside another.
pub struct Inside<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path and query, from the root.
    pub url: &'a str,
    /// Body.
    pub body: &'a Json,
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
            let is_rest =
                route.dialect == Dialect::Rest && matches!(route.need, Need::Api | Need::Nothing);
            if !is_rest || NOT_INSIDE.contains(&route.path) {
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
