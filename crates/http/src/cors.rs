//! Calls from scripts of other origins (rest-api.md 1.4).

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Response, StatusCode};

use node::Node;

use crate::call::text_of;
use crate::options::HttpOptions;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, PUT, DELETE, HEAD");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, accept, if-match, if-none-match, if-modified-since, if-unmodified-since, sforce-call-options, sforce-query-options, \
     sforce-auto-assign, x-sfdc-session, x-trunkline-command-id, soapaction",
);
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Sforce-Limit-Info, Sforce-Locator, Sforce-NumberOfRecords, Location, ETag",
);

/// The origin of the request, if it may call: our own, one of the server's options, or one that an org lists
/// (CorsWhitelistEntry). Sessions travel in headers that a page must know, never in cookies, so the list of
/// one org opens nothing of another.
pub fn allowed<'h>(
    headers: &'h HeaderMap,
    options: &HttpOptions,
    node: &Node,
    own: &str,
) -> Option<&'h HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    let is_optional = options
        .cors_origins
        .iter()
        .any(|o| o.eq_ignore_ascii_case(text));
    let is_known = is_optional || text.eq_ignore_ascii_case(own) || is_listed(node, text);
    is_known.then_some(origin)
}

fn is_listed(node: &Node, origin: &str) -> bool {
    let origin = origin.to_ascii_lowercase();
    node.orgs().iter().any(|org| {
        let patterns = &org.directory().cors_origins;
        patterns.contains(&origin) || patterns.iter().any(|pattern| fits(pattern, &origin))
    })
}

/// `https://*.example.com` fits every host below example.com, with the same scheme and port.
fn fits(pattern: &str, origin: &str) -> bool {
    let Some((scheme, rest)) = pattern.split_once("://*.") else {
        return false;
    };
    let host = origin
        .strip_prefix(scheme)
        .and_then(|o| o.strip_prefix("://"));
    let below = host.and_then(|host| host.strip_suffix(rest)?.strip_suffix('.'));
    let is_label = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    rest.contains('.') && below.is_some_and(|b| !b.is_empty() && b.bytes().all(is_label))
}

/// Adds what a script may read.
pub fn mark(response: &mut HeaderMap, origin: &HeaderValue) {
    response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    response.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response.append(header::VARY, HeaderValue::from_static("Origin"));
}

/// The answer to OPTIONS: 200 for an origin on the list, 403 for others.
pub fn preflight(
    headers: &HeaderMap,
    options: &HttpOptions,
    node: &Node,
    own: &str,
) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    if text_of(headers, "origin").is_none() {
        response.headers_mut().insert(header::ALLOW, METHODS);
        return response;
    }
    match allowed(headers, options, node, own) {
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

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_labels_only() {
        let fits = |origin| fits("https://*.example.com", origin);
        assert!(fits("https://a.example.com") && fits("https://a.b.example.com"));
        for bad in [
            "https://example.com",
            "https://.example.com",
            "https://evilexample.com",
            "http://a.example.com",
            "https://a.example.com:8443",
            "https://evil.org/.example.com",
            "https://a.example.com.evil.org",
        ] {
            assert!(!fits(bad), "{bad}");
        }
        assert!(!super::fits("https://*.com", "https://evil.com"));
    }
}
