//! The web flow: log-in page, consent page, code (rest-api.md 2.1); and the page where the user of a device
//! types its code.
//!
//! No page keeps a log-in: each flow asks for the password. A form is taken only from the browser that got
//! the page: it carries a cookie, and the page the same value.

use std::sync::Arc;
use std::time::Instant;

use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use engine::UserEntry;
use model::Refusal;
use node::{App, OrgHandle, SecurityPolicy};
use wire::form::Form;
use wire::oauth::authorize::{self, AuthorizeRequest, form_target, with_parameters};
use wire::oauth::pages::{self, Page};

use super::pending::{Agreed, Answered, Ask, Code, Goal};
use super::{parameters, verified};
use crate::answer::{Answer, Fault, Outcome};
use crate::call::Call;
use crate::guard::Bounds;

const HTML: &str = "text/html;charset=UTF-8";
const AUTHORIZE: &str = "/services/oauth2/authorize";
const CONNECT: &str = "/setup/connect";
const COOKIE: &str = "tl_flow";
/// Wrong device codes are counted under this name.
const DEVICE_CODES: &str = "(device codes)";
const SECRET_LENGTH: usize = 43;

/// A request that may be shown to its user.
struct Checked {
    org: OrgHandle,
    app: Arc<App>,
    scope: String,
}

