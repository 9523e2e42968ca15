//! A simulated agent: looks at its work every second, accepts or declines, works, closes, takes breaks.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value as Json, json};

use crate::demo::chance::Chance;
use crate::demo::people::Session;

const LOOK_EVERY: Duration = Duration::from_secs(1);
const WORKS: &str = "/services/omni/v1/works";
const PRESENCE: &str = "/services/omni/v1/presence";
/// Of a hundred offers.
const DECLINES: f64 = 6.0;
/// A break about every ten minutes, looked at every second.
const BREAKS: f64 = 0.15;

/// One of them.
pub struct Agent {
    session: Session,
    number: usize,
    chance: Chance,
    /// When to act on an offer or on open work.
    due: HashMap<String, Instant>,
    available: String,
    on_break: String,
    back_at: Option<Instant>,
}

impl Agent {
    pub fn new(session: Session, number: usize) -> Self {
        Self {
            session,
            number,
            chance: Chance::of(number as u64),
            due: HashMap::new(),
            available: String::new(),
            on_break: String::new(),
            back_at: None,
        }
    }

    /// Works until something fails.
    pub async fn day(&mut self, username: &str, password: &str) -> Result<Infallible> {
        self.session.log_in(username, password).await?;
        self.learn_statuses().await?;
        self.choose(self.available.clone()).await?;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let works = self.session.call("GET", WORKS, None).await?;
            let works = works.as_array().map(Vec::as_slice).unwrap_or_default();
            self.forget_others(works);
            for work in works {
                self.attend(work).await;
            }
            self.rest(works.is_empty()).await?;
        }
    }

    async fn learn_statuses(&mut self) -> Result<()> {
        let answer = self
            .session
            .query("SELECT Id, DeveloperName FROM ServicePresenceStatus")
            .await?;
        let records = answer["records"].as_array().context("no statuses")?;
        let id = |name: &str| {
            let record = records.iter().find(|r| r["DeveloperName"] == name);
            record.and_then(|r| r["Id"].as_str()).map(str::to_owned)
        };
        // calls need an agent without other work: some agents take nothing else
        let status = if self.number.is_multiple_of(4) {
            "Available_for_Calls"
        } else {
            "Available"
        };
        self.available = id(status).with_context(|| format!("no status {status}"))?;
        self.on_break = id("Break").context("no status Break")?;
        Ok(())
    }

    async fn choose(&mut self, status: String) -> Result<()> {
        let body = json!({ "statusId": status });
        self.session
            .call("PUT", PRESENCE, Some(&body))
            .await
            .map(drop)
    }

    fn forget_others(&mut self, works: &[Json]) {
        let is_there = |id: &str| {
            works
                .iter()
                .any(|w| w["workId"].as_str().is_some_and(|w| id.starts_with(w)))
        };
        self.due.retain(|id, _| is_there(id));
    }

    /// Acts on an offer or on open work when its time has come. Somebody may have been faster (the customer
    /// left, the offer timed out): that is daily life and no error.
    async fn attend(&mut self, work: &Json) {
        let Some(id) = work["workId"].as_str() else {
            return;
        };
        let is_open = work["isEngaged"] == true;
        let is_call = work["workItemType"] == "VoiceCall";
        let key = format!("{id}{is_open}");
        let now = Instant::now();
        let due = *self.due.entry(key).or_insert_with(|| {
            now + match (is_open, is_call) {
                (false, _) => self.chance.seconds(1.0, 6.0),
                (true, true) => self.chance.seconds(15.0, 50.0),
                (true, false) => self.chance.seconds(20.0, 75.0),
            }
        });
        if due > now {
            return;
        }
        let (action, body) = match is_open {
            true => ("close", json!({})),
            false if self.chance.percent(DECLINES) => {
                ("decline", json!({ "declineReason": "Not my subject" }))
            }
            false => ("accept", json!({})),
        };
        let path = format!("{WORKS}/{id}/{action}");
        if let Err(error) = self.session.call("POST", &path, Some(&body)).await {
            tracing::debug!(%error, "work went another way");
        }
    }

    /// Breaks, and back to work from a break or from a missed offer.
    async fn rest(&mut self, is_idle: bool) -> Result<()> {
        match self.back_at {
            Some(at) if at > Instant::now() => Ok(()),
            Some(_) => {
                self.back_at = None;
                self.choose(self.available.clone()).await
            }
            None if is_idle && self.chance.percent(BREAKS) => {
                self.back_at = Some(Instant::now() + self.chance.seconds(30.0, 90.0));
                self.choose(self.on_break.clone()).await
            }
            None if is_idle && self.chance.percent(5.0) => {
                self.choose(self.available.clone()).await
            }
            None => Ok(()),
        }
    }
}
