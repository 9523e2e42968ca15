//! Bodies of work actions and of the supervisor desk. What these calls answer prints itself.

use model::{Code, RecordId, Refusal};
use serde_json::Value as Json;

use crate::json;
use crate::omni::invalid;

/// Where work shall go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Group.
    Queue(RecordId),
    /// User.
    User(RecordId),
    /// Skills, at least one.
    Skills(Vec<RecordId>),
}

/// Ids to add and ids to take away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Edit {
    pub add: Vec<RecordId>,
    pub remove: Vec<RecordId>,
}

/// Skills of an agent to set and to take away.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct SkillEdit {
    pub set: Vec<(RecordId, f64)>,
    pub remove: Vec<RecordId>,
}

fn object(body: &[u8]) -> Result<serde_json::Map<String, Json>, Refusal> {
    match json::parse(body)? {
        Json::Object(map) => Ok(map),
        _ => Err(invalid("the body must be an object")),
    }
}

fn id(value: &Json) -> Option<RecordId> {
    RecordId::parse(value.as_str()?.trim()).ok()
}

fn ids(map: &serde_json::Map<String, Json>, name: &str) -> Result<Vec<RecordId>, Refusal> {
    let wrong = || invalid(&format!("{name} must be a list of ids"));
    match map.get(name) {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(all)) => all.iter().map(|v| id(v).ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

/// `{"message"?}`; an absent or empty body means none.
///
/// # Errors
/// JSON_PARSER_ERROR, or INVALID_ARGUMENT if the message is no text.
pub fn flag_message(body: &[u8]) -> Result<Option<String>, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    match object(body)?.get("message") {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone()).filter(|t| !t.trim().is_empty())),
        Some(_) => Err(invalid("message must be a text")),
    }
}

/// `{"target": id or list of ids}`: a queue, a user, or skills; the key prefix says which.
///
/// # Errors
/// JSON_PARSER_ERROR, INVALID_ARGUMENT, FUNCTIONALITY_NOT_ENABLED for a flow.
pub fn destination(body: &[u8]) -> Result<Destination, Refusal> {
    let map = object(body)?;
    let wrong = || invalid("target must be the id of a queue, of a user, or ids of skills");
    let all: Vec<RecordId> = match map.get("target") {
        Some(Json::Array(all)) => all
            .iter()
            .map(id)
            .collect::<Option<_>>()
            .ok_or_else(wrong)?,
        Some(one) => vec![id(one).ok_or_else(wrong)?],
        None => return Err(wrong()),
    };
    let kinds: Vec<&str> = all.iter().map(|id| &id.as_15()[..3]).collect();
    match (kinds.as_slice(), all.as_slice()) {
        (["00G"], [queue]) => Ok(Destination::Queue(*queue)),
        (["005"], [user]) => Ok(Destination::User(*user)),
        (["300" | "301"], _) => Err(Refusal::new(
            Code::FunctionalityNotEnabled,
            "work cannot be sent to a flow yet",
        )),
        (kinds, _) if !kinds.is_empty() && kinds.iter().all(|k| *k == "0C5") => {
            Ok(Destination::Skills(all))
        }
        _ => Err(wrong()),
    }
}

/// `{"add"?: [ids], "remove"?: [ids]}`.
///
/// # Errors
/// JSON_PARSER_ERROR or INVALID_ARGUMENT.
pub fn edit(body: &[u8]) -> Result<Edit, Refusal> {
    let map = object(body)?;
    let edit = Edit {
        add: ids(&map, "add")?,
        remove: ids(&map, "remove")?,
    };
    if edit == Edit::default() {
        return Err(invalid("add or remove must name somebody"));
    }
    Ok(edit)
}

