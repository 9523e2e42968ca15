//! Log-in, log-out, passwords and the user behind a session.

use engine::UserEntry;
use model::{Code, RecordId, Refusal};
use node::OrgHandle;
use wire::soap::envelope::Request;
use wire::soap::session::{self, Login, UserInfo};
use wire::soap::{Api, results};

use super::{Inside, Op, Refused};
use crate::answer::Fault;
use crate::call::{Call, no_session};
use crate::{oauth, reads};

/// Fewest characters of a password that the server makes.
const PASSWORD_MADE: usize = 16;

/// login.
pub async fn login(call: &Call, request: &Request, api: Api) -> Inside {
    let username = request.call.text_of("username").unwrap_or("").trim();
    let password = request.call.text_of("password").unwrap_or("");
    let org = org_of(call, username)?;
    let scope = request.organization.as_deref().map(RecordId::parse);
    let user = oauth::soap_user(call, &org, username, password).await?;
    if scope.is_some_and(|scope| scope != Ok(org.id())) {
        let message = "Invalid username, password, security token; or user locked out.";
        return Err(Refusal::new(Code::InvalidLogin, message).into());
    }
    let token = oauth::soap_session(call, &org, user.id).await?;
    let login = Login {
        instance_url: &call.instance_url,
        path: &format!("/services/Soap/{}/{}", api.letter(), call.param("soap")),
        session: &token,
        user: info(&org, &user),
    };
    Ok(login.print())
}

/// The org of a user name; for an unknown one any, so that the answer takes as long.
fn org_of(call: &Call, username: &str) -> Result<OrgHandle, Fault> {
    let known = call.porch.node.user(username).map(|(org, _)| org);
    known
        .or_else(|| call.porch.node.org(None))
        .ok_or_else(|| node::unavailable().into())
}

/// logout.
pub async fn logout(op: &Op<'_>) -> Inside {
    op.session.org.close_session(&op.session.token).await?;
    Ok(String::new())
}

/// invalidateSessions: sessions of the caller's own; those of others need the right to manage users.
pub async fn invalidate(op: &Op<'_>) -> Inside {
    let mut out = String::new();
    let sessions: Vec<&str> = op.all("sessionIds").map(|e| e.text.trim()).collect();
    results::check_count(sessions.len(), results::RECORDS_MAX)?;
    for token in sessions {
        let done = match op.session.org.caller(token) {
            Ok(owner) if may_manage(op, owner.user) => op.session.org.close_session(token).await,
            Ok(_) => Err(engine::no_access()),
            Err(_) => Err(no_session()),
        };
        results::invalidated(&mut out, done.err().as_ref());
    }
    Ok(out)
}

fn may_manage(op: &Op<'_>, user: RecordId) -> bool {
    user == op.session.caller.user || op.session.caller.rights.has("ManageUsers")
}

/// The user that a password belongs to: the caller, or another with the right to manage users.
fn user_of(op: &Op<'_>) -> Result<RecordId, Fault> {
    let wrong = |text: &str| Fault::from(Refusal::new(Code::InvalidIdField, text));
    let user = RecordId::parse(op.text("userId")).map_err(|_| wrong("userId is no id"))?;
    let directory = op.session.org.directory();
    if directory.user(user).is_none() {
        return Err(wrong("there is no such user"));
    }
    if !may_manage(op, user) {
        return Err(engine::no_access().into());
    }
    Ok(user)
}

/// setPassword.
pub async fn set_password(op: &Op<'_>) -> Inside {
    let user = user_of(op)?;
    let password = op.request.call.text_of("password").unwrap_or("");
    match op.session.org.set_password(user, password).await {
        Ok(()) => Ok("<result/>".to_owned()),
        Err(refusal) if refusal.code == Code::InvalidInput => {
            Err(Refused::NewPassword(refusal.message))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// resetPassword: the server makes a password and tells it to the caller.
pub async fn reset_password(op: &Op<'_>) -> Inside {
    let user = user_of(op)?;
    let length = op.session.org.policy().password_min().max(PASSWORD_MADE);
    let password = node::random(length).ok_or_else(node::unavailable)?;
    op.session.org.set_password(user, &password).await?;
    Ok(session::password(&password))
}

/// getUserInfo.
pub fn user_info(op: &Op<'_>) -> Inside {
    let user = reads::user(&op.session)?;
    Ok(session::user_info(&info(&op.session.org, &user)))
}

fn info<'a>(org: &'a OrgHandle, user: &'a UserEntry) -> UserInfo<'a> {
    UserInfo {
        org: org.id(),
        org_name: org.name(),
        user: user.id,
        profile: user.profile,
        role: user.role,
        username: &user.username,
        name: &user.name,
        email: &user.email,
        time_zone: &user.time_zone,
        language: &user.language,
        locale: &user.locale,
        session_s: i64::try_from(org.session_timeout_s()).unwrap_or(i64::MAX),
    }
}
