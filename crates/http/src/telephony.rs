//! Telephony Integration API: requests of a contact centre (telephony.md 1.5, 1.6).
//!
//! The centre was established from the signed token; it may act only on its own calls (TEL5).

use std::sync::Arc;

use axum::http::StatusCode;
use engine::{CallRef, CallReply, CallRequest, Reply, Request, Submission};
use model::{Code, ObjectDef, RecordId, Refusal};
use wire::telephony::{self as body, Properties};

use crate::answer::{Answer, Fault, Notation, Outcome, kind};
use crate::body::{is_xml, media_type};
use crate::call::Call;
use crate::keys::{self, Center};

fn center(call: &Call) -> Result<&Center, Fault> {
    call.center.as_ref().ok_or_else(|| keys::refused().into())
}

/// The body in JSON or XML; a type is only needed where there is a body (TEL2, TEL3).
fn properties(call: &Call) -> Result<Properties, Fault> {
    let is_xml = media_type(&call.parts.headers).is_some_and(|kind| is_xml(&kind));
    let read = if is_xml {
        Properties::from_xml(&call.body)
    } else {
        Properties::from_json(&call.body)
    };
    Ok(read?)
}

fn voice_call(call: &Call) -> Result<Arc<ObjectDef>, Fault> {
    let catalogue = center(call)?.org.catalogue();
    let (_, def) = catalogue.find("VoiceCall").ok_or_else(Fault::not_found)?;
    Ok(Arc::clone(def))
}

/// The call that the path names: a VoiceCall id, or the provider's key (TEL6, TEL7).
fn call_ref(call: &Call, object: &ObjectDef) -> CallRef {
    let key = call.param("call");
    match RecordId::parse(key) {
        Ok(id) if id.prefix() == object.prefix() => CallRef::Id(id),
        _ => CallRef::Key(key.to_owned()),
    }
}

/// Hands a command to the writer in the name of the integration user.
async fn submit(call: &Call, request: CallRequest) -> Result<CallReply, Fault> {
    let center = center(call)?;
    let caller = center
        .org
        .integration_caller()
        .ok_or_else(node::unavailable)?;
    let submission = Submission {
        caller,
        command_id: call.command_id(),
        request: Request::Call(request),
    };
    match center.org.submit(submission).await? {
        Reply::Call(reply) => Ok(reply),
        _ => Err(Refusal::new(Code::UnknownException, "An unexpected error occurred").into()),
    }
}

fn answer(call: &Call, body: Vec<u8>) -> Outcome {
    Ok(match call.notation {
        Notation::Json => Answer::of(StatusCode::OK, kind::JSON, body),
        Notation::Xml => call.xml(wire::xml::from_json("response", &body)),
    })
}

fn status(call: &Call, text: &str) -> Outcome {
    let mut out = Vec::with_capacity(32);
    body::status(&mut out, text);
    answer(call, out)
}

/// POST /voiceCalls.
pub async fn create(call: Call) -> Outcome {
    let asked = body::create(&properties(&call)?, &*voice_call(&call)?)?;
    let center = center(&call)?;
    if !asked.center.eq_ignore_ascii_case(&center.name) {
        let message = "callCenterApiName differs from the contact centre of the token"; // TEL13
        return Err(Refusal::about(Code::InvalidInput, message, ["callCenterApiName"]).into());
    }
    let object = voice_call(&call)?;
    let parent = asked.parent.map(|parent| match RecordId::parse(&parent) {
        Ok(id) if id.prefix() == object.prefix() => CallRef::Id(id),
        _ => CallRef::Key(parent),
    });
    let request = CallRequest::Create {
        center: center.id,
        values: asked.values,
        vendor_call_key: asked.vendor_call_key,
        parent,
        queue: asked.queue,
        attribute_errors: asked.attribute_errors,
    };
    match submit(&call, request).await? {
        CallReply::Created { id, errors } => {
            let mut out = Vec::with_capacity(128);
            body::created(&mut out, id, &errors);
            answer(&call, out)
        }
        CallReply::Done => status(&call, "Success"),
    }
}

/// PATCH /voiceCalls/{call}.
pub async fn update(call: Call) -> Outcome {
    let object = voice_call(&call)?;
    let asked = body::update(&properties(&call)?, &object)?;
    let request = CallRequest::Update {
        center: center(&call)?.id,
        call: call_ref(&call, &object),
        values: asked.values,
        is_active: asked.is_active,
    };
    submit(&call, request).await?;
    status(&call, "pending")
}

/// The three forms of Route a Voice Call (TEL12).
pub async fn route(call: Call) -> Outcome {
    let asked = body::route(&properties(&call)?)?;
    let object = voice_call(&call)?;
    let request = CallRequest::Route {
        center: center(&call)?.id,
        call: call_ref(&call, &object),
        target: asked.target,
        fallback_queue: asked.fallback_queue,
    };
    submit(&call, request).await?;
    status(&call, "Success")
}

/// PATCH /voiceCalls/{call}/clearRouting.
pub async fn clear_routing(call: Call) -> Outcome {
    properties(&call)?;
    let object = voice_call(&call)?;
    let request = CallRequest::ClearRouting {
        center: center(&call)?.id,
        call: call_ref(&call, &object),
    };
    submit(&call, request).await?;
    status(&call, "Success")
}

/// PATCH /voiceCalls/{call}/reroute.
pub async fn reroute(call: Call) -> Outcome {
    properties(&call)?;
    let object = voice_call(&call)?;
    let request = CallRequest::Reroute {
        center: center(&call)?.id,
        call: call_ref(&call, &object),
    };
    submit(&call, request).await?;
    status(&call, "Success")
}
