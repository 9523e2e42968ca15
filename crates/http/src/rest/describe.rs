//! Describe (rest-api.md 5.2), as far as the caller may see.

use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use wire::rest::describe;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::reads::Shown;

/// When the catalogue of this build was made: what it describes does not change while it runs.
const LAST_MODIFIED: HeaderValue = HeaderValue::from_static("Fri, 20 Nov 2026 00:00:00 GMT");

fn is_known(call: &Call) -> bool {
    call.parts.headers.get(header::IF_MODIFIED_SINCE) == Some(&LAST_MODIFIED)
}

fn not_modified() -> Outcome {
    Ok(Answer::empty(StatusCode::NOT_MODIFIED).with(header::LAST_MODIFIED, LAST_MODIFIED))
}

fn described(call: &Call, body: Vec<u8>) -> Outcome {
    Ok(call
        .answer(body)?
        .with(header::LAST_MODIFIED, LAST_MODIFIED))
}

/// GET /sobjects.
pub async fn global(call: Call) -> Outcome {
    if is_known(&call) {
        return not_modified();
    }
    let catalogue = call.catalogue()?;
    let mut body = Vec::with_capacity(128 * 1024);
    describe::global(
        &mut body,
        &catalogue,
        &Shown(&call.session()?.caller.rights),
        call.version,
    );
    described(&call, body)
}

/// GET /sobjects/X.
pub async fn basic(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (ix, def) = call.object(&catalogue)?;
    let mut body = Vec::with_capacity(2_048);
    describe::basic(
        &mut body,
        ix,
        &def,
        &Shown(&call.session()?.caller.rights),
        call.version,
    );
    call.answer(body)
}

/// GET /sobjects/X/describe.
pub async fn object(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (ix, def) = call.object(&catalogue)?;
    if is_known(&call) {
        return not_modified();
    }
    let mut body = Vec::with_capacity(64 * 1024);
    describe::object(
        &mut body,
        &catalogue,
        ix,
        &def,
        &Shown(&call.session()?.caller.rights),
        call.version,
    );
    described(&call, body)
}

/// GET /sobjects/X/describe/layouts: this server has no page layouts.
pub async fn layouts(call: Call) -> Outcome {
    call.object(&*call.catalogue()?)?;
    call.answer(
        br#"{"layouts":[],"recordTypeMappings":[],"recordTypeSelectorRequired":[false]}"#.to_vec(),
    )
}
