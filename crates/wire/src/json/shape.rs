//! JSON that is well formed but not what a request looks like: which field, and what is wrong with it, in
//! the platform's words.

use super::clip;

/// What a parser complained about, given the body up to the place of the complaint.
pub(super) fn complaint(text: &str, before: &[u8]) -> String {
    let text = text.rfind(" at line ").map_or(text, |at| &text[..at]);
    if let Some(name) = quoted(text, "missing field ") {
        return format!("The request is missing a required field: {name}");
    }
    if let Some(name) = quoted(text, "duplicate field ") {
        return format!("Duplicate field: {name}");
    }
    if let Some(name) = quoted(text, "unknown field ") {
        return format!("Unrecognized field: {name}");
    }
    let place = last_key(before).map_or(String::new(), |key| format!(" for field {}", clip(&key)));
    let found = text.split_once(", expected ").unwrap_or((text, ""));
    let (found, wanted) = (token(found.0), kind(found.1));
    format!(
        "Cannot deserialize instance of {wanted} from {found}{place} or request may be missing a required field"
    )
}

/// The name in backticks behind a beginning.
fn quoted<'t>(text: &'t str, beginning: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(beginning)?.strip_prefix('`')?;
    rest.split_once('`').map(|(name, _)| name)
}

/// `invalid type: integer `5`` as the platform calls it.
fn token(found: &str) -> String {
    let Some((_, what)) = found.split_once(": ") else {
        return "an unexpected value".to_owned();
    };
    let value = |rest: &str| clip(rest.trim().trim_matches(['`', '"'])).to_owned();
    let known = [
        ("string", "VALUE_STRING"),
        ("integer", "VALUE_NUMBER_INT"),
        ("floating point", "VALUE_NUMBER_FLOAT"),
        ("boolean", "VALUE_BOOLEAN"),
    ];
    for (start, name) in known {
        if let Some(rest) = what.strip_prefix(start) {
            return format!("{name} value {}", value(rest));
        }
    }
    match what {
        "null" => "VALUE_NULL".to_owned(),
        "map" => "START_OBJECT value {".to_owned(),
        "sequence" => "START_ARRAY value [".to_owned(),
        _ => "an unexpected value".to_owned(),
    }
}

/// What was wanted, without the names of our types.
fn kind(wanted: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| wanted.contains(word));
    match wanted {
        _ if has(&["sequence", "array", "Vec"]) => "list",
        _ if has(&["boolean"]) => "boolean",
        _ if has(&["string"]) => "string",
        _ if has(&["map", "struct"]) => "object",
        _ if has(&[
            "u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64",
        ]) =>
        {
            "int"
        }
        _ if has(&["f32", "f64"]) => "double",
        _ => "value",
    }
}

/// The key that was read last: the one whose value ends, or begins, at the end of the text.
fn last_key(before: &[u8]) -> Option<String> {
    let mut key = None;
    let mut at = 0;
    while let Some(byte) = before.get(at) {
        at += 1;
        if *byte != b'"' {
            continue;
        }
        let start = at;
        let Some(end) = end_of_string(before, start) else {
            break;
        };
        at = end + 1;
        let mut after = before
            .get(at..)?
            .iter()
            .filter(|b| !b.is_ascii_whitespace());
        if after.next() == Some(&b':') {
            key = before.get(start..end);
        }
    }
    key.map(|key| String::from_utf8_lossy(key).into_owned())
}

/// Where the string that begins here ends; `None` if it does not.
fn end_of_string(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code)]
    struct Outer {
        #[serde(default)]
        all_or_none: bool,
        requests: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Inner {
        name: String,
        #[serde(default)]
        size: u32,
    }

    #[test]
    fn complaints_name_the_field_and_no_type_of_ours() {
        for (body, wanted) in [
            (
                "{}",
                "The request is missing a required field: requests at [line:1, column:2]",
            ),
            (
                r#"{"requests":[{}]}"#,
                "The request is missing a required field: name at [line:1, column:15]",
            ),
            (
                r#"{"allOrNone":"yes","requests":[]}"#,
                "Cannot deserialize instance of boolean from VALUE_STRING value yes for field allOrNone or request \
                 may be missing a required field at [line:1, column:18]",
            ),
            (
                r#"{"requests":{"a:":"b"}}"#,
                "Cannot deserialize instance of list from START_OBJECT value { for field requests or request may be \
                 missing a required field at [line:1, column:12]",
            ),
            (
                "{\"requests\":[{\"name\":\"a\\\"b\",\n\"size\" : -1}]}",
                "Cannot deserialize instance of int from VALUE_NUMBER_INT value -1 for field size or request may be \
                 missing a required field at [line:2, column:11]",
            ),
            (
                r#"{"requests":[],"requests":[]}"#,
                "Duplicate field: requests at [line:1, column:25]",
            ),
        ] {
            let refused = crate::json::parse::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!(refused.message, wanted, "{body}");
        }
        let refused = crate::json::parse::<Outer>(b"[1]").unwrap_err();
        assert!(!refused.message.contains("struct"), "{}", refused.message);
    }
}
