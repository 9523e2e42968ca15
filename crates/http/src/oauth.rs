//! The token endpoint and what belongs to it (rest-api.md 2).

use std::sync::Arc;
use std::time::Instant;

use axum::http::StatusCode;
use engine::UserEntry;
use model::{Code, Millis, RecordId, Refusal};
use node::{App, OrgHandle};
use sha2::{Digest as _, Sha256};
use wire::form::Form;
use wire::oauth::{Grant, Identity, OauthError, Token, TokenRequest, identity_url, jwt};

use crate::answer::{Answer, Fault, Outcome, kind};
use crate::call::{Call, text_of};
use crate::{keys, reads};

/// Scopes of every token.
const SCOPE: &str = "api id full refresh_token";
/// How refresh tokens begin.
const REFRESH: &str = "5Aep";
/// Audiences of the platform's own hosts.
const AUDIENCES: [&str; 2] = [
    "https://login.salesforce.com",
    "https://test.salesforce.com",
];

/// The parameters: body and query string.
fn parameters(call: &Call) -> Form {
    let body = std::str::from_utf8(&call.body).unwrap_or("");
    let query = call.parts.uri.query().unwrap_or("");
    Form::parse(&format!("{body}&{query}"))
}

/// POST /services/oauth2/token.
pub async fn token(call: Call) -> Outcome {
    let asked = TokenRequest::parse(
        &parameters(&call),
        text_of(&call.parts.headers, "authorization"),
    )?;
    let secret = asked.client_secret.clone();
    let granted = match &asked.grant {
        Grant::JwtBearer { assertion } => by_assertion(&call, assertion)?,
        Grant::Password { username, password } => {
            let (org, app) = app(&call, &asked, "password")?;
            by_password(&call, org, app, username, password).await?
        }
        Grant::ClientCredentials => {
            let (org, app) = app(&call, &asked, "client_credentials")?;
            if asked.client_secret.is_none() {
                return Err(OauthError::wrong_secret().into());
            }
            as_app(org, app)?
        }
        Grant::Refresh { token } => {
            let (org, app) = app(&call, &asked, "refresh_token")?;
            let user = org.redeem_refresh(token, &app.client_id);
            let user = user
                .ok_or_else(|| OauthError::new("invalid_grant", "expired access/refresh token"))?;
            Granted { org, app, user }
        }
    };
    grant(&call, granted, secret.as_deref().unwrap_or("")).await
}

struct Granted {
    org: OrgHandle,
    app: Arc<App>,
    user: Arc<UserEntry>,
}

/// The app of a request, with its secret checked and the grant allowed.
fn app(
    call: &Call,
    asked: &TokenRequest,
    grant: &str,
) -> Result<(OrgHandle, Arc<App>), OauthError> {
    let id = asked
        .client_id
        .as_deref()
        .ok_or_else(OauthError::unknown_client)?;
    let (org, app) = call
        .porch
        .node
        .app(id)
        .ok_or_else(OauthError::unknown_client)?;
    if !app.accepts_secret(asked.client_secret.as_deref()) {
        return Err(OauthError::wrong_secret());
    }
    if !app.allows(grant) {
        return Err(OauthError::new(
            "unauthorized_client",
            "grant type not allowed for this app",
        ));
    }
    Ok((org, app))
}

async fn by_password(
    call: &Call,
    org: OrgHandle,
    app: Arc<App>,
    username: &str,
    password: &str,
) -> Result<Granted, Fault> {
    let user = log_in(call, &org, username, password)
        .await
        .map_err(|refusal| match refusal.code {
            Code::InvalidLogin => Fault::Oauth(OauthError::authentication_failure()),
            _ => Fault::from(refusal),
        })?;
    Ok(Granted { org, app, user })
}

fn as_app(org: OrgHandle, app: Arc<App>) -> Result<Granted, Fault> {
    let no_user = || OauthError::new("invalid_grant", "no client credentials user enabled");
    let id = app
        .run_as
        .as_deref()
        .and_then(|id| RecordId::parse(id).ok())
        .ok_or_else(no_user)?;
    let user = org
        .directory()
        .users
        .get(&id)
        .cloned()
        .ok_or_else(no_user)?;
    if !user.is_active {
        return Err(OauthError::new("inactive_user", "user is inactive").into());
    }
    Ok(Granted { org, app, user })
}

/// A signed assertion: issuer is the client id, subject the user name (rest-api.md 2.1).
fn by_assertion(call: &Call, assertion: &str) -> Result<Granted, Fault> {
    let wrong = |text: &str| Fault::Oauth(OauthError::new("invalid_grant", text));
    let parsed = jwt(assertion).ok_or_else(|| wrong("invalid assertion"))?;
    let claims = &parsed.claims;
    let (org, app) = call
        .porch
        .node
        .app(&claims.iss)
        .ok_or_else(OauthError::unknown_client)?;
    if !app.allows("urn:ietf:params:oauth:grant-type:jwt-bearer") {
        return Err(
            OauthError::new("unauthorized_client", "grant type not allowed for this app").into(),
        );
    }
    let now = org.now();
    let certificate = app.certificate.as_deref().unwrap_or("");
    if !keys::is_signed_by(&parsed, certificate, now) {
        return Err(wrong("invalid assertion"));
    }
    if !claims
        .aud
        .iter()
        .any(|aud| is_audience(aud, &call.instance_url))
    {
        return Err(wrong("audience is invalid"));
    }
    if !keys::is_timely(claims, now) {
        return Err(wrong("expired"));
    }
    let user = org
        .user(&claims.sub)
        .ok_or_else(|| wrong("user hasn't approved this consumer"))?;
    if !user.is_active {
        return Err(OauthError::new("inactive_user", "user is inactive").into());
    }
    if !app.is_preauthorized {
        return Err(wrong("user hasn't approved this consumer"));
    }
    Ok(Granted { org, app, user })
}

