//! Describe (rest-api.md 5.2), as far as the caller may see.

use axum::http::StatusCode;
use axum::http::header;
use model::{Millis, RecordId};
use wire::rest::describe::{self, MASTER_RECORD_TYPE};
use wire::rest::layout::{self, Page};

use crate::answer::{Answer, Fault, Outcome};
use crate::call::Call;
use crate::reads::Shown;
use crate::{conditions, date};

/// When what describe says last changed for the org of the call.
fn last_change(call: &Call) -> Result<Millis, Fault> {
    let org = &call.session()?.org;
    let changes = &call.porch.changes;
    Ok(changes.last(org.id(), &org.directory(), org.now()))
}

/// The answer with the instant.
fn dated(answer: Answer, at: Millis) -> Answer {
    match date::header(at) {
        Some(value) => answer.with(header::LAST_MODIFIED, value),
        None => answer,
    }
}

/// 304 if the client has what the answer would be.
fn unchanged(call: &Call, at: Millis) -> Option<Answer> {
    let known = conditions::instant(call, header::IF_MODIFIED_SINCE)?;
    let is_known = at.seconds() <= known.seconds();
    is_known.then(|| dated(Answer::empty(StatusCode::NOT_MODIFIED), at))
}

/// GET /sobjects.
pub async fn global(call: Call) -> Outcome {
    let at = last_change(&call)?;
    if let Some(answer) = unchanged(&call, at) {
        return Ok(answer);
    }
    let catalogue = call.catalogue()?;
    let mut body = Vec::with_capacity(128 * 1024);
    describe::global(
        &mut body,
        &catalogue,
        &Shown(&call.session()?.caller.rights),
        call.version,
    );
    Ok(dated(call.answer(body)?, at))
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
    let at = last_change(&call)?;
    if let Some(answer) = unchanged(&call, at) {
        return Ok(answer);
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
    Ok(dated(call.answer(body)?, at))
}

/// GET /sobjects/X/describe/layouts.
pub async fn layouts(call: Call) -> Outcome {
    page(&call, |page, out| page.layouts(out))
}

/// GET /sobjects/X/describe/layouts/RECORD_TYPE: every object has the master type only.
pub async fn layout(call: Call) -> Outcome {
    let is_master =
        RecordId::parse(call.param("key")).ok() == RecordId::parse(MASTER_RECORD_TYPE).ok();
    let (_, def) = call.object(&*call.catalogue()?)?;
    if !is_master || !layout::is_layoutable(&def) {
        return Err(Fault::not_found());
    }
    page(&call, |page, out| page.layout(out))
}

/// GET /sobjects/X/describe/compactLayouts.
pub async fn compact_layouts(call: Call) -> Outcome {
    page(&call, |page, out| page.compact(out))
}

fn page(call: &Call, print: impl FnOnce(&Page<'_, Shown<'_>>, &mut Vec<u8>)) -> Outcome {
    let catalogue = call.catalogue()?;
    let (ix, object) = call.object(&catalogue)?;
    let page = Page {
        catalogue: &catalogue,
        ix,
        object: &object,
        view: &Shown(&call.session()?.caller.rights),
        version: call.version,
    };
    let mut body = Vec::with_capacity(64 * 1024);
    print(&page, &mut body);
    call.answer(body)
}
