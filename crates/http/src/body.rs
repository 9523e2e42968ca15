//! Request bodies: bounded in size and time, unpacked, of a type that the route takes.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap};
use bytes::{Bytes, BytesMut};
use flate2::read::GzDecoder;
use http_body_util::BodyExt as _;
use model::{Code, Refusal};
use tokio::time::{Instant, timeout_at};

use crate::answer::Fault;
use crate::call::text_of;
use crate::options::HttpOptions;
use crate::routes::Takes;

/// Bodies up to this size do not count against the bound of all bodies.
const FREE: usize = 64 * 1024;

/// How much of a refused request is read, and how long.
const DRAIN_MAX: usize = 256 * 1024;
const DRAIN_TIME: Duration = Duration::from_millis(200);

/// Memory of all large bodies, shared by all requests.
#[derive(Clone, Debug)]
pub struct BodyRoom {
    used: Arc<AtomicUsize>,
    max: usize,
}

/// A part of that memory; given back on drop.
#[derive(Debug)]
pub struct Taken {
    room: BodyRoom,
    bytes: usize,
}

impl BodyRoom {
    /// Room for so many bytes.
    pub fn new(max: usize) -> Self {
        Self {
            used: Arc::default(),
            max,
        }
    }

    fn hold(&self) -> Taken {
        Taken {
            room: self.clone(),
            bytes: 0,
        }
    }
}

