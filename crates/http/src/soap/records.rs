//! create, update, upsert, delete, undelete. Errors of single records are results, not faults.

use engine::{Reply, Request, SaveOp, Submission};
use model::{Catalogue, Code, FieldIx, ObjectDef, ObjectIx, RecordId, Refusal};
use std::sync::Arc;
use wire::json;
use wire::soap::records::{self, RECORDS_MAX};
use wire::xml::Element;

use super::Op;
use crate::answer::Fault;
use crate::call::object_of;
use crate::rest::keyed::is_key;
use crate::rest::parents;

async fn run(op: &Op<'_>, ops: Vec<SaveOp>, shows_created: bool) -> Result<String, Fault> {
    if ops.is_empty() {
        return Ok(String::new());
    }
    let request = Request::Save {
        ops,
        all_or_none: op.request.all_or_none,
    };
    let submission = Submission {
        caller: op.session.caller.clone(),
        command_id: op.call.command_id(),
        request,
    };
    let Reply::Saved(results) = op.session.org.submit(submission).await? else {
        return Err(Refusal::new(Code::UnknownException, "An unexpected error occurred").into());
    };
    let mut out = String::with_capacity(128 * results.len());
    for result in &results {
        let done = result.as_ref().map(|saved| (saved.id, Some(saved.created)));
        records::save_result(&mut out, done, shows_created);
    }
    Ok(out)
}

/// What a record of the request becomes.
#[derive(Clone, Copy)]
enum Wish<'a> {
    Create,
    Update,
    Upsert(&'a str),
}

async fn save(op: &Op<'_>, wish: Wish<'_>) -> Result<String, Fault> {
    let sent: Vec<&Element> = op.all("sObjects").collect();
    records::check_count(sent.len(), RECORDS_MAX)?;
    let catalogue = op.session.org.catalogue();
    let mut ops = Vec::with_capacity(sent.len());
    for record in sent {
        ops.push(match one(op, &catalogue, wish, record).await {
            Ok(made) => made,
            Err(fault) => match fault.refusals() {
                [refusal]
                    if refusal.code != Code::ServerUnavailable
                        && refusal.code != Code::InvalidType =>
                {
                    SaveOp::Refused(refusal.clone())
                }
                _ => return Err(fault), // an unknown object is a fault of the whole call
            },
        });
    }
    run(op, ops, matches!(wish, Wish::Upsert(_))).await
}

/// create.
pub async fn create(op: &Op<'_>) -> Result<String, Fault> {
    save(op, Wish::Create).await
}

/// update.
pub async fn update(op: &Op<'_>) -> Result<String, Fault> {
    save(op, Wish::Update).await
}

/// upsert.
pub async fn upsert(op: &Op<'_>) -> Result<String, Fault> {
    save(op, Wish::Upsert(op.text("externalIDFieldName"))).await
}

/// The object of a name.
///
/// # Errors
/// INVALID_TYPE.
pub fn object(
    op: &Op<'_>,
    catalogue: &Catalogue,
    name: &str,
) -> Result<(ObjectIx, Arc<ObjectDef>), Fault> {
    object_of(catalogue, &op.session.caller, name, op.version).map_err(|_| {
        let message = format!(
            "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the \
             '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
            json::clip(name)
        );
        Refusal::new(Code::InvalidType, message).into()
    })
}

async fn one(
    op: &Op<'_>,
    catalogue: &Catalogue,
    wish: Wish<'_>,
    record: &Element,
) -> Result<SaveOp, Fault> {
    let (object, def) = object(op, catalogue, records::type_of(record).unwrap_or(""))?;
    let row = records::row(record, &def, op.version)?;
    let row = parents::resolve(&op.session, &def, row, op.version).await?;
    let mut values = row.values;
    Ok(match wish {
        Wish::Create if row.id.is_some() => {
            return Err(crate::rest::records::id_in_body("create").into());
        }
        Wish::Create => SaveOp::Create { object, values },
        Wish::Update => {
            let missing =
                || Refusal::new(Code::MissingArgument, "Id not specified in an update call");
            SaveOp::Update {
                object,
                id: row.id.ok_or_else(missing)?,
                values,
            }
        }
        Wish::Upsert(name) => match key(&def, name)? {
            FieldIx(0) => match row.id {
                Some(id) => SaveOp::Update { object, id, values },
                None => SaveOp::Create { object, values },
            },
            by => {
                let at = values
                    .iter()
                    .position(|(field, value)| *field == by && !value.is_null());
                let missing = || {
                    Refusal::new(
                        Code::MissingArgument,
                        format!("{} not specified", def.def(by).name),
                    )
                };
                let (_, key) = values.remove(at.ok_or_else(missing)?);
                SaveOp::Upsert {
                    object,
                    by,
                    key,
                    values,
                }
            }
        },
    })
}

fn key(def: &ObjectDef, name: &str) -> Result<FieldIx, Refusal> {
    let found = def.field(name).filter(|ix| is_key(def.def(*ix)));
    found.ok_or_else(|| {
        let message = format!(
            "Field name provided, {} is not an External ID or indexed field",
            json::clip(name)
        );
        Refusal::new(Code::InvalidField, message)
    })
}

fn ids<'e>(op: &'e Op<'_>) -> Result<Vec<&'e str>, Refusal> {
    let all: Vec<&str> = op.all("ids").map(|e| e.text.trim()).collect();
    records::check_count(all.len(), RECORDS_MAX)?;
    Ok(all)
}

fn malformed(text: &str) -> SaveOp {
    SaveOp::Refused(Refusal::new(
        Code::MalformedId,
        format!("malformed id {}", json::clip(text)),
    ))
}

/// delete.
pub async fn delete(op: &Op<'_>) -> Result<String, Fault> {
    let catalogue = op.session.org.catalogue();
    let of = |text: &str| {
        let found = RecordId::parse(text)
            .ok()
            .and_then(|id| Some((catalogue.object_of(id)?, id)));
        found.map_or_else(
            || malformed(text),
            |(object, id)| SaveOp::Delete { object, id },
        )
    };
    let ops = ids(op)?.into_iter().map(of).collect();
    run(op, ops, false).await
}

/// undelete.
pub async fn undelete(op: &Op<'_>) -> Result<String, Fault> {
    let of = |text: &str| {
        RecordId::parse(text).map_or_else(|_| malformed(text), |id| SaveOp::Undelete { id })
    };
    let ops = ids(op)?.into_iter().map(of).collect();
    run(op, ops, false).await
}
