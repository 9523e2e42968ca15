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
    /// Scopes it may ask for; none listed means the usual ones.
    pub scopes: Vec<String>,
    /// Every use of a refresh token gives a new one and ends the old.
    pub rotates_refresh: bool,
    /// The web flow needs PKCE; apps without a secret always do.
    pub requires_pkce: bool,
    /// Users of it may log in from anywhere, whatever the ranges of the org.
    pub relaxes_ip: bool,
}

/// Scopes of an app that lists none; the others of [`ON_DEMAND`] are its too if it asks for them.
const SCOPES: &str = "api full id refresh_token web";
const ON_DEMAND: [&str; 5] = ["openid", "offline_access", "profile", "email", "address"];

impl App {
    /// True if the app may use this grant type.
    pub fn allows(&self, grant: &str) -> bool {
        self.grants.iter().any(|g| g == grant)
    }

    /// The scopes that are granted when these are asked for (all of the app's for none); `None` if one is
    /// not the app's to ask for.
    pub fn granted(&self, asked: &str) -> Option<String> {
        let listed = |scope: &str| match self.scopes.as_slice() {
            [] => SCOPES.split(' ').any(|s| s == scope) || ON_DEMAND.contains(&scope),
            own => own.iter().any(|s| s == scope),
        };
        if asked.trim().is_empty() {
            return Some(match self.scopes.as_slice() {
                [] => SCOPES.to_owned(),
                own => own.join(" "),
            });
        }
        let mut granted: Vec<&str> = asked.split_whitespace().collect();
        granted.sort_unstable();
        granted.dedup();
        let fits = granted.iter().all(|scope| listed(scope));
        fits.then(|| granted.join(" "))
    }

    /// True if the secret is the app's; public apps take any or none.
    pub fn accepts_secret(&self, secret: Option<&str>) -> bool {
        match (&self.secret_sha256, secret) {
            (None, _) => true,
            (Some(expected), Some(given)) => {
                crate::token::is_same(expected, &crate::token::hash_hex(given))
            }
            (Some(_), None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_granted_or_refused_whole() {
        let usual = App::default();
        assert_eq!(usual.granted(""), Some(SCOPES.to_owned()));
        assert_eq!(
            usual.granted("openid  api api"),
            Some("api openid".to_owned())
        );
        assert_eq!(usual.granted("api pardot_api"), None);
        let narrow = App {
            scopes: vec!["openid".to_owned()],
            ..App::default()
        };
        assert_eq!(narrow.granted(" "), Some("openid".to_owned()));
        assert_eq!(narrow.granted("api"), None);
    }
}
