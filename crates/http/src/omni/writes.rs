//! What an agent can do with its presence and its work.

use axum::http::StatusCode;
use engine::{PresenceRequest, Reply, Request, WorkAction};
use model::{Code, RecordId, Refusal};
use wire::omni;

use crate::answer::{Answer, Fault, Outcome};
use crate::call::Call;

/// PUT /presence.
pub async fn set_presence(call: Call) -> Outcome {
    let (status, is_next) = omni::wanted_status(&call.body)?;
    let wanted = if is_next {
        PresenceRequest::SetNextStatus(status)
    } else {
        PresenceRequest::SetStatus(status)
    };
    let reply = call.submit(Request::Presence(wanted)).await?;
    let view = match &reply {
        Reply::Presence(view) => view.as_ref(),
        _ => None,
    };
    let mut body = Vec::with_capacity(256);
    super::presence(&mut body, view);
    call.answer(body)
}

/// DELETE /presence.
pub async fn logout(call: Call) -> Outcome {
    call.submit(Request::Presence(PresenceRequest::Logout))
        .await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

pub(super) async fn act(call: &Call, action: WorkAction) -> Outcome {
    let work = work_id(call)?;
    call.submit(Request::Work { work, action }).await?;
    Ok(Answer::json(b"{}".to_vec()))
}

pub(super) fn work_id(call: &Call) -> Result<RecordId, Fault> {
    RecordId::parse(call.param("work")).map_err(|_| no_such_work())
}

fn no_such_work() -> Fault {
    Refusal::new(Code::WorkNotFound, "There is no such work").into()
}

/// POST /works/{work}/accept.
pub async fn accept(call: Call) -> Outcome {
    omni::nothing(&call.body)?;
    act(&call, WorkAction::Accept).await
}

/// POST /works/{work}/decline.
pub async fn decline(call: Call) -> Outcome {
    let reason = omni::decline_reason(&call.body)?;
    act(&call, WorkAction::Decline { reason }).await
}

/// POST /works/{work}/close.
pub async fn close(call: Call) -> Outcome {
    omni::nothing(&call.body)?;
    act(&call, WorkAction::Close).await
}
