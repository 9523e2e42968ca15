//! The token endpoint and what belongs to it (rest-api.md 2).

pub mod authorize;
pub mod meta;
pub mod pending;
pub mod setup;

use std::sync::Arc;
use std::time::Instant;

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use engine::UserEntry;
use model::{Code, Millis, RecordId, Refusal};
use node::{App, OrgHandle, Origin};
use pending::{Answered, Device};
use sha2::{Digest as _, Sha256};
use wire::form::Form;
use wire::oauth::authorize::is_verifier;
use wire::oauth::{
    Grant, Identity, OauthError, Token, TokenRequest, client, identity_url, jwt, meta as printed,
};

use crate::answer::{Answer, Fault, Outcome, kind};
use crate::call::{Call, text_of};
use crate::guard::Bounds;
use crate::{keys, reads};

/// No user has this name.
const NOBODY: &str = "";
/// LoginType of what comes through a connected app.
const REMOTE: &str = "Remote Access 2.0";
/// How refresh tokens begin.
const REFRESH: &str = "5Aep";
/// Letters of a code that a person types: none that looks like another.
const LETTERS: &[u8; 16] = b"BCDFGHJKMPQRTVWX";
const USER_CODE_LENGTH: usize = 8;
const DEVICE_CODE_LENGTH: usize = 64;
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

/// The client's address as text.
fn address(call: &Call) -> String {
    call.peer.map(|ip| ip.to_string()).unwrap_or_default()
}

/// POST /services/oauth2/token.
pub async fn token(call: Call) -> Outcome {
    let form = parameters(&call);
    let authorization = text_of(&call.parts.headers, "authorization");
    if form.get("response_type") == Some("device_code") {
        return device_codes(&call, &form, client(&form, authorization));
    }
    let asked = TokenRequest::parse(&form, authorization)?;
    let scope = form.get("scope").unwrap_or("");
    let granted = match &asked.grant {
        Grant::JwtBearer { assertion } => by_assertion(&call, assertion, scope).await?,
        Grant::Password { username, password } => {
            let (org, app) = app(&call, &asked, "password")?;
            let scope = scope_of(&app, scope)?;
            by_password(&call, org, app, scope, username, password).await?
        }
        Grant::ClientCredentials => {
            let (org, app) = app(&call, &asked, "client_credentials")?;
            if asked.client_secret.is_none() || app.secret_sha256.is_none() {
                return Err(OauthError::wrong_secret().into());
            }
            let scope = scope_of(&app, scope)?;
            as_app(org, app, scope)?
        }
        Grant::Refresh { token } => by_refresh(&call, &asked, token).await?,
        Grant::Code {
            code,
            redirect_uri,
            verifier,
        } => {
            let (org, app) = app(&call, &asked, "authorization_code")?;
            by_code(&call, org, app, code, redirect_uri, verifier)?
        }
        Grant::Device { code } => {
            let (org, app) = app(&call, &asked, "device")?;
            by_device(&call, org, app, code)?
        }
    };
    grant(&call, granted, asked.client_secret.as_deref().unwrap_or("")).await
}

struct Granted {
    org: OrgHandle,
    app: Arc<App>,
    user: Arc<UserEntry>,
    scope: String,
    refresh: Refresh,
    /// For the id token.
    nonce: String,
}

/// What becomes of the refresh token.
enum Refresh {
    /// The grant gives none.
    None,
    /// A new one, if the scopes say so.
    New,
    /// The one that came stays.
    Same(String),
    /// A new one follows the one that came.
    Rotated(String),
}

fn invalid_grant(text: &str) -> OauthError {
    OauthError::new("invalid_grant", text)
}

fn scope_of(app: &App, asked: &str) -> Result<String, OauthError> {
    let refused = || OauthError::new("invalid_scope", "the requested scope is not allowed");
    app.granted(asked).ok_or_else(refused)
}

/// The app of a client id, with its secret checked.
fn client_app(
    call: &Call,
    (id, secret): (Option<&str>, Option<&str>),
) -> Result<(OrgHandle, Arc<App>), OauthError> {
    let found = id.and_then(|id| call.porch.node.app(id));
    let (org, app) = found.ok_or_else(OauthError::unknown_client)?;
    if !app.accepts_secret(secret) {
        return Err(OauthError::wrong_secret());
    }
    Ok((org, app))
}

/// The app of a request, with its secret checked and the grant allowed.
fn app(
    call: &Call,
    asked: &TokenRequest,
    grant: &str,
) -> Result<(OrgHandle, Arc<App>), OauthError> {
    let shown = (asked.client_id.as_deref(), asked.client_secret.as_deref());
    let (org, app) = client_app(call, shown)?;
    allowed(&app, grant)?;
    Ok((org, app))
}

