//! Log-in, log-out and the user behind a session.

use engine::UserEntry;
use model::{Code, RecordId, Refusal};
use node::OrgHandle;
use wire::soap::envelope::Request;
use wire::soap::session::{self, Login, UserInfo};

use super::Op;
use crate::answer::Fault;
use crate::call::Call;
use crate::{oauth, reads};

/// Fewest characters of a password.
const PASSWORD_MIN: usize = 8;

/// login.
pub async fn login(call: &Call, request: &Request) -> Result<String, Fault> {
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

/// logout.
pub async fn logout(op: &Op<'_>) -> Result<String, Fault> {
    op.session.org.close_session(&op.session.token).await?;
    Ok(String::new())
}

/// invalidateSessions: sessions of the caller's own; those of others need the right to manage users.
pub async fn invalidate(op: &Op<'_>) -> Result<String, Fault> {
    let mut out = String::new();
    for id in op.all("sessionIds").map(|e| e.text.trim()) {
        let caller = op.session.org.caller(id);
        let is_own = caller
            .as_ref()
            .is_ok_and(|c| c.user == op.session.caller.user);
        if is_own || op.session.caller.rights.has("ManageUsers") {
            op.session.org.close_session(id).await?;
        }
        out.push_str("<result><success>true</success></result>");
    }
    Ok(out)
}

/// setPassword: of the caller, or of others with the right to manage users.
pub async fn set_password(op: &Op<'_>) -> Result<String, Fault> {
    let wrong = |text: &str| Fault::from(Refusal::new(Code::InvalidIdField, text));
    let user = RecordId::parse(op.text("userId")).map_err(|_| wrong("userId is no id"))?;
    let directory = op.session.org.directory();
    if directory.user(user).is_none() {
        return Err(wrong("there is no such user"));
    }
    if user != op.session.caller.user && !op.session.caller.rights.has("ManageUsers") {
        return Err(engine::no_access().into());
    }
    let password = op.request.call.text_of("password").unwrap_or("");
    if password.chars().count() < PASSWORD_MIN {
        let message = format!("Your password must have a minimum {PASSWORD_MIN} characters");
        return Err(Refusal::new(Code::InvalidInput, message).into());
    }
    op.session.org.set_password(user, password).await?;
    Ok("<result/>".to_owned())
}

/// getUserInfo.
pub fn user_info(op: &Op<'_>) -> Result<String, Fault> {
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
