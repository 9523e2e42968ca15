//! What an agent can do with its work beyond accept, decline and close.

use engine::{Destination, WorkAction};
use model::Refusal;
use wire::{omni, omni_desk};

use super::writes::act;
use crate::answer::Outcome;
use crate::call::Call;

/// Where work shall go, from a body.
///
/// # Errors
/// As [`omni_desk::destination`].
pub fn destination(body: &[u8]) -> Result<Destination, Refusal> {
    Ok(match omni_desk::destination(body)? {
        omni_desk::Destination::Queue(queue) => Destination::Queue(queue),
        omni_desk::Destination::User(user) => Destination::User(user),
        omni_desk::Destination::Skills(skills) => Destination::Skills(skills),
    })
}

/// POST /works/{work}/flag.
pub async fn flag(call: Call) -> Outcome {
    let message = omni_desk::flag_message(&call.body)?;
    act(&call, WorkAction::Flag { message }).await
}

/// POST /works/{work}/transfer.
pub async fn transfer(call: Call) -> Outcome {
    let target = destination(&call.body)?;
    act(&call, WorkAction::Transfer { target }).await
}

/// POST /works/{work}/invite.
pub async fn invite(call: Call) -> Outcome {
    let Destination::User(user) = destination(&call.body)? else {
        return Err(omni::invalid("target must be the id of a user").into());
    };
    act(&call, WorkAction::Invite { user }).await
}

async fn plain(call: Call, action: WorkAction) -> Outcome {
    omni::nothing(&call.body)?;
    act(&call, action).await
}

/// POST /works/{work}/unflag.
pub async fn unflag(call: Call) -> Outcome {
    plain(call, WorkAction::Unflag).await
}

/// POST /works/{work}/pause.
pub async fn pause(call: Call) -> Outcome {
    plain(call, WorkAction::Pause).await
}

/// POST /works/{work}/resume.
pub async fn resume(call: Call) -> Outcome {
    plain(call, WorkAction::Resume).await
}

/// POST /works/{work}/end-conversation.
pub async fn end_conversation(call: Call) -> Outcome {
    plain(call, WorkAction::EndConversation).await
}

/// POST /works/{work}/touch.
pub async fn touch(call: Call) -> Outcome {
    plain(call, WorkAction::Touch).await
}

/// POST /works/{work}/extend.
pub async fn extend(call: Call) -> Outcome {
    plain(call, WorkAction::Extend).await
}
