//! Set-up of log-in for administrators: connected apps, sessions, policies (`/services/omni/v1/setup`).

use axum::http::StatusCode;
use engine::no_access;
use model::{Code, RecordId, Refusal};
use node::{App, SecurityPolicy, SessionInfo};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use wire::oauth::authorize::is_callback;
use wire::oauth::meta::SCOPES;

use super::secret_answer;
use crate::answer::{Answer, Fault, Outcome};
use crate::call::{Call, Session};
use crate::keys;

const GRANTS: &[&str] = &[
    "password",
    "client_credentials",
    "refresh_token",
    "authorization_code",
    "device",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
];
const APPS_MAX: usize = 1_000;
const CALLBACKS_MAX: usize = 50;
const CERTIFICATE_MAX: usize = 32 * 1024;
const SESSIONS_MAX: usize = 2_000;
const CLIENT_ID_LENGTH: usize = 64;
const SECRET_LENGTH: usize = 64;

/// What an administrator writes; what is left out stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Wanted {
    name: Option<String>,
    grants: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    callbacks: Option<Vec<String>>,
    run_as: Option<String>,
    certificate: Option<String>,
    is_preauthorized: Option<bool>,
    rotates_refresh: Option<bool>,
    requires_pkce: Option<bool>,
    relaxes_ip: Option<bool>,
    /// Of a new app: it has no secret.
    is_public: bool,
    /// Of an app that exists: makes a new secret, the old one is void.
    new_secret: bool,
}

fn wrong(text: impl Into<String>) -> Fault {
    Refusal::new(Code::InvalidInput, text).into()
}

fn administrator(call: &Call) -> Result<&Session, Fault> {
    let session = call.session()?;
    let is_one = session.caller.rights.has("CustomizeApplication");
    if is_one {
        Ok(session)
    } else {
        Err(no_access().into())
    }
}

fn body<T: for<'de> Deserialize<'de>>(call: &Call) -> Result<T, Fault> {
    serde_json::from_slice(&call.body)
        .map_err(|error| wire::json::refusal(&error, &call.body).into())
}

fn printed(status: StatusCode, json: &Json) -> Answer {
    let mut answer = secret_answer(json.to_string().into_bytes());
    if let Answer::Content(content) = &mut answer {
        content.status = status;
    }
    answer
}

fn shown(app: &App) -> Json {
    json!({
        "clientId": app.client_id,
        "name": app.name,
        "grants": app.grants,
        "scopes": app.scopes,
        "callbacks": app.callbacks,
        "runAs": app.run_as,
        "certificate": app.certificate,
        "isPreauthorized": app.is_preauthorized,
        "isPublic": app.secret_sha256.is_none(),
        "rotatesRefresh": app.rotates_refresh,
        "requiresPkce": app.requires_pkce,
        "relaxesIp": app.relaxes_ip,
    })
}

impl Wanted {
    /// Checks it and writes it into an app.
    fn write(self, session: &Session, app: &mut App) -> Result<(), Fault> {
        if let Some(name) = self.name {
            let length = name.trim().chars().count();
            if !(1..=80).contains(&length) || name.chars().any(char::is_control) {
                return Err(wrong("name must have 1 to 80 characters"));
            }
            name.trim().clone_into(&mut app.name);
        }
        if let Some(grants) = self.grants {
            app.grants = listed("grants", grants, GRANTS)?;
        }
        if let Some(scopes) = self.scopes {
            app.scopes = listed("scopes", scopes, SCOPES)?;
        }
        if let Some(callbacks) = self.callbacks {
            let bad = callbacks.iter().find(|uri| !is_callback(uri));
            if let Some(bad) = bad {
                return Err(wrong(format!("callbacks: {bad:?} is no redirect address")));
            }
            if callbacks.len() > CALLBACKS_MAX {
                return Err(wrong("there are too many callbacks"));
            }
            app.callbacks = callbacks;
        }
        if let Some(user) = self.run_as {
            let id = RecordId::parse(&user).ok();
            let known = id.filter(|id| session.org.directory().users.contains_key(id));
            let id = known.ok_or_else(|| wrong("runAs is no user"))?;
            app.run_as = Some(id.to_string());
        }
        if let Some(pem) = self.certificate {
            let is_usable = pem.is_empty() || pem.len() <= CERTIFICATE_MAX && keys::is_key(&pem);
            if !is_usable {
                return Err(wrong("certificate holds no RSA certificate in PEM form"));
            }
            app.certificate = Some(pem).filter(|pem| !pem.is_empty());
        }
        for (wanted, flag) in [
            (self.is_preauthorized, &mut app.is_preauthorized),
            (self.rotates_refresh, &mut app.rotates_refresh),
            (self.requires_pkce, &mut app.requires_pkce),
            (self.relaxes_ip, &mut app.relaxes_ip),
        ] {
            *flag = wanted.unwrap_or(*flag);
        }
        Ok(())
    }
}

fn listed(name: &str, mut wanted: Vec<String>, known: &[&str]) -> Result<Vec<String>, Fault> {
    wanted.sort_unstable();
    wanted.dedup();
    match wanted.iter().find(|one| !known.contains(&one.as_str())) {
        Some(bad) => Err(wrong(format!("{name}: {bad:?} is unknown"))),
        None => Ok(wanted),
    }
}

