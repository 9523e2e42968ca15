//! Authorization requests: parameters of `/services/oauth2/authorize`, redirect addresses, PKCE shapes.

use crate::form::{Form, encode};

/// Longest redirect address and state.
const TEXT_MAX: usize = 2_048;
/// Characters of a code challenge and fewest of a verifier (RFC 7636).
const CHALLENGE_LENGTH: usize = 43;
const VERIFIER_MAX: usize = 128;

/// What a client asks a user's browser to bring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizeRequest {
    /// `response_type`.
    pub response_type: String,
    /// Client id.
    pub client_id: String,
    /// Where the code shall go; empty if the client leaves it out.
    pub redirect_uri: String,
    /// Given back as it came.
    pub state: String,
    /// Scopes, blank-separated.
    pub scope: String,
    /// `none`, `login`, `consent`.
    pub prompt: String,
    /// PKCE: base64url of the SHA-256 of the verifier.
    pub code_challenge: String,
    /// `S256`, or nothing, which means the same (sf).
    pub code_challenge_method: String,
    /// For the id token.
    pub nonce: String,
    /// User name to fill in.
    pub login_hint: String,
}

impl AuthorizeRequest {
    /// Reads the parameters; what is missing is empty, what is too long too.
    pub fn parse(form: &Form) -> Self {
        let text = |name: &str| {
            let value = form.get(name).unwrap_or("").trim();
            let fits = value.len() <= TEXT_MAX;
            if fits {
                value.to_owned()
            } else {
                String::new()
            }
        };
        Self {
            response_type: text("response_type"),
            client_id: text("client_id"),
            redirect_uri: text("redirect_uri"),
            state: text("state"),
            scope: text("scope"),
            prompt: text("prompt"),
            code_challenge: text("code_challenge"),
            code_challenge_method: text("code_challenge_method"),
            nonce: text("nonce"),
            login_hint: text("login_hint"),
        }
    }

    /// The parameters as fields of a form.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        [
            ("response_type", &self.response_type),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("state", &self.state),
            ("scope", &self.scope),
            ("prompt", &self.prompt),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", &self.code_challenge_method),
            ("nonce", &self.nonce),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, value.as_str()))
        .collect()
    }

    /// What is wrong with the code challenge, if anything.
    pub fn challenge_fault(&self, is_required: bool) -> Option<&'static str> {
        if self.code_challenge.is_empty() {
            return is_required.then_some("missing required code challenge");
        }
        if !matches!(self.code_challenge_method.as_str(), "" | "S256") {
            return Some("code challenge method must be S256");
        }
        let is_base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = self.code_challenge.len() == CHALLENGE_LENGTH
            && self.code_challenge.bytes().all(is_base64url);
        (!fits).then_some("invalid code challenge")
    }
}

/// True if this can be a PKCE verifier.
pub fn is_verifier(text: &str) -> bool {
    (CHALLENGE_LENGTH..=VERIFIER_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

/// True if an app may have this redirect address: absolute, without fragment, and made of characters
/// that are safe in a header and in a security policy. Scripts and data are no addresses.
pub fn is_callback(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b));
    let is_refused = ["javascript", "data", "vbscript", "file", "blob", "about"].contains(&scheme);
    let is_web = scheme == "http" || scheme == "https";
    let has_host = rest
        .strip_prefix("//")
        .is_some_and(|r| !r.is_empty() && !r.starts_with(['/', '?', '@']));
    let is_clean = |b: u8| b.is_ascii_graphic() && !b"\"'<>\\^`{|};,#*".contains(&b);
    is_scheme
        && !is_refused
        && !rest.is_empty()
        && uri.len() <= TEXT_MAX
        && uri.bytes().all(is_clean)
        && (!is_web || has_host && !rest.contains('@'))
}

/// What a security policy says to let a form end at this address.
pub fn form_target(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return String::new();
    };
    match rest.strip_prefix("//") {
        Some(rest) if scheme == "http" || scheme == "https" => {
            let host = rest.split(['/', '?']).next().unwrap_or("");
            format!("{scheme}://{host}")
        }
        _ => format!("{scheme}:"),
    }
}

/// A redirect address with parameters.
pub fn with_parameters(uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut out = uri.to_owned();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(name);
        out.push('=');
        out.push_str(&encode(value));
    }
    out
}

/// A path of our own to go on to: anything else leads to the first page.
pub fn own_path(asked: &str) -> &str {
    let is_clean = asked.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let is_own = asked.starts_with('/') && !asked.starts_with("//") && is_clean;
    if is_own { asked } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks() {
        for good in [
            "http://localhost:1717/OauthRedirect",
            "https://app.example.com/cb?x=1",
            "myapp:/done",
            "com.example.app://oauth",
        ] {
            assert!(is_callback(good), "{good}");
        }
        for bad in [
            "",
            "/relative",
            "//host",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://a b",
            "https://a/\r\nX: y",
            "https:///x",
            "https://good@evil/",
            "https://a/#x",
            "https://a;script-src *",
            "HTTPS://a",
            "http:",
        ] {
            assert!(!is_callback(bad), "{bad}");
        }
        assert_eq!(form_target("https://a:1/b?c"), "https://a:1");
        assert_eq!(form_target("myapp:/done"), "myapp:");
        assert_eq!(
            with_parameters("https://a/?x=1", &[("code", "a b"), ("state", "")]),
            "https://a/?x=1&code=a%20b"
        );
    }

    #[test]
    fn only_own_paths_are_gone_to() {
        for bad in [
            "",
            "//evil",
            "https://evil",
            "/\\evil",
            "/a\r\nb",
            "x",
            "/ a",
        ] {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
        assert_eq!(own_path("/lightning/page?x=1"), "/lightning/page?x=1");
    }

    #[test]
    fn challenges() {
        let of = |challenge: &str, method: &str| AuthorizeRequest {
            code_challenge: challenge.to_owned(),
            code_challenge_method: method.to_owned(),
            ..AuthorizeRequest::default()
        };
        let good = "a".repeat(43);
        assert_eq!(of("", "").challenge_fault(false), None);
        assert!(of("", "").challenge_fault(true).is_some());
        assert_eq!(of(&good, "").challenge_fault(true), None);
        assert_eq!(of(&good, "S256").challenge_fault(true), None);
        assert!(of(&good, "plain").challenge_fault(true).is_some());
        assert!(of("short", "S256").challenge_fault(true).is_some());
        assert!(
            is_verifier(&"~".repeat(43)) && !is_verifier("short") && !is_verifier(&"é".repeat(30))
        );
    }
}
