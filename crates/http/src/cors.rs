//! Calls from scripts of other origins (rest-api.md 1.4).

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Response, StatusCode};

use crate::call::text_of;
use crate::options::HttpOptions;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, PUT, DELETE, HEAD");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, accept, if-modified-since, sforce-call-options, sforce-query-options, \
     sforce-auto-assign, x-sfdc-session, x-trunkline-command-id, soapaction",
);
const EXPOSED: HeaderValue =
    HeaderValue::from_static("Sforce-Limit-Info, Sforce-Locator, Sforce-NumberOfRecords, Location");

/// The origin of the request, if it may call.
pub fn allowed<'h>(
    headers: &'h HeaderMap,
    options: &HttpOptions,
    own: &str,
) -> Option<&'h HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    let is_listed = options
        .cors_origins
        .iter()
        .any(|o| o.eq_ignore_ascii_case(text));
    (is_listed || text.eq_ignore_ascii_case(own)).then_some(origin)
}

/// Adds what a script may read.
pub fn mark(response: &mut HeaderMap, origin: &HeaderValue) {
    response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    response.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response.append(header::VARY, HeaderValue::from_static("Origin"));
}

/// The answer to OPTIONS: 200 for an origin on the list, 403 for others.
pub fn preflight(headers: &HeaderMap, options: &HttpOptions, own: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    if text_of(headers, "origin").is_none() {
        response.headers_mut().insert(header::ALLOW, METHODS);
        return response;
    }
    match allowed(headers, options, own) {
        None => *response.status_mut() = StatusCode::FORBIDDEN,
        Some(origin) => {
            mark(response.headers_mut(), origin);
            let out = response.headers_mut();
            out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            out.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            out.insert(
                header::ACCESS_CONTROL_MAX_AGE,
                HeaderValue::from_static("86400"),
            );
        }
    }
    response
}
