//! Collections: up to 200 records in one request (rest-api.md 7.4).

use engine::{Reply, Request, SaveOp, Saved};
use model::{Catalogue, Code, FieldIx, ObjectDef, ObjectIx, RecordId, Refusal, Value};
use serde_json::Value as Json;
use wire::json;
use wire::rest::body::Row;
use wire::rest::collections::{self, IDS_MAX, RECORDS_MAX, Wanted};
use wire::rest::{answer, body};

use super::keyed::{is_key, no_such_key};
use super::parents;
use crate::answer::{Answer, Fault, Outcome};
use crate::call::{Call, Session, object_of};
use crate::reads;

/// What a record of the request becomes.
pub enum Wish {
    /// A new record.
    Create,
    /// New values of the record that it names.
    Update,
    /// One or the other, by the value of this field.
    Upsert(ObjectIx, FieldIx),
}

/// One record: the operation, and the id that the client named.
struct Item {
    op: SaveOp,
    id: Option<RecordId>,
}

/// POST /composite/sobjects.
pub async fn create(call: Call) -> Outcome {
    save(&call, &Wish::Create).await
}

/// PATCH /composite/sobjects.
pub async fn update(call: Call) -> Outcome {
    save(&call, &Wish::Update).await
}

/// PATCH /composite/sobjects/X/FIELD.
pub async fn upsert(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (object, def) = call.object(&catalogue)?;
    let name = call.param("key");
    let field = def.field(name).filter(|ix| is_key(def.def(*ix)));
    let field = field.ok_or_else(|| no_such_key(name))?;
    save(&call, &Wish::Upsert(object, field)).await
}

async fn save(call: &Call, wish: &Wish) -> Outcome {
    let asked = collections::records(&call.body)?;
    let catalogue = call.catalogue()?;
    let mut items = Vec::with_capacity(asked.records.len());
    for record in &asked.records {
        items.push(match item(call, &catalogue, wish, record).await {
            Ok(item) => item,
            Err(fault) => refused(fault)?,
        });
    }
    let shows_created = matches!(wish, Wish::Upsert(..));
    let is_create = matches!(wish, Wish::Create);
    let ids: Vec<_> = items
        .iter()
        .map(|item| item.id.filter(|_| !is_create))
        .collect();
    let ops = items.into_iter().map(|item| item.op).collect();
    let results = run(call, ops, asked.all_or_none).await?;
    let mut out = Vec::with_capacity(64 * results.len() + 16);
    json::list(&mut out, results.iter().zip(ids), |out, (result, id)| {
        let done = result
            .as_ref()
            .map(|saved| (saved.id, shows_created.then_some(saved.created)));
        collections::result(out, done, id);
    });
    call.answer(out)
}

/// A record that cannot be typed is refused in its place; anything worse ends the request.
fn refused(fault: Fault) -> Result<Item, Fault> {
    match fault {
        Fault::Refused {
            mut refusals,
            status: None,
            ..
        } if refusals.len() == 1 && refusals[0].code != Code::ServerUnavailable => Ok(Item {
            op: SaveOp::Refused(refusals.remove(0)),
            id: None,
        }),
        other => Err(other),
    }
}

async fn item(
    call: &Call,
    catalogue: &Catalogue,
    wish: &Wish,
    record: &Json,
) -> Result<Item, Fault> {
    let session = call.session()?;
    let (object, def) = match wish {
        Wish::Upsert(object, _) => (*object, catalogue.def(*object).clone()),
        Wish::Create | Wish::Update => typed(call, catalogue, record)?,
    };
    let row = body::from_json(record, &def, call.version)?;
    let row = parents::resolve(session, &def, row, call.version).await?;
    let id = row.id;
    let op = op(wish, object, &def, row)?;
    Ok(Item { op, id })
}

/// The operation that a record of the request means.
///
/// # Errors
/// An id where none may be, or no id or key where one must be.
pub fn op(wish: &Wish, object: ObjectIx, def: &ObjectDef, row: Row) -> Result<SaveOp, Refusal> {
    let (id, mut values) = (row.id, row.values);
    Ok(match wish {
        Wish::Create if id.is_some() => return Err(super::records::id_in_body("create")),
        Wish::Create => SaveOp::Create { object, values },
        Wish::Update => {
            let id = id.ok_or_else(|| {
                Refusal::new(Code::MissingArgument, "Id not specified in an update call")
            })?;
            SaveOp::Update { object, id, values }
        }
        Wish::Upsert(_, FieldIx(0)) => match id {
            Some(id) => SaveOp::Update { object, id, values },
            None => SaveOp::Create { object, values },
        },
        Wish::Upsert(_, by) => {
            let key = take(&mut values, *by).ok_or_else(|| no_key(def, *by))?;
            SaveOp::Upsert {
                object,
                by: *by,
                key,
                values,
            }
        }
    })
}

fn take(values: &mut Vec<(FieldIx, Value)>, field: FieldIx) -> Option<Value> {
    let at = values
        .iter()
        .position(|(known, value)| *known == field && !value.is_null())?;
    Some(values.remove(at).1)
}

fn no_key(def: &ObjectDef, by: FieldIx) -> Refusal {
    let name = &def.def(by).name;
    Refusal::about(
        Code::MissingArgument,
        format!("{name} not specified"),
        [name],
    )
}

