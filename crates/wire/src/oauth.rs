//! OAuth 2.0 and identity: token requests and answers, JWT claims, userinfo (rest-api.md 2).

pub mod authorize;
pub mod meta;
pub mod pages;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use model::{Millis, RecordId};
use serde_json::Value as Json;

use crate::form::Form;
use crate::json;

/// What a token is asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// User name and password (a security token may follow the password).
    Password {
        /// User name.
        username: String,
        /// Password.
        password: String,
    },
    /// The app itself; runs as its user.
    ClientCredentials,
    /// A signed assertion.
    JwtBearer {
        /// The JWT.
        assertion: String,
    },
    /// A refresh token.
    Refresh {
        /// The token.
        token: String,
    },
    /// The code that a browser brought.
    Code {
        /// The code.
        code: String,
        /// Where it was sent; must be the same address again.
        redirect_uri: String,
        /// PKCE.
        verifier: String,
    },
    /// A device asks whether its user has agreed.
    Device {
        /// Its code.
        code: String,
    },
}

/// A token request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Client id in the body or in HTTP Basic; absent in a JWT grant.
    pub client_id: Option<String>,
    /// Client secret.
    pub client_secret: Option<String>,
    /// The grant.
    pub grant: Grant,
}

/// An OAuth error (rest-api.md 2.1): code and description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthError {
    /// `error`.
    pub error: &'static str,
    /// `error_description`.
    pub description: String,
}

impl OauthError {
    /// An error with this text.
    pub fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            error,
            description: description.into(),
        }
    }

    /// A wrong user name or password.
    pub fn authentication_failure() -> Self {
        Self::new("invalid_grant", "authentication failure")
    }

    /// An unknown client id.
    pub fn unknown_client() -> Self {
        Self::new("invalid_client_id", "client identifier invalid")
    }

    /// A wrong client secret.
    pub fn wrong_secret() -> Self {
        Self::new("invalid_client", "invalid client credentials")
    }

    /// Prints it.
    pub fn print(&self, out: &mut Vec<u8>) {
        let mut object = json::Object::open(out);
        object
            .text("error", self.error)
            .text("error_description", &self.description);
        object.close();
    }
}

impl TokenRequest {
    /// Reads a token request; HTTP Basic wins over the body.
    ///
    /// # Errors
    /// `unsupported_grant_type` or `invalid_request`.
    pub fn parse(form: &Form, authorization: Option<&str>) -> Result<Self, OauthError> {
        let need = |name: &str| {
            let missing = || {
                OauthError::new(
                    "invalid_request",
                    format!("missing required parameter: {name}"),
                )
            };
            form.filled(name).map(str::to_owned).ok_or_else(missing)
        };
        let grant = match need("grant_type")?.as_str() {
            "password" => Grant::Password {
                username: need("username")?,
                password: need("password")?,
            },
            "client_credentials" => Grant::ClientCredentials,
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => Grant::JwtBearer {
                assertion: need("assertion")?,
            },
            "refresh_token" => Grant::Refresh {
                token: need("refresh_token")?,
            },
            "authorization_code" => Grant::Code {
                code: need("code")?,
                redirect_uri: form.get("redirect_uri").unwrap_or("").to_owned(),
                verifier: form.get("code_verifier").unwrap_or("").to_owned(),
            },
            "device" => Grant::Device {
                code: need("code")?,
            },
            "urn:ietf:params:oauth:grant-type:device_code" => Grant::Device {
                code: need("device_code")?,
            },
            _ => {
                return Err(OauthError::new(
                    "unsupported_grant_type",
                    "grant type not supported",
                ));
            }
        };
        let (client_id, client_secret) = client(form, authorization);
        Ok(Self {
            client_id,
            client_secret,
            grant,
        })
    }
}

/// Client id and secret: HTTP Basic wins over the form.
pub fn client(form: &Form, authorization: Option<&str>) -> (Option<String>, Option<String>) {
    match authorization.and_then(basic) {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (
            form.filled("client_id").map(str::to_owned),
            form.filled("client_secret").map(str::to_owned),
        ),
    }
}

/// Name and secret of `Basic base64(name:secret)`.
pub fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

