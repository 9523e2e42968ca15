//! Simulated customers: most write, some call. Each is a short task of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value as Json, json};

use crate::demo::chance::Chance;
use crate::demo::harborline::{CENTER, Harborline};
use crate::demo::people::Session;

/// Of a hundred customers.
const CALLERS: f64 = 22.0;
const RETRY: Duration = Duration::from_secs(3);
/// A token serves one request.
const TOKEN_LIFE_S: u64 = 300;

const MATTERS: [(&str, &[&str]); 4] = [
    (
        "Billing",
        &[
            "I was charged twice in October",
            "Please send the invoice to another address",
            "My card was declined, but the bank says it is fine",
            "Which VAT rate applies to my order?",
        ],
    ),
    (
        "Technical_Support",
        &[
            "The app closes when I open my berth plan",
            "The sensor on pier 4 reports nothing since Monday",
            "How do I connect a second tracker?",
            "Update 7.2 fails at 80 per cent",
        ],
    ),
    (
        "Returns",
        &[
            "The fender arrived with a crack",
            "Wrong size: I need the 12 mm rope",
            "Where is my return label?",
        ],
    ),
    (
        "VIP",
        &[
            "Fleet contract: three boats are missing",
            "Our captain cannot log in before departure",
        ],
    ),
];

const PEOPLE: [&str; 10] = [
    "M. Albrecht",
    "S. Iyer",
    "J. Duarte",
    "K. Lindqvist",
    "A. Farouk",
    "P. Novak",
    "R. Santos",
    "T. Ito",
    "L. Byrne",
    "C. Moretti",
];

/// Customers come until the demo ends.
pub async fn come(demo: Arc<Harborline>, address: SocketAddr, per_minute: f64) {
    let mut chance = Chance::of(4_711);
    let mut desk = Session::new(address);
    let queues = loop {
        match queues(&mut desk, &demo).await {
            Ok(queues) => break queues,
            Err(error) => tracing::debug!(%error, "the intake starts again"),
        }
        tokio::time::sleep(RETRY).await;
    };
    for number in 0_u64.. {
        tokio::time::sleep(chance.until_next(per_minute)).await;
        if chance.percent(CALLERS) {
            let phone = queues
                .get("Phone")
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned();
            tokio::spawn(call(Arc::clone(&demo), address, number, phone));
        } else if let Err(error) = write(&mut desk, &mut chance, &queues).await {
            tracing::debug!(%error, "a case was not taken");
            let _ = desk.log_in_app(&demo).await; // the next customer shows whether it worked
        }
    }
}

/// Queue ids by developer name.
async fn queues(desk: &mut Session, demo: &Harborline) -> Result<serde_json::Map<String, Json>> {
    desk.log_in_app(demo).await?;
    let answer = desk
        .query("SELECT Id, DeveloperName FROM Group WHERE Type = 'Queue'")
        .await?;
    let records = answer["records"].as_array().context("no queues")?;
    let pair = |r: &Json| Some((r["DeveloperName"].as_str()?.to_owned(), r["Id"].clone()));
    Ok(records.iter().filter_map(pair).collect())
}

async fn write(
    desk: &mut Session,
    chance: &mut Chance,
    queues: &serde_json::Map<String, Json>,
) -> Result<()> {
    let place = match chance.share() {
        s if s < 0.35 => 0,
        s if s < 0.70 => 1,
        s if s < 0.92 => 2,
        _ => 3,
    };
    let (queue, subjects) = MATTERS[place];
    let case = json!({
        "Subject": chance.pick(subjects),
        "SuppliedName": chance.pick(&PEOPLE),
        "Origin": chance.pick(&["Web", "Email"]),
        "Priority": if place == 3 { "High" } else { "Medium" },
        "OwnerId": queues.get(queue),
    });
    desk.call("POST", "/services/data/v64.0/sobjects/Case", Some(&case))
        .await
        .map(drop)
}

/// One call: rings, is routed to the phone queue, hangs up when it had enough.
async fn call(demo: Arc<Harborline>, address: SocketAddr, number: u64, queue: String) {
    let mut chance = Chance::of(90_000 + number);
    let key = format!("harbor-{}-{number}", unix_time());
    let mut line = Line {
        session: Session::new(address),
        demo,
    };
    if let Err(error) = line.ring(&key, &queue, number).await {
        tracing::debug!(%error, "a call was not taken");
        return;
    }
    tokio::time::sleep(chance.seconds(70.0, 150.0)).await;
    if let Err(error) = line.hang_up(&key).await {
        tracing::debug!(%error, "a call did not end");
    }
}

/// The telephony provider's side.
struct Line {
    session: Session,
    demo: Arc<Harborline>,
}

impl Line {
    async fn ring(&mut self, key: &str, queue: &str, number: u64) -> Result<()> {
        let body = json!({
            "callCenterApiName": CENTER,
            "vendorCallKey": key,
            "to": "+18005550100",
            "from": format!("+1555{:07}", 1_000 + number),
            "initiationMethod": "Inbound",
            "startTime": model::Millis(unix_time().saturating_mul(1_000)).to_xml(),
            "callSubtype": "PSTN",
            "callAttributes": "{}",
            "participants": [{ "participantKey": format!("caller-{number}"), "type": "END_USER" }],
        });
        self.send("POST", "/telephony/v1/voiceCalls", &body).await?;
        let path = format!("/telephony/v1/voiceCalls/{key}/routeVoiceCall");
        self.send("POST", &path, &json!({ "routingTarget": queue }))
            .await
    }

    async fn hang_up(&mut self, key: &str) -> Result<()> {
        let body = json!({
            "endTime": model::Millis(unix_time().saturating_mul(1_000)).to_xml(),
            "disconnectReason": { "value": "CUSTOMER_DISCONNECT", "isError": false },
        });
        self.send("PATCH", &format!("/telephony/v1/voiceCalls/{key}"), &body)
            .await
    }

    async fn send(&mut self, method: &str, path: &str, body: &Json) -> Result<()> {
        self.session.bear(token(&self.demo)?);
        self.session.call(method, path, Some(body)).await.map(drop)
    }
}

/// A fresh signed token, as the published connectors make one per request (telephony.md 1.3).
fn token(demo: &Harborline) -> Result<String> {
    let now = unix_time();
    let claims = json!({
        "iss": demo.org_id.as_15(),
        "sub": CENTER,
        "iat": now,
        "exp": now + i64::try_from(TOKEN_LIFE_S)?,
        "jti": node::random(24).context("no random numbers")?,
    });
    let key = EncodingKey::from_rsa_pem(demo.key_pem.as_bytes())?;
    Ok(jsonwebtoken::encode(
        &Header::new(Algorithm::RS256),
        &claims,
        &key,
    )?)
}

fn unix_time() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(0)
}
