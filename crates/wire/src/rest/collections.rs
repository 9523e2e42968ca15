//! Results of writes: single, collections, tree (rest-api.md 5.1, 7.4).

use model::{RecordId, Refusal};

use super::errors::result_errors;
use crate::json;

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
