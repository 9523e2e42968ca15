//! SOAP: one address, many operations (rest-api.md 10).
//!
//! `session` logs in, `records` writes, `reads` queries and describes, `wsdl` tells toolkits what there is. Every
//! operation but login needs the session in the SOAP header. A refused call is a fault with status 500.

mod reads;
mod records;
mod session;
pub mod wsdl;

use axum::http::StatusCode;
use bytes::Bytes;
use model::{Code, Refusal};
use wire::rest::entry;
use wire::soap::envelope::{self, Request, Usage};
use wire::soap::{Api, fault};
use wire::xml::Element;

use crate::answer::{Answer, Fault, Outcome, kind};
use crate::call::{Call, Session};

/// Larger envelopes are read on a blocking thread.
const READ_HERE_MAX: usize = 256 * 1024;

/// Why an operation is refused.
enum Refused {
    /// As everywhere.
    Fault(Fault),
    /// The new password is not good enough: a fault of its own.
    NewPassword(String),
}

impl From<Fault> for Refused {
    fn from(cause: Fault) -> Self {
        Self::Fault(cause)
    }
}

impl From<Refusal> for Refused {
    fn from(cause: Refusal) -> Self {
        Self::Fault(cause.into())
    }
}

/// The inside of a response element.
type Inside = Result<String, Refused>;

/// An operation of a logged-in caller.
struct Op<'a> {
    call: &'a Call,
    api: Api,
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

/// POST /services/Soap/u/NN.0.
pub async fn partner(call: Call) -> Outcome {
    operation(call, Api::Partner).await
}

/// POST /services/Soap/c/NN.0.
pub async fn enterprise(call: Call) -> Outcome {
    operation(call, Api::Enterprise).await
}

async fn operation(call: Call, api: Api) -> Outcome {
    let (status, text) = match answer(&call, api).await {
        Ok(text) => (StatusCode::OK, text),
        Err(refused) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            fault_of(refused)?.print(api),
        ),
    };
    Ok(Answer::of(status, kind::SOAP, text.into_bytes()))
}

fn fault_of(refused: Refused) -> Result<fault::Fault, Fault> {
    match refused {
        Refused::NewPassword(why) => Ok(fault::Fault::new_password(why)),
        Refused::Fault(cause) => match cause.refusals().first() {
            Some(refusal) => Ok(fault::Fault::of(refusal, lang::place_of(refusal))),
            None => Err(cause),
        },
    }
}

async fn answer(call: &Call, api: Api) -> Inside {
    let version = entry::served(call.param("soap"));
    let version = version.ok_or_else(|| {
        Refusal::new(
            Code::UnsupportedApiVersion,
            "This API version is not served",
        )
    })?;
    let request = read(&call.body).await?;
    let name = &*request.call.name;
    tracing::debug!(operation = name, client = request.client, "SOAP");
    if name == "login" {
        let inside = session::login(call, &request, api).await?;
        return Ok(envelope::answer(api, name, &inside, None));
    }
    let session = session_of(call, &request, version)?;
    let usage = count(call, &session)?;
    let op = Op {
        call,
        api,
        session,
        request: &request,
        version,
    };
    let inside = inside(&op, name).await?;
    Ok(envelope::answer(api, name, &inside, Some(usage)))
}

async fn read(body: &Bytes) -> Result<Request, Refusal> {
    if body.len() <= READ_HERE_MAX {
        return envelope::read(body);
    }
    let body = body.clone();
    let read = tokio::task::spawn_blocking(move || envelope::read(&body)).await;
    read.unwrap_or_else(|_| Err(node::unavailable()))
}

async fn inside(op: &Op<'_>, name: &str) -> Inside {
    match name {
        "logout" => session::logout(op).await,
        "getUserInfo" => session::user_info(op),
        "getServerTimestamp" => Ok(wire::soap::session::timestamp(op.session.org.now())),
        "invalidateSessions" => session::invalidate(op).await,
        "setPassword" => session::set_password(op).await,
        "resetPassword" => session::reset_password(op).await,
        "create" => records::create(op).await,
        "update" => records::update(op).await,
        "upsert" => records::upsert(op).await,
        "delete" => records::delete(op).await,
        "undelete" => records::undelete(op).await,
        "emptyRecycleBin" => records::empty_recycle_bin(op).await,
        "query" => reads::query(op, false).await,
        "queryAll" => reads::query(op, true).await,
        "queryMore" => reads::query_more(op).await,
        "search" => reads::search(op).await,
        "retrieve" => reads::retrieve(op).await,
        "getUpdated" => reads::updated(op).await,
        "getDeleted" => reads::deleted(op).await,
        "describeGlobal" => Ok(reads::describe_global(op)),
        "describeSObject" | "describeSObjects" => reads::describe(op),
        "describeLayout" => reads::describe_layout(op),
        other => Err(fault::no_operation(other, op.api).into()),
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

/// Counts one API call: SOAP routes need no session of the porch, which counts the others.
fn count(call: &Call, session: &Session) -> Result<Usage, Fault> {
    let current = call.porch.count(&session.org)?;
    let limit = call.porch.daily_limit(session.org.id()).0;
    Ok(Usage { current, limit })
}
