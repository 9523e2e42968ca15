//! JSON as text: a writer without an intermediate tree, and the platform's words for bad input.

use std::io::Write as _;

use model::{Code, RecordId, Refusal, Value};

mod shape;

/// Bodies nest at most this deep; deeper ones are refused before they can use the stack.
pub const DEPTH_MAX: usize = 128;

/// Writes a JSON string with its quotes.
pub fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => put(out, format_args!("\\u{other:04x}")),
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

/// Writes formatted text as it is.
pub fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok(), "a Vec takes every write");
}

/// Writes a record id in its 18-character form.
pub fn id(out: &mut Vec<u8>, id: RecordId) {
    out.push(b'"');
    out.extend_from_slice(&id.to_18());
    out.push(b'"');
}

/// Writes a field value in its REST form (rest-api.md 1.6).
pub fn value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(number) => put(out, format_args!("{number}")),
        Value::Double(number) if number.is_finite() => put(out, format_args!("{number:?}")),
        Value::Double(_) => out.extend_from_slice(b"null"),
        Value::Text(content) => text(out, content),
        Value::Id(key) => id(out, *key),
        Value::DateTime(at) => text(out, &at.to_rest()),
        Value::Date(day) => put(out, format_args!("\"{day}\"")),
        Value::Time(ms) => put(out, format_args!("\"{}\"", clock(*ms))),
    }
}

/// `10:00:00.000Z`.
pub fn clock(ms: i32) -> String {
    let ms = ms.rem_euclid(86_400_000);
    let (s, ms) = (ms / 1_000, ms % 1_000);
    format!("{:02}:{:02}:{:02}.{ms:03}Z", s / 3_600, s / 60 % 60, s % 60)
}

/// A JSON object under construction. Keys are ours and need no escape.
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Opens an object.
    pub fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Writes a key; the caller writes its value next.
    pub fn key(&mut self, name: &str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// A text.
    pub fn text(&mut self, name: &str, content: &str) -> &mut Self {
        text(self.key(name), content);
        self
    }

    /// A text or null.
    pub fn text_or_null(&mut self, name: &str, content: Option<&str>) -> &mut Self {
        match content {
            Some(content) => self.text(name, content),
            None => self.raw(name, "null"),
        }
    }

    /// A boolean.
    pub fn bool(&mut self, name: &str, content: bool) -> &mut Self {
        self.raw(name, if content { "true" } else { "false" })
    }

    /// A whole number.
    pub fn int(&mut self, name: &str, number: i64) -> &mut Self {
        put(self.key(name), format_args!("{number}"));
        self
    }

    /// A record id.
    pub fn id(&mut self, name: &str, key: RecordId) -> &mut Self {
        id(self.key(name), key);
        self
    }

    /// JSON that is already text.
    pub fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        self.key(name).extend_from_slice(json.as_bytes());
        self
    }

    /// Closes the object.
    pub fn close(self) {
        self.out.push(b'}');
    }
}

/// Writes a list; `each` writes one element.
pub fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut each: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        each(out, item);
    }
    out.push(b']');
}

/// A parser's complaint in the platform's words: what was unexpected, and where.
pub fn refusal(error: &serde_json::Error, body: &[u8]) -> Refusal {
    let (line, column) = (error.line(), error.column());
    let place = format!("at [line:{line}, column:{column}]");
    let what = match error.classify() {
        serde_json::error::Category::Eof => "Unexpected end-of-input".to_owned(),
        serde_json::error::Category::Data => {
            let what = shape::complaint(&error.to_string(), before(body, line, column));
            return wrong(&format!("{what} {place}"));
        }
        _ => match character(body, line, column) {
            Some(c) => format!("Unexpected character ('{c}' (code {}))", u32::from(c)),
            None => "Unexpected input".to_owned(),
        },
    };
    wrong(&format!("{what} {place}"))
}

/// JSON_PARSER_ERROR with this text.
pub fn wrong(message: &str) -> Refusal {
    Refusal::new(Code::JsonParserError, message)
}

