//! Log-in by OAuth and SOAP, lock-out, revocation, addresses in answers.

use http_porch::HttpOptions;

use crate::house::{ADMIN, House, PASSWORD, Reply};

async fn token(house: &House, form: &str) -> Reply {
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    house
        .send("POST", "/services/oauth2/token", &headers, form.as_bytes())
        .await
}

fn password(username: &str, password: &str) -> String {
    let password = password.replace(' ', "+");
    format!(
        "grant_type=password&client_id=app&client_secret=secret&username={username}&password={password}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn grants() {
    let house = House::open().await;
    let reply = token(&house, &password(ADMIN, PASSWORD)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let granted = reply.json();
    assert_eq!(granted["instance_url"], format!("http://{}", house.address));
    assert_eq!(
        granted["id"],
        format!(
            "http://{}/id/00D000000000001EAA/005000000000001AAA",
            house.address
        )
    );
    for (form, error) in [
        (password(ADMIN, "wrong"), "invalid_grant"),
        (password("nobody@one.example", PASSWORD), "invalid_grant"),
        (
            password(ADMIN, PASSWORD).replace("=app", "=nope"),
            "invalid_client_id",
        ),
        (
            password(ADMIN, PASSWORD).replace("=secret", "=nope"),
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_id=app".to_owned(),
            "invalid_client",
        ),
        (
            "grant_type=refresh_token&client_id=app&client_secret=secret&refresh_token=5Aepx"
                .to_owned(),
            "invalid_grant",
        ),
        (
            "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=a.b.c".to_owned(),
            "invalid_grant",
        ),
        ("grant_type=nonsense".to_owned(), "unsupported_grant_type"),
        (String::new(), "invalid_request"),
    ] {
        let reply = token(&house, &form).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, error),
            "{form}"
        );
    }
    let admin = house.org.user(ADMIN).unwrap().id;
    let refresh = house.org.issue_refresh(admin, "app").await.unwrap();
    let form = format!(
        "grant_type=refresh_token&client_id=app&client_secret=secret&refresh_token={refresh}"
    );
    assert_eq!(token(&house, &form).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_name_is_locked_after_failures_even_for_the_right_password() {
    let house = House::with(HttpOptions {
        login_failures_max: 2,
        ..HttpOptions::default()
    })
    .await;
    for _ in 0..2 {
        assert_eq!(
            token(&house, &password(ADMIN, "wrong")).await.code(),
            "invalid_grant"
        );
    }
    assert_eq!(
        token(&house, &password(ADMIN, PASSWORD)).await.code(),
        "invalid_grant"
    );
    let login =
        format!("<login><username>{ADMIN}</username><password>{PASSWORD}</password></login>");
    let headers = [("Content-Type", "text/xml")];
    let reply = house
        .send(
            "POST",
            "/services/Soap/u/64.0",
            &headers,
            soap("", &login).as_bytes(),
        )
        .await;
    assert_eq!(reply.code(), "INVALID_LOGIN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_user_is_out_and_thawed_comes_in_again() {
    let house = House::open().await;
    let user = house.org.user("reader@one.example").unwrap().id;
    let find = format!(
        "/services/data/v64.0/query?q=SELECT+Id,IsFrozen+FROM+UserLogin+WHERE+UserId='{user}'"
    );
    let found = house.get(&find).await.json();
    assert_eq!(found["totalSize"], 1, "{found}");
    let path = format!(
        "/services/data/v64.0/sobjects/UserLogin/{}",
        found["records"][0]["Id"].as_str().unwrap()
    );
    let session = format!("Bearer {}", house.admin);
    let headers = [
        ("Authorization", session.as_str()),
        ("Content-Type", "application/json"),
    ];
    let set = async |text: &str| {
        house
            .send("PATCH", &path, &headers, text.as_bytes())
            .await
            .status
    };
    let is_in = |org: &node::OrgHandle| org.caller(&house.reader).is_ok();
    assert!(is_in(&house.org));
    assert_eq!(set(r#"{"IsPasswordLocked":true}"#).await, 400);
    assert_eq!(set(r#"{"IsFrozen":true}"#).await, 204);
    assert!(!is_in(&house.org));
    let login = async || house.org.authenticate("reader@one.example", PASSWORD).await;
    assert_eq!(login().await.unwrap_err().code, model::Code::InvalidLogin);
    assert_eq!(set(r#"{"IsFrozen":false}"#).await, 204);
    house.org.set_password(user, PASSWORD).await.unwrap();
    assert!(login().await.is_ok());
    let own = house.org.user(ADMIN).unwrap().id;
    let find =
        format!("/services/data/v64.0/query?q=SELECT+Id+FROM+UserLogin+WHERE+UserId='{own}'");
    let found = house.get(&find).await.json();
    let path = format!(
        "/services/data/v64.0/sobjects/UserLogin/{}",
        found["records"][0]["Id"].as_str().unwrap()
    );
    let reply = house
        .send("PATCH", &path, &headers, br#"{"IsFrozen":true}"#)
        .await;
    assert_eq!(reply.status, 400, "{}", reply.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn command_line_tools_open_a_browser_and_count_records() {
    let house = House::open().await;
    let door = house.get("/services/oauth2/singleaccess").await.json();
    let uri = door["frontdoor_uri"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let path = uri.strip_prefix(&format!("http://{}", house.address));
    let path = path.unwrap_or_else(|| panic!("{door}"));
    let opened = house.send("GET", path, &[], b"").await;
    assert_eq!(opened.status / 100, 3, "{}", opened.text());
    let path = "/services/data/v64.0/limits/recordCount?sObjects=user,Nope,%20Case";
    let counts = house.get(path).await.json();
    let users = house.count("User").await;
    let wanted =
        serde_json::json!([{"count": users, "name": "User"}, {"count": 0, "name": "Case"}]);
    assert_eq!(counts["sObjects"], wanted);
    let reply = house.get("/services/data/v64.0/limits/recordCount").await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "INVALID_INPUT")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_tokens_open_nothing() {
    let house = House::open().await;
    assert_eq!(
        house.get("/services/oauth2/userinfo").await.json()["preferred_username"],
        ADMIN
    );
    let form = format!("token={}", house.admin.replace('!', "%21"));
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let reply = house
        .send("POST", "/services/oauth2/revoke", &headers, form.as_bytes())
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        house.get("/services/data/v64.0/limits").await.code(),
        "INVALID_SESSION_ID"
    );
    let again = house
        .send("POST", "/services/oauth2/revoke", &headers, form.as_bytes())
        .await;
    assert_eq!(again.code(), "unsupported_token_type");
}

fn soap(header: &str, body: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn soap_log_in_and_log_out() {
    let house = House::open().await;
    let send = async |text: String| {
        house
            .send(
                "POST",
                "/services/Soap/u/64.0",
                &[("Content-Type", "text/xml")],
                text.as_bytes(),
            )
            .await
    };
    let login =
        |p: &str| format!("<login><username>{ADMIN}</username><password>{p}</password></login>");
    let reply = send(soap("", &login(PASSWORD))).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let text = reply.text();
    let session = text
        .split("<sessionId>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    assert!(text.contains(&format!(
        "<serverUrl>http://{}/services/Soap/u/64.0/00D000000000001</serverUrl>",
        house.address
    )));
    let wrong = send(soap("", &login("wrong"))).await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (500, "INVALID_LOGIN")
    );
    let scope =
        "<LoginScopeHeader><organizationId>00D000000000009</organizationId></LoginScopeHeader>";
    assert_eq!(
        send(soap(scope, &login(PASSWORD))).await.code(),
        "INVALID_LOGIN"
    );
    let header = format!("<SessionHeader><sessionId>{session}</sessionId></SessionHeader>");
    assert!(
        send(soap(&header, "<getUserInfo/>"))
            .await
            .text()
            .contains("<userName>admin@one.example</userName>")
    );
    assert_eq!(
        send(soap(&header, "<brew/>")).await.code(),
        "UNKNOWN_EXCEPTION"
    );
    assert_eq!(send(soap(&header, "<logout/>")).await.status, 200);
    assert_eq!(
        send(soap(&header, "<getUserInfo/>")).await.code(),
        "INVALID_SESSION_ID"
    );
    assert_eq!(
        send(soap("", "<getUserInfo/>")).await.code(),
        "INVALID_SESSION_ID"
    );
    assert_eq!(send("<x/>".to_owned()).await.status, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_assertion_logs_in_a_user() {
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use serde_json::json;
    let house = House::open().await;
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["app".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let app = |is_preauthorized| node::App {
        client_id: "signer".to_owned(),
        grants: vec!["urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned()],
        certificate: Some(certificate.pem()),
        is_preauthorized,
        ..node::App::default()
    };
    house.org.put_app(&app(true)).await.unwrap();
    let seconds = house.org.now().seconds();
    let assertion = |name: &str, value: serde_json::Value| {
        let mut claims = json!({"iss": "signer", "sub": ADMIN, "aud": format!("http://{}", house.address), "exp": seconds + 180});
        claims[name] = value;
        let key = EncodingKey::from_rsa_pem(key.serialize_pem().as_bytes()).unwrap();
        let token = encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap();
        format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={token}"
        )
    };
    for exp in [
        json!(seconds + 180),
        json!((seconds + 180).to_string()),
        json!((seconds + 180) * 1_000),
    ] {
        let reply = token(&house, &assertion("exp", exp)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    for (form, why) in [
        (
            assertion("sub", json!("nobody")),
            "user hasn't approved this consumer",
        ),
        (
            assertion("aud", json!("https://elsewhere")),
            "audience is invalid",
        ),
        (assertion("exp", json!(seconds - 600)), "expired"),
        (
            format!("{}x", assertion("exp", json!(seconds + 180))),
            "invalid assertion",
        ),
    ] {
        let reply = token(&house, &form).await;
        assert_eq!(
            (
                reply.code().as_str(),
                reply.json()["error_description"].as_str()
            ),
            ("invalid_grant", Some(why))
        );
    }
    for (jti, status) in [("one", 200), ("one", 400), ("two", 200), ("two", 400)] {
        let reply = token(&house, &assertion("jti", json!(jti))).await;
        assert_eq!(reply.status, status, "{jti} {}", reply.text());
    }
    house.org.put_app(&app(false)).await.unwrap();
    assert_eq!(
        token(&house, &assertion("x", json!(1))).await.code(),
        "invalid_grant"
    );
}
