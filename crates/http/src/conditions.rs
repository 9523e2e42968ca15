//! Conditional requests on records: ETag, If-Match, If-None-Match, If-Modified-Since and
//! If-Unmodified-Since (rest-api.md 1.3).
//!
//! The platform gives entity tags to accounts only; here every record has one that tells when it changed.
//! What a header says that cannot be read is ignored, except a tag list: a tag of somebody else matches
//! no record.

use axum::http::StatusCode;
use axum::http::header::{self, HeaderName, HeaderValue};
use engine::{Current, Expected, SaveOp, Versions};
use model::Millis;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::date;

/// Headers that a subrequest of a composite may bring.
pub const HEADERS: [HeaderName; 4] = [
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
];

/// The write, if the record is as the client expects it.
pub fn guarded(call: &Call, op: SaveOp) -> SaveOp {
    let expected = expected(call);
    if expected.is_empty() {
        return op;
    }
    SaveOp::When {
        expected,
        op: Box::new(op),
    }
}

/// The answer to a read of a record that the client does not want, if its headers say so.
///
/// # Errors
/// PRECONDITION_FAILED.
pub fn of_read(call: &Call, current: Current) -> Result<Option<Answer>, Fault> {
    let wanted = Expected {
        is_not: None,
        ..expected(call)
    };
    if !wanted.holds(current) {
        return Err(engine::changed_meanwhile().into());
    }
    let is_known = match (versions(call, header::IF_NONE_MATCH), current) {
        (Some(known), _) => !Expected {
            is_not: Some(known),
            ..Expected::default()
        }
        .holds(current),
        (None, Current::At(at)) => instant(call, header::IF_MODIFIED_SINCE)
            .is_some_and(|since| at.seconds() <= since.seconds()),
        (None, _) => false,
    };
    let answer = || tagged(Answer::empty(StatusCode::NOT_MODIFIED), current);
    Ok(is_known.then(answer))
}

/// The answer with the record's ETag and Last-Modified.
pub fn tagged(answer: Answer, current: Current) -> Answer {
    let Current::At(at) = current else {
        return answer;
    };
    let tag = HeaderValue::from_str(&format!("\"{:x}\"", at.0));
    match (tag, date::header(at)) {
        (Ok(tag), Some(date)) => answer
            .with(header::ETAG, tag)
            .with(header::LAST_MODIFIED, date),
        _ => answer,
    }
}

fn expected(call: &Call) -> Expected {
    Expected {
        is: versions(call, header::IF_MATCH),
        is_not: versions(call, header::IF_NONE_MATCH),
        unchanged_since: instant(call, header::IF_UNMODIFIED_SINCE),
    }
}

/// A list of entity tags, or `*`.
fn versions(call: &Call, name: HeaderName) -> Option<Versions> {
    let text = call.header(name.as_str())?.trim();
    if text == "*" {
        return Some(Versions::Any);
    }
    Some(Versions::Of(text.split(',').filter_map(version).collect()))
}

/// `"19a8f..."`, perhaps weak, perhaps with the mark that a proxy adds when it compresses.
fn version(tag: &str) -> Option<Millis> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    let tag = tag.split_once('-').map_or(tag, |(own, _)| own);
    i64::from_str_radix(tag, 16).ok().map(Millis)
}

/// A date in a header.
pub fn instant(call: &Call, name: HeaderName) -> Option<Millis> {
    date::read(call.header(name.as_str())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        let one = Some(Millis(0x19a8f));
        for (tag, wanted) in [
            ("\"19a8f\"", one),
            (" W/\"19a8f\" ", one),
            ("\"19a8f-gzip\"", one),
            ("\"19a8f--gzip\"", one),
            ("\"zz\"", None),
            ("", None),
            ("\"ffffffffffffffffff\"", None),
        ] {
            assert_eq!(version(tag), wanted, "{tag}");
        }
    }
}
