//! About how many bytes of memory a command holds: what the inbox counts.
//!
//! Text is counted, everything of a fixed size is an allowance; ids and numbers of a few bytes do not matter.

use engine::{CallRef, CallRequest, Expected, Request, SaveOp, Versions};
use model::{Note, Refusal, Value};

/// A command without what is counted here.
const COMMAND: usize = 256;
/// An operation of a command, a value of an operation, a note.
const PART: usize = 64;

/// Bytes of a request.
pub(crate) fn of(request: &Request) -> usize {
    let parts: usize = match request {
        Request::Save { ops, .. } | Request::Chunk { ops, .. } => ops.iter().map(op).sum(),
        Request::Notes(notes) => notes.iter().map(note).sum(),
        Request::Audited { notes, rows } => {
            let rows = rows.iter().map(|row| PART + values(&row.values));
            rows.chain(notes.iter().map(note)).sum()
        }
        Request::Settings(settings) => {
            let size = |(name, text): &(String, Option<String>)| {
                PART + name.len() + text.as_ref().map_or(0, String::len)
            };
            settings.iter().map(size).sum()
        }
        Request::Call(call) => of_call(call),
        Request::Presence(_) | Request::Work { .. } | Request::Supervise(_) => 0,
    };
    COMMAND + parts
}

fn of_call(request: &CallRequest) -> usize {
    let of_ref = |call: &CallRef| match call {
        CallRef::Id(_) => 0,
        CallRef::Key(key) => key.len(),
    };
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match request {
        CallRequest::Create {
            values: fields,
            vendor_call_key,
            parent,
            queue,
            attribute_errors,
            ..
        } => {
            let errors: usize = attribute_errors.iter().map(|e| PART + e.len()).sum();
            let parent = parent.as_ref().map_or(0, of_ref);
            values(fields) + vendor_call_key.len() + parent + text(queue) + errors
        }
        CallRequest::Update {
            call,
            values: fields,
            ..
        } => of_ref(call) + values(fields),
        CallRequest::Route {
            call,
            target,
            fallback_queue,
            ..
        } => of_ref(call) + target.len() + text(fallback_queue),
        CallRequest::ClearRouting { call, .. } | CallRequest::Reroute { call, .. } => of_ref(call),
    }
}

fn op(op: &SaveOp) -> usize {
    let held = match op {
        SaveOp::Create { values: fields, .. } | SaveOp::Update { values: fields, .. } => {
            values(fields)
        }
        SaveOp::Upsert {
            key,
            values: fields,
            ..
        } => value(key) + values(fields),
        SaveOp::Delete { .. } | SaveOp::Erase { .. } | SaveOp::Undelete { .. } => 0,
        SaveOp::When {
            expected,
            op: inner,
        } => of_expected(expected) + self::op(inner.bare()),
        SaveOp::Refused(refusal) => of_refusal(refusal),
    };
    PART + held
}

fn of_expected(expected: &Expected) -> usize {
    let of = |versions: &Option<Versions>| match versions {
        Some(Versions::Of(known)) => size_of_val(known.as_slice()),
        Some(Versions::Any) | None => 0,
    };
    of(&expected.is) + of(&expected.is_not)
}

fn of_refusal(refusal: &Refusal) -> usize {
    refusal.message.len() + refusal.fields.iter().map(String::len).sum::<usize>()
}

fn values<F>(fields: &[(F, Value)]) -> usize {
    fields.iter().map(|(_, held)| value(held)).sum()
}

fn value(value: &Value) -> usize {
    let text = match value {
        Value::Text(text) => text.len(),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Double(_)
        | Value::Id(_)
        | Value::DateTime(_)
        | Value::Date(_)
        | Value::Time(_) => 0,
    };
    PART + text
}

fn note(note: &Note) -> usize {
    PART + note.key.len() + note.value.as_ref().map_or(0, String::len)
}
