//! SOAP: one address, many operations (rest-api.md 10).
//!
//! `session` logs in, `records` writes, `reads` queries and describes. Every operation but login needs the
//! session in the SOAP header.

mod reads;
mod records;
mod session;

use axum::http::StatusCode;
use model::{Code, Refusal};
use wire::rest::entry;
use wire::soap::envelope::{self, Request};
use wire::xml::Element;

use crate::answer::{Answer, Fault, Outcome, kind};
use crate::call::{Call, Session};

/// POST /services/Soap/u/NN.0.
pub async fn partner(call: Call) -> Outcome {
    operation(call, true).await
}

/// POST /services/Soap/c/NN.0.
pub async fn enterprise(call: Call) -> Outcome {
    operation(call, false).await
}

/// An operation of a logged-in caller.
struct Op<'a> {
    call: &'a Call,
    session: Session,
    request: &'a Request,
    version: u32,
}

impl Op<'_> {
    /// A parameter of the operation.
    fn text(&self, name: &str) -> &str {
        self.request.call.text_of(name).unwrap_or("").trim()
    }

    /// Repeated parameters of the operation.
    fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.request.call.all(name)
    }
}

async fn operation(call: Call, partner: bool) -> Outcome {
    let version = entry::served(call.param("soap")).ok_or_else(|| {
        Refusal::new(
            Code::UnsupportedApiVersion,
            "This API version is not served",
        )
    })?;
    let request = envelope::read(&call.body)?;
    let name = request.call.name.clone();
    let inside = if name == "login" {
        session::login(&call, &request).await?
    } else {
        let session = session_of(&call, &request, version)?;
        let op = Op {
            call: &call,
            session,
            request: &request,
            version,
        };
        inside(&op, &name, partner).await?
    };
    let text = envelope::answer(partner, &name, &inside);
    Ok(Answer::of(StatusCode::OK, kind::SOAP, text.into_bytes()))
}

async fn inside(op: &Op<'_>, name: &str, partner: bool) -> Result<String, Fault> {
    match name {
        "logout" => session::logout(op).await,
        "getUserInfo" => session::user_info(op),
        "getServerTimestamp" => Ok(wire::soap::session::timestamp(op.session.org.now())),
        "invalidateSessions" => session::invalidate(op).await,
        "setPassword" => session::set_password(op).await,
        "create" => records::create(op).await,
        "update" => records::update(op).await,
        "upsert" => records::upsert(op).await,
        "delete" => records::delete(op).await,
        "undelete" => records::undelete(op).await,
        "query" => reads::query(op, false).await,
        "queryAll" => reads::query(op, true).await,
        "queryMore" => reads::query_more(op).await,
        "search" => reads::search(op).await,
        "retrieve" => reads::retrieve(op).await,
        "getUpdated" => reads::updated(op).await,
        "getDeleted" => reads::deleted(op).await,
        "describeGlobal" => Ok(reads::describe_global(op)),
        "describeSObject" | "describeSObjects" => reads::describe(op),
        other => Err(envelope::no_operation(other, partner).into()),
    }
}

/// The session in the SOAP header.
fn session_of(call: &Call, request: &Request, version: u32) -> Result<Session, Fault> {
    let refused = || {
        let message = "Invalid Session ID found in SessionHeader: Illegal Session";
        Fault::from(Refusal::new(Code::InvalidSessionId, message))
    };
    let token = request.session.as_deref().ok_or_else(refused)?;
    let session = call.porch.session(token, version).map_err(|_| refused())?;
    if !session.caller.rights.has("ApiEnabled") {
        let message = "The SOAP API is not enabled for this user.";
        return Err(Refusal::new(Code::ApiDisabledForOrg, message).into());
    }
    Ok(session)
}
