//! Tokens of contact centres (telephony.md TEL4) and the calls they open.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value as Json, json};

use crate::house::{House, Reply};

struct Provider {
    house: House,
    key: String,
}

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs() as i64
}

impl Provider {
    async fn open() -> Self {
        let house = House::open().await;
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["cc".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let settings =
            json!({"reqHvcc": {"reqTelephonyIntegrationCertificate": certificate.pem()}})
                .to_string();
        house
            .create(
                "CallCenter",
                json!({"Name": "CC", "InternalName": "CC", "CustomSettings": settings}),
            )
            .await;
        Self {
            house,
            key: key.serialize_pem(),
        }
    }

    fn token(&self, claims: &Json) -> String {
        let key = EncodingKey::from_rsa_pem(self.key.as_bytes()).unwrap();
        encode(&Header::new(Algorithm::RS256), claims, &key).unwrap()
    }

    async fn call(&self, method: &str, path: &str, token: &str, body: &str) -> Reply {
        let authorization = format!("Bearer {token}");
        let headers = [
            ("Authorization", authorization.as_str()),
            ("Content-Type", "application/json; utf-8"),
        ];
        self.house
            .send(
                method,
                &format!("/telephony/v1{path}"),
                &headers,
                body.as_bytes(),
            )
            .await
    }
}

fn claims() -> Json {
    json!({"iss": "00D000000000001", "sub": "cc", "iat": now(), "exp": now() + 300})
}

fn inbound(key: &str) -> String {
    json!({"callCenterApiName": "CC", "vendorCallKey": key, "to": "+1", "from": "+2", "initiationMethod": "Inbound",
        "startTime": "2026-01-01T10:00:00.000Z", "participants": [{"participantKey": "+2", "type": "END_USER"}]})
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_token_opens_the_calls_of_its_centre() {
    let provider = Provider::open().await;
    let token = provider.token(&claims());
    let made = provider
        .call("POST", "/voiceCalls/", &token, &inbound("k1"))
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(
        made.json()["voiceCallId"]
            .as_str()
            .unwrap()
            .starts_with("0LQ")
    );
    assert_eq!(made.json()["errors"], json!([]));
    for (method, path) in [
        ("PATCH", "/voiceCalls/k1/clearRouting"),
        ("PATCH", "/voiceCalls/K1/clearRouting"),
    ] {
        let reply = provider.call(method, path, &token, "null").await;
        assert!(
            reply.status == 200 || reply.status == 404,
            "{}",
            reply.text()
        );
    }
    let ended = provider.call("PATCH", "/voiceCalls/k1", &token, "{}").await;
    assert_eq!(ended.json(), json!({"status": "pending"}));
    let unknown = provider
        .call("PATCH", "/voiceCalls/none/clearRouting", &token, "")
        .await;
    assert_eq!(unknown.status, 404, "{}", unknown.text());
    let wrong = provider
        .call("POST", "/voiceCalls/k1/routeVoiceCall", &token, "{}")
        .await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (400, "MISSING_ARGUMENT")
    );
    let other = provider
        .call(
            "POST",
            "/voiceCalls",
            &token,
            &inbound("k2").replace("\"CC\"", "\"XX\""),
        )
        .await;
    assert_eq!(other.status, 400); // TEL13
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_token_is_401() {
    let provider = Provider::open().await;
    let with = |name: &str, value: Json| {
        let mut all = claims();
        all[name] = value;
        provider.token(&all)
    };
    let without = |name: &str| {
        let mut all = claims();
        all.as_object_mut().unwrap().remove(name);
        provider.token(&all)
    };
    let other = Provider {
        house: House::open().await,
        key: rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256)
            .unwrap()
            .serialize_pem(),
    };
    let good = provider.token(&claims());
    let cut = &good[..good.len() - 2];
    let hs256 = encode(
        &Header::new(Algorithm::HS256),
        &claims(),
        &EncodingKey::from_secret(b"x"),
    )
    .unwrap();
    for (what, token) in [
        ("another key", other.token(&claims())),
        ("another algorithm", hs256),
        ("a cut signature", cut.to_owned()),
        ("another org", with("iss", json!("00D000000000002"))),
        ("no org", with("iss", json!("x"))),
        ("another centre", with("sub", json!("nope"))),
        ("no exp", without("exp")),
        ("no iat", without("iat")),
        ("expired", with("exp", json!(now() - 120))),
        ("too long a life", with("exp", json!(now() + 90_000))),
        ("issued later", with("iat", json!(now() + 200))),
        ("another audience", with("aud", json!("https://elsewhere"))),
    ] {
        let reply = provider
            .call("POST", "/voiceCalls", &token, &inbound("k"))
            .await;
        assert_eq!(reply.status, 401, "{what}: {}", reply.text());
        assert!(
            reply.json()["errors"][0].is_string(),
            "{what}: {}",
            reply.text()
        );
    }
    for aud in [
        json!("https://scrt.salesforce.com"),
        json!(["x", "https://scrt.salesforce.com"]),
    ] {
        let token = with("aud", aud);
        assert_eq!(
            provider
                .call("POST", "/voiceCalls", &token, &inbound("k"))
                .await
                .status,
            200
        );
    }
    let once = with("jti", json!("one"));
    assert_eq!(
        provider
            .call("POST", "/voiceCalls", &once, &inbound("k"))
            .await
            .status,
        200
    );
    assert_eq!(
        provider
            .call("POST", "/voiceCalls", &once, &inbound("k"))
            .await
            .status,
        200,
        "the same token again"
    );
    let mut again = claims();
    again["jti"] = json!("one");
    again["exp"] = json!(now() + 301);
    assert_eq!(
        provider
            .call(
                "POST",
                "/voiceCalls",
                &provider.token(&again),
                &inbound("k")
            )
            .await
            .status,
        401,
        "another token"
    );
}
