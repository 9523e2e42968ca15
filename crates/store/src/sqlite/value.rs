//! Values to and from SQLite's five storage classes.

use model::{Days, Millis, ObjectIx, Record, RecordId, Value};
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use super::layout::{Kind, Table};
use crate::ReadError;

/// A value on its way into a statement; borrows its text.
pub(crate) struct Bound<'a>(pub(crate) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(flag) => ValueRef::Integer(i64::from(*flag)),
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Double(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Id(id) => ValueRef::Text(id.bytes()),
            Value::DateTime(at) => ValueRef::Integer(at.0),
            Value::Date(day) => ValueRef::Integer(i64::from(day.0)),
            Value::Time(ms) => ValueRef::Integer(i64::from(*ms)),
        }))
    }
}

/// What a column of this kind holds; `None` if it makes no sense.
pub(crate) fn decode(kind: Kind, stored: ValueRef<'_>) -> Option<Value> {
    Some(match (kind, stored) {
        (_, ValueRef::Null) => Value::Null,
        (Kind::Id, ValueRef::Text(bytes)) => Value::Id(id(bytes)?),
        (Kind::Text, ValueRef::Text(bytes)) => Value::text(std::str::from_utf8(bytes).ok()?),
        (Kind::Bool, ValueRef::Integer(number)) => Value::Bool(number != 0),
        (Kind::Int, ValueRef::Integer(number)) => Value::Int(number),
        (Kind::Double, ValueRef::Real(number)) => Value::Double(number),
        (Kind::Double, ValueRef::Integer(number)) => Value::Double(number as f64),
        (Kind::DateTime, ValueRef::Integer(ms)) => Value::DateTime(Millis(ms)),
        (Kind::Date, ValueRef::Integer(day)) => Value::Date(Days(i32::try_from(day).ok()?)),
        (Kind::Time, ValueRef::Integer(ms)) => Value::Time(i32::try_from(ms).ok()?),
        _ => return None,
    })
}

fn id(bytes: &[u8]) -> Option<RecordId> {
    let text = std::str::from_utf8(bytes).ok()?;
    RecordId::parse(text).ok()
}

/// The record behind a row of [`Table::select`].
pub(crate) fn record(table: &Table, object: ObjectIx, row: &Row<'_>) -> Result<Record, ReadError> {
    let damaged = |what: &str| ReadError::Damaged(format!("{}: {what}", table.api_name));
    let key = row.get_ref(0).map_err(read_error)?;
    let key = key.as_bytes().ok().and_then(id);
    let mut record = Record::new(object, key.ok_or_else(|| damaged("a row without an id"))?);
    record.is_deleted = !matches!(
        row.get_ref(1).map_err(read_error)?,
        ValueRef::Integer(0) | ValueRef::Null
    );
    for (at, field) in table.carried.iter().enumerate() {
        let stored = row.get_ref(at + 2).map_err(read_error)?;
        if matches!(stored, ValueRef::Null) {
            continue;
        }
        let Some(column) = table.column(*field) else {
            continue;
        };
        let value = decode(column.kind, stored).ok_or_else(|| damaged(&column.name))?;
        record.set(*field, value);
    }
    Ok(record)
}

/// SQLite's refusal of a read, in our words.
pub(crate) fn read_error(error: rusqlite::Error) -> ReadError {
    use rusqlite::ErrorCode as E;
    match error.sqlite_error_code() {
        Some(E::DatabaseCorrupt | E::NotADatabase) => ReadError::Damaged(error.to_string()),
        _ => ReadError::Failed(error.to_string()),
    }
}

/// A count that is never negative, as an integer of SQLite.
pub(crate) struct Count(pub(crate) u64);

impl ToSql for Count {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let number = i64::try_from(self.0).unwrap_or(i64::MAX);
        Ok(ToSqlOutput::Borrowed(ValueRef::Integer(number)))
    }
}

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        let number = u64::try_from(number).map_err(|_| FromSqlError::OutOfRange(number))?;
        Ok(Self(number))
    }
}