/// A granted token.
#[derive(Debug, Clone)]
pub struct Token<'a> {
    /// The session id.
    pub access_token: &'a str,
    /// Scheme and authority that the client used.
    pub instance_url: &'a str,
    /// Identity URL.
    pub id: &'a str,
    /// When.
    pub issued_at: Millis,
    /// HMAC-SHA256 of id and issued_at with the client secret.
    pub signature: &'a [u8],
    /// Scopes.
    pub scope: &'a str,
    /// Refresh token, for grants that give one.
    pub refresh_token: Option<&'a str>,
    /// Signed claims about the user, for the scope `openid`.
    pub id_token: Option<&'a str>,
}

impl Token<'_> {
    /// Prints the answer of the token endpoint.
    pub fn print(&self, out: &mut Vec<u8>) {
        let mut object = json::Object::open(out);
        object
            .text("access_token", self.access_token)
            .text("instance_url", self.instance_url)
            .text("id", self.id)
            .text("token_type", "Bearer")
            .text("issued_at", &self.issued_at.0.to_string())
            .text("signature", &BASE64_STANDARD.encode(self.signature))
            .text("scope", self.scope);
        if let Some(refresh) = self.refresh_token {
            object.text("refresh_token", refresh);
        }
        if let Some(token) = self.id_token {
            object.text("id_token", token);
        }
        object.close();
    }
}

/// What a JWT claims, after its signature was checked or before its issuer is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Issuer: client id, or org id for telephony.
    pub iss: String,
    /// Subject: user name, or contact centre.
    pub sub: String,
    /// Audiences; empty if the claim is absent.
    pub aud: Vec<String>,
    /// Expiry in seconds.
    pub exp: Option<i64>,
    /// Issue time in seconds.
    pub iat: Option<i64>,
    /// Token id.
    pub jti: Option<String>,
}

/// The parts of a compact JWT.
#[derive(Debug, Clone)]
pub struct Jwt<'a> {
    /// `alg` of the header.
    pub algorithm: String,
    /// Header and payload as they were signed.
    pub message: &'a str,
    /// The signature, still base64url.
    pub signature: &'a str,
    /// The payload.
    pub claims: Claims,
}

/// No client sends a token of that size.
const JWT_MAX: usize = 16 * 1024;

/// Splits a compact JWT and reads header and claims; checks nothing.
pub fn jwt(token: &str) -> Option<Jwt<'_>> {
    if token.len() > JWT_MAX {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    if payload.contains('.') || signature.is_empty() {
        return None;
    }
    let header = part(header)?;
    if header.get("crit").is_some() {
        return None; // something that must be understood, and is not (RFC 7515 4.1.11)
    }
    Some(Jwt {
        algorithm: header.get("alg")?.as_str()?.to_owned(),
        message,
        signature,
        claims: claims(&part(payload)?)?,
    })
}