fn typed(
    call: &Call,
    catalogue: &Catalogue,
    record: &Json,
) -> Result<(ObjectIx, std::sync::Arc<ObjectDef>), Fault> {
    let name = collections::type_of(record).ok_or_else(|| {
        Refusal::new(
            Code::InvalidType,
            "The record does not name its type in attributes.type",
        )
    })?;
    let caller = &call.session()?.caller;
    object_of(catalogue, caller, name, call.version).map_err(|_| {
        let message = format!("sObject type '{}' is not supported.", json::clip(name));
        Refusal::new(Code::InvalidType, message).into()
    })
}

/// Runs operations of the caller and gives one result each.
///
/// # Errors
/// What the whole command is refused for.
pub async fn run(
    call: &Call,
    ops: Vec<SaveOp>,
    all_or_none: bool,
) -> Result<Vec<Result<Saved, Refusal>>, Fault> {
    if ops.is_empty() {
        return Ok(Vec::new());
    }
    match call.submit(Request::Save { ops, all_or_none }).await? {
        Reply::Saved(results) => Ok(results),
        _ => Err(Refusal::new(Code::UnknownException, "An unexpected error occurred").into()),
    }
}

/// DELETE /composite/sobjects?ids=.
pub async fn delete(call: Call) -> Outcome {
    let query = call.query();
    let list = query
        .filled("ids")
        .ok_or_else(|| Refusal::new(Code::MissingArgument, "The parameter ids is required"))?;
    let all: Vec<&str> = list
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .collect();
    if all.len() > RECORDS_MAX {
        return Err(collections::too_many(RECORDS_MAX).into());
    }
    let catalogue = call.catalogue()?;
    let ops = all.iter().map(|text| deletion(&catalogue, text)).collect();
    let results = run(&call, ops, query.flag("allOrNone")).await?;
    let mut out = Vec::with_capacity(64 * results.len() + 16);
    json::list(&mut out, results.iter().zip(&all), |out, (result, text)| {
        let done = result.as_ref().map(|saved| (saved.id, None));
        collections::result(out, done, RecordId::parse(text).ok());
    });
    call.answer(out)
}

fn deletion(catalogue: &Catalogue, text: &str) -> SaveOp {
    let id = RecordId::parse(text)
        .ok()
        .and_then(|id| Some((id, catalogue.object_of(id)?)));
    match id {
        Some((id, object)) => SaveOp::Delete { object, id },
        None => SaveOp::Refused(Refusal::new(
            Code::MalformedId,
            format!("malformed id {}", json::clip(text)),
        )),
    }
}

/// GET /composite/sobjects/X?ids=&fields=.
pub async fn get(call: Call) -> Outcome {
    let query = call.query();
    let list = |name: &str| -> Vec<String> {
        let text = query.get(name).unwrap_or("");
        text.split(',')
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let wanted = Wanted {
        ids: list("ids"),
        fields: list("fields"),
    };
    retrieve(&call, wanted).await
}

/// POST /composite/sobjects/X with ids and fields.
pub async fn retrieve_by_body(call: Call) -> Outcome {
    let wanted = json::parse(&call.body)?;
    retrieve(&call, wanted).await
}

async fn retrieve(call: &Call, wanted: Wanted) -> Outcome {
    let (_, def) = call.object(&*call.catalogue()?)?;
    if wanted.ids.is_empty() || wanted.fields.is_empty() {
        return Err(Refusal::new(
            Code::MissingArgument,
            "The parameters ids and fields are required",
        )
        .into());
    }
    if wanted.ids.len() > IDS_MAX {
        return Err(collections::too_many(IDS_MAX).into());
    }
    let ids: Vec<Option<RecordId>> = wanted
        .ids
        .iter()
        .map(|id| RecordId::parse(id).ok())
        .collect();
    let rows = rows_of(call.session()?, &def, &ids, &wanted.fields).await?;
    let mut out = Vec::with_capacity(256 * ids.len());
    json::list(&mut out, &ids, |out, id| {
        match id.and_then(|id| rows.iter().find(|row| row.id == Some(id))) {
            Some(row) => answer::row(out, row, call.version),
            None => out.extend_from_slice(b"null"),
        }
    });
    Ok(Answer::json(out))
}

/// The records of these ids that are there, with these fields.
///
/// # Errors
/// INVALID_FIELD.
pub async fn rows_of(
    session: &Session,
    def: &ObjectDef,
    ids: &[Option<RecordId>],
    fields: &[String],
) -> Result<Vec<model::AnswerRow>, Fault> {
    let known: Vec<String> = ids
        .iter()
        .flatten()
        .map(|id| format!("'{}'", id.as_15()))
        .collect();
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let mut seen: Vec<&String> = Vec::new();
    for field in fields {
        if !seen.iter().any(|known| known.eq_ignore_ascii_case(field)) {
            seen.push(field);
        }
        if !field
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
        {
            return Err(body::no_such_column(field, &def.name).into());
        }
    }
    let list = seen
        .iter()
        .map(|f| f.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let text = format!(
        "SELECT {list} FROM {} WHERE Id IN ({})",
        def.name,
        known.join(",")
    );
    let plan = reads::plan(session, &text, false)?;
    Ok(session
        .org
        .query(session.caller.user, plan, IDS_MAX)
        .await?
        .rows)
}
