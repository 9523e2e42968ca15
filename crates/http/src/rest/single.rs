//! A single-record write as an operation, without running it: for atomic composite requests.

use engine::SaveOp;
use model::{Cell, RecordId, Value};

use super::keyed;
use super::records::id_of;
use super::subrequest::{self, Inside};
use crate::answer::Fault;
use crate::call::Call;
use crate::conditions;
use crate::reads;
use crate::routes::Verb;

const CREATE: &str = "/services/data/{version}/sobjects/{object}";
const BY_ID: &str = "/services/data/{version}/sobjects/{object}/{key}";
const BY_KEY: &str = "/services/data/{version}/sobjects/{object}/{key}/{value}";

/// The operation of a write of one record, and the object's name; `None` for every other request.
///
/// # Errors
/// What the request would be refused for before it reaches the engine.
pub async fn op(call: &Call, inside: &Inside<'_>) -> Result<Option<(SaveOp, String)>, Fault> {
    let (route, inner) = subrequest::prepare(call, inside)?;
    let catalogue = inner.catalogue()?;
    let writes = matches!(
        (route.verb, route.path),
        (Verb::Post, CREATE) | (Verb::Patch | Verb::Delete, BY_ID) | (Verb::Patch, BY_KEY)
    );
    if !writes {
        return Ok(None);
    }
    let (object, def) = inner.object(&catalogue)?;
    let values = match route.verb {
        Verb::Delete => Vec::new(),
        _ => {
            super::parents::record(&inner, &def)
                .await
                .map_err(Fault::into_write)?
                .values
        }
    };
    let op = match (route.verb, route.path) {
        (Verb::Post, CREATE) => SaveOp::Create { object, values },
        (Verb::Patch, BY_KEY) => {
            let (by, key) = keyed::key(&inner, &def)?;
            SaveOp::Upsert {
                object,
                by,
                key,
                values,
            }
        }
        (Verb::Delete, _) => SaveOp::Delete {
            object,
            id: link_or_id(&inner, &def)?,
        },
        _ => SaveOp::Update {
            object,
            id: link_or_id(&inner, &def)?,
            values,
        },
    };
    Ok(Some((conditions::guarded(&inner, op), def.name.clone())))
}

/// The id of the path; links to earlier operations have a prefix that no object has.
fn link_or_id(inner: &Call, def: &model::ObjectDef) -> Result<RecordId, Fault> {
    match RecordId::parse(inner.param("key")) {
        Ok(id) if id.prefix() == engine::result_of(0).prefix() => Ok(id),
        _ => id_of(inner, def),
    }
}

/// For each operation, the one that takes it back as far as it must be known before: the old values of
/// an update.
///
/// # Errors
/// What reading is refused for.
pub async fn undo_of(call: &Call, ops: &[SaveOp]) -> Result<Vec<Option<SaveOp>>, Fault> {
    let mut all = Vec::with_capacity(ops.len());
    for op in ops {
        all.push(match op.bare() {
            SaveOp::Update { object, id, values } if !values.is_empty() => {
                let session = call.session()?;
                let catalogue = session.org.catalogue();
                let def = catalogue.def(*object);
                let names: Vec<&str> = values
                    .iter()
                    .map(|(field, _)| def.def(*field).name.as_str())
                    .collect();
                let plan = reads::plan_record(session, *object, *id, Some(&names));
                let row = match plan {
                    Ok(plan) => session.org.get(plan).await?,
                    Err(_) => None, // a field that may be written but not read stays as it is
                };
                row.map(|row| SaveOp::Update {
                    object: *object,
                    id: *id,
                    values: old(values, &row),
                })
            }
            _ => None,
        });
    }
    Ok(all)
}

fn old(values: &[(model::FieldIx, Value)], row: &model::AnswerRow) -> Vec<(model::FieldIx, Value)> {
    let cells = values.iter().zip(&row.cells);
    let pairs = cells.filter_map(|((field, _), (_, cell))| match cell {
        Cell::Value(value) => Some((*field, value.clone())),
        Cell::Compound(_) | Cell::Parent(_) | Cell::Children(_) => None,
    });
    pairs.collect()
}