impl Taken {
    /// Asks for room for a body of this size; false if there is none.
    fn grow_to(&mut self, bytes: usize) -> bool {
        if bytes <= FREE || bytes <= self.bytes {
            return true;
        }
        let more = bytes - self.bytes;
        let before = self.room.used.fetch_add(more, Ordering::Relaxed);
        self.bytes = bytes;
        before + more <= self.room.max
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The body larger than the route takes.
pub fn too_large(max: usize) -> Fault {
    let message = format!("The request body is larger than {max} bytes");
    Fault::with_status(
        Refusal::new(Code::OperationTooLarge, message),
        StatusCode::PAYLOAD_TOO_LARGE,
    )
}

pub(crate) fn too_slow() -> Fault {
    let message = "The request body did not arrive in time";
    Fault::with_status(
        Refusal::new(Code::InvalidInput, message),
        StatusCode::REQUEST_TIMEOUT,
    )
}

pub(crate) fn broken(why: &str) -> Fault {
    Refusal::new(
        Code::InvalidInput,
        format!("The request body cannot be read: {why}"),
    )
    .into()
}

fn no_room() -> Fault {
    node::unavailable().into()
}

/// Refuses a body that says itself that it is too large.
///
/// # Errors
/// Too large (413).
pub fn check_length(headers: &HeaderMap, max: usize) -> Result<(), Fault> {
    let length = text_of(headers, "content-length").and_then(|t| t.parse::<u64>().ok());
    if length.is_some_and(|length| length > max as u64) {
        return Err(too_large(max));
    }
    Ok(())
}

/// Reads a body of at most `max` bytes, packed and unpacked.
///
/// # Errors
/// Too large (413), too slow (408), broken (400), or no memory left for it (503).
pub async fn read(
    body: &mut Body,
    headers: &HeaderMap,
    max: usize,
    room: &BodyRoom,
    options: &HttpOptions,
) -> Result<(Bytes, Taken), Fault> {
    let mut taken = room.hold();
    if body.is_end_stream() {
        return Ok((Bytes::new(), taken));
    }
    check_length(headers, max)?;
    let start = Instant::now();
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    loop {
        let size = first.len() + rest.len();
        let frame = timeout_at(deadline(start, size, options), body.frame()).await;
        let Some(frame) = frame.map_err(|_| too_slow())? else {
            break;
        };
        let Ok(data) = frame.map_err(|e| broken(&e.to_string()))?.into_data() else {
            continue;
        };
        if size + data.len() > max {
            return Err(too_large(max));
        }
        if !taken.grow_to(size + data.len()) {
            return Err(no_room());
        }
        if size == 0 {
            first = data;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
    }
    let whole = if rest.is_empty() {
        first
    } else {
        rest.freeze()
    };
    match text_of(headers, "content-encoding").map(str::trim) {
        None | Some("" | "identity") => Ok((whole, taken)),
        Some(coding) if coding.eq_ignore_ascii_case("gzip") => {
            let unpacked = unpack(whole, max).await?;
            if !taken.grow_to(unpacked.len()) {
                return Err(no_room());
            }
            Ok((unpacked, taken))
        }
        Some(_) => Err(unsupported("Content-Encoding")),
    }
}

/// What is left of a refused request's body is read, if it is little: a client that sends its next request
/// on the same connection would else find it closed. False if more is left.
pub async fn drain(body: &mut Body) -> bool {
    let read = async {
        let mut left = DRAIN_MAX;
        while let Some(Ok(frame)) = body.frame().await {
            let size = frame.data_ref().map_or(0, Bytes::len);
            left = match left.checked_sub(size) {
                Some(left) => left,
                None => return false,
            };
        }
        true
    };
    tokio::time::timeout(DRAIN_TIME, read)
        .await
        .unwrap_or(false)
}

/// The next part must come before the pause is over and keep the average rate.
pub(crate) fn deadline(start: Instant, size: usize, options: &HttpOptions) -> Instant {
    let earned = size as u64 / options.body_rate.max(1);
    let by_pause = Instant::now() + options.body_pause;
    let by_rate = start + options.body_pause * 2 + Duration::from_secs(earned);
    by_pause.min(by_rate)
}

/// Unpacks on a blocking thread and stops at the bound, so that a small bomb stays small.
async fn unpack(packed: Bytes, max: usize) -> Result<Bytes, Fault> {
    let work = tokio::task::spawn_blocking(move || {
        let mut out = Vec::new();
        let mut reader = GzDecoder::new(packed.as_ref()).take(max as u64 + 1);
        reader.read_to_end(&mut out).map(|_| out)
    });
    match work.await {
        Ok(Ok(out)) if out.len() > max => Err(too_large(max)),
        Ok(Ok(out)) => Ok(Bytes::from(out)),
        Ok(Err(error)) => Err(broken(&error.to_string())),
        Err(_) => Err(broken("it cannot be unpacked")),
    }
}

fn unsupported(header: &str) -> Fault {
    let message = format!("The {header} of the request is not supported by this resource");
    Refusal::new(Code::UnsupportedMediaType, message).into()
}

/// The media type before the first `;`, in lower case (telephony.md TEL2).
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = text_of(headers, header::CONTENT_TYPE.as_str())?;
    let kind = text.split(';').next()?.trim().to_ascii_lowercase();
    (!kind.is_empty()).then_some(kind)
}

/// Checks that the route takes a body of this type. A missing type passes: it is read as the first type
/// that the route takes.
///
/// # Errors
/// UNSUPPORTED_MEDIA_TYPE.
pub fn check_type(takes: Takes, headers: &HeaderMap) -> Result<(), Fault> {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    if kind.as_bytes() == b"application/json" && matches!(takes, Takes::Json | Takes::JsonOrXml) {
        return Ok(());
    }
    let Some(kind) = media_type(headers) else {
        return Ok(());
    };
    let fits = match takes {
        Takes::Nothing | Takes::Xml | Takes::Any | Takes::Stream => true,
        Takes::Json => is_json(&kind),
        Takes::JsonOrXml => is_json(&kind) || is_xml(&kind),
        Takes::Form => !is_xml(&kind),
    };
    if fits {
        Ok(())
    } else {
        Err(unsupported("Content-Type"))
    }
}

fn is_json(kind: &str) -> bool {
    kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}

/// True for XML types.
pub fn is_xml(kind: &str) -> bool {
    kind == "application/xml" || kind == "text/xml" || kind.ends_with("+xml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use std::io::Write;

    fn options() -> HttpOptions {
        HttpOptions {
            body_pause: Duration::from_millis(100),
            ..HttpOptions::default()
        }
    }

    async fn of(mut body: Body, headers: HeaderMap, max: usize) -> Result<Bytes, StatusCode> {
        let room = BodyRoom::new(1 << 20);
        let read = read(&mut body, &headers, max, &room, &options()).await;
        read.map(|(bytes, _)| bytes)
            .map_err(|fault| fault.rest_status())
    }

    #[tokio::test]
    async fn size_is_bounded_packed_and_unpacked() {
        assert_eq!(
            of(Body::from("abc"), HeaderMap::new(), 3).await,
            Ok(Bytes::from("abc"))
        );
        assert_eq!(
            of(Body::from("abcd"), HeaderMap::new(), 3).await,
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        );
        let mut gzip = HeaderMap::new();
        gzip.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![0; 10 << 20]).unwrap();
        let bomb = packer.finish().unwrap();
        assert!(bomb.len() < 20_000);
        assert_eq!(
            of(Body::from(bomb), gzip.clone(), 1 << 20).await,
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        );
        assert_eq!(
            of(Body::from("x"), gzip.clone(), 10).await,
            Err(StatusCode::BAD_REQUEST)
        );
        gzip.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        assert_eq!(
            of(Body::from("x"), gzip, 10).await,
            Err(StatusCode::UNSUPPORTED_MEDIA_TYPE)
        );
    }

    #[tokio::test]
    async fn a_body_that_stands_still_is_refused() {
        let stuck = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        assert_eq!(
            of(Body::from_stream(stuck), HeaderMap::new(), 10).await,
            Err(StatusCode::REQUEST_TIMEOUT)
        );
    }

    #[tokio::test]
    async fn memory_of_all_bodies_is_bounded_and_given_back() {
        async fn large(room: &BodyRoom) -> Result<Taken, StatusCode> {
            let mut body = Body::from(vec![0; 90_000]);
            let read = read(&mut body, &HeaderMap::new(), 1 << 20, room, &options()).await;
            read.map(|(_, taken)| taken)
                .map_err(|fault| fault.rest_status())
        }
        let room = BodyRoom::new(100_000);
        let one = large(&room).await;
        assert!(one.is_ok());
        assert_eq!(
            large(&room).await.unwrap_err(),
            StatusCode::SERVICE_UNAVAILABLE
        );
        drop(one);
        assert!(large(&room).await.is_ok());
    }

    #[tokio::test]
    async fn little_that_is_left_is_read() {
        assert!(drain(&mut Body::from("abc")).await);
        assert!(!drain(&mut Body::from(vec![0; DRAIN_MAX + 1])).await);
        let stuck = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        assert!(!drain(&mut Body::from_stream(stuck)).await);
    }

    #[test]
    fn types() {
        let of = |takes, kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            check_type(takes, &headers).is_ok()
        };
        assert!(of(Takes::Json, "application/json; charset=utf-8"));
        assert!(of(Takes::Json, "application/json; utf-8"));
        assert!(!of(Takes::Json, "application/x-foo"));
        assert!(of(Takes::JsonOrXml, "text/xml"));
        assert!(!of(Takes::JsonOrXml, "text/csv"));
    }
}
