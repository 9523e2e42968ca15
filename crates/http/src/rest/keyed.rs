//! Records by an external id or lookup field, and records that stand in relation to one (rest-api.md 5.1).
//!
//! `/sobjects/X/FIELD/VALUE` and `/sobjects/X/ID/RELATION` have the same shape: a first part that is an
//! id of the object is an id, everything else a field.

use axum::http::StatusCode;
use engine::{MULTIPLE_MATCHES, SaveOp};
use model::{Code, FieldDef, FieldIx, ObjectDef, ObjectIx, RecordId, Refusal, Value};
use wire::json;
use wire::rest::values::{Scalar, coerce};
use wire::rest::{answer, collections};

use super::records::{self, id_of, save};
use crate::answer::{Answer, Fault, Outcome, kind};
use crate::call::Call;
use crate::reads;

/// More matches than this are not listed.
const MATCHES_MAX: usize = 200;

/// The field of the path as a key, with the value typed.
///
/// # Errors
/// NOT_FOUND for a field that is no key.
pub fn key(call: &Call, def: &ObjectDef) -> Result<(FieldIx, Value), Fault> {
    let name = call.param("key");
    let found = def.field(name).filter(|ix| {
        let field = def.def(*ix);
        is_key(field) && field.visible_in(call.version)
    });
    let field = found.ok_or_else(|| no_such_key(name))?;
    let value = coerce(def.def(field), Scalar::Text(call.param("value").into()))?;
    if value.is_null() {
        return Err(Fault::not_found());
    }
    Ok((field, value))
}

/// True for fields that can find a record.
pub fn is_key(field: &FieldDef) -> bool {
    field.external_id || field.id_lookup || field.name == "Id"
}

/// NOT_FOUND for a field that is no key.
pub fn no_such_key(name: &str) -> Refusal {
    let message = format!(
        "Provided external ID field does not exist or is not accessible: {}",
        json::clip(name)
    );
    Refusal::new(Code::NotFound, message)
}

/// The ids of the records with this key.
async fn matches(
    call: &Call,
    def: &ObjectDef,
    field: FieldIx,
    value: &Value,
) -> Result<Vec<RecordId>, Fault> {
    let literal = reads::literal(value).ok_or_else(Fault::not_found)?;
    let text = format!(
        "SELECT Id FROM {} WHERE {} = {literal} LIMIT {MATCHES_MAX}",
        def.name,
        def.def(field).name
    );
    reads::ids(call.session()?, &text, false, MATCHES_MAX).await
}

/// 300 with the URLs of all matches.
fn several(call: &Call, def: &ObjectDef, ids: &[String]) -> Outcome {
    let mut out = Vec::with_capacity(64 * ids.len());
    json::list(&mut out, ids, |out, id| {
        json::text(
            out,
            &format!("{}/sobjects/{}/{id}", answer::base(call.version), def.name),
        );
    });
    Ok(Answer::of(StatusCode::MULTIPLE_CHOICES, kind::JSON, out))
}

fn one(call: &Call, def: &ObjectDef, ids: &[RecordId]) -> Result<RecordId, Outcome> {
    match ids {
        [] => Err(Err(Fault::not_found())),
        [id] => Ok(*id),
        many => {
            let ids: Vec<String> = many.iter().map(RecordId::to_string).collect();
            Err(several(call, def, &ids))
        }
    }
}

/// GET /sobjects/X/FIELD/VALUE and /sobjects/X/ID/RELATION.
pub async fn get(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (object, def) = call.object(&catalogue)?;
    if let Ok(id) = id_of(&call, &def) {
        return related(&call, object, &def, id).await;
    }
    let (field, value) = key(&call, &def)?;
    let found = matches(&call, &def, field, &value).await?;
    match one(&call, &def, &found) {
        Ok(id) => records::read(&call, object, id).await,
        Err(outcome) => outcome,
    }
}

