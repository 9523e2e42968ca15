//! Log-ins and calls that customers and agents of the demo share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use crate::cli::DemoOptions;
use crate::client::{Call, Client, encoded};
use crate::demo::agents::Agent;
use crate::demo::customers;
use crate::demo::harborline::{CLIENT_ID, Harborline};

/// Client id of the console, which agents log in with.
const CONSOLE: &str = "TrunklineConsole";
/// Somebody who failed tries again after this time.
const RETRY: Duration = Duration::from_secs(3);

/// Sends everybody to work.
pub fn start(demo: &Arc<Harborline>, address: SocketAddr, options: &DemoOptions) {
    for (number, person) in demo.simulated.iter().enumerate() {
        let (person, password) = (person.clone(), demo.password.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300 * number as u64)).await;
            let mut agent = Agent::new(Session::new(address), number);
            loop {
                let Err(error) = agent.day(&person.username, &password).await;
                tracing::debug!(%error, agent = person.name, "starts again");
                tokio::time::sleep(RETRY).await;
            }
        });
    }
    let rate = options.rate.clamp(0.0, 6_000.0);
    if rate > 0.0 {
        tokio::spawn(customers::come(Arc::clone(demo), address, rate));
    }
}

/// One logged-in client.
pub struct Session {
    client: Client,
    token: String,
}

impl Session {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            client: Client::new(address),
            token: String::new(),
        }
    }

    /// Logs in as a person, the way the console does.
    pub async fn log_in(&mut self, username: &str, password: &str) -> Result<()> {
        let (user, password) = (encoded(username), encoded(password));
        let form =
            format!("grant_type=password&client_id={CONSOLE}&username={user}&password={password}");
        self.token(&form).await
    }

    /// Logs in as the connected app.
    pub async fn log_in_app(&mut self, demo: &Harborline) -> Result<()> {
        let secret = encoded(&demo.client_secret);
        let form =
            format!("grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={secret}");
        self.token(&form).await
    }

    async fn token(&mut self, form: &str) -> Result<()> {
        let (status, body) = self
            .client
            .call(Call::form("/services/oauth2/token", form))
            .await?;
        let answer: Json = serde_json::from_slice(body).unwrap_or_default();
        let token = answer["access_token"].as_str();
        let failed = || format!("log-in: {status} {answer}");
        token.with_context(failed)?.clone_into(&mut self.token);
        Ok(())
    }

    /// Acts with a token made elsewhere.
    pub fn bear(&mut self, token: String) {
        self.token = token;
    }

    /// The answer's JSON; null if it has none.
    pub async fn call(&mut self, method: &str, path: &str, body: Option<&Json>) -> Result<Json> {
        let text = body.map(Json::to_string);
        let call = Call {
            method,
            path,
            token: Some(&self.token),
            body: text
                .as_ref()
                .map(|text| ("application/json", text.as_bytes())),
        };
        let (status, answer) = self.client.call(call).await?;
        if status >= 300 {
            bail!(
                "{method} {path}: {status} {}",
                String::from_utf8_lossy(answer)
            );
        }
        Ok(serde_json::from_slice(answer).unwrap_or_default())
    }

    /// The records of a query.
    pub async fn query(&mut self, soql: &str) -> Result<Json> {
        let path = format!("/services/data/v64.0/query?q={}", encoded(soql));
        self.call("GET", &path, None).await
    }
}
