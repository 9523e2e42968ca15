//! Results of single records: errors stand in them and are no faults (rest-api.md 10, form rule 8).

use model::{Code, Millis, RecordId, Refusal};

use super::session::nil;
use crate::xml;

/// Records of one create, update, upsert, delete, undelete or emptyRecycleBin.
pub const RECORDS_MAX: usize = 200;
/// Ids of one retrieve.
pub const RETRIEVE_MAX: usize = 2_000;
/// Objects of one describeSObjects.
pub const DESCRIBE_MAX: usize = 100;

/// Refuses more records than a call takes.
///
/// # Errors
/// EXCEEDED_ID_LIMIT.
pub fn check_count(count: usize, max: usize) -> Result<(), Refusal> {
    if count <= max {
        return Ok(());
    }
    let message =
        format!("record limit reached. cannot submit more than {max} records into this call");
    Err(Refusal::new(Code::ExceededIdLimit, message))
}

/// `<result>` of create, update, delete, undelete and emptyRecycleBin; `created` is what an upsert says first.
pub fn save(out: &mut String, done: Result<RecordId, &Refusal>, created: Option<bool>) {
    out.push_str("<result>");
    if let Some(created) = created {
        flag(out, "created", created);
    }
    match done {
        Ok(id) => xml::leaf(out, "id", &id.to_string()),
        Err(refusal) => {
            error(out, refusal);
            nil(out, "id");
        }
    }
    flag(out, "success", done.is_ok());
    out.push_str("</result>");
}

/// `<result>` of invalidateSessions, with what stood against it.
pub fn invalidated(out: &mut String, refused: Option<&Refusal>) {
    out.push_str("<result>");
    if let Some(refusal) = refused {
        error(out, refusal);
    }
    flag(out, "success", refused.is_none());
    out.push_str("</result>");
}

fn flag(out: &mut String, name: &str, value: bool) {
    xml::leaf(out, name, if value { "true" } else { "false" });
}

fn error(out: &mut String, refusal: &Refusal) {
    let (code, message) = match refusal.code {
        Code::NotFound => ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        code => (code.as_str(), &*refusal.message),
    };
    out.push_str("<errors>");
    refusal
        .fields
        .iter()
        .for_each(|field| xml::leaf(out, "fields", field));
    xml::leaf(out, "message", message);
    xml::leaf(out, "statusCode", code);
    out.push_str("</errors>");
}

/// `<result>` of getUpdated.
pub fn updated(ids: &[RecordId], covered: Millis) -> String {
    let mut out = String::with_capacity(64 + ids.len() * 32);
    out.push_str("<result>");
    ids.iter()
        .for_each(|id| xml::leaf(&mut out, "ids", &id.to_string()));
    xml::leaf(&mut out, "latestDateCovered", &covered.to_xml());
    out.push_str("</result>");
    out
}

/// `<result>` of getDeleted.
pub fn deleted(rows: &[(RecordId, Millis)], earliest: Millis, covered: Millis) -> String {
    let mut out = String::with_capacity(128 + rows.len() * 128);
    out.push_str("<result>");
    for (id, at) in rows {
        out.push_str("<deletedRecords>");
        xml::leaf(&mut out, "deletedDate", &at.to_xml());
        xml::leaf(&mut out, "id", &id.to_string());
        out.push_str("</deletedRecords>");
    }
    xml::leaf(&mut out, "earliestDateAvailable", &earliest.to_xml());
    xml::leaf(&mut out, "latestDateCovered", &covered.to_xml());
    out.push_str("</result>");
    out
}