/// Why a request is not shown.
enum Bad {
    /// Nobody can be told but the person: the address to tell is not trusted.
    Here(&'static str),
    /// The app is told.
    There(&'static str, &'static str),
}

fn check(call: &Call, asked: &mut AuthorizeRequest) -> Result<Checked, Bad> {
    let found = call.porch.node.app(&asked.client_id);
    let (org, app) = found.ok_or(Bad::Here("client identifier invalid"))?;
    if asked.redirect_uri.is_empty()
        && let [only] = app.callbacks.as_slice()
    {
        asked.redirect_uri.clone_from(only);
    }
    let is_listed = app.callbacks.contains(&asked.redirect_uri);
    if !is_listed || !authorize::is_callback(&asked.redirect_uri) {
        return Err(Bad::Here("redirect_uri must match configuration"));
    }
    if asked.response_type != "code" {
        return Err(Bad::There(
            "unsupported_response_type",
            "response type not supported",
        ));
    }
    if !app.allows("authorization_code") {
        return Err(Bad::There(
            "unauthorized_client",
            "grant type not allowed for this app",
        ));
    }
    let needs_pkce = app.requires_pkce || app.secret_sha256.is_none();
    if let Some(fault) = asked.challenge_fault(needs_pkce) {
        return Err(Bad::There("invalid_request", fault));
    }
    if asked.prompt.split(' ').any(|p| p == "none") {
        return Err(Bad::There("login_required", "the user must log in"));
    }
    let scope = app.granted(&asked.scope).ok_or(Bad::There(
        "invalid_scope",
        "the requested scope is not allowed",
    ))?;
    Ok(Checked { org, app, scope })
}

impl Bad {
    fn answer(self, call: &Call, asked: &AuthorizeRequest) -> Outcome {
        match self {
            Self::Here(text) => {
                let page = Page::new("This link does not work").alert(Some(text));
                Ok(shown(call, StatusCode::BAD_REQUEST, page, "", None))
            }
            Self::There(error, description) => {
                let parameters = [
                    ("error", error),
                    ("error_description", description),
                    ("state", &asked.state),
                ];
                gone_to(&with_parameters(&asked.redirect_uri, &parameters))
            }
        }
    }
}

/// GET /services/oauth2/authorize: the log-in page.
pub async fn ask(call: Call) -> Outcome {
    let mut asked = AuthorizeRequest::parse(&call.query());
    match check(&call, &mut asked) {
        Ok(checked) => login_page(&call, &asked, &checked, None),
        Err(bad) => bad.answer(&call, &asked),
    }
}

fn login_page(
    call: &Call,
    asked: &AuthorizeRequest,
    checked: &Checked,
    alert: Option<&str>,
) -> Outcome {
    let browser = secret()?;
    let page = Page::new("Log in")
        .alert(alert)
        .text(&format!("to continue to {}", checked.app.name))
        .form(AUTHORIZE)
        .hidden(&asked.fields())
        .hidden(&[("browser", &browser)])
        .credentials(&asked.login_hint)
        .button("step", "login", "Log in")
        .end_form();
    let target = form_target(&asked.redirect_uri);
    Ok(shown(call, StatusCode::OK, page, &target, Some(&browser)))
}

/// POST /services/oauth2/authorize: password or consent.
pub async fn answer(call: Call) -> Outcome {
    let form = parameters(&call);
    if !is_from_page(&call, &form) {
        return Ok(stale(&call));
    }
    if form.get("step") == Some("login") {
        let mut asked = AuthorizeRequest::parse(&form);
        return match check(&call, &mut asked) {
            Ok(checked) => log_in(&call, &form, asked, checked).await,
            Err(bad) => bad.answer(&call, &asked),
        };
    }
    decide(&call, &form).await
}

async fn log_in(call: &Call, form: &Form, asked: AuthorizeRequest, checked: Checked) -> Outcome {
    let user = match credentials(call, form, &checked.org, &checked.app).await {
        Ok(user) => user,
        Err(refusal) => {
            let asked = AuthorizeRequest {
                login_hint: form.get("username").unwrap_or("").to_owned(),
                ..asked
            };
            return login_page(call, &asked, &checked, Some(&refusal.message));
        }
    };
    let agreed = Agreed {
        org: checked.org.id(),
        client_id: checked.app.client_id.clone(),
        user: user.id,
        scope: checked.scope,
        nonce: asked.nonce,
    };
    let goal = Goal::Redirect {
        uri: asked.redirect_uri,
        state: asked.state,
        challenge: asked.code_challenge,
    };
    if checked.app.is_preauthorized {
        return agree(call, agreed, goal);
    }
    consent_page(call, form, agreed, goal, &checked.app)
}

async fn credentials(
    call: &Call,
    form: &Form,
    org: &OrgHandle,
    app: &App,
) -> Result<Arc<UserEntry>, Refusal> {
    let username = form.get("username").unwrap_or("").trim();
    let password = form.get("password").unwrap_or("");
    verified(call, org, username, password, app.relaxes_ip).await
}

fn consent_page(call: &Call, form: &Form, agreed: Agreed, goal: Goal, app: &App) -> Outcome {
    let key = secret()?;
    let browser = form.get("browser").unwrap_or("");
    let mut texts: Vec<&str> = agreed.scope.split(' ').map(pages::scope_text).collect();
    texts.dedup();
    let page = Page::new("Allow access?")
        .text(&format!("{} asks to:", app.name))
        .list(texts)
        .form(AUTHORIZE)
        .hidden(&[("ask", &key), ("browser", browser)])
        .button("decision", "allow", "Allow")
        .button("decision", "deny", "Deny")
        .end_form();
    let target = match &goal {
        Goal::Redirect { uri, .. } => form_target(uri),
        Goal::Device { .. } => String::new(),
    };
    let ask = Ask {
        agreed,
        goal,
        browser: browser.to_owned(),
    };
    call.porch.pending.asks.put(key, ask, Instant::now());
    Ok(shown(call, StatusCode::OK, page, &target, None))
}

async fn decide(call: &Call, form: &Form) -> Outcome {
    let key = form.get("ask").unwrap_or("");
    let taken = call.porch.pending.asks.take(key, Instant::now());
    let browser = form.get("browser").unwrap_or("");
    let Some(ask) = taken.filter(|ask| node::is_same(&ask.browser, browser)) else {
        return Ok(stale(call));
    };
    if form.get("decision") != Some("allow") {
        return refuse(call, ask.goal);
    }
    let org = call.porch.node.org(Some(ask.agreed.org));
    let org = org.ok_or_else(node::unavailable)?;
    org.consent(&ask.agreed.client_id, ask.agreed.user).await?;
    agree(call, ask.agreed, ask.goal)
}

fn refuse(call: &Call, goal: Goal) -> Outcome {
    match goal {
        Goal::Redirect { uri, state, .. } => {
            let parameters = [
                ("error", "access_denied"),
                ("error_description", "end-user denied authorization"),
                ("state", &state),
            ];
            gone_to(&with_parameters(&uri, &parameters))
        }
        Goal::Device { user_code } => {
            set_answer(call, &user_code, Answered::No);
            let page = Page::new("Denied").text("The device was not connected.");
            Ok(shown(call, StatusCode::OK, page, "", None))
        }
    }
}

fn agree(call: &Call, agreed: Agreed, goal: Goal) -> Outcome {
    match goal {
        Goal::Redirect {
            uri,
            state,
            challenge,
        } => {
            let code = format!("aPrx{}", secret()?);
            let to = with_parameters(&uri, &[("code", &code), ("state", &state)]);
            let kept = Code {
                agreed,
                redirect_uri: uri,
                challenge,
            };
            call.porch.pending.codes.put(code, kept, Instant::now());
            gone_to(&to)
        }
        Goal::Device { user_code } => {
            set_answer(call, &user_code, Answered::Yes(agreed.user));
            let page = Page::new("Connected").text("You can return to your device.");
            Ok(shown(call, StatusCode::OK, page, "", None))
        }
    }
}

/// Tells a device; its user code is spent.
fn set_answer(call: &Call, user_code: &str, answer: Answered) {
    let (pending, now) = (&call.porch.pending, Instant::now());
    if let Some(device) = pending.user_codes.take(user_code, now) {
        let tell = |device: &mut super::pending::Device| device.answered = answer;
        pending.devices.with(&device, now, tell);
    }
}

/// GET /setup/connect: where the user of a device types its code.
pub async fn connect_page(call: Call) -> Outcome {
    let code = call.query().get("user_code").unwrap_or("").to_owned();
    connect_form(&call, &code, None)
}

fn connect_form(call: &Call, code: &str, alert: Option<&str>) -> Outcome {
    let browser = secret()?;
    let kind = "type=\"text\" autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"12\"";
    let page = Page::new("Connect a device")
        .alert(alert)
        .form(CONNECT)
        .hidden(&[("browser", &browser)])
        .field("user_code", "Code on the device", kind, code)
        .credentials("")
        .button("step", "login", "Continue")
        .end_form();
    Ok(shown(call, StatusCode::OK, page, "", Some(&browser)))
}

/// POST /setup/connect: code and password.
pub async fn connect(call: Call) -> Outcome {
    let form = parameters(&call);
    if !is_from_page(&call, &form) {
        return Ok(stale(&call));
    }
    let typed: String = form
        .get("user_code")
        .unwrap_or("")
        .chars()
        .take(32)
        .collect();
    let typed = typed.trim().to_uppercase();
    let (pending, now) = (&call.porch.pending, Instant::now());
    let (guard, from) = (&call.porch.guard, super::address(&call));
    let bounds = Bounds::of(&SecurityPolicy::default(), &call.porch.options);
    if guard.is_locked(bounds, DEVICE_CODES, &from, now) {
        return Ok(stale(&call));
    }
    let wrong = "The code, the user name or the password is wrong, or the code is too old.";
    let device = pending.user_codes.with(&typed, now, |d| d.clone());
    let device = device.and_then(|d| pending.devices.with(&d, now, |d| d.clone()));
    let found = device.and_then(|d| {
        let org = call.porch.node.org(Some(d.org))?;
        let app = org.app(&d.client_id)?;
        Some((d, org, app))
    });
    let Some((device, org, app)) = found else {
        guard.failed(bounds, DEVICE_CODES, &from, now);
        return connect_form(&call, "", Some(wrong));
    };
    let Ok(user) = credentials(&call, &form, &org, &app).await else {
        return connect_form(&call, &typed, Some(wrong));
    };
    let agreed = Agreed {
        org: device.org,
        client_id: device.client_id,
        user: user.id,
        scope: device.scope,
        nonce: String::new(),
    };
    consent_page(
        &call,
        &form,
        agreed,
        Goal::Device { user_code: typed },
        &app,
    )
}

fn secret() -> Result<String, Fault> {
    Ok(node::random(SECRET_LENGTH).ok_or_else(node::unavailable)?)
}

/// The form comes from the browser that got the page, and from a page of ours.
fn is_from_page(call: &Call, form: &Form) -> bool {
    let named = |cookie: &str| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == COOKIE).then(|| value.to_owned())
    };
    let cookies = call.header("cookie").unwrap_or("");
    let cookie = cookies.split(';').find_map(named).unwrap_or_default();
    let field = form.get("browser").unwrap_or("");
    let host = |url: &str| url.split_once("://").map(|(_, host)| host.to_owned());
    let is_own = match call.header("origin") {
        None => true,
        Some(origin) => host(origin).is_some() && host(origin) == host(&call.instance_url),
    };
    is_own && field.len() == SECRET_LENGTH && node::is_same(field, &cookie)
}

