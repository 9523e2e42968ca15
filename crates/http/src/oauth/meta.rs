//! OpenID: discovery, keys, id tokens; introspection (rest-api.md 2.2).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use model::Refusal;
use node::OrgHandle;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use wire::oauth::client;
use wire::oauth::meta::{self as printed, INACTIVE, Introspected, PublicKey};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey as ParsedKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::{client_app, parameters, secret_answer};
use crate::answer::{Answer, Outcome};
use crate::call::{Call, text_of};

/// Seconds that an id token is good.
const ID_TOKEN_LIFE_S: i64 = 120;

/// GET /.well-known/openid-configuration.
pub async fn discovery(call: Call) -> Outcome {
    let mut body = Vec::with_capacity(2_048);
    printed::discovery(&mut body, &call.instance_url);
    Ok(Answer::json(body))
}

/// GET /id/keys: the keys of all orgs.
pub async fn keys(call: Call) -> Outcome {
    let mut all = Vec::new();
    for org in call.porch.node.orgs() {
        let pem = signing_key(&call, &org).await?;
        all.extend(public_key(&org, &pem));
    }
    let mut body = Vec::with_capacity(1_024);
    printed::keys(&mut body, &all);
    Ok(Answer::json(body))
}

/// The private key of an org; made when it is needed first.
async fn signing_key(call: &Call, org: &OrgHandle) -> Result<std::sync::Arc<str>, Refusal> {
    if let Some(pem) = org.signing_key() {
        return Ok(pem);
    }
    let _one_at_a_time = call.porch.key_making.lock().await;
    if let Some(pem) = org.signing_key() {
        return Ok(pem);
    }
    let make = || rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).map(|k| k.serialize_pem());
    let made = tokio::task::spawn_blocking(make).await;
    let pem = made.ok().and_then(Result::ok);
    org.put_signing_key(pem.ok_or_else(node::unavailable)?)
        .await?;
    org.signing_key().ok_or_else(node::unavailable)
}

fn public_key(org: &OrgHandle, pem: &str) -> Option<PublicKey> {
    use rcgen::PublicKeyData as _;
    let pair = rcgen::KeyPair::from_pem(pem).ok()?;
    let der = pair.subject_public_key_info();
    let (_, info) = SubjectPublicKeyInfo::from_der(&der).ok()?;
    let ParsedKey::RSA(key) = info.parsed().ok()? else {
        return None;
    };
    Some(PublicKey {
        kid: kid(org, &der),
        modulus: key.modulus.to_vec(),
        exponent: key.exponent.to_vec(),
    })
}

/// Names a key: its org and the beginning of its hash.
fn kid(org: &OrgHandle, der: &[u8]) -> String {
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(der));
    format!("{}.{}", org.id().as_15(), hash.get(..12).unwrap_or(&hash))
}

/// What an id token tells.
pub struct About<'a> {
    /// Issuer.
    pub instance_url: &'a str,
    /// Audience.
    pub client_id: &'a str,
    /// Identity URL.
    pub subject: &'a str,
    /// As the client sent it, or empty.
    pub nonce: &'a str,
    /// The token that comes with it.
    pub access_token: &'a str,
}

/// A signed id token.
///
/// # Errors
/// SERVER_UNAVAILABLE if the key cannot be made.
pub async fn id_token(call: &Call, org: &OrgHandle, about: &About<'_>) -> Result<String, Refusal> {
    let pem = signing_key(call, org).await?;
    let failed = || node::unavailable();
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| failed())?;
    let mut header = Header::new(Algorithm::RS256);
    header.kid = public_key(org, &pem).map(|key| key.kid);
    let now = org.wall().seconds();
    let hash = Sha256::digest(about.access_token.as_bytes());
    let mut claims = json!({
        "iss": about.instance_url,
        "sub": about.subject,
        "aud": about.client_id,
        "iat": now,
        "exp": now + ID_TOKEN_LIFE_S,
        "at_hash": BASE64_URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or(&hash)),
    });
    if !about.nonce.is_empty() {
        claims["nonce"] = about.nonce.into();
    }
    encode(&header, &claims, &key).map_err(|_| failed())
}

/// POST /services/oauth2/introspect: what a token of the asking client is worth.
pub async fn introspect(call: Call) -> Outcome {
    let form = parameters(&call);
    let (id, secret) = client(&form, text_of(&call.parts.headers, "authorization"));
    let (org, app) = client_app(&call, (id.as_deref(), secret.as_deref()))?;
    let token = form.filled("token").unwrap_or("");
    let inactive = || Ok(secret_answer(INACTIVE.to_vec()));
    let own = |id: Option<&str>| id == Some(app.client_id.as_str());
    let session = org.session_info(token).filter(|s| own(s.app.as_deref()));
    let (user, scope, kind, issued, expires) = match session {
        Some(s) => {
            let user = org.directory().users.get(&s.user).cloned();
            (
                user,
                s.scope,
                "access_token",
                Some(s.created),
                Some(s.until),
            )
        }
        None => match org.redeem(token, &app.client_id) {
            Some((user, scope)) => (Some(user), scope, "refresh_token", None, None),
            None => return inactive(),
        },
    };
    let Some(user) = user.filter(|user| user.may_log_in()) else {
        return inactive();
    };
    let scope = scope.or_else(|| app.granted("")).unwrap_or_default();
    let found = Introspected {
        instance_url: &call.instance_url,
        kind,
        scope: &scope,
        client_id: &app.client_id,
        username: &user.username,
        org: org.id(),
        user: user.id,
        issued,
        expires,
    };
    let mut body = Vec::with_capacity(512);
    found.print(&mut body);
    Ok(secret_answer(body))
}
