//! When two values count as equal for a lookup. The SQL of the SQLite store follows the same rules.

use model::{Record, Value};

/// Equal for a lookup: text without regard to case, a missing boolean is false.
pub(crate) fn same(stored: &Value, wanted: &Value) -> bool {
    match (stored, wanted) {
        (Value::Text(a), Value::Text(b)) => lang::text::same(a, b),
        (Value::Null, Value::Bool(false)) | (Value::Bool(false), Value::Null) => true,
        (a, b) => match (a.as_double(), b.as_double()) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}

/// True if the record passes the restriction.
pub(crate) fn is_among(record: &Record, among: Option<&crate::Among>) -> bool {
    among.is_none_or(|(field, values)| {
        let stored = record.get(*field);
        values.iter().any(|wanted| same(stored, wanted))
    })
}