fn stale(call: &Call) -> Answer {
    let text = "This page is too old or was opened elsewhere. Start again from your app.";
    let page = Page::new("Please start again").alert(Some(text));
    shown(call, StatusCode::FORBIDDEN, page, "", None)
}

/// 303 to an address that was checked.
fn gone_to(url: &str) -> Outcome {
    let to = HeaderValue::from_str(url).map_err(|_| Fault::not_found())?;
    Ok(Answer::empty(StatusCode::SEE_OTHER)
        .with(header::LOCATION, to)
        .with(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

/// A page; `target` is where its form may lead besides us, `browser` the cookie of a new flow.
fn shown(
    call: &Call,
    status: StatusCode,
    page: Page,
    target: &str,
    browser: Option<&str>,
) -> Answer {
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {target}; base-uri 'none'; frame-ancestors 'none'"
    );
    let fixed = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    let mut answer = Answer::of(status, HTML, page.finish().into_bytes());
    for (name, value) in fixed {
        answer = answer.with(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        answer = answer.with(header::CONTENT_SECURITY_POLICY, policy);
    }
    let Some(browser) = browser else {
        return answer;
    };
    let secure = if call.instance_url.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let cookie =
        format!("{COOKIE}={browser}; Path=/; HttpOnly; SameSite=Strict; Max-Age=900{secure}");
    match HeaderValue::from_str(&cookie) {
        Ok(cookie) => answer.with(header::SET_COOKIE, cookie),
        Err(_) => answer,
    }
}

/// GET /services/oauth2/pages.css.
pub async fn style(_: Call) -> Outcome {
    let style = pages::STYLE.as_bytes().to_vec();
    let day = HeaderValue::from_static("public, max-age=86400");
    Ok(
        Answer::of(StatusCode::OK, "text/css;charset=UTF-8", style)
            .with(header::CACHE_CONTROL, day),
    )
}

/// GET /services/oauth2/singleaccess: where a browser goes on with the session of this call.
pub async fn single_access(call: Call) -> Outcome {
    let sid = wire::form::encode(&call.session()?.token);
    let uri = format!("{}/secur/frontdoor.jsp?sid={sid}", call.instance_url);
    let body = serde_json::json!({ "frontdoor_uri": uri });
    Ok(super::secret_answer(body.to_string().into_bytes()))
}

/// GET and POST /secur/frontdoor.jsp: on to the console with a session that the caller already has. The
/// session stands behind `#`, where no server and no referrer sees it.
pub async fn frontdoor(call: Call) -> Outcome {
    let form = parameters(&call);
    let session = call.porch.session(form.get("sid").unwrap_or("").trim(), 64);
    let path = authorize::own_path(form.get("retURL").unwrap_or("/"));
    let path = path.split('#').next().unwrap_or("/");
    match session {
        Ok(session) => gone_to(&format!(
            "{path}#sid={}",
            wire::form::encode(&session.token)
        )),
        Err(_) => gone_to("/"),
    }
}
