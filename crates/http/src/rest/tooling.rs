//! The tooling surface, as far as clients ask for it (rest-api.md 11).
//!
//! Objects of the catalogue are answered like on the data surface; the objects of a developer's org that
//! this server does not have are known to be empty.

use model::{Code, Refusal};
use wire::rest::answer;

use super::query;
use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::reads;

/// Objects of the original's tooling surface that are always empty here.
const EMPTY: [&str; 10] = [
    "ApexClass",
    "ApexComponent",
    "ApexLog",
    "ApexPage",
    "ApexTestQueueItem",
    "ApexTrigger",
    "CustomField",
    "CustomObject",
    "SandboxInfo",
    "SandboxProcess",
];

/// GET /tooling/query?q=.
pub async fn query(call: Call) -> Outcome {
    let form = call.query();
    let text = form
        .filled("q")
        .ok_or_else(|| Refusal::new(Code::MalformedQuery, "A query string has to be specified"))?;
    let session = call.session()?;
    let parsed = lang::parse(text).map_err(Refusal::from)?;
    let object = &*parsed.select.from.first.text;
    let found = if EMPTY.iter().any(|name| name.eq_ignore_ascii_case(object)) {
        model::Answer {
            done: true,
            ..model::Answer::default()
        }
    } else {
        let plan = reads::plan(session, text, false)?;
        session
            .org
            .query(session.caller.user, plan, query::PAGE_MAX)
            .await?
    };
    let mut out = format!(
        "{{\"size\":{},\"queryLocator\":null,\"entityTypeName\":null,",
        found.rows.len()
    )
    .into_bytes();
    let mut rest = Vec::with_capacity(256);
    answer::answer(&mut rest, &found, call.version);
    out.extend_from_slice(rest.get(1..).unwrap_or_default());
    Ok(Answer::json(out))
}
