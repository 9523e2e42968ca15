//! Results of writes: single, collections, tree (rest-api.md 5.1, 7.4).

use model::{Code, RecordId, Refusal};
use serde::Deserialize;
use serde_json::Value as Json;

use super::errors::result_errors;
use crate::json;

/// Records of one collection request (rest-api.md 7.4).
pub const RECORDS_MAX: usize = 200;
/// Ids that one retrieve by POST may name.
pub const IDS_MAX: usize = 2_000;

/// `{"allOrNone","records"}`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Records {
    /// One failure undoes all.
    #[serde(default)]
    pub all_or_none: bool,
    /// The records, each with its type in `attributes`.
    pub records: Vec<Json>,
}

/// `{"ids","fields"}`.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    /// Record ids.
    pub ids: Vec<String>,
    /// Field names.
    pub fields: Vec<String>,
}

/// Reads a collection.
///
/// # Errors
/// JSON_PARSER_ERROR, or EXCEEDED_ID_LIMIT for more than 200 records.
pub fn records(body: &[u8]) -> Result<Records, Refusal> {
    let read: Records = json::parse(body)?;
    if read.records.len() > RECORDS_MAX {
        return Err(too_many(RECORDS_MAX));
    }
    Ok(read)
}

/// EXCEEDED_ID_LIMIT.
pub fn too_many(max: usize) -> Refusal {
    let message =
        format!("record limit reached. cannot submit more than {max} records into this call");
    Refusal::new(Code::ExceededIdLimit, message)
}

/// The object that a record names for itself.
pub fn type_of(record: &Json) -> Option<&str> {
    record.get("attributes")?.get("type")?.as_str()
}

/// `{"id","success":true,"errors":[]}` of a created record.
pub fn created(out: &mut Vec<u8>, id: RecordId) {
    out.extend_from_slice(br#"{"id":"#);
    json::id(out, id);
    out.extend_from_slice(br#","success":true,"errors":[]}"#);
}

/// The answer of an upsert; `created` is shown from 46.0.
pub fn upserted(out: &mut Vec<u8>, id: RecordId, created: bool, version: u32) {
    out.extend_from_slice(br#"{"id":"#);
    json::id(out, id);
    out.extend_from_slice(br#","success":true,"errors":[]"#);
    if version >= 46 {
        json::put(out, format_args!(",\"created\":{created}"));
    }
    out.push(b'}');
}

/// One result of a collection; an upsert names `created`, a failed update names its id.
pub fn result(
    out: &mut Vec<u8>,
    done: Result<(RecordId, Option<bool>), &Refusal>,
    id: Option<RecordId>,
) {
    let mut object = json::Object::open(out);
    match done {
        Ok((id, created)) => {
            object
                .id("id", id)
                .bool("success", true)
                .raw("errors", "[]");
            if let Some(created) = created {
                object.bool("created", created);
            }
        }
        Err(refusal) => {
            if let Some(id) = id {
                object.id("id", id);
            }
            object.bool("success", false);
            result_errors(object.key("errors"), std::slice::from_ref(refusal));
        }
    }
    object.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Code, KeyPrefix};

    #[test]
    fn golden() {
        let id = RecordId::new(KeyPrefix::of("500"), 1);
        let mut out = Vec::new();
        created(&mut out, id);
        upserted(&mut out, id, true, 64);
        upserted(&mut out, id, true, 45);
        result(&mut out, Ok((id, None)), None);
        result(&mut out, Err(&Refusal::new(Code::InvalidField, "x")), None);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"{"id":"500000000000001AAA","success":true,"errors":[]}"#,
                r#"{"id":"500000000000001AAA","success":true,"errors":[],"created":true}"#,
                r#"{"id":"500000000000001AAA","success":true,"errors":[]}"#,
                r#"{"id":"500000000000001AAA","success":true,"errors":[]}"#,
                r#"{"success":false,"errors":[{"statusCode":"INVALID_FIELD","message":"x","fields":[]}]}"#,
            )
        );
    }
}