/// The answer to a body of the wrong JSON type.
pub fn cannot_deserialize(wanted: &str, found: &str) -> Refusal {
    wrong(&format!(
        "Cannot deserialize instance of {wanted} from {found} or request may be missing a required field"
    ))
}

/// The answer to a request that needs a body and has none.
pub fn no_body() -> Refusal {
    wrong("The HTTP entity body is required, but this request has no entity body.")
}

/// The body up to a place in it.
fn before(body: &[u8], line: usize, column: usize) -> &[u8] {
    let rows = body.split_inclusive(|b| *b == b'\n');
    let skipped: usize = rows.take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    let end = skipped.saturating_add(column).min(body.len());
    body.get(..end).unwrap_or_default()
}

fn character(body: &[u8], line: usize, column: usize) -> Option<char> {
    let row = body.split(|b| *b == b'\n').nth(line.checked_sub(1)?)?;
    let byte = *row.get(column.checked_sub(1)?)?;
    Some(if byte.is_ascii() && !byte.is_ascii_control() {
        char::from(byte)
    } else {
        char::REPLACEMENT_CHARACTER
    })
}

/// Reads a body of a known shape.
///
/// # Errors
/// JSON_PARSER_ERROR.
pub fn parse<'de, T: serde::Deserialize<'de>>(body: &'de [u8]) -> Result<T, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(no_body());
    }
    serde_json::from_slice(body).map_err(|e| refusal(&e, body))
}

/// What a JSON value is called in messages.
pub fn kind(value: &serde_json::Value) -> String {
    use serde_json::Value as J;
    match value {
        J::Null => "VALUE_NULL".to_owned(),
        J::Bool(_) => "VALUE_BOOLEAN".to_owned(),
        J::Number(n) => format!("VALUE_NUMBER value {n}"),
        J::String(s) => format!("VALUE_STRING value {}", clip(s)),
        J::Array(_) => "START_ARRAY value [".to_owned(),
        J::Object(_) => "START_OBJECT value {".to_owned(),
    }
}

/// At most 200 characters of a client's text, for messages.
pub fn clip(text: &str) -> &str {
    match text.char_indices().nth(200) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Days, KeyPrefix, Millis};

    fn show(v: &Value) -> String {
        let mut out = Vec::new();
        value(&mut out, v);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_have_their_rest_form() {
        for (v, want) in [
            (Value::Null, "null"),
            (Value::Bool(true), "true"),
            (Value::Int(-7), "-7"),
            (Value::Double(1.5), "1.5"),
            (Value::Double(6.0), "6.0"),
            (Value::from("a\"b\\c\n\u{1}é"), r#""a\"b\\c\n\u0001é""#),
            (
                Value::Id(RecordId::new(KeyPrefix::of("0JR"), 1)),
                "\"0JR000000000001GAA\"",
            ),
            (
                Value::DateTime(Millis(999)),
                "\"1970-01-01T00:00:00.000+0000\"",
            ),
            (Value::Date(Days(1)), "\"1970-01-02\""),
            (Value::Time(36_000_000), "\"10:00:00.000Z\""),
        ] {
            assert_eq!(show(&v), want);
        }
    }

    #[test]
    fn bad_bodies_are_told_where() {
        for (body, want) in [
            (
                &b"{\"a\":"[..],
                "Unexpected end-of-input at [line:1, column:5]",
            ),
            (
                b"{a",
                "Unexpected character ('a' (code 97)) at [line:1, column:2]",
            ),
            (
                b"\n{\"a\" 1}",
                "Unexpected character ('1' (code 49)) at [line:2, column:6]",
            ),
            (
                b"  ",
                "The HTTP entity body is required, but this request has no entity body.",
            ),
        ] {
            let refused = parse::<serde_json::Value>(body).unwrap_err();
            assert_eq!(refused.code, Code::JsonParserError);
            assert_eq!(refused.message, want);
        }
        let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        assert!(parse::<serde_json::Value>(&deep).is_err());
        assert!(parse::<serde_json::Value>(b"\"\xff\"").is_err());
    }
}
