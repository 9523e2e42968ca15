//! OAuth whole: the web flow with PKCE, devices, refresh, introspection, OpenID, consent; set-up of apps,
//! sessions and policies; what is written down.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::house::{ADMIN, House, PASSWORD, Reply};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const SETUP: &str = "/services/omni/v1/setup";
const CALLBACK: &str = "https://client.example/cb";

async fn form(house: &House, path: &str, body: &str, cookie: &str) -> Reply {
    let headers = [FORM, ("Cookie", cookie)];
    house.send("POST", path, &headers, body.as_bytes()).await
}

async fn token(house: &House, body: &str) -> Reply {
    form(house, "/services/oauth2/token", body, "").await
}

async fn as_admin(house: &House, method: &str, path: &str, body: &Json) -> Reply {
    let token = format!("Bearer {}", house.admin);
    let headers = [
        ("Authorization", token.as_str()),
        ("Content-Type", "application/json"),
    ];
    let body = body.to_string();
    house.send(method, path, &headers, body.as_bytes()).await
}

/// A new app; gives its client id and secret.
async fn app(house: &House, mut wanted: Json) -> (String, String) {
    wanted["name"] = "Client".into();
    let made = as_admin(house, "POST", &format!("{SETUP}/apps"), &wanted).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let text = |key: &str| made.json()[key].as_str().unwrap_or("").to_owned();
    (text("clientId"), text("clientSecret"))
}

async fn web_app(house: &House) -> (String, String) {
    let wanted = json!({"grants": ["authorization_code", "refresh_token", "device"], "callbacks": [CALLBACK]});
    app(house, wanted).await
}

fn header<'r>(reply: &'r Reply, name: &str) -> &'r str {
    let mut lines = reply.head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map_or("", |(_, value)| value)
}

/// The value of a hidden field.
fn field(page: &Reply, name: &str) -> String {
    let text = page.text();
    let mark = format!("name=\"{name}\" value=\"");
    let rest = text.split(&mark).nth(1).unwrap_or("");
    rest.split('"').next().unwrap_or("").to_owned()
}

fn cookie(page: &Reply) -> String {
    let whole = header(page, "set-cookie");
    whole.split(';').next().unwrap_or("").to_owned()
}

fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

fn authorize(client: &str, challenge: &str) -> String {
    format!(
        "response_type=code&client_id={client}&redirect_uri=https%3A%2F%2Fclient.example%2Fcb&state=a+b\
         &scope=openid+api+refresh_token&nonce=n1&code_challenge={challenge}"
    )
}

/// Goes through both pages; gives the last answer.
async fn agree(house: &House, query: &str, password: &str, decision: &str) -> Reply {
    let page = house
        .send(
            "GET",
            &format!("/services/oauth2/authorize?{query}"),
            &[],
            b"",
        )
        .await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(
        header(&page, "content-security-policy")
            .contains("form-action 'self' https://client.example;")
    );
    assert!(!page.text().contains("<script") && !page.text().contains("style="));
    let browser = field(&page, "browser");
    let body = format!(
        "{query}&browser={browser}&step=login&username={ADMIN}&password={}",
        password.replace(' ', "+")
    );
    let consent = form(house, "/services/oauth2/authorize", &body, &cookie(&page)).await;
    let ask = field(&consent, "ask");
    if ask.is_empty() {
        return consent;
    }
    let body = format!("browser={browser}&ask={ask}&decision={decision}");
    form(house, "/services/oauth2/authorize", &body, &cookie(&page)).await
}

