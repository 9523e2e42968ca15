//! Reads that the engine asks for: single rows, lookups by value, whole objects, notes.

use model::{FieldIx, Found, Meta, Millis, Need, ObjectIx, Record, RecordId, Space, Value};
use rusqlite::{Connection, OptionalExtension, Statement};

use super::layout::{DELETED, Kind, Layout, Table};
use super::value::{Bound, Count, read_error, record};
use crate::{Among, ReadError};

pub(super) fn meta(conn: &Connection) -> Result<Meta, ReadError> {
    let sql = "SELECT seq, now FROM tl_meta";
    conn.query_row(sql, [], |row| {
        Ok(Meta {
            seq: row.get::<_, Count>(0)?.0,
            now: Millis(row.get(1)?),
        })
    })
    .map_err(read_error)
}

pub(super) fn notes(conn: &Connection, space: Space) -> Result<Vec<(String, String)>, ReadError> {
    let read = || -> rusqlite::Result<Vec<_>> {
        let sql = "SELECT key, value FROM tl_note WHERE space = ? ORDER BY key";
        let mut statement = conn.prepare_cached(sql)?;
        let rows = statement.query_map([space.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    read().map_err(read_error)
}

fn note(conn: &Connection, space: Space, key: &str) -> Result<Option<String>, ReadError> {
    let read = || {
        let sql = "SELECT value FROM tl_note WHERE space = ? AND key = ?";
        let mut statement = conn.prepare_cached(sql)?;
        statement
            .query_row((space.as_str(), key), |row| row.get(0))
            .optional()
    };
    read().map_err(read_error)
}

pub(super) fn need(conn: &Connection, layout: &Layout, need: &Need) -> Result<Found, ReadError> {
    Ok(match need {
        Need::Row(object, id) => Found::Row(row(conn, layout, *object, *id)?),
        Need::Match(object, field, value) => {
            Found::Match(matches(conn, layout, *object, *field, value)?)
        }
        Need::Note(space, key) => Found::Note(note(conn, *space, key)?),
    })
}

pub(super) fn row(
    conn: &Connection,
    layout: &Layout,
    object: ObjectIx,
    id: RecordId,
) -> Result<Option<Record>, ReadError> {
    let table = table(layout, object)?;
    let mut statement = conn.prepare_cached(&table.select_one).map_err(read_error)?;
    Ok(records(&mut statement, table, &[Value::Id(id)])?.pop())
}

fn matches(
    conn: &Connection,
    layout: &Layout,
    object: ObjectIx,
    field: FieldIx,
    value: &Value,
) -> Result<Vec<Record>, ReadError> {
    let table = table(layout, object)?;
    let (condition, bound) = equals(table, field, value)?;
    let sql = format!(
        "{} WHERE {condition} AND {DELETED} = 0 LIMIT {}",
        table.select,
        Need::MATCH_MAX
    );
    let mut statement = conn.prepare_cached(&sql).map_err(read_error)?;
    let mut found = records(&mut statement, table, bound.as_slice())?;
    // Here and not in SQL, which would open a sorter for what is mostly one row.
    found.sort_unstable_by_key(|row| row.id);
    Ok(found)
}

pub(super) fn visit(
    conn: &Connection,
    layout: &Layout,
    object: ObjectIx,
    among: Option<&Among>,
    see: &mut dyn FnMut(Record),
) -> Result<(), ReadError> {
    let table = table(layout, object)?;
    let mut sql = table.select.clone();
    let mut bound = Vec::new();
    if let Some((field, values)) = among {
        let mut any = Vec::with_capacity(values.len());
        for value in values {
            let (condition, value) = equals(table, *field, value)?;
            any.push(condition);
            bound.extend(value);
        }
        any.push("0".to_owned());
        sql.push_str(&format!(" WHERE {}", any.join(" OR ")));
    }
    sql.push_str(" ORDER BY \"Id\"");
    let mut statement = conn.prepare(&sql).map_err(read_error)?;
    each_record(&mut statement, table, &bound, see)
}

/// `field = value` as [`crate::same`] defines it, and what it binds.
fn equals(
    table: &Table,
    field: FieldIx,
    value: &Value,
) -> Result<(String, Option<Value>), ReadError> {
    let column = table
        .column(field)
        .ok_or_else(|| ReadError::Failed(format!("{} has no column {field:?}", table.api_name)))?;
    let name = &column.name;
    Ok(match (value, column.kind) {
        (Value::Null | Value::Bool(false), Kind::Bool) => {
            (format!("({name} IS NULL OR {name} = 0)"), None)
        }
        (Value::Null, _) => (format!("{name} IS NULL"), None),
        (Value::Text(text), Kind::Text) => {
            let folded = Value::text(lang::text::fold(text));
            (format!("tl_fold({name}) = ?"), Some(folded))
        }
        (value, _) => (format!("{name} = ?"), Some(value.clone())),
    })
}

fn table(layout: &Layout, object: ObjectIx) -> Result<&Table, ReadError> {
    layout
        .table(object)
        .ok_or_else(|| ReadError::Failed(format!("the store has no table for {object:?}")))
}

fn records(
    statement: &mut Statement<'_>,
    table: &Table,
    bound: &[Value],
) -> Result<Vec<Record>, ReadError> {
    let mut found = Vec::new();
    each_record(statement, table, bound, &mut |row| found.push(row))?;
    Ok(found)
}

fn each_record(
    statement: &mut Statement<'_>,
    table: &Table,
    bound: &[Value],
    see: &mut dyn FnMut(Record),
) -> Result<(), ReadError> {
    for (at, value) in bound.iter().enumerate() {
        statement
            .raw_bind_parameter(at + 1, Bound(value))
            .map_err(read_error)?;
    }
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(read_error)? {
        see(record(table, table.object, row)?);
    }
    Ok(())
}

/// Every page and index, by SQLite's own judgement.
pub(super) fn check(conn: &Connection) -> Result<(), ReadError> {
    let sql = "PRAGMA integrity_check(10)";
    let found: Vec<String> = conn
        .prepare(sql)
        .and_then(|mut statement| {
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        })
        .map_err(read_error)?;
    if found == ["ok"] {
        Ok(())
    } else {
        Err(ReadError::Damaged(found.join("; ")))
    }
}
