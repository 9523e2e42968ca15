//! What an agent can ask: answered from the memory of the writer.

use engine::Engine;
use model::RecordId;
use wire::omni;

use crate::answer::{Fault, Outcome};
use crate::call::Call;

async fn look<T: Send + 'static>(
    call: &Call,
    at: impl FnOnce(&Engine, RecordId) -> T + Send + 'static,
) -> Result<T, Fault> {
    let session = call.session()?;
    let user = session.caller.user;
    Ok(session.org.inspect(move |engine| at(engine, user)).await?)
}

/// GET /statuses.
pub async fn statuses(call: Call) -> Outcome {
    let all = look(&call, |engine, user| engine.statuses_of(user)).await?;
    let mut body = Vec::with_capacity(1_024);
    omni::statuses(&mut body, all.iter().map(super::status));
    call.answer(body)
}

/// GET /presence.
pub async fn presence(call: Call) -> Outcome {
    let view = look(&call, |engine, user| engine.presence_of(user)).await?;
    let mut body = Vec::with_capacity(256);
    super::presence(&mut body, view.as_ref());
    call.answer(body)
}

/// GET /works.
pub async fn works(call: Call) -> Outcome {
    let all = look(&call, |engine, user| engine.works_of(user)).await?;
    let mut body = Vec::with_capacity(1_024);
    omni::works(&mut body, all.iter().map(super::work));
    call.answer(body)
}

/// GET /capacity.
pub async fn capacity(call: Call) -> Outcome {
    let view = look(&call, |engine, user| engine.capacity_of(user)).await?;
    let mut body = Vec::with_capacity(160);
    omni::capacity(&mut body, &super::capacity(&view));
    call.answer(body)
}

/// GET /channels: those of the presence status, none when logged out.
pub async fn channels(call: Call) -> Outcome {
    let view = look(&call, |engine, user| engine.presence_of(user)).await?;
    let mut body = Vec::with_capacity(256);
    omni::channel_list(&mut body, view.as_ref().map_or(&[][..], |v| &v.channels));
    call.answer(body)
}

/// GET /configuration.
pub async fn configuration(call: Call) -> Outcome {
    let view = look(&call, |engine, user| engine.configuration_of(user)).await?;
    let flags = [
        view.is_auto_accept_enabled,
        view.is_decline_enabled,
        view.is_decline_reason_enabled,
    ];
    let mut body = Vec::with_capacity(256);
    omni::configuration(&mut body, flags, &view.decline_reasons);
    call.answer(body)
}