fn code_of(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", reply.text());
    let to = header(reply, "location");
    assert!(to.starts_with(&format!("{CALLBACK}?code=")), "{to}");
    assert!(to.ends_with("&state=a%20b"), "{to}");
    let code = to.split("code=").nth(1).unwrap();
    code.split('&').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_agrees_and_the_app_gets_tokens() {
    let house = House::open().await;
    let (client, secret) = web_app(&house).await;
    let verifier = "v".repeat(50);
    let query = authorize(&client, &challenge(&verifier));
    let wrong = agree(&house, &query, "wrong password", "allow").await;
    assert!(wrong.text().contains("role=\"alert\""), "{}", wrong.text());
    let denied = agree(&house, &query, PASSWORD, "deny").await;
    assert!(header(&denied, "location").contains("error=access_denied"));

    let code = code_of(&agree(&house, &query, PASSWORD, "allow").await);
    let exchange = |code: &str, verifier: &str, uri: &str| {
        format!(
            "grant_type=authorization_code&code={code}&client_id={client}&client_secret={secret}&redirect_uri={uri}&code_verifier={verifier}"
        )
    };
    let granted = token(&house, &exchange(&code, &verifier, CALLBACK)).await;
    assert_eq!(granted.status, 200, "{}", granted.text());
    assert_eq!(header(&granted, "cache-control"), "no-store");
    let granted = granted.json();
    let again = token(&house, &exchange(&code, &verifier, CALLBACK)).await;
    assert_eq!(again.code(), "invalid_grant", "a code serves once");
    for (verifier, uri) in [
        ("w".repeat(50), CALLBACK),
        (String::new(), CALLBACK),
        (verifier.clone(), "https://client.example/other"),
    ] {
        let code = code_of(&agree(&house, &query, PASSWORD, "allow").await);
        let refused = token(&house, &exchange(&code, &verifier, uri)).await;
        assert_eq!(refused.code(), "invalid_grant", "{verifier} {uri}");
    }

    // the id token is signed with a key that is published
    let id_token = granted["id_token"].as_str().unwrap();
    let keys = house.send("GET", "/id/keys", &[], b"").await.json();
    let kid = jsonwebtoken::decode_header(id_token).unwrap().kid.unwrap();
    let key = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|k| k["kid"] == kid.as_str());
    let key = key.expect("its key is published");
    let text = |name: &str| key[name].as_str().unwrap().to_owned();
    let key = jsonwebtoken::DecodingKey::from_rsa_components(&text("n"), &text("e")).unwrap();
    let mut checks = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    checks.set_audience(&[&client]);
    let claims = jsonwebtoken::decode::<Json>(id_token, &key, &checks)
        .unwrap()
        .claims;
    assert_eq!(
        (&claims["sub"], &claims["nonce"]),
        (&granted["id"], &json!("n1"))
    );

    // refresh, introspect, revoke
    let text = |name: &str| granted[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    let body = format!(
        "grant_type=refresh_token&client_id={client}&client_secret={secret}&refresh_token={refresh}"
    );
    let refreshed = token(&house, &body).await.json();
    let second = refreshed["access_token"].as_str().unwrap().to_owned();
    assert_eq!(refreshed["refresh_token"], Json::Null);
    let introspect = async |token: &str, secret: &str| {
        let token = token.replace('!', "%21");
        let body = format!("client_id={client}&client_secret={secret}&token={token}");
        form(&house, "/services/oauth2/introspect", &body, "").await
    };
    let known = introspect(&access, &secret).await.json();
    assert_eq!(
        (&known["active"], &known["username"]),
        (&json!(true), &json!(ADMIN))
    );
    assert_eq!(introspect(&access, "x").await.code(), "invalid_client");
    let foreign = introspect(&house.admin, &secret).await.json();
    assert_eq!(foreign, json!({"active": false}), "another app's token");
    let gone = form(
        &house,
        "/services/oauth2/revoke",
        &format!("token={refresh}"),
        "",
    )
    .await;
    assert_eq!(gone.status, 200);
    for token in [&access, &second] {
        assert_eq!(
            introspect(token, &secret).await.json(),
            json!({"active": false})
        );
    }
    assert_eq!(token(&house, &body).await.code(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn authorization_requests_that_cannot_be_trusted_lead_nowhere() {
    let house = House::open().await;
    let (client, _) = web_app(&house).await;
    let get = async |query: String| {
        let path = format!("/services/oauth2/authorize?{query}");
        house.send("GET", &path, &[], b"").await
    };
    let good = authorize(&client, &challenge("v"));
    for (from, to) in [
        (client.as_str(), "nobody"),
        ("client.example", "evil.example"),
        (
            "redirect_uri=https%3A%2F%2Fclient.example%2Fcb",
            "redirect_uri=https%3A%2F%2Fclient.example%2Fcb%2F..",
        ),
    ] {
        let reply = get(good.replace(from, to)).await;
        assert_eq!(
            (reply.status, header(&reply, "location")),
            (400, ""),
            "{to}"
        );
    }
    for (from, to, error) in [
        (
            "response_type=code",
            "response_type=token",
            "unsupported_response_type",
        ),
        ("openid+api", "openid+everything", "invalid_scope"),
        ("code_challenge=", "code_challenge=x", "invalid_request"),
        ("nonce=n1", "code_challenge_method=plain", "invalid_request"),
        ("nonce=n1", "prompt=none", "login_required"),
    ] {
        let reply = get(good.replace(from, to)).await;
        let location = header(&reply, "location");
        assert!(
            location.starts_with(&format!("{CALLBACK}?error={error}&")),
            "{to}: {location}"
        );
    }
    // a form from elsewhere
    let page = get(good.clone()).await;
    let body = format!(
        "{good}&browser={}&step=login&username={ADMIN}&password=correct+horse",
        field(&page, "browser")
    );
    assert_eq!(
        form(&house, "/services/oauth2/authorize", &body, "")
            .await
            .status,
        403
    );
    assert_eq!(
        form(&house, "/services/oauth2/authorize", &body, "tl_flow=x")
            .await
            .status,
        403
    );
    let cookie = cookie(&page);
    let headers = [
        FORM,
        ("Cookie", cookie.as_str()),
        ("Origin", "https://evil.example"),
    ];
    let posted = house
        .send(
            "POST",
            "/services/oauth2/authorize",
            &headers,
            body.as_bytes(),
        )
        .await;
    assert_eq!(posted.status, 403);
    // the CLI has no secret and needs a challenge
    let cli = "response_type=code&client_id=PlatformCLI&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect";
    let bare = get(cli.to_owned()).await;
    assert!(header(&bare, "location").contains("error=invalid_request"));
    assert_eq!(
        get(format!("{cli}&code_challenge={}", challenge("v")))
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_connected_by_its_user() {
    let house = House::open().await;
    let (client, secret) = web_app(&house).await;
    let start =
        format!("response_type=device_code&client_id={client}&client_secret={secret}&scope=api");
    let codes = token(&house, &start).await.json();
    let text = |name: &str| codes[name].as_str().unwrap().to_owned();
    let (device, user) = (text("device_code"), text("user_code"));
    assert_eq!(
        text("verification_uri"),
        format!("http://{}/setup/connect", house.address)
    );
    let poll = format!("grant_type=device&client_id={client}&client_secret={secret}&code={device}");
    assert_eq!(token(&house, &poll).await.code(), "authorization_pending");
    assert_eq!(token(&house, &poll).await.code(), "slow_down");
    let page = house.send("GET", "/setup/connect", &[], b"").await;
    let browser = field(&page, "browser");
    let login = |code: &str| {
        format!("browser={browser}&user_code={code}&username={ADMIN}&password=correct+horse")
    };
    let wrong = form(&house, "/setup/connect", &login("XXXXXXXX"), &cookie(&page)).await;
    assert!(wrong.text().contains("role=\"alert\""));
    let consent = form(
        &house,
        "/setup/connect",
        &login(&user.to_lowercase()),
        &cookie(&page),
    )
    .await;
    let body = format!(
        "browser={browser}&ask={}&decision=allow",
        field(&consent, "ask")
    );
    let done = form(&house, "/services/oauth2/authorize", &body, &cookie(&page)).await;
    assert!(done.text().contains("Connected"), "{}", done.text());
    let granted = token(&house, &poll).await;
    assert_eq!(granted.status, 200, "{}", granted.text());
    assert_eq!(granted.json()["scope"], "api");
    assert_eq!(token(&house, &poll).await.code(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_may_only_tell_who_it_is_opens_nothing_else() {
    let house = House::open().await;
    let wanted = json!({"grants": ["password"], "scopes": ["openid", "id"]});
    let (client, secret) = app(&house, wanted).await;
    let body = format!(
        "grant_type=password&client_id={client}&client_secret={secret}&username={ADMIN}&password=correct+horse"
    );
    let granted = token(&house, &body).await.json();
    let bearer = format!("Bearer {}", granted["access_token"].as_str().unwrap());
    let headers = [("Authorization", bearer.as_str())];
    let me = house
        .send("GET", "/services/oauth2/userinfo", &headers, b"")
        .await;
    assert_eq!(me.json()["preferred_username"], ADMIN);
    for path in ["/services/data/v64.0/limits", "/services/omni/v1/statuses"] {
        assert_eq!(
            house.send("GET", path, &headers, b"").await.status,
            401,
            "{path}"
        );
    }
    assert_eq!(
        token(&house, &format!("{body}&scope=api")).await.code(),
        "invalid_scope"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_sessions_and_policies_are_for_administrators() {
    let house = House::open().await;
    let reader = format!("Bearer {}", house.reader);
    for path in ["/apps", "/security"] {
        let headers = [("Authorization", reader.as_str())];
        let reply = house
            .send("GET", &format!("{SETUP}{path}"), &headers, b"")
            .await;
        assert_eq!(reply.status, 403, "{path}");
    }
    for bad in [
        json!({"name": ""}),
        json!({"name": "x", "grants": ["magic"]}),
        json!({"name": "x", "callbacks": ["javascript:alert(1)"]}),
        json!({"name": "x", "certificate": "none"}),
        json!({"name": "x", "unknown": 1}),
        json!({}),
    ] {
        let reply = as_admin(&house, "POST", &format!("{SETUP}/apps"), &bad).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
    let (client, secret) = app(&house, json!({"grants": ["password"]})).await;
    let path = format!("{SETUP}/apps/{client}");
    let shown = as_admin(&house, "GET", &path, &Json::Null).await;
    assert!(!shown.text().contains(&secret) && shown.json()["clientSecret"].is_null());
    let changed = as_admin(&house, "PATCH", &path, &json!({"newSecret": true}))
        .await
        .json();
    let login = |secret: &str| {
        format!(
            "grant_type=password&client_id={client}&client_secret={secret}&username={ADMIN}&password=correct+horse"
        )
    };
    assert_eq!(
        token(&house, &login(&secret)).await.code(),
        "invalid_client"
    );
    let secret = changed["clientSecret"].as_str().unwrap().to_owned();
    let granted = token(&house, &login(&secret)).await.json();
    let all = as_admin(&house, "GET", &format!("{SETUP}/sessions"), &Json::Null)
        .await
        .json();
    let all = all.as_array().unwrap();
    assert!(
        all.iter()
            .any(|s| s["clientId"] == client.as_str() && s["sourceIp"] == "127.0.0.1")
    );
    // own sessions only for others
    let headers = [("Authorization", reader.as_str())];
    let own = house
        .send("GET", &format!("{SETUP}/sessions"), &headers, b"")
        .await
        .json();
    assert!(
        own.as_array()
            .unwrap()
            .iter()
            .all(|s| s["username"] == "reader@one.example")
    );
    let of_admin = all
        .iter()
        .find(|s| s["clientId"] == client.as_str())
        .unwrap();
    let path_of = format!("{SETUP}/sessions/{}", of_admin["id"].as_str().unwrap());
    assert_eq!(
        house.send("DELETE", &path_of, &headers, b"").await.status,
        404
    );
    assert_eq!(
        as_admin(&house, "DELETE", &path_of, &Json::Null)
            .await
            .status,
        204
    );
    let bearer = format!("Bearer {}", granted["access_token"].as_str().unwrap());
    let headers = [("Authorization", bearer.as_str())];
    assert_eq!(
        house
            .send("GET", "/services/oauth2/userinfo", &headers, b"")
            .await
            .status,
        401
    );
    assert_eq!(
        as_admin(&house, "DELETE", &path, &Json::Null).await.status,
        204
    );
    assert_eq!(
        token(&house, &login(&secret)).await.code(),
        "invalid_client_id"
    );

    let security = format!("{SETUP}/security");
    let locked = json!({"loginIpRanges": ["10.0.0.0/8"]});
    assert_eq!(
        as_admin(&house, "PUT", &security, &locked).await.status,
        400
    );
    let policy = json!({"loginIpRanges": ["127.0.0.0/8"], "passwordMinLength": 12, "dailyApiRequests": 1_000_000});
    let put = as_admin(&house, "PUT", &security, &policy).await;
    assert_eq!((put.status, put.json()), (200, policy));
    let limits = house.get("/services/data/v64.0/limits").await;
    assert_eq!(limits.json()["DailyApiRequests"]["Max"], 1_000_000);
    assert!(header(&limits, "sforce-limit-info").ends_with("/1000000"));
    let admin = house.org.user(ADMIN).unwrap().id;
    assert!(house.org.set_password(admin, "short").await.is_err());
    let few = json!({"dailyApiRequests": 1});
    assert_eq!(as_admin(&house, "PUT", &security, &few).await.status, 200);
    assert_eq!(
        house.get("/services/data/v64.0/limits").await.code(),
        "REQUEST_LIMIT_EXCEEDED"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn earlier_passwords_may_be_forbidden() {
    let house = House::open().await;
    let admin = house.org.user(ADMIN).unwrap().id;
    let policy = node::SecurityPolicy {
        password_history: Some(2),
        ..node::SecurityPolicy::default()
    };
    house.org.put_policy(admin, &policy).await.unwrap();
    assert!(house.org.set_password(admin, PASSWORD).await.is_err());
    house
        .org
        .set_password(admin, "first password")
        .await
        .unwrap();
    assert!(house.org.set_password(admin, PASSWORD).await.is_err());
    house
        .org
        .set_password(admin, "second password")
        .await
        .unwrap();
    house.org.set_password(admin, PASSWORD).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn log_ins_and_changes_of_set_up_are_written_down() {
    let house = House::open().await;
    let login = |password: &str| {
        format!(
            "grant_type=password&client_id=app&client_secret=secret&username={ADMIN}&password={password}"
        )
    };
    assert_eq!(token(&house, &login("wrong")).await.status, 400);
    assert_eq!(token(&house, &login("correct+horse")).await.status, 200);
    let rows = async |query: &str| {
        let path = format!("/services/data/v64.0/query?q={}", query.replace(' ', "+"));
        house.get(&path).await.json()["records"].clone()
    };
    let logins =
        rows("SELECT Status, SourceIp, Application, LoginType FROM LoginHistory ORDER BY Id").await;
    assert_eq!(logins[0]["Status"], "Invalid Password");
    assert_eq!(logins[1]["Status"], "Success");
    assert_eq!(
        (&logins[1]["SourceIp"], &logins[1]["Application"]),
        (&json!("127.0.0.1"), &json!("App"))
    );
    house
        .create(
            "Group",
            json!({"Type": "Queue", "Name": "Calls", "DeveloperName": "Calls"}),
        )
        .await;
    let trail =
        rows("SELECT Action, Display, CreatedBy.Username FROM SetupAuditTrail ORDER BY Id DESC")
            .await;
    assert_eq!(trail[0]["Action"], "createdGroup");
    assert_eq!(trail[0]["CreatedBy"]["Username"], ADMIN);
    let made = as_admin(
        &house,
        "POST",
        "/services/data/v64.0/sobjects/SetupAuditTrail",
        &json!({"Action": "x"}),
    )
    .await;
    assert!(made.status >= 400, "nobody writes it by hand");
    let headers = [("Authorization", format!("Bearer {}", house.reader))];
    let headers = [(headers[0].0, headers[0].1.as_str())];
    let seen = house
        .send(
            "GET",
            "/services/data/v64.0/query?q=SELECT+Id+FROM+LoginHistory",
            &headers,
            b"",
        )
        .await;
    assert!(
        seen.status >= 400 || seen.json()["totalSize"] == 0,
        "{}",
        seen.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn origins_of_an_org_may_call_and_others_open_no_socket() {
    let house = House::open().await;
    let call = async |origin: &str| {
        let headers = [("Origin", origin), ("Access-Control-Request-Method", "GET")];
        house
            .send("OPTIONS", "/services/data/v64.0/limits", &headers, b"")
            .await
            .status
    };
    assert_eq!(call("https://app.example.com").await, 403);
    let entry = json!({"DeveloperName": "App", "MasterLabel": "App", "UrlPattern": "https://*.example.com"});
    house.create("CorsWhitelistEntry", entry).await;
    assert_eq!(call("https://app.example.com").await, 200);
    assert_eq!(call("https://app.example.org").await, 403);
    let socket = async |origin: &str| {
        let token = format!("Bearer {}", house.admin);
        let headers = [
            ("Origin", origin),
            ("Authorization", token.as_str()),
            ("Upgrade", "websocket"),
        ];
        house
            .send("GET", "/services/omni/v1/events", &headers, b"")
            .await
            .status
    };
    assert_eq!(socket("https://evil.org").await, 403);
    assert_ne!(socket("https://app.example.com").await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_front_door_leads_to_own_pages_only() {
    let house = House::open().await;
    let sid = house.admin.replace('!', "%21");
    let to = async |query: String| {
        let reply = house
            .send("GET", &format!("/secur/frontdoor.jsp?{query}"), &[], b"")
            .await;
        assert_eq!(reply.status, 303);
        header(&reply, "location").to_owned()
    };
    let good = to(format!("sid={sid}&retURL=%2Fqueue")).await;
    assert!(good.starts_with("/queue#sid=00D"), "{good}");
    for bad in [
        "%2F%2Fevil.org",
        "https%3A%2F%2Fevil.org",
        "%2F%5Cevil.org",
        "%2Fa%0D%0AX%3A+y",
    ] {
        let location = to(format!("sid={sid}&retURL={bad}")).await;
        assert!(location.starts_with("/#sid="), "{bad}: {location}");
    }
    assert_eq!(
        to("sid=00D000000000001!x&retURL=%2Fqueue".to_owned()).await,
        "/"
    );
}