fn allowed(app: &App, grant: &str) -> Result<(), OauthError> {
    let message = "grant type not allowed for this app";
    let refused = || OauthError::new("unauthorized_client", message);
    app.allows(grant).then_some(()).ok_or_else(refused)
}

async fn by_password(
    call: &Call,
    org: OrgHandle,
    app: Arc<App>,
    scope: String,
    username: &str,
    password: &str,
) -> Result<Granted, Fault> {
    let user = verified(call, &org, username, password, app.relaxes_ip)
        .await
        .map_err(|refusal| match refusal.code {
            Code::InvalidLogin => Fault::Oauth(OauthError::authentication_failure()),
            Code::RequestLimitExceeded => Fault::Oauth(OauthError::new(
                "rate_limit_exceeded",
                "login rate exceeded",
            )),
            _ => Fault::from(refusal),
        })?;
    Ok(Granted {
        org,
        app,
        user,
        scope,
        refresh: Refresh::None,
        nonce: String::new(),
    })
}

fn as_app(org: OrgHandle, app: Arc<App>, scope: String) -> Result<Granted, Fault> {
    let no_user = || invalid_grant("no client credentials user enabled");
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
    Ok(Granted {
        org,
        app,
        user,
        scope,
        refresh: Refresh::None,
        nonce: String::new(),
    })
}

async fn by_refresh(call: &Call, asked: &TokenRequest, token: &str) -> Result<Granted, Fault> {
    let (org, app) = app(call, asked, "refresh_token")?;
    let dead = || invalid_grant("expired access/refresh token");
    let (user, scope) = org.redeem(token, &app.client_id).ok_or_else(dead)?;
    let scope = match scope {
        Some(scope) => scope,
        None => scope_of(&app, "")?,
    };
    let refresh = if app.rotates_refresh {
        Refresh::Rotated(token.to_owned())
    } else {
        Refresh::Same(token.to_owned())
    };
    Ok(Granted {
        org,
        app,
        user,
        scope,
        refresh,
        nonce: String::new(),
    })
}

