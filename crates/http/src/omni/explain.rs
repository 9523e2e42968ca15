//! Why an item waits or went where it went, and why an agent gets nothing.

use model::RecordId;
use wire::rest::answer;

use super::supervisor::{is_supervisor, print};
use crate::answer::{Fault, Outcome};
use crate::call::Call;
use crate::reads;

/// Offers of one item in its history, at most.
const HISTORY_MAX: usize = 200;

fn param(call: &Call, name: &str) -> Result<RecordId, Fault> {
    RecordId::parse(call.param(name)).map_err(|_| Fault::not_found())
}

/// GET /explain/works/{record}: supervisors any record, agents one that they have an offer of or work on.
pub async fn item(call: Call) -> Outcome {
    let record = param(&call, "record")?;
    let session = call.session()?;
    let for_user = (!is_supervisor(&call)?).then_some(session.caller.user);
    let now = session.org.now();
    let explained = session
        .org
        .inspect(move |engine| engine.explain_item(record, now, for_user))
        .await?;
    if for_user.is_some() && explained.works.is_empty() {
        return Err(engine::no_access().into());
    }
    let mut body = print(&explained)?;
    if body.pop() == Some(b'}') {
        body.extend_from_slice(b",\"history\":");
        history(&call, record, &mut body).await?;
        body.push(b'}');
    }
    call.answer(body)
}

/// The offers that the caller may see, oldest first.
async fn history(call: &Call, record: RecordId, out: &mut Vec<u8>) -> Result<(), Fault> {
    let session = call.session()?;
    let text = format!(
        "SELECT {} FROM AgentWork WHERE WorkItemId = '{record}' ORDER BY AssignedDateTime, Id LIMIT {HISTORY_MAX}",
        engine::OFFER_COLUMNS.join(", ")
    );
    let plan = reads::plan(session, &text, false)?;
    let found = session
        .org
        .query(session.caller.user, plan, HISTORY_MAX)
        .await?;
    wire::json::list(out, &found.rows, |out, row| {
        answer::row(out, row, call.version)
    });
    Ok(())
}

/// GET /explain/agents/{user}: supervisors anybody, agents themselves.
pub async fn agent(call: Call) -> Outcome {
    let user = param(&call, "user")?;
    let session = call.session()?;
    if session.caller.user != user && !is_supervisor(&call)? {
        return Err(engine::no_access().into());
    }
    let view = session
        .org
        .inspect(move |engine| engine.explain_agent(user))
        .await?;
    let view = view.ok_or_else(Fault::not_found)?;
    call.answer(print(&view)?)
}