fn is_audience(aud: &str, own: &str) -> bool {
    let aud = aud.trim_end_matches('/');
    let base = aud.strip_suffix("/services/oauth2/token").unwrap_or(aud);
    base == own || AUDIENCES.contains(&base)
}

/// Checks name and password, with the lock-out; used by OAuth and SOAP. Failures count by name and address,
/// so that nobody can lock out others from afar, and ten times as many by name alone.
///
/// # Errors
/// INVALID_LOGIN, the same for every cause.
pub async fn log_in(
    call: &Call,
    org: &OrgHandle,
    username: &str,
    password: &str,
) -> Result<Arc<UserEntry>, Refusal> {
    let guard = &call.porch.guard;
    let failed = || {
        let message = "Invalid username, password, security token; or user locked out.";
        Refusal::new(Code::InvalidLogin, message)
    };
    let from = call.peer.map(|ip| ip.to_string()).unwrap_or_default();
    if guard.is_locked(username, &from, Instant::now()) {
        tracing::warn!(target: "security", username, from, "log-in of a locked user name");
        return Err(failed());
    }
    match org.authenticate(username, password).await {
        Ok(user) => {
            guard.succeeded(username, &from);
            Ok(user)
        }
        Err(refusal) => {
            if refusal.code == Code::InvalidLogin {
                guard.failed(username, &from, Instant::now());
                tracing::warn!(target: "security", username, from, "log-in failed");
            }
            Err(refusal)
        }
    }
}

async fn grant(call: &Call, granted: Granted, secret: &str) -> Outcome {
    let Granted { org, app, user } = granted;
    let session = org.open_session(user.id, Some(&app.client_id)).await?;
    let id = identity_url(&call.instance_url, org.id(), user.id);
    let issued_at = org.now();
    let signature = hmac_sha256(secret.as_bytes(), format!("{id}{}", issued_at.0).as_bytes());
    let mut body = Vec::with_capacity(512);
    Token {
        access_token: &session,
        instance_url: &call.instance_url,
        id: &id,
        issued_at,
        signature: &signature,
        scope: SCOPE,
        refresh_token: None,
    }
    .print(&mut body);
    Ok(Answer::json(body))
}

/// HMAC-SHA256 (RFC 2104).
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new()
        .chain_update(block.map(|b| b ^ 0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(block.map(|b| b ^ 0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

/// POST and GET /services/oauth2/revoke.
pub async fn revoke(call: Call) -> Outcome {
    let form = parameters(&call);
    let token = form.filled("token").unwrap_or("");
    if let Ok(session) = call.porch.session(token, 64) {
        session.org.close_session(token).await?;
        return Ok(Answer::empty(StatusCode::OK));
    }
    let unknown = || OauthError::new("unsupported_token_type", "this token type is not supported");
    if !token.starts_with(REFRESH) {
        return Err(unknown().into());
    }
    for org in call.porch.node.orgs() {
        org.revoke_refresh(token).await?; // an org that does not know it does nothing
    }
    Ok(Answer::empty(StatusCode::OK))
}

/// The identity of a user as the caller sees it.
fn identity_of<'a>(
    call: &'a Call,
    org: RecordId,
    user: &'a UserEntry,
    now: Millis,
) -> Identity<'a> {
    Identity {
        instance_url: &call.instance_url,
        org,
        user: user.id,
        username: &user.username,
        name: &user.name,
        email: &user.email,
        time_zone: &user.time_zone,
        language: &user.language,
        locale: &user.locale,
        is_active: user.is_active,
        now,
    }
}

/// GET and POST /services/oauth2/userinfo.
pub async fn userinfo(call: Call) -> Outcome {
    let session = call.session()?;
    let user = reads::user(session)?;
    let mut body = Vec::with_capacity(2_048);
    identity_of(&call, session.org.id(), &user, session.org.now()).print_userinfo(&mut body);
    Ok(Answer::of(StatusCode::OK, kind::JSON, body))
}

/// GET /id/ORG/USER: the caller's own identity.
pub async fn identity(call: Call) -> Outcome {
    let session = call.session()?;
    let asked = |name: &str| RecordId::parse(call.param(name)).ok();
    let is_own =
        asked("org") == Some(session.org.id()) && asked("user") == Some(session.caller.user);
    if !is_own {
        return Err(Fault::not_found());
    }
    let user = reads::user(session)?;
    let mut body = Vec::with_capacity(2_048);
    identity_of(&call, session.org.id(), &user, session.org.now()).print(&mut body);
    Ok(Answer::of(StatusCode::OK, kind::JSON, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_of_rfc_4231() {
        let hex: String = hmac_sha256(b"Jefe", b"what do ya want for nothing?")
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(
            hex,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn audiences() {
        for aud in [
            "http://h:1",
            "http://h:1/",
            "http://h:1/services/oauth2/token",
            "https://login.salesforce.com",
        ] {
            assert!(is_audience(aud, "http://h:1"), "{aud}");
        }
        assert!(!is_audience("http://other", "http://h:1"));
    }
}
