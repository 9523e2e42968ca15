//! The web console's files, carried in the binary.

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::answer::{Answer, Fault, Outcome};
use crate::call::{Call, text_of};

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Files;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
     frame-ancestors 'self'",
);

/// The first page.
pub async fn index(call: Call) -> Outcome {
    match serve("index.html", &call.parts.headers) {
        Some(response) => Ok(Answer::Raw(Box::new(response))),
        None => Err(Fault::Plain(
            StatusCode::NOT_FOUND,
            "The console is not built into this binary.\n",
        )),
    }
}

/// A file of the console; pages that the console itself knows get the first page.
pub fn file(method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    if *method != Method::GET && *method != Method::HEAD {
        return None;
    }
    let name = path.trim_matches('/');
    serve(name, headers).or_else(|| {
        let is_page = !name.contains('.')
            && text_of(headers, "accept").is_some_and(|a| a.contains("text/html"));
        let is_api = ["services", "telephony", "cometd", "id"]
            .iter()
            .any(|p| name.split('/').next() == Some(*p));
        (is_page && !is_api)
            .then(|| serve("index.html", headers))
            .flatten()
    })
}

fn serve(name: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let file = Files::get(name)?;
    let tag = tag(&file)?;
    let mut response = Response::new(Body::empty());
    let out = response.headers_mut();
    out.insert(header::ETAG, tag.clone());
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    out.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    out.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Some(response);
    }
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)));
    *response.body_mut() = Body::from(file.data.into_owned());
    Some(response)
}

fn tag(file: &EmbeddedFile) -> Option<HeaderValue> {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash[..12].iter().map(|b| format!("{b:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hex}\"")).ok()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html;charset=UTF-8",
        Some("js" | "mjs") => "text/javascript;charset=UTF-8",
        Some("css") => "text/css;charset=UTF-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "webmanifest" | "map") => "application/json;charset=UTF-8",
        Some("woff2") => "font/woff2",
        Some("ogg") => "audio/ogg",
        Some("mp3") => "audio/mpeg",
        Some("wav") => "audio/wav",
        _ => "application/octet-stream",
    }
}