/// DELETE /sobjects/X/FIELD/VALUE.
pub async fn delete(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (object, def) = call.object(&catalogue)?;
    let (field, value) = key(&call, &def)?;
    let found = matches(&call, &def, field, &value).await?;
    match one(&call, &def, &found) {
        Ok(id) => {
            save(&call, SaveOp::Delete { object, id }).await?;
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        Err(outcome) => outcome,
    }
}

/// PATCH /sobjects/X/FIELD/VALUE: update what the key finds, else create.
pub async fn upsert(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (object, def) = call.object(&catalogue)?;
    let (by, key) = key(&call, &def)?;
    let row = super::parents::record(&call, &def)
        .await
        .map_err(Fault::into_write)?;
    let in_body =
        row.id.is_some() && by == FieldIx(0) || row.values.iter().any(|(field, _)| *field == by);
    if in_body {
        let message = format!(
            "The {} field should not be specified in the sobject data.",
            def.def(by).name
        );
        return Err(Fault::of_write(Refusal::about(
            Code::InvalidField,
            message,
            [&def.def(by).name],
        )));
    }
    if call.query().flag("updateOnly") && matches(&call, &def, by, &key).await?.is_empty() {
        return Err(Fault::not_found());
    }
    let op = match (by, key.as_id()) {
        (FieldIx(0), Some(id)) => SaveOp::Update {
            object,
            id,
            values: row.values,
        },
        _ => SaveOp::Upsert {
            object,
            by,
            key,
            values: row.values,
        },
    };
    let saved = match save(&call, op).await {
        Ok(saved) => saved,
        Err(fault) => {
            let refusals = fault.refusals();
            return match refusals.first().filter(|r| r.message == MULTIPLE_MATCHES) {
                Some(refusal) => several(&call, &def, &refusal.fields),
                None => Err(fault),
            };
        }
    };
    if !saved.created && call.version < 46 {
        return Ok(Answer::empty(StatusCode::NO_CONTENT));
    }
    let status = if saved.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let mut out = Vec::with_capacity(96);
    collections::upserted(&mut out, saved.id, saved.created, call.version);
    Ok(Answer::of(status, kind::JSON, out))
}

/// POST /sobjects/X/Id: create with Id as the upsert field.
pub async fn create(call: Call) -> Outcome {
    if !call.param("key").eq_ignore_ascii_case("Id") {
        return Err(Fault::not_found());
    }
    records::create(call).await
}

/// The parent record or the child records behind a relationship name.
async fn related(call: &Call, object: ObjectIx, def: &ObjectDef, id: RecordId) -> Outcome {
    let name = call.param("value");
    if let Some(field) = def.relationship(name) {
        return parent(call, object, def, id, field).await;
    }
    let mut children = def.child_relationships.iter();
    let child = children.find(|c| {
        c.relationship_name
            .as_deref()
            .is_some_and(|n| n.eq_ignore_ascii_case(name))
    });
    let child = child.ok_or_else(Fault::not_found)?;
    let catalogue = call.catalogue()?;
    let session = call.session()?;
    let (_, child_def) = crate::call::object_of(
        &catalogue,
        &session.caller,
        &child.child_object,
        call.version,
    )?;
    let fields = call
        .query()
        .filled("fields")
        .map_or_else(|| "FIELDS(STANDARD)".to_owned(), str::to_owned);
    let text = format!(
        "SELECT {fields} FROM {} WHERE {} = '{}'",
        child_def.name,
        child.field,
        id.as_15()
    );
    super::query::answer_to(call, &text, false).await
}

async fn parent(
    call: &Call,
    object: ObjectIx,
    def: &ObjectDef,
    id: RecordId,
    field: FieldIx,
) -> Outcome {
    let session = call.session()?;
    let plan = reads::plan_record(session, object, id, Some(&[&def.def(field).name]))?;
    let row = session.org.get(plan).await?.ok_or_else(Fault::not_found)?;
    let target = row.cells.iter().find_map(|(_, cell)| match cell {
        model::Cell::Value(value) => value.as_id(),
        _ => None,
    });
    let target = target.ok_or_else(Fault::not_found)?;
    let catalogue = call.catalogue()?;
    let object = catalogue.object_of(target).ok_or_else(Fault::not_found)?;
    records::read(call, object, target).await
}
