//! Operations that name the result of an earlier one of the same command (composite, tree).
//!
//! Only an allOrNone command can do so: there all operations are decided on one draft.

use std::borrow::Cow;

use model::{FieldIx, KeyPrefix, RecordId, Refusal, Value};

use crate::request::{SaveOp, Saved};

/// Prefix that no object has.
const RESULT: KeyPrefix = KeyPrefix::of("000");

/// Stands in an operation for the id that operation number `op` (from 0) of the same allOrNone command
/// gives.
pub fn result_of(op: usize) -> RecordId {
    RecordId::new(RESULT, op as u64)
}

/// Which operation's result an id stands for.
fn number(id: RecordId) -> Option<usize> {
    (id.prefix() == RESULT)
        .then(|| usize::try_from(id.number()?).ok())
        .flatten()
}

type Results = [Result<Saved, Refusal>];

/// The id that is meant; `None` if the operation it comes from failed.
fn real(id: RecordId, results: &Results) -> Option<RecordId> {
    match number(id).and_then(|op| results.get(op)) {
        Some(result) => result.as_ref().ok().map(|saved| saved.id),
        None => Some(id),
    }
}

fn is_linked(op: &SaveOp) -> bool {
    let in_values = |values: &[(FieldIx, Value)]| {
        values
            .iter()
            .any(|(_, value)| value.as_id().is_some_and(|id| number(id).is_some()))
    };
    match op {
        SaveOp::Create { values, .. } | SaveOp::Upsert { values, .. } => in_values(values),
        SaveOp::Update { id, values, .. } => number(*id).is_some() || in_values(values),
        SaveOp::Delete { id, .. } | SaveOp::Erase { id, .. } | SaveOp::Undelete { id } => {
            number(*id).is_some()
        }
        SaveOp::When { op, .. } => is_linked(op.bare()),
        SaveOp::Refused(_) => false,
    }
}

/// The operation with real ids; `None` if one of them comes from an operation that failed.
pub(super) fn linked<'o>(op: &'o SaveOp, results: &Results) -> Option<Cow<'o, SaveOp>> {
    if !is_linked(op) {
        return Some(Cow::Borrowed(op));
    }
    let mut op = op.clone();
    link_op(&mut op, results)?;
    Some(Cow::Owned(op))
}

fn link_op(op: &mut SaveOp, results: &Results) -> Option<()> {
    match op {
        SaveOp::Create { values, .. } | SaveOp::Upsert { values, .. } => link(values, results)?,
        SaveOp::Update { id, values, .. } => {
            *id = real(*id, results)?;
            link(values, results)?;
        }
        SaveOp::Delete { id, .. } | SaveOp::Erase { id, .. } | SaveOp::Undelete { id } => {
            *id = real(*id, results)?
        }
        SaveOp::When { op, .. } => link_op(op, results)?,
        SaveOp::Refused(_) => {}
    }
    Some(())
}

fn link(values: &mut [(FieldIx, Value)], results: &Results) -> Option<()> {
    for (_, value) in values {
        if let Value::Id(id) = value {
            *id = real(*id, results)?;
        }
    }
    Some(())
}
