//! The supervisor desk: every list and every button is one call (ARCHITECTURE 10, routing.md 9.1).
//!
//! Lists answer from the memory of the writer. Changes are commands; the engine checks the right again.

use axum::http::StatusCode;
use engine::{Engine, Page, Reply, Request, Supervision, WorkAction};
use model::{Code, Millis, RecordId, Refusal};
use serde::Serialize;
use wire::{omni, omni_desk};

use super::works::destination;
use super::writes::work_id;
use crate::answer::{Answer, Fault, Outcome};
use crate::call::Call;

/// Rows of a list without `limit`, and at most.
const LIMIT: usize = 200;
const LIMIT_MAX: usize = 2_000;

/// Whether the caller is a supervisor.
pub fn is_supervisor(call: &Call) -> Result<bool, Fault> {
    Ok(call.session()?.caller.rights.has(engine::SUPERVISOR))
}

fn only_supervisors(call: &Call) -> Result<(), Fault> {
    if is_supervisor(call)? {
        Ok(())
    } else {
        Err(engine::no_access().into())
    }
}

/// Prints what memory shows.
///
/// # Errors
/// SERVER_UNAVAILABLE when the org stops.
pub async fn look<T: Serialize + Send + 'static>(
    call: &Call,
    at: impl FnOnce(&Engine, Millis) -> T + Send + 'static,
) -> Result<Vec<u8>, Fault> {
    let org = &call.session()?.org;
    let now = org.now();
    let view = org.inspect(move |engine| at(engine, now)).await?;
    print(&view)
}

/// A value as JSON.
///
/// # Errors
/// None that a value of ours can cause.
pub fn print<T: Serialize>(view: &T) -> Result<Vec<u8>, Fault> {
    let text = serde_json::to_vec(view);
    text.map_err(|e| Refusal::new(Code::UnknownException, e.to_string()).into())
}

fn page(call: &Call, rest: &str) -> Result<Page, Fault> {
    let form = call.query();
    let id = |name: &str| match form.filled(name) {
        None => Ok(None),
        Some(text) => RecordId::parse(text)
            .map(Some)
            .map_err(|_| Fault::from(omni::invalid(&format!("{name} must be an id")))),
    };
    let limit = match form.filled("limit") {
        None => LIMIT,
        Some(text) => text
            .parse::<usize>()
            .ok()
            .filter(|n| (1..=LIMIT_MAX).contains(n))
            .ok_or_else(|| omni::invalid(&format!("limit must be from 1 to {LIMIT_MAX}")))?,
    };
    Ok(Page {
        queue: id("queue")?,
        after: id("after")?,
        rest: form.flag(rest),
        limit,
    })
}

fn param(call: &Call, name: &str) -> Result<RecordId, Fault> {
    RecordId::parse(call.param(name)).map_err(|_| Fault::not_found())
}

/// GET /supervisor/agents.
pub async fn agents(call: Call) -> Outcome {
    only_supervisors(&call)?;
    let page = page(&call, "offline")?;
    let body = look(&call, move |engine, _| engine.desk_agents(&page)).await?;
    call.answer(body)
}

/// GET /supervisor/agents/{user}.
pub async fn agent(call: Call) -> Outcome {
    only_supervisors(&call)?;
    let user = param(&call, "user")?;
    let org = &call.session()?.org;
    let view = org.inspect(move |engine| engine.desk_agent(user)).await?;
    let view = view.ok_or_else(Fault::not_found)?;
    call.answer(print(&view)?)
}

/// GET /supervisor/queues.
pub async fn queues(call: Call) -> Outcome {
    only_supervisors(&call)?;
    let body = look(&call, |engine, now| engine.desk_queues(now)).await?;
    call.answer(body)
}

/// GET /supervisor/queues/{queue}.
pub async fn queue(call: Call) -> Outcome {
    only_supervisors(&call)?;
    let queue = param(&call, "queue")?;
    let org = &call.session()?.org;
    let now = org.now();
    let view = org
        .inspect(move |engine| engine.desk_queue(queue, now))
        .await?;
    let view = view.ok_or_else(Fault::not_found)?;
    call.answer(print(&view)?)
}

