//! What the authorization server says of itself and of tokens: discovery, keys, introspection, device codes.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::{Millis, RecordId};

use super::identity_url;
use crate::json::{Object, list, text};

/// Scopes that exist.
pub const SCOPES: &[&str] = &[
    "address",
    "api",
    "chatter_api",
    "custom_permissions",
    "email",
    "full",
    "id",
    "offline_access",
    "openid",
    "phone",
    "profile",
    "refresh_token",
    "web",
];

/// `/.well-known/openid-configuration`.
pub fn discovery(out: &mut Vec<u8>, instance_url: &str) {
    let mut o = Object::open(out);
    let at = |path: &str| format!("{instance_url}{path}");
    o.text("issuer", instance_url)
        .text("authorization_endpoint", &at("/services/oauth2/authorize"))
        .text("token_endpoint", &at("/services/oauth2/token"))
        .text("revocation_endpoint", &at("/services/oauth2/revoke"))
        .text("userinfo_endpoint", &at("/services/oauth2/userinfo"))
        .text("introspection_endpoint", &at("/services/oauth2/introspect"))
        .text(
            "device_authorization_endpoint",
            &at("/services/oauth2/token"),
        )
        .text("jwks_uri", &at("/id/keys"));
    let texts = |out: &mut Vec<u8>, all: &[&str]| list(out, all, |out, one| text(out, one));
    texts(o.key("scopes_supported"), SCOPES);
    texts(o.key("response_types_supported"), &["code"]);
    texts(
        o.key("grant_types_supported"),
        &[
            "authorization_code",
            "refresh_token",
            "password",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
    );
    texts(o.key("subject_types_supported"), &["public"]);
    texts(o.key("id_token_signing_alg_values_supported"), &["RS256"]);
    texts(o.key("code_challenge_methods_supported"), &["S256"]);
    texts(o.key("display_values_supported"), &["page"]);
    texts(
        o.key("token_endpoint_auth_methods_supported"),
        &[
            "client_secret_post",
            "client_secret_basic",
            "private_key_jwt",
        ],
    );
    o.close();
}

/// A public RSA key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name in token headers.
    pub kid: String,
    /// Modulus, big-endian.
    pub modulus: Vec<u8>,
    /// Exponent, big-endian.
    pub exponent: Vec<u8>,
}

/// `/id/keys`.
pub fn keys(out: &mut Vec<u8>, all: &[PublicKey]) {
    let number = |bytes: &[u8]| {
        let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
        BASE64_URL_SAFE_NO_PAD.encode(bytes.get(start..).unwrap_or_default())
    };
    let mut o = Object::open(out);
    list(o.key("keys"), all, |out, key| {
        let mut o = Object::open(out);
        o.text("kty", "RSA")
            .text("alg", "RS256")
            .text("use", "sig")
            .text("kid", &key.kid)
            .text("n", &number(&key.modulus))
            .text("e", &number(&key.exponent));
        o.close();
    });
    o.close();
}

/// What an active token is.
#[derive(Debug, Clone)]
pub struct Introspected<'a> {
    /// Scheme and authority that the client used.
    pub instance_url: &'a str,
    /// `access_token` or `refresh_token`.
    pub kind: &'a str,
    /// Scopes.
    pub scope: &'a str,
    /// Client id.
    pub client_id: &'a str,
    /// User name.
    pub username: &'a str,
    /// Org.
    pub org: RecordId,
    /// User.
    pub user: RecordId,
    /// Since when.
    pub issued: Option<Millis>,
    /// Until when.
    pub expires: Option<Millis>,
}

impl Introspected<'_> {
    /// Prints it.
    pub fn print(&self, out: &mut Vec<u8>) {
        let mut o = Object::open(out);
        o.bool("active", true)
            .text("scope", self.scope)
            .text("client_id", self.client_id)
            .text("username", self.username)
            .text("sub", &identity_url(self.instance_url, self.org, self.user))
            .text("token_type", self.kind);
        if let Some(at) = self.expires {
            o.int("exp", at.seconds());
        }
        if let Some(at) = self.issued {
            o.int("iat", at.seconds()).int("nbf", at.seconds());
        }
        o.close();
    }
}

/// The answer for every token that is not active, or not the asking client's.
pub const INACTIVE: &[u8] = br#"{"active":false}"#;

/// A device's codes.
pub fn device(out: &mut Vec<u8>, device_code: &str, user_code: &str, url: &str, interval: i64) {
    let mut o = Object::open(out);
    o.text("device_code", device_code)
        .text("user_code", user_code)
        .text("verification_uri", url)
        .int("interval", interval);
    o.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_without_leading_zeros() {
        let key = PublicKey {
            kid: "k".to_owned(),
            modulus: vec![0, 255],
            exponent: vec![1, 0, 1],
        };
        let mut out = Vec::new();
        keys(&mut out, &[key]);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"k","n":"_w","e":"AQAB"}]}"#
        );
    }

    #[test]
    fn discovery_is_json() {
        let mut out = Vec::new();
        discovery(&mut out, "https://h");
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["jwks_uri"], "https://h/id/keys");
        assert_eq!(json["code_challenge_methods_supported"][0], "S256");
    }
}