/// `{"set"?: [{"skillId", "level"?}], "remove"?: [ids]}`; a level that is left out is 0.
///
/// # Errors
/// JSON_PARSER_ERROR or INVALID_ARGUMENT.
pub fn skill_edit(body: &[u8]) -> Result<SkillEdit, Refusal> {
    let map = object(body)?;
    let wrong = || invalid("set must be a list of objects with skillId and level");
    let one = |value: &Json| {
        let level = match value.get("level") {
            None | Some(Json::Null) => 0.0,
            Some(level) => level.as_f64().ok_or_else(wrong)?,
        };
        let skill = value.get("skillId").and_then(id).ok_or_else(wrong)?;
        Ok((skill, level))
    };
    let set = match map.get("set") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(all)) => all.iter().map(one).collect::<Result<_, _>>()?,
        Some(_) => return Err(wrong()),
    };
    let edit = SkillEdit {
        set,
        remove: ids(&map, "remove")?,
    };
    if edit == SkillEdit::default() {
        return Err(invalid("set or remove must name a skill"));
    }
    Ok(edit)
}

/// Settings by name, as text; null puts one back to its default.
///
/// # Errors
/// JSON_PARSER_ERROR or INVALID_ARGUMENT.
pub fn settings(body: &[u8]) -> Result<Vec<(String, Option<String>)>, Refusal> {
    let text = |(name, value): (String, Json)| match value {
        Json::Null => Ok((name, None)),
        Json::Bool(flag) => Ok((name, Some(flag.to_string()))),
        Json::Number(number) => Ok((name, Some(number.to_string()))),
        Json::String(text) => Ok((name, Some(text))),
        Json::Array(_) | Json::Object(_) => Err(invalid(&format!("{name} must be a plain value"))),
    };
    object(body)?.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(prefix: &'static str) -> RecordId {
        RecordId::new(model::KeyPrefix::of(prefix), 1)
    }

    #[test]
    fn targets_are_told_by_their_prefix() {
        let at = |body: &str| destination(body.as_bytes());
        assert_eq!(
            at(r#"{"target":"00G000000000001"}"#),
            Ok(Destination::Queue(some("00G")))
        );
        assert_eq!(
            at(r#"{"target":"005000000000001"}"#),
            Ok(Destination::User(some("005")))
        );
        assert_eq!(
            at(r#"{"target":["0C5000000000001"]}"#),
            Ok(Destination::Skills(vec![some("0C5")]))
        );
        let code = |body: &str| at(body).unwrap_err().code;
        assert_eq!(
            code(r#"{"target":"300000000000001"}"#),
            Code::FunctionalityNotEnabled
        );
        for wrong in [
            r#"{"target":[]}"#,
            r#"{"target":["0C5000000000001","005000000000001"]}"#,
            r#"{"target":["00G000000000001","00G000000000001"]}"#,
            r#"{"target":7}"#,
            "{}",
            "[]",
        ] {
            assert_eq!(code(wrong), Code::InvalidArgument, "{wrong}");
        }
        assert_eq!(code("{"), Code::JsonParserError);
    }

    #[test]
    fn edits_need_something_to_do() {
        assert!(edit(br#"{"add":["005000000000001"]}"#).is_ok());
        assert!(edit(b"{}").is_err() && edit(br#"{"add":"x"}"#).is_err());
        let skills = skill_edit(br#"{"set":[{"skillId":"0C5000000000001","level":2.5}]}"#);
        assert_eq!(skills.unwrap().set, [(some("0C5"), 2.5)]);
        assert!(skill_edit(br#"{"set":[{"level":2.5}]}"#).is_err());
        assert!(skill_edit(b"{}").is_err());
    }

    #[test]
    fn settings_become_text() {
        let mut read = settings(br#"{"a":true,"b":5,"c":"x","d":null}"#).unwrap();
        read.sort();
        let text = |t: &str| Some(t.to_owned());
        let wanted = [
            ("a", text("true")),
            ("b", text("5")),
            ("c", text("x")),
            ("d", None),
        ];
        assert_eq!(read, wanted.map(|(name, value)| (name.to_owned(), value)));
        assert!(settings(br#"{"a":[]}"#).is_err());
    }

    #[test]
    fn messages() {
        assert_eq!(flag_message(b""), Ok(None));
        assert_eq!(
            flag_message(br#"{"message":"help"}"#),
            Ok(Some("help".into()))
        );
        assert!(flag_message(br#"{"message":1}"#).is_err());
    }
}