/// GET /supervisor/skills.
pub async fn skills(call: Call) -> Outcome {
    only_supervisors(&call)?;
    let body = look(&call, |engine, now| engine.desk_skills(now)).await?;
    call.answer(body)
}

/// GET /supervisor/works.
pub async fn works(call: Call) -> Outcome {
    only_supervisors(&call)?;
    let page = page(&call, "")?;
    let body = look(&call, move |engine, _| engine.desk_works(&page)).await?;
    call.answer(body)
}

/// GET /supervisor/backlog.
pub async fn backlog(call: Call) -> Outcome {
    only_supervisors(&call)?;
    let page = page(&call, "held")?;
    let body = look(&call, move |engine, now| engine.desk_backlog(&page, now)).await?;
    call.answer(body)
}

async fn done(call: &Call, what: Supervision) -> Outcome {
    call.submit(Request::Supervise(what)).await?;
    Ok(Answer::json(b"{}".to_vec()))
}

/// PUT /supervisor/agents/{user}/presence.
pub async fn set_presence(call: Call) -> Outcome {
    let user = param(&call, "user")?;
    let status = omni::status_id(&call.body)?;
    let what = Supervision::SetStatus { user, status };
    let reply = call.submit(Request::Supervise(what)).await?;
    let view = match &reply {
        Reply::Presence(view) => view.as_ref(),
        _ => None,
    };
    let mut body = Vec::with_capacity(256);
    super::presence(&mut body, view);
    call.answer(body)
}

/// DELETE /supervisor/agents/{user}/presence.
pub async fn log_out(call: Call) -> Outcome {
    let user = param(&call, "user")?;
    call.submit(Request::Supervise(Supervision::Logout { user }))
        .await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// POST /supervisor/agents/{user}/queues.
pub async fn change_queues(call: Call) -> Outcome {
    let user = param(&call, "user")?;
    let edit = omni_desk::edit(&call.body)?;
    let pairs = |queues: Vec<RecordId>| queues.into_iter().map(|q| (user, q)).collect();
    let what = Supervision::Members {
        add: pairs(edit.add),
        remove: pairs(edit.remove),
    };
    done(&call, what).await
}

/// POST /supervisor/queues/{queue}/agents.
pub async fn change_members(call: Call) -> Outcome {
    let queue = param(&call, "queue")?;
    let edit = omni_desk::edit(&call.body)?;
    let pairs = |users: Vec<RecordId>| users.into_iter().map(|u| (u, queue)).collect();
    let what = Supervision::Members {
        add: pairs(edit.add),
        remove: pairs(edit.remove),
    };
    done(&call, what).await
}

/// POST /supervisor/agents/{user}/skills.
pub async fn change_skills(call: Call) -> Outcome {
    let user = param(&call, "user")?;
    let edit = omni_desk::skill_edit(&call.body)?;
    let what = Supervision::Skills {
        user,
        set: edit.set,
        remove: edit.remove,
    };
    done(&call, what).await
}

async fn act(call: &Call, action: WorkAction) -> Outcome {
    let work = work_id(call)?;
    done(call, Supervision::Work { work, action }).await
}

/// POST /supervisor/works/{work}/close.
pub async fn close(call: Call) -> Outcome {
    omni::nothing(&call.body)?;
    act(&call, WorkAction::Close).await
}

/// POST /supervisor/works/{work}/unflag.
pub async fn unflag(call: Call) -> Outcome {
    omni::nothing(&call.body)?;
    act(&call, WorkAction::Unflag).await
}

/// POST /supervisor/works/{work}/transfer.
pub async fn transfer(call: Call) -> Outcome {
    let target = destination(&call.body)?;
    act(&call, WorkAction::Transfer { target }).await
}

/// POST /supervisor/works/{work}/requeue.
pub async fn requeue(call: Call) -> Outcome {
    omni::nothing(&call.body)?;
    let work = work_id(&call)?;
    done(&call, Supervision::Requeue { work }).await
}

/// POST /supervisor/backlog/{record}/reassign.
pub async fn reassign(call: Call) -> Outcome {
    let item = param(&call, "record")?;
    let target = destination(&call.body)?;
    done(&call, Supervision::Reassign { item, target }).await
}