fn random(length: usize) -> Result<String, Fault> {
    Ok(node::random(length).ok_or_else(node::unavailable)?)
}

/// GET /setup/apps.
pub async fn apps(call: Call) -> Outcome {
    let session = administrator(&call)?;
    let all: Vec<Json> = session.org.apps().iter().map(|app| shown(app)).collect();
    Ok(printed(StatusCode::OK, &Json::Array(all)))
}

/// POST /setup/apps: a new app. Its secret is shown this once.
pub async fn create_app(call: Call) -> Outcome {
    let session = administrator(&call)?;
    let wanted: Wanted = body(&call)?;
    if wanted.name.is_none() {
        return Err(wrong("name is missing"));
    }
    if session.org.apps().len() >= APPS_MAX {
        return Err(wrong("there are too many connected apps"));
    }
    let secret = if wanted.is_public {
        None
    } else {
        Some(random(SECRET_LENGTH)?)
    };
    let mut app = App {
        client_id: format!("3MVG{}", random(CLIENT_ID_LENGTH)?),
        secret_sha256: secret.as_deref().map(node::hash_hex),
        grants: vec!["authorization_code".to_owned(), "refresh_token".to_owned()],
        ..App::default()
    };
    wanted.write(session, &mut app)?;
    session.org.save_app(session.caller.user, &app).await?;
    Ok(with_secret(StatusCode::CREATED, &app, secret))
}

fn with_secret(status: StatusCode, app: &App, secret: Option<String>) -> Answer {
    let mut json = shown(app);
    if let Some(secret) = secret {
        json["clientSecret"] = secret.into();
    }
    printed(status, &json)
}

fn app_of(call: &Call, session: &Session) -> Result<App, Fault> {
    let app = session.org.app(call.param("app"));
    Ok(App::clone(&*app.ok_or_else(Fault::not_found)?))
}

/// GET /setup/apps/{app}.
pub async fn app(call: Call) -> Outcome {
    let session = administrator(&call)?;
    Ok(printed(StatusCode::OK, &shown(&app_of(&call, session)?)))
}

/// PATCH /setup/apps/{app}.
pub async fn change_app(call: Call) -> Outcome {
    let session = administrator(&call)?;
    let mut app = app_of(&call, session)?;
    let wanted: Wanted = body(&call)?;
    let mut secret = None;
    if wanted.new_secret {
        let new = random(SECRET_LENGTH)?;
        app.secret_sha256 = Some(node::hash_hex(&new));
        secret = Some(new);
    }
    wanted.write(session, &mut app)?;
    session.org.save_app(session.caller.user, &app).await?;
    Ok(with_secret(StatusCode::OK, &app, secret))
}

/// DELETE /setup/apps/{app}: with its tokens and sessions.
pub async fn delete_app(call: Call) -> Outcome {
    let session = administrator(&call)?;
    let app = app_of(&call, session)?;
    session.org.remove_app(session.caller.user, &app).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// The user whose sessions the caller may see: itself, or everybody (`None`) for who manages users.
fn whose(session: &Session) -> Option<RecordId> {
    let manages = session.caller.rights.has("ManageUsers");
    (!manages).then_some(session.caller.user)
}

/// GET /setup/sessions.
pub async fn sessions(call: Call) -> Outcome {
    let session = call.session()?;
    let own = session.org.session_info(&session.token).map(|s| s.key);
    let directory = session.org.directory();
    let shown = |info: &SessionInfo| {
        let user = directory.users.get(&info.user);
        json!({
            "id": info.key,
            "userId": info.user.to_string(),
            "username": user.map(|u| u.username.as_str()),
            "clientId": info.app,
            "scope": info.scope,
            "sourceIp": info.from,
            "loginType": info.kind,
            "createdDate": info.created.to_rest(),
            "expiresDate": info.until.to_rest(),
            "isCurrent": own.as_deref() == Some(info.key.as_str()),
        })
    };
    let all = session.org.sessions(whose(session), SESSIONS_MAX);
    let all: Vec<Json> = all.iter().map(shown).collect();
    Ok(printed(StatusCode::OK, &Json::Array(all)))
}

/// DELETE /setup/sessions/{session}.
pub async fn end_session(call: Call) -> Outcome {
    let session = call.session()?;
    let key = call.param("session");
    if !session.org.end_session(key, whose(session)).await? {
        return Err(Fault::not_found());
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// GET /setup/security.
pub async fn security(call: Call) -> Outcome {
    let session = administrator(&call)?;
    Ok(printed(StatusCode::OK, &policy_json(&session.org.policy())))
}

fn policy_json(policy: &SecurityPolicy) -> Json {
    serde_json::to_value(policy).unwrap_or_default()
}

/// PUT /setup/security: the policies as they shall be; what is left out is as the server's options say.
pub async fn put_security(call: Call) -> Outcome {
    let session = administrator(&call)?;
    let policy: SecurityPolicy = body(&call)?;
    if !policy.admits(call.peer) {
        return Err(wrong("loginIpRanges would lock you out"));
    }
    session.org.put_policy(session.caller.user, &policy).await?;
    Ok(printed(StatusCode::OK, &policy_json(&policy)))
}
