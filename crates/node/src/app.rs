//! Connected apps: programs that may log in, and how.

use serde::{Deserialize, Serialize};

/// One connected app, as its hidden row holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct App {
    /// OAuth `client_id` (consumer key).
    pub client_id: String,
    /// SHA-256 of the client secret in lower-case hex; `None` for public clients.
    pub secret_sha256: Option<String>,
    /// Shown in set-up and logs.
    pub name: String,
    /// Allowed OAuth grant types: `password`, `client_credentials`, `refresh_token`,
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer`, `authorization_code`.
    pub grants: Vec<String>,
    /// User of the client-credentials grant: an 18-character id.
    pub run_as: Option<String>,
    /// PEM certificate or public key for JWT assertions.
    pub certificate: Option<String>,
    /// Redirect addresses of the web flow.
    pub callbacks: Vec<String>,
    /// Every user may use it without asking (admin pre-authorised).
    pub is_preauthorized: bool,
}

impl App {
    /// True if the app may use this grant type.
    pub fn allows(&self, grant: &str) -> bool {
        self.grants.iter().any(|g| g == grant)
    }

    /// True if the secret is the app's; public apps take any or none.
    pub fn accepts_secret(&self, secret: Option<&str>) -> bool {
        match (&self.secret_sha256, secret) {
            (None, _) => true,
            (Some(expected), Some(given)) => *expected == crate::token::hash_hex(given),
            (Some(_), None) => false,
        }
    }
}
