//! Single records (rest-api.md 5.1).

use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use engine::{Current, Reply, Request, SaveOp, Saved};
use model::{AnswerRow, Cell, Code, ObjectDef, ObjectIx, RecordId, Refusal, Value};
use wire::rest::{answer, collections};

use crate::answer::{Answer, Fault, Notation, Outcome, kind};
use crate::call::Call;
use crate::conditions;
use crate::reads;

/// Stores one record; an error names its fields.
pub async fn save(call: &Call, op: SaveOp) -> Result<Saved, Fault> {
    let op = conditions::guarded(call, op);
    let reply = call
        .submit(Request::Save {
            ops: vec![op],
            all_or_none: true,
        })
        .await
        .map_err(Fault::into_write)?;
    let result = match reply {
        Reply::Saved(results) => results.into_iter().next(),
        _ => None,
    };
    let unexpected = || {
        Err(Refusal::new(
            Code::UnknownException,
            "An unexpected error occurred",
        ))
    };
    result.unwrap_or_else(unexpected).map_err(Fault::of_write)
}

/// The record id of the path; an id of another object or no id at all is not found.
pub fn id_of(call: &Call, object: &ObjectDef) -> Result<RecordId, Fault> {
    let id = RecordId::parse(call.param("key")).map_err(|_| Fault::not_found())?;
    if id.prefix() == object.prefix() {
        Ok(id)
    } else {
        Err(Fault::not_found())
    }
}

/// 201 with the new id and its Location.
pub fn created(call: &Call, object: &ObjectDef, id: RecordId) -> Outcome {
    let mut out = Vec::with_capacity(64);
    collections::created(&mut out, id);
    let location = answer::record_url(call.version, &object.name, id);
    let made = match call.notation {
        Notation::Json => Answer::of(StatusCode::CREATED, kind::JSON, out),
        Notation::Xml => {
            let text = wire::xml::from_json("Result", &out);
            Answer::of(StatusCode::CREATED, kind::XML, text.into_bytes())
        }
    };
    let location = HeaderValue::from_maybe_shared(bytes::Bytes::from(location));
    Ok(match location {
        Ok(location) => made.with(header::LOCATION, location),
        Err(_) => made,
    })
}

/// POST /sobjects/X.
pub async fn create(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (object, def) = call.object(&catalogue)?;
    let row = super::parents::record(&call, &def)
        .await
        .map_err(Fault::into_write)?;
    if row.id.is_some() {
        return Err(Fault::of_write(id_in_body("create")));
    }
    let saved = save(
        &call,
        SaveOp::Create {
            object,
            values: row.values,
        },
    )
    .await?;
    created(&call, &def, saved.id)
}

/// The Id is no field that a client sets.
pub fn id_in_body(what: &str) -> Refusal {
    let message = format!(
        "Unable to {what} fields: Id. Please check the security settings of this field and verify that it is \
         read/write for your profile or permission set."
    );
    Refusal::about(Code::InvalidFieldForInsertUpdate, message, ["Id"])
}

/// GET /sobjects/X/ID.
pub async fn get(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (object, def) = call.object(&catalogue)?;
    let id = id_of(&call, &def)?;
    read(&call, object, id).await
}

/// Answers one record, with the fields that the query names or all.
pub async fn read(call: &Call, object: ObjectIx, id: RecordId) -> Outcome {
    let session = call.session()?;
    let catalogue = session.org.catalogue();
    let def = catalogue.def(object);
    let query = call.query();
    let mut fields: Option<Vec<&str>> = query.filled("fields").map(|list| {
        list.split(',')
            .map(str::trim)
            .filter(|f| !f.is_empty())
            .collect()
    });
    let stamp = engine::version_field(def).filter(|field| {
        let rights = &session.caller.rights;
        def.def(*field).visible_in(call.version) && rights.can_read(object, *field)
    });
    let stamp = stamp.map(|field| def.def(field).name.as_str());
    let is_extra = add(fields.as_mut(), stamp);
    let plan = reads::plan_record(session, object, id, fields.as_deref())?;
    let mut row = session.org.get(plan).await?.ok_or_else(Fault::not_found)?;
    let current = version(&row, stamp);
    if is_extra {
        row.cells.pop();
    }
    if let Some(answer) = conditions::of_read(call, current)? {
        return Ok(answer);
    }
    let answer = if call.notation == Notation::Xml {
        call.xml(answer::row_xml(&row, call.version))
    } else {
        let mut out = Vec::with_capacity(4_096);
        answer::row(&mut out, &row, call.version);
        Answer::json(out)
    };
    Ok(conditions::tagged(answer, current))
}

/// Asks for the version with the fields that the client named; true if it did not name it itself.
fn add<'n>(fields: Option<&mut Vec<&'n str>>, stamp: Option<&'n str>) -> bool {
    let (Some(fields), Some(stamp)) = (fields, stamp) else {
        return false;
    };
    if fields.iter().any(|name| name.eq_ignore_ascii_case(stamp)) {
        return false;
    }
    if fields.is_empty() {
        fields.push("Id");
    }
    fields.push(stamp);
    true
}

fn version(row: &AnswerRow, stamp: Option<&str>) -> Current {
    let mut cells = row.cells.iter();
    match cells.find(|(name, _)| Some(&**name) == stamp) {
        Some((_, Cell::Value(Value::DateTime(at)))) => Current::At(*at),
        _ => Current::Unversioned,
    }
}

/// PATCH /sobjects/X/ID.
pub async fn update(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (object, def) = call.object(&catalogue)?;
    let id = id_of(&call, &def)?;
    let row = super::parents::record(&call, &def)
        .await
        .map_err(Fault::into_write)?;
    if row.id.is_some_and(|own| own != id) {
        return Err(Fault::of_write(id_in_body("create/update")));
    }
    save(
        &call,
        SaveOp::Update {
            object,
            id,
            values: row.values,
        },
    )
    .await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// DELETE /sobjects/X/ID.
pub async fn delete(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (object, def) = call.object(&catalogue)?;
    let id = id_of(&call, &def)?;
    save(&call, SaveOp::Delete { object, id }).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