fn part(text: &str) -> Option<Json> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn claims(payload: &Json) -> Option<Claims> {
    let map = payload.as_object()?;
    let text = |name: &str| map.get(name).and_then(Json::as_str).map(str::to_owned);
    let aud = match map.get("aud") {
        Some(Json::String(one)) => vec![one.clone()],
        Some(Json::Array(all)) => all
            .iter()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    Some(Claims {
        iss: text("iss").unwrap_or_default(),
        sub: text("sub").or_else(|| text("prn")).unwrap_or_default(),
        aud,
        exp: map.get("exp").and_then(seconds),
        iat: map.get("iat").and_then(seconds),
        jti: text("jti"),
    })
}

/// Seconds of a number, a numeric text, or milliseconds if above 10^11 (rest-api.md 2.1).
fn seconds(value: &Json) -> Option<i64> {
    let number = match value {
        Json::Number(n) => n.as_f64()?,
        Json::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let seconds = if number > 1.0e11 {
        number / 1_000.0
    } else {
        number
    };
    (seconds.is_finite() && seconds.abs() < 1.0e14).then_some(seconds as i64)
}

/// The user behind a token, for `/id/...` and userinfo (rest-api.md 2.2).
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// Scheme and authority that the client used.
    pub instance_url: &'a str,
    /// Org.
    pub org: RecordId,
    /// User.
    pub user: RecordId,
    /// Log-in name.
    pub username: &'a str,
    /// Full name.
    pub name: &'a str,
    /// Mail address.
    pub email: &'a str,
    /// IANA zone.
    pub time_zone: &'a str,
    /// Language key.
    pub language: &'a str,
    /// Locale key.
    pub locale: &'a str,
    /// Active.
    pub is_active: bool,
    /// Now.
    pub now: Millis,
}

/// `https://host/id/ORG/USER`.
pub fn identity_url(instance_url: &str, org: RecordId, user: RecordId) -> String {
    format!("{instance_url}/id/{org}/{user}")
}

impl Identity<'_> {
    fn first_and_last(&self) -> (&str, &str) {
        self.name.rsplit_once(' ').unwrap_or(("", self.name))
    }

    fn nick(&self) -> &str {
        self.username.split('@').next().unwrap_or(self.username)
    }

    /// `GET /id/ORG/USER`.
    pub fn print(&self, out: &mut Vec<u8>) {
        let (first, last) = self.first_and_last();
        let mut o = json::Object::open(out);
        o.text("id", &identity_url(self.instance_url, self.org, self.user));
        o.bool("asserted_user", true)
            .id("user_id", self.user)
            .id("organization_id", self.org);
        o.text("username", self.username)
            .text("nick_name", self.nick())
            .text("display_name", self.name);
        o.text("email", self.email).bool("email_verified", true);
        o.text("first_name", first)
            .text("last_name", last)
            .text("timezone", self.time_zone);
        self.photos(o.key("photos"));
        for name in [
            "addr_street",
            "addr_city",
            "addr_state",
            "addr_country",
            "addr_zip",
            "mobile_phone",
        ] {
            o.raw(name, "null");
        }
        o.bool("mobile_phone_verified", false)
            .bool("is_lightning_login_user", false);
        o.raw("status", r#"{"created_date":null,"body":null}"#);
        self.urls(o.key("urls"));
        o.bool("active", self.is_active)
            .text("user_type", "STANDARD");
        o.text("language", self.language)
            .text("locale", self.locale)
            .int("utcOffset", 0);
        o.text("last_modified_date", &self.now.to_rest())
            .bool("is_app_installed", true);
        o.close();
    }

    /// `GET /services/oauth2/userinfo`.
    pub fn print_userinfo(&self, out: &mut Vec<u8>) {
        let (first, last) = self.first_and_last();
        let mut o = json::Object::open(out);
        o.text("sub", &identity_url(self.instance_url, self.org, self.user));
        o.id("user_id", self.user).id("organization_id", self.org);
        o.text("preferred_username", self.username)
            .text("nickname", self.nick())
            .text("name", self.name);
        o.text("email", self.email).bool("email_verified", true);
        o.text("given_name", first)
            .text("family_name", last)
            .text("zoneinfo", self.time_zone);
        self.photos(o.key("photos"));
        o.text("profile", &format!("{}/{}", self.instance_url, self.user));
        o.text(
            "picture",
            &format!("{}/profilephoto/005/F", self.instance_url),
        )
        .raw("address", "{}");
        o.bool("is_salesforce_integration_user", false);
        self.urls(o.key("urls"));
        o.bool("active", self.is_active)
            .text("user_type", "STANDARD");
        o.text("language", self.language)
            .text("locale", self.locale)
            .int("utcOffset", 0);
        o.text("updated_at", &self.now.to_rest());
        o.close();
    }

    fn photos(&self, out: &mut Vec<u8>) {
        let mut o = json::Object::open(out);
        o.text(
            "picture",
            &format!("{}/profilephoto/005/F", self.instance_url),
        );
        o.text(
            "thumbnail",
            &format!("{}/profilephoto/005/T", self.instance_url),
        );
        o.close();
    }

    fn urls(&self, out: &mut Vec<u8>) {
        let org = self.org.as_15();
        let mut o = json::Object::open(out);
        for (name, path) in [
            ("enterprise", format!("/services/Soap/c/{{version}}/{org}")),
            ("metadata", format!("/services/Soap/m/{{version}}/{org}")),
            ("partner", format!("/services/Soap/u/{{version}}/{org}")),
            ("rest", "/services/data/v{version}/".to_owned()),
            ("sobjects", "/services/data/v{version}/sobjects/".to_owned()),
            ("search", "/services/data/v{version}/search/".to_owned()),
            ("query", "/services/data/v{version}/query/".to_owned()),
            ("recent", "/services/data/v{version}/recent/".to_owned()),
            (
                "tooling_soap",
                format!("/services/Soap/T/{{version}}/{org}"),
            ),
            (
                "tooling_rest",
                "/services/data/v{version}/tooling/".to_owned(),
            ),
            ("profile", format!("/{}", self.user)),
            ("custom_domain", String::new()),
        ] {
            o.text(name, &format!("{}{path}", self.instance_url));
        }
        o.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::KeyPrefix;

    fn request(body: &str, basic: Option<&str>) -> Result<TokenRequest, &'static str> {
        TokenRequest::parse(&Form::parse(body), basic).map_err(|e| e.error)
    }

    #[test]
    fn token_requests() {
        let asked = request(
            "grant_type=password&client_id=a&client_secret=b&username=u%40x&password=p+w",
            None,
        )
        .unwrap();
        assert_eq!(
            asked.grant,
            Grant::Password {
                username: "u@x".to_owned(),
                password: "p w".to_owned()
            }
        );
        assert_eq!(
            (asked.client_id.as_deref(), asked.client_secret.as_deref()),
            (Some("a"), Some("b"))
        );
        let header = format!("Basic {}", BASE64_STANDARD.encode("id:se:cret"));
        let asked = request("grant_type=client_credentials", Some(&header)).unwrap();
        assert_eq!(
            (asked.client_id.as_deref(), asked.client_secret.as_deref()),
            (Some("id"), Some("se:cret"))
        );
        assert_eq!(
            request("grant_type=nonsense", None),
            Err("unsupported_grant_type")
        );
        assert_eq!(request("", None), Err("invalid_request"));
        assert_eq!(
            request("grant_type=password&username=u", None),
            Err("invalid_request")
        );
    }

    #[test]
    fn claims_in_every_form_that_clients_send() {
        let token = |payload: &str| {
            let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
            format!("{header}.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(payload))
        };
        for (exp, want) in [
            ("1767225600", Some(1_767_225_600)),
            ("\"1767225600\"", Some(1_767_225_600)),
            ("1767225600000", Some(1_767_225_600)),
            ("\"x\"", None),
            ("null", None),
        ] {
            let text = token(&format!(
                r#"{{"iss":"i","sub":"s","aud":["a","b"],"exp":{exp}}}"#
            ));
            let read = jwt(&text).unwrap();
            assert_eq!((read.algorithm.as_str(), read.claims.exp), ("RS256", want));
            assert_eq!(read.claims.aud, ["a", "b"]);
        }
        for wrong in ["", "a.b", "a.b.c", "a.b.c.d", &"x".repeat(20_000)] {
            assert!(jwt(wrong).is_none());
        }
    }

    #[test]
    fn identity_and_userinfo_are_json() {
        let identity = Identity {
            instance_url: "http://h:1",
            org: RecordId::new(KeyPrefix::of("00D"), 1),
            user: RecordId::new(KeyPrefix::of("005"), 1),
            username: "a@b",
            name: "Ann Lee",
            email: "a@b",
            time_zone: "UTC",
            language: "en_US",
            locale: "en_US",
            is_active: true,
            now: Millis(0),
        };
        let mut out = Vec::new();
        identity.print(&mut out);
        let id: Json = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            id["id"],
            "http://h:1/id/00D000000000001EAA/005000000000001AAA"
        );
        assert_eq!(
            id["urls"]["partner"],
            "http://h:1/services/Soap/u/{version}/00D000000000001"
        );
        let mut out = Vec::new();
        identity.print_userinfo(&mut out);
        let info: Json = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            (&info["family_name"], &info["user_id"]),
            (&"Lee".into(), &"005000000000001AAA".into())
        );
    }
}
