//! Signed tokens: RS256 against certificates of apps and contact centres (rest-api.md 2.1, telephony.md 1.3).
//!
//! The algorithm is RS256 whatever a token asks for.

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use model::{Code, Millis, RecordId, Refusal};
use node::{Node, OrgHandle};
use wire::oauth::{Claims, Jwt, jwt};

use crate::reads;

/// Clocks may differ by so many seconds (TEL4.5).
const SKEW_S: i64 = 60;
/// A telephony token lives at most a day (TEL4.5).
const CENTER_LIFE_MAX_S: i64 = 86_400;
/// Audience that telephony clients know.
const SCRT: &str = "https://scrt.salesforce.com";

/// A contact centre that signed a request.
#[derive(Clone)]
pub struct Center {
    /// Its org.
    pub org: OrgHandle,
    /// Its CallCenter record.
    pub id: RecordId,
    /// Its InternalName.
    pub name: String,
}

/// A public key and whether its certificate is valid now.
struct Key {
    key: DecodingKey,
    not_before_s: i64,
    not_after_s: i64,
}

/// True if one of the certificates or public keys in `pem` made the signature and is valid now. Text
/// around the PEM blocks does no harm, nor do line ends that are escaped as in JSON; two blocks allow a
/// roll-over.
pub fn is_signed_by(token: &Jwt<'_>, pem: &str, now: Millis) -> bool {
    let now_s = now.seconds();
    let pem = pem.replace("\\n", "\n").replace("\\r", "");
    token.algorithm == "RS256"
        && blocks(&pem).filter_map(key).any(|key| {
            (key.not_before_s..=key.not_after_s).contains(&now_s)
                && crypto::verify(
                    token.signature,
                    token.message.as_bytes(),
                    &key.key,
                    Algorithm::RS256,
                )
                .unwrap_or(false)
        })
}

/// True if there is a key in a text that signatures can be checked with.
pub fn is_key(pem: &str) -> bool {
    let pem = pem.replace("\\n", "\n").replace("\\r", "");
    blocks(&pem).any(|block| key(block).is_some())
}

/// The PEM blocks in a text.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find("-----BEGIN ")?;
        let end_mark = start + rest.get(start..)?.find("-----END ")?;
        let end = end_mark + 9 + rest.get(end_mark + 9..)?.find("-----")? + 5;
        let block = rest.get(start..end)?;
        rest = rest.get(end..)?;
        Some(block)
    })
}

fn key(block: &str) -> Option<Key> {
    if !block.starts_with("-----BEGIN CERTIFICATE") {
        let key = DecodingKey::from_rsa_pem(block.as_bytes()).ok()?;
        return Some(Key {
            key,
            not_before_s: i64::MIN,
            not_after_s: i64::MAX,
        });
    }
    let (_, pem) = x509_parser::pem::parse_x509_pem(block.as_bytes()).ok()?;
    let certificate = pem.parse_x509().ok()?;
    let validity = certificate.validity();
    Some(Key {
        key: DecodingKey::from_rsa_der(&certificate.public_key().subject_public_key.data),
        not_before_s: validity.not_before.timestamp(),
        not_after_s: validity.not_after.timestamp(),
    })
}

/// True if the claims do not say that the token is expired or not yet issued.
pub fn is_timely(claims: &Claims, now: Millis) -> bool {
    let now_s = now.seconds();
    claims.exp.is_some_and(|exp| exp > now_s - SKEW_S)
        && claims.iat.is_none_or(|iat| iat <= now_s + SKEW_S)
}

/// A telephony request does not get in.
#[derive(Debug)]
pub enum NotAdmitted {
    /// Why the token was refused, for the security log; the caller answers 401 whatever it is.
    Token(&'static str),
    /// The server cannot tell now.
    Busy(Refusal),
}

impl From<&'static str> for NotAdmitted {
    fn from(why: &'static str) -> Self {
        Self::Token(why)
    }
}

impl From<Refusal> for NotAdmitted {
    fn from(refusal: Refusal) -> Self {
        Self::Busy(refusal)
    }
}

/// When the id of a token that expires then (seconds) may be forgotten.
pub fn forgotten_at(expires_s: i64) -> Millis {
    Millis(expires_s.saturating_add(SKEW_S).saturating_mul(1_000))
}

/// Checks the token of a contact centre in the order of TEL4.
///
/// # Errors
/// [`NotAdmitted`].
pub async fn center(
    token: &str,
    node: &Node,
    audience: &str,
    strict_jti: bool,
) -> Result<Center, NotAdmitted> {
    let parsed = jwt(token).ok_or("not a JWT")?;
    if parsed.algorithm != "RS256" {
        return Err("algorithm is not RS256".into());
    }
    let claims = &parsed.claims;
    let org = RecordId::parse(claims.iss.trim()).map_err(|_| "iss is no org id")?;
    let org = node.org(Some(org)).ok_or("iss is no org of this server")?;
    let found = reads::call_center(&org, claims.sub.trim())
        .await
        .ok_or("sub is no contact centre of the org")?;
    let now = org.wall();
    if !is_signed_by(&parsed, &found.settings, now) {
        return Err("the signature does not fit a valid certificate of the contact centre".into());
    }
    let issued = claims.iat.ok_or("iat is missing")?;
    let expires = claims.exp.ok_or("exp is missing")?;
    if !is_timely(claims, now) || expires.saturating_sub(issued) > CENTER_LIFE_MAX_S {
        return Err("the token is expired, issued in the future or lives too long".into());
    }
    if !claims.aud.is_empty()
        && !claims
            .aud
            .iter()
            .any(|aud| aud == SCRT || aud.trim_end_matches('/') == audience)
    {
        return Err("the audience is another one".into());
    }
    if let Some(jti) = &claims.jti {
        let until = forgotten_at(expires);
        let seen_as = if strict_jti {
            unique()
        } else {
            token.to_owned()
        };
        if !org.first_use(found.id, jti, &seen_as, until)? {
            return Err("the token id was used before".into());
        }
    }
    Ok(Center {
        org,
        id: found.id,
        name: found.internal_name,
    })
}

/// Stands for the token where even the same one may not come again.
fn unique() -> String {
    node::random(24).unwrap_or_default()
}

/// The answer to every bad telephony token: says nothing about the cause.
pub fn refused() -> Refusal {
    Refusal::new(
        Code::InvalidSessionId,
        "The JSON Web Token is missing, invalid or expired",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_blocks_are_found_in_any_text() {
        let text = "<item>-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----</item> x -----BEGIN PUBLIC KEY-----\nB\n-----END PUBLIC KEY-----";
        let found: Vec<_> = blocks(text).collect();
        assert_eq!(found.len(), 2);
        assert!(found[1].ends_with("-----END PUBLIC KEY-----"));
        assert_eq!(blocks("-----BEGIN x").count(), 0);
        assert!(
            found.into_iter().all(|block| key(block).is_none()),
            "damaged keys fit nothing"
        );
    }

    #[test]
    fn time_claims() {
        let claims = |exp, iat| Claims {
            exp,
            iat,
            ..Claims::default()
        };
        let now = Millis(1_000_000);
        assert!(is_timely(&claims(Some(1_001), Some(999)), now));
        assert!(is_timely(&claims(Some(950), None), now), "within the skew");
        assert!(!is_timely(&claims(Some(900), None), now));
        assert!(!is_timely(&claims(None, None), now));
        assert!(!is_timely(&claims(Some(2_000), Some(1_100)), now));
    }
}