/// A code serves once, its client, with the same address and the verifier of its challenge.
fn by_code(
    call: &Call,
    org: OrgHandle,
    app: Arc<App>,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<Granted, Fault> {
    let taken = call.porch.pending.codes.take(code, Instant::now());
    let kept = taken.ok_or_else(|| invalid_grant("expired authorization code"))?;
    let is_own = kept.agreed.client_id == app.client_id && kept.agreed.org == org.id();
    if !is_own {
        return Err(invalid_grant("invalid authorization code").into());
    }
    if redirect_uri != kept.redirect_uri {
        return Err(invalid_grant("redirect_uri must match configuration").into());
    }
    let is_proved = kept.challenge.is_empty() && verifier.is_empty()
        || is_verifier(verifier) && node::is_same(&challenge(verifier), &kept.challenge);
    if !is_proved {
        return Err(invalid_grant("invalid code verifier").into());
    }
    let user = user_of(&org, kept.agreed.user)?;
    Ok(Granted {
        org,
        app,
        user,
        scope: kept.agreed.scope,
        refresh: Refresh::New,
        nonce: kept.agreed.nonce,
    })
}

/// The challenge of a verifier (RFC 7636).
fn challenge(verifier: &str) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

fn user_of(org: &OrgHandle, user: RecordId) -> Result<Arc<UserEntry>, OauthError> {
    let found = org.directory().users.get(&user).cloned();
    found.ok_or_else(|| invalid_grant("authentication failure"))
}

/// New codes for a device and its user.
fn device_codes(
    call: &Call,
    form: &Form,
    (id, secret): (Option<String>, Option<String>),
) -> Outcome {
    let (org, app) = client_app(call, (id.as_deref(), secret.as_deref()))?;
    allowed(&app, "device")?;
    let scope = scope_of(&app, form.get("scope").unwrap_or(""))?;
    let no_luck = || Fault::from(node::unavailable());
    let device_code = node::random(DEVICE_CODE_LENGTH).ok_or_else(no_luck)?;
    let random = node::random(USER_CODE_LENGTH).ok_or_else(no_luck)?;
    let letter = |b: u8| char::from(LETTERS[usize::from(b) % LETTERS.len()]);
    let user_code: String = Sha256::digest(random.as_bytes())
        .iter()
        .take(USER_CODE_LENGTH)
        .map(|b| letter(*b))
        .collect();
    let (pending, now) = (&call.porch.pending, Instant::now());
    let device = Device {
        org: org.id(),
        client_id: app.client_id.clone(),
        scope,
        answered: Answered::NotYet,
        asked: None,
    };
    pending.devices.put(device_code.clone(), device, now);
    pending
        .user_codes
        .put(user_code.clone(), device_code.clone(), now);
    let url = format!("{}/setup/connect", call.instance_url);
    let interval = i64::try_from(pending::INTERVAL.as_secs()).unwrap_or(5);
    let mut body = Vec::with_capacity(256);
    printed::device(&mut body, &device_code, &user_code, &url, interval);
    Ok(secret_answer(body))
}

fn by_device(call: &Call, org: OrgHandle, app: Arc<App>, code: &str) -> Result<Granted, Fault> {
    let (devices, now) = (&call.porch.pending.devices, Instant::now());
    let look = |device: &mut Device| {
        let last = device.asked.replace(now);
        let is_fast = last.is_some_and(|last| now.duration_since(last) < pending::INTERVAL);
        (device.clone(), is_fast)
    };
    let found = devices.with(code, now, look);
    let own = found.filter(|(d, _)| d.client_id == app.client_id && d.org == org.id());
    let (device, is_fast) = own.ok_or_else(|| invalid_grant("expired device code"))?;
    let user = match device.answered {
        Answered::NotYet if is_fast => {
            return Err(OauthError::new("slow_down", "polling too frequently").into());
        }
        Answered::NotYet => {
            let message = "user has not yet approved the request";
            return Err(OauthError::new("authorization_pending", message).into());
        }
        Answered::No => {
            devices.take(code, now);
            let message = "end-user denied authorization";
            return Err(OauthError::new("access_denied", message).into());
        }
        Answered::Yes(user) => user_of(&org, user)?,
    };
    if devices.take(code, now).is_none() {
        return Err(invalid_grant("expired device code").into());
    }
    Ok(Granted {
        org,
        app,
        user,
        scope: device.scope,
        refresh: Refresh::New,
        nonce: String::new(),
    })
}

/// A signed assertion: issuer is the client id, subject the user name (rest-api.md 2.1).
async fn by_assertion(call: &Call, assertion: &str, scope: &str) -> Result<Granted, Fault> {
    let wrong = |text: &str| Fault::Oauth(invalid_grant(text));
    let parsed = jwt(assertion).ok_or_else(|| wrong("invalid assertion"))?;
    let claims = &parsed.claims;
    let (org, app) = call
        .porch
        .node
        .app(&claims.iss)
        .ok_or_else(OauthError::unknown_client)?;
    allowed(&app, "urn:ietf:params:oauth:grant-type:jwt-bearer")?;
    let now = org.wall();
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
    if user.is_active && !org.has_consent(&app, user.id) {
        return Err(wrong("user hasn't approved this consumer"));
    }
    let scope = scope_of(&app, scope)?;
    if let (Some(jti), Some(exp)) = (&claims.jti, claims.exp) {
        let until = keys::forgotten_at(exp);
        if !org.first_assertion(&app.client_id, jti, until).await? {
            return Err(wrong("the assertion was used before"));
        }
    }
    Ok(Granted {
        org,
        app,
        user,
        scope,
        refresh: Refresh::None,
        nonce: String::new(),
    })
}

fn is_audience(aud: &str, own: &str) -> bool {
    let aud = aud.trim_end_matches('/');
    let base = aud.strip_suffix("/services/oauth2/token").unwrap_or(aud);
    base == own || AUDIENCES.contains(&base)
}

/// Checks name and password for SOAP.
///
/// # Errors
/// As for REST: INVALID_LOGIN, the same for every cause, or REQUEST_LIMIT_EXCEEDED.
pub async fn soap_user(
    call: &Call,
    org: &OrgHandle,
    username: &str,
    password: &str,
) -> Result<Arc<UserEntry>, Refusal> {
    verified(call, org, username, password, false).await
}

/// Opens a session of SOAP and writes the log-in down.
///
/// # Errors
/// SERVER_UNAVAILABLE.
pub async fn soap_session(call: &Call, org: &OrgHandle, user: RecordId) -> Result<String, Refusal> {
    let from = address(call);
    let origin = origin(call, &from, None, "Other Apex API");
    org.log_in(user, &origin).await
}

/// How the log-in of a call came to be.
fn origin<'a>(call: &'a Call, from: &'a str, app: Option<&'a App>, kind: &'a str) -> Origin<'a> {
    Origin {
        app: app.map(|a| a.client_id.as_str()),
        app_name: app.map_or("", |a| a.name.as_str()),
        from,
        kind,
        browser: call.header("user-agent").unwrap_or(""),
        url: call
            .instance_url
            .split_once("://")
            .map_or("", |(_, host)| host),
        ..Origin::default()
    }
}

fn wrong_login() -> Refusal {
    let message = "Invalid username, password, security token; or user locked out.";
    Refusal::new(Code::InvalidLogin, message)
}

/// Checks name and password with lock-out, rate and ranges of the org. Failures count by name and address,
/// so that nobody can lock out others from afar, and with higher bounds by name and by address alone.
///
/// # Errors
/// INVALID_LOGIN, the same for every cause; REQUEST_LIMIT_EXCEEDED for too many attempts.
async fn verified(
    call: &Call,
    org: &OrgHandle,
    username: &str,
    password: &str,
    relaxes_ip: bool,
) -> Result<Arc<UserEntry>, Refusal> {
    let guard = &call.porch.guard;
    let policy = org.policy();
    let bounds = Bounds::of(&policy, &call.porch.options);
    let from = address(call);
    if !guard.may_try(username, Instant::now()) {
        return Err(Refusal::new(
            Code::RequestLimitExceeded,
            "login rate exceeded",
        ));
    }
    if guard.is_locked(bounds, username, &from, Instant::now()) {
        tracing::warn!(target: "security", username, from, "log-in of a locked user name");
        let refusal = org.authenticate(NOBODY, password).await.err(); // takes as long as for others
        return Err(refusal.unwrap_or_else(wrong_login));
    }
    let write = |status: &str| {
        if let Some(user) = org.user(username) {
            org.note_login(user.id, &origin(call, &from, None, "Application"), status);
        }
    };
    match org.authenticate(username, password).await {
        Ok(_) if !relaxes_ip && !policy.admits(call.peer) => {
            tracing::warn!(target: "security", username, from, "log-in from outside the ranges");
            write("Restricted IP");
            Err(wrong_login())
        }
        Ok(user) => {
            guard.succeeded(username, &from);
            Ok(user)
        }
        Err(refusal) => {
            if refusal.code == Code::InvalidLogin {
                guard.failed(bounds, username, &from, Instant::now());
                tracing::warn!(target: "security", username, from, "log-in failed");
                write("Invalid Password");
            }
            Err(refusal)
        }
    }
}

async fn grant(call: &Call, granted: Granted, secret: &str) -> Outcome {
    let Granted {
        org,
        app,
        user,
        scope,
        refresh,
        nonce,
    } = granted;
    if !user.may_log_in() {
        return Err(OauthError::new("inactive_user", "user is inactive").into());
    }
    if !app.relaxes_ip && !org.policy().admits(call.peer) {
        return Err(invalid_grant("ip restricted").into());
    }
    let refresh = refreshed(&org, &app, &user, &scope, refresh).await?;
    let from = address(call);
    let origin = Origin {
        scope: Some(&scope),
        refresh: refresh.as_ref().map(|(token, _)| token.as_str()),
        ..origin(call, &from, Some(&app), REMOTE)
    };
    let session = org.log_in(user.id, &origin).await?;
    let id = identity_url(&call.instance_url, org.id(), user.id);
    let issued_at = org.wall();
    let signature = hmac_sha256(secret.as_bytes(), format!("{id}{}", issued_at.0).as_bytes());
    let id_token = if scope.split(' ').any(|s| s == "openid") {
        let about = meta::About {
            instance_url: &call.instance_url,
            client_id: &app.client_id,
            subject: &id,
            nonce: &nonce,
            access_token: &session,
        };
        Some(meta::id_token(call, &org, &about).await?)
    } else {
        None
    };
    let mut body = Vec::with_capacity(1_024);
    Token {
        access_token: &session,
        instance_url: &call.instance_url,
        id: &id,
        issued_at,
        signature: &signature,
        scope: &scope,
        refresh_token: refresh
            .as_ref()
            .filter(|(_, is_new)| *is_new)
            .map(|(token, _)| token.as_str()),
        id_token: id_token.as_deref(),
    }
    .print(&mut body);
    Ok(secret_answer(body))
}

/// The refresh token of a new session, and whether the client must be told.
async fn refreshed(
    org: &OrgHandle,
    app: &App,
    user: &UserEntry,
    scope: &str,
    refresh: Refresh,
) -> Result<Option<(String, bool)>, Refusal> {
    let lasting = |s: &str| s == "refresh_token" || s == "offline_access";
    let new = async || {
        let scope = Some(scope);
        org.issue_refresh_for(user.id, &app.client_id, scope).await
    };
    Ok(match refresh {
        Refresh::Same(token) => Some((token, false)),
        Refresh::Rotated(old) => {
            let token = new().await?;
            org.retire_refresh(&old).await?;
            Some((token, true))
        }
        Refresh::New if app.allows("refresh_token") && scope.split(' ').any(lasting) => {
            Some((new().await?, true))
        }
        Refresh::New | Refresh::None => None,
    })
}

/// An answer that no cache may keep.
fn secret_answer(body: Vec<u8>) -> Answer {
    Answer::json(body).with(CACHE_CONTROL, HeaderValue::from_static("no-store"))
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
    if let Ok(session) = call.porch.any_session(token, 64) {
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
