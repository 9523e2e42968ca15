//! Query strings and `application/x-www-form-urlencoded` bodies.

use std::borrow::Cow;

/// More pairs than any client sends; the rest is ignored.
const PAIRS_MAX: usize = 200;

/// Decodes percent escapes; `+` stays. `None` for a broken escape or bytes that are not UTF-8.
pub fn percent(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let (high, low) = (hex(*rest.first()?)?, hex(*rest.get(1)?)?);
        out.push(high << 4 | low);
        rest = rest.get(2..)?;
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|d| u8::try_from(d).ok())
}

/// The first pair of a form or query string that cannot be decoded, as it was sent.
pub fn undecodable(text: &str) -> Option<&str> {
    if !text.contains('%') {
        return None;
    }
    text.split('&')
        .take(PAIRS_MAX)
        .find(|text| pair(text).is_none())
}

/// Name and value pairs of a form or a query string, decoded (`+` is a blank).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form. Pairs that cannot be decoded are dropped.
    pub fn parse(text: &str) -> Self {
        let pairs = text
            .split('&')
            .filter(|pair| !pair.is_empty())
            .take(PAIRS_MAX);
        Self(pairs.filter_map(pair).collect())
    }

    /// The value of the first pair of this name, in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The value, if there is one and it is not blank.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.trim().is_empty())
    }

    /// True for `true` and `1`.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    Some((decode(name)?, decode(value)?))
}

fn decode(text: &str) -> Option<String> {
    let blanks = text.replace('+', " ");
    percent(&blanks).map(Cow::into_owned)
}

/// Encodes text for use as a URL segment or query value.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        assert_eq!(undecodable("a=%C3%A9&b"), None);
        assert_eq!(undecodable("a=1&q=%ff&b=%"), Some("q=%ff"));
        let form =
            Form::parse("grant_type=password&username=a%40b.c&q=SELECT+Id%2CName&x&bad=%zz&cut=%2");
        assert_eq!(form.get("username"), Some("a@b.c"));
        assert_eq!(form.get("Q"), Some("SELECT Id,Name"));
        assert_eq!(form.get("x"), Some(""));
        assert_eq!(form.filled("x"), None);
        assert_eq!((form.get("bad"), form.get("cut")), (None, None));
        assert_eq!(percent("a%2Fb+c").as_deref(), Some("a/b+c"));
        assert_eq!(percent("%ff"), None);
        assert_eq!(encode("a/b é"), "a%2Fb%20%C3%A9");
    }
}
