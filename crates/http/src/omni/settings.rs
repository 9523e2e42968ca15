//! Settings and limits of the org.

use engine::Request;
use wire::omni_desk;

use super::supervisor::{is_supervisor, look, print};
use crate::answer::Outcome;
use crate::call::Call;

/// GET /limits: the limits table of routing.md 7, by name.
pub async fn limits(call: Call) -> Outcome {
    let body = look(&call, |engine, now| engine.limits(now)).await?;
    call.answer(body)
}

async fn show(call: &Call) -> Outcome {
    let org = &call.session()?.org;
    let all = org.inspect(|engine| engine.settings()).await?;
    let mut map = serde_json::Map::new();
    for setting in all {
        let value = serde_json::to_value(setting.value).unwrap_or_default();
        map.insert(setting.name, value);
    }
    call.answer(print(&map)?)
}

/// GET /settings.
pub async fn get(call: Call) -> Outcome {
    let rights = &call.session()?.caller.rights;
    if !rights.has("CustomizeApplication") && !is_supervisor(&call)? {
        return Err(engine::no_access().into());
    }
    show(&call).await
}

/// PATCH /settings: all of them or none; null puts one back to its default.
pub async fn update(call: Call) -> Outcome {
    let values = omni_desk::settings(&call.body)?;
    call.submit(Request::Settings(values)).await?;
    show(&call).await
}
