//! SOAP: log-in and what belongs to it; the record operations come with the whole partner API.

use axum::http::StatusCode;
use engine::UserEntry;
use model::{Code, RecordId, Refusal};
use node::OrgHandle;
use wire::rest::entry;
use wire::soap::envelope::{self, Request};
use wire::soap::session::{self, Login, UserInfo};

use crate::answer::{Answer, Fault, Outcome, kind};
use crate::call::{Call, Session};
use crate::{oauth, reads};

/// POST /services/Soap/u/NN.0.
pub async fn partner(call: Call) -> Outcome {
    operation(call, true).await
}

/// POST /services/Soap/c/NN.0.
pub async fn enterprise(call: Call) -> Outcome {
    operation(call, false).await
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
    let inside = match name.as_str() {
        "login" => login(&call, &request).await?,
        "logout" => logout(&call, &request, version).await?,
        "getUserInfo" => user_info(&call, &request, version)?,
        "getServerTimestamp" => session::timestamp(session_of(&call, &request, version)?.org.now()),
        other => return Err(envelope::no_operation(other, partner).into()),
    };
    let text = envelope::answer(partner, &name, &inside);
    Ok(Answer::of(StatusCode::OK, kind::SOAP, text.into_bytes()))
}

/// The session in the SOAP header.
fn session_of(call: &Call, request: &Request, version: u32) -> Result<Session, Fault> {
    let refused = || {
        let message = "Invalid Session ID found in SessionHeader: Illegal Session";
        Fault::from(Refusal::new(Code::InvalidSessionId, message))
    };
    let token = request.session.as_deref().ok_or_else(refused)?;
    call.porch.session(token, version).map_err(|_| refused())
}

async fn login(call: &Call, request: &Request) -> Result<String, Fault> {
    let username = request.call.text_of("username").unwrap_or("").trim();
    let password = request.call.text_of("password").unwrap_or("");
    let org = org_of(call, username)?;
    let scope = request.organization.as_deref().map(RecordId::parse);
    let user = oauth::log_in(call, &org, username, password).await?;
    if scope.is_some_and(|scope| scope != Ok(org.id())) {
        let message = "Invalid username, password, security token; or user locked out.";
        return Err(Refusal::new(Code::InvalidLogin, message).into());
    }
    let token = org.open_session(user.id, None).await?;
    let path = format!(
        "/services/Soap/{}/{}",
        if is_partner(call) { "u" } else { "c" },
        call.param("soap")
    );
    let login = Login {
        instance_url: &call.instance_url,
        path: &path,
        session: &token,
        user: info(&org, &user),
    };
    Ok(login.print())
}

fn is_partner(call: &Call) -> bool {
    call.route.path.starts_with("/services/Soap/u/")
}

/// The org of a user name; for an unknown one any, so that the answer takes as long.
fn org_of(call: &Call, username: &str) -> Result<OrgHandle, Fault> {
    let known = call.porch.node.user(username).map(|(org, _)| org);
    known
        .or_else(|| call.porch.node.org(None))
        .ok_or_else(|| node::unavailable().into())
}

async fn logout(call: &Call, request: &Request, version: u32) -> Result<String, Fault> {
    let session = session_of(call, request, version)?;
    session.org.close_session(&session.token).await?;
    Ok(String::new())
}

fn user_info(call: &Call, request: &Request, version: u32) -> Result<String, Fault> {
    let session = session_of(call, request, version)?;
    let user = reads::user(&session)?;
    Ok(session::user_info(&info(&session.org, &user)))
}

fn info<'a>(org: &'a OrgHandle, user: &'a UserEntry) -> UserInfo<'a> {
    UserInfo {
        org: org.id(),
        org_name: org.name(),
        user: user.id,
        profile: user.profile,
        role: None,
        username: &user.username,
        name: &user.name,
        email: &user.email,
        time_zone: &user.time_zone,
        language: &user.language,
        locale: &user.locale,
        session_s: i64::try_from(org.session_timeout_s()).unwrap_or(i64::MAX),
    }
}
