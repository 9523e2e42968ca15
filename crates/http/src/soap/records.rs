//! create, update, upsert, delete, undelete, emptyRecycleBin. Errors of single records are results, not faults.

use std::sync::Arc;

use engine::{Reply, Request, SaveOp, Saved, Submission};
use model::{Catalogue, Code, FieldIx, ObjectDef, ObjectIx, RecordId, Refusal};
use wire::json;
use wire::soap::records;
use wire::soap::results::{self, RECORDS_MAX};
use wire::xml::Element;

use super::{Inside, Op};
use crate::answer::Fault;
use crate::call::object_of;
use crate::reads;
use crate::rest::collections::{self, Wish};
use crate::rest::keyed::is_key;
use crate::rest::parents;

type Results = Vec<Result<Saved, Refusal>>;

async fn run(op: &Op<'_>, ops: Vec<SaveOp>) -> Result<Results, Fault> {
    if ops.is_empty() {
        return Ok(Results::new());
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
    match op.session.org.submit(submission).await? {
        Reply::Saved(results) => Ok(results),
        _ => Err(Refusal::new(Code::UnknownException, "An unexpected error occurred").into()),
    }
}

fn print(results: &Results, shows_created: bool) -> String {
    let mut out = String::with_capacity(128 * results.len());
    for result in results {
        let created = result.as_ref().is_ok_and(|saved| saved.created);
        let done = result.as_ref().map(|saved| saved.id);
        results::save(&mut out, done, shows_created.then_some(created));
    }
    out
}

/// What the operation does with its records.
#[derive(Clone, Copy)]
enum Verb<'a> {
    Create,
    Update,
    Upsert(&'a str),
}

async fn save(op: &Op<'_>, verb: Verb<'_>) -> Inside {
    let sent: Vec<&Element> = op.all("sObjects").collect();
    results::check_count(sent.len(), RECORDS_MAX)?;
    let catalogue = op.session.org.catalogue();
    let mut ops = Vec::with_capacity(sent.len());
    for record in sent {
        ops.push(match one(op, &catalogue, verb, record).await {
            Ok(made) => made,
            Err(fault) => in_its_place(fault)?,
        });
    }
    Ok(print(&run(op, ops).await?, matches!(verb, Verb::Upsert(_))))
}

/// An unknown object is a fault of the whole call, as is trouble of the server; everything else stands in the
/// results.
fn in_its_place(fault: Fault) -> Result<SaveOp, Fault> {
    match fault.refusals() {
        [refusal] if !matches!(refusal.code, Code::ServerUnavailable | Code::InvalidType) => {
            Ok(SaveOp::Refused(refusal.clone()))
        }
        _ => Err(fault),
    }
}

async fn one(
    op: &Op<'_>,
    catalogue: &Catalogue,
    verb: Verb<'_>,
    record: &Element,
) -> Result<SaveOp, Fault> {
    let (object, def) = object(op, catalogue, records::type_of(record).unwrap_or(""))?;
    let wish = match verb {
        Verb::Create => Wish::Create,
        Verb::Update => Wish::Update,
        Verb::Upsert(name) => Wish::Upsert(object, key(&def, name)?),
    };
    let row = records::row(record, &def, op.version)?;
    let row = parents::resolve(&op.session, &def, row, op.version).await?;
    Ok(collections::op(&wish, object, &def, row)?)
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

/// create.
pub async fn create(op: &Op<'_>) -> Inside {
    save(op, Verb::Create).await
}

/// update.
pub async fn update(op: &Op<'_>) -> Inside {
    save(op, Verb::Update).await
}

/// upsert.
pub async fn upsert(op: &Op<'_>) -> Inside {
    save(op, Verb::Upsert(op.text("externalIDFieldName"))).await
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

/// An id with its object, or why it is none.
type Found = Result<(ObjectIx, RecordId), Refusal>;

/// The ids of the operation.
fn ids(op: &Op<'_>) -> Result<Vec<Found>, Refusal> {
    let catalogue = op.session.org.catalogue();
    let of = |element: &Element| {
        let text = element.text.trim();
        let malformed = || {
            Refusal::new(
                Code::MalformedId,
                format!("malformed id {}", json::clip(text)),
            )
        };
        let id = RecordId::parse(text).map_err(|_| malformed())?;
        Ok((catalogue.object_of(id).ok_or_else(malformed)?, id))
    };
    let all: Vec<_> = op.all("ids").map(of).collect();
    results::check_count(all.len(), RECORDS_MAX)?;
    Ok(all)
}

async fn each(op: &Op<'_>, become_op: impl Fn(ObjectIx, RecordId) -> SaveOp) -> Inside {
    let ops = ids(op)?.into_iter().map(|found| match found {
        Ok((object, id)) => become_op(object, id),
        Err(refusal) => SaveOp::Refused(refusal),
    });
    Ok(print(&run(op, ops.collect()).await?, false))
}

/// delete.
pub async fn delete(op: &Op<'_>) -> Inside {
    each(op, |object, id| SaveOp::Delete { object, id }).await
}

/// undelete.
pub async fn undelete(op: &Op<'_>) -> Inside {
    each(op, |_, id| SaveOp::Undelete { id }).await
}

/// emptyRecycleBin: only what lies in it.
pub async fn empty_recycle_bin(op: &Op<'_>) -> Inside {
    let ids = ids(op)?;
    let binned = binned(op, ids.iter().flatten().copied()).await?;
    each(op, |object, id| {
        if binned.contains(&id) {
            SaveOp::Erase { object, id }
        } else {
            let message = "the record is not in the recycle bin";
            SaveOp::Refused(Refusal::new(Code::InvalidIdField, message))
        }
    })
    .await
}

/// Which of these records are in the recycle bin.
async fn binned(
    op: &Op<'_>,
    ids: impl Iterator<Item = (ObjectIx, RecordId)>,
) -> Result<Vec<RecordId>, Fault> {
    let catalogue = op.session.org.catalogue();
    let mut by_object: Vec<(ObjectIx, Vec<String>)> = Vec::new();
    for (object, id) in ids {
        let id = format!("'{}'", id.as_15());
        match by_object.iter_mut().find(|(known, _)| *known == object) {
            Some((_, list)) => list.push(id),
            None => by_object.push((object, vec![id])),
        }
    }
    let mut found = Vec::new();
    for (object, list) in by_object {
        let def = catalogue.def(object);
        if def.field("IsDeleted").is_none() || !op.session.caller.rights.can_describe(object) {
            continue;
        }
        let text = format!(
            "SELECT Id FROM {} WHERE IsDeleted = true AND Id IN ({})",
            def.name,
            list.join(",")
        );
        found.extend(reads::ids(&op.session, &text, true, RECORDS_MAX).await?);
    }
    Ok(found)
}
