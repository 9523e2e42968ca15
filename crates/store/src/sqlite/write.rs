//! One batch as one transaction: fence, row changes, notes.

use std::collections::HashMap;
use std::sync::Arc;

use model::{CommitBatch, FieldIx, Note, ObjectIx, Record, RecordId, RowChange, Value};
use rusqlite::{CachedStatement, Connection, ErrorCode};

use super::layout::{Column, DELETED, Layout, Table};
use super::value::{Bound, Count};
use crate::CommitError;

/// Statement texts of the row changes, by what they set.
#[derive(Default)]
pub(super) struct Statements {
    by_shape: HashMap<Shape, Arc<str>>,
}

/// What a statement does; values come later.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Shape {
    /// All columns; those that the record does not set stay unbound, which is null. One statement
    /// per object whatever clients set, and as fast as naming the columns (measured).
    Insert(ObjectIx),
    /// `Some` sets the recycle bin too.
    Update(ObjectIx, Vec<FieldIx>, bool),
    Remove(ObjectIx),
}

/// Clients choose which fields to set, so there is no end of shapes: start afresh at this number.
const SHAPES_MAX: usize = 1_024;

/// SQLite's refusal, before COMMIT was asked for.
fn failed(error: rusqlite::Error) -> CommitError {
    CommitError::Failed(error.to_string())
}

pub(super) fn commit(
    conn: &Connection,
    layout: &Layout,
    statements: &mut Statements,
    epoch: u64,
    batch: &CommitBatch,
) -> Result<(), CommitError> {
    run(conn, "BEGIN IMMEDIATE").map_err(failed)?;
    let written = write(conn, layout, statements, epoch, batch);
    if let Err(error) = written {
        return Err(undo(conn, error));
    }
    // A commit that fails may have reached the log: only the next opening knows.
    run(conn, "COMMIT").map_err(|error| undo(conn, CommitError::Unknown(error.to_string())))
}

fn run(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}

fn undo(conn: &Connection, error: CommitError) -> CommitError {
    if !conn.is_autocommit()
        && let Err(again) = conn.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, %again, "a refused batch could not be rolled back");
    }
    error
}

fn write(
    conn: &Connection,
    layout: &Layout,
    statements: &mut Statements,
    epoch: u64,
    batch: &CommitBatch,
) -> Result<(), CommitError> {
    fence(conn, epoch, batch)?;
    for change in &batch.rows {
        let (object, id) = change.key();
        let table = layout
            .table(object)
            .ok_or_else(|| CommitError::Failed(format!("no table for {object:?} of {id}")))?;
        match change {
            RowChange::Insert(record) => statements.insert(conn, table, record)?,
            RowChange::Update { sets, .. } => statements.update(conn, table, id, sets, None)?,
            RowChange::SetDeleted { deleted, sets, .. } => {
                statements.update(conn, table, id, sets, Some(*deleted))?;
            }
            RowChange::Remove { .. } => statements.remove(conn, table, id)?,
        }
    }
    batch.notes.iter().try_for_each(|note| set_note(conn, note))
}

/// Moves the batch number on, if this is still our store and the batch is the next one.
fn fence(conn: &Connection, epoch: u64, batch: &CommitBatch) -> Result<(), CommitError> {
    let sql = "UPDATE tl_meta SET seq = seq + 1, now = ? WHERE epoch = ? AND seq + 1 = ?";
    let moved = conn
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute((batch.now.0, Count(epoch), Count(batch.seq))))
        .map_err(failed)?;
    if moved == 1 {
        return Ok(());
    }
    let sql = "SELECT seq, epoch FROM tl_meta";
    let (last, found) = conn
        .query_row(sql, [], |row| {
            Ok((row.get::<_, Count>(0)?.0, row.get::<_, Count>(1)?.0))
        })
        .map_err(failed)?;
    Err(if found == epoch {
        let got = batch.seq;
        CommitError::WrongSeq { last, got }
    } else {
        CommitError::Fenced { ours: epoch, found }
    })
}

fn set_note(conn: &Connection, note: &Note) -> Result<(), CommitError> {
    let space = note.space.as_str();
    let done = match &note.value {
        Some(value) => conn
            .prepare_cached("INSERT OR REPLACE INTO tl_note VALUES (?, ?, ?)")
            .and_then(|mut statement| statement.execute((space, &note.key, value))),
        None => conn
            .prepare_cached("DELETE FROM tl_note WHERE space = ? AND key = ?")
            .and_then(|mut statement| statement.execute((space, &note.key))),
    };
    done.map(drop).map_err(failed)
}

impl Statements {
    fn insert(
        &mut self,
        conn: &Connection,
        table: &Table,
        record: &Record,
    ) -> Result<(), CommitError> {
        let text = self.text(table, Shape::Insert(table.object))?;
        let mut statement = conn.prepare_cached(&text).map_err(failed)?;
        bind(&mut statement, 1, &Value::Id(record.id))?;
        bind(&mut statement, 2, &Value::Bool(record.is_deleted))?;
        for (field, value) in record.values() {
            let column = carried(table, *field, value)?;
            bind(&mut statement, 3 + column.0, value)?;
        }
        match statement.raw_execute() {
            Ok(_) => Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(CommitError::RowExists {
                    object: table.api_name.clone(),
                    id: record.id,
                })
            }
            Err(error) => Err(failed(error)),
        }
    }

    fn update(
        &mut self,
        conn: &Connection,
        table: &Table,
        id: RecordId,
        sets: &[(FieldIx, Value)],
        deleted: Option<bool>,
    ) -> Result<(), CommitError> {
        let fields = sets.iter().map(|(field, _)| *field).collect();
        let shape = Shape::Update(table.object, fields, deleted.is_some());
        let text = self.text(table, shape)?;
        let mut statement = conn.prepare_cached(&text).map_err(failed)?;
        bind(&mut statement, 1, &Value::Id(id))?;
        if let Some(deleted) = deleted {
            bind(&mut statement, 2, &Value::Bool(deleted))?;
        }
        bind_sets(
            &mut statement,
            2 + usize::from(deleted.is_some()),
            table,
            sets,
        )?;
        match statement.raw_execute().map_err(failed)? {
            1 => Ok(()),
            _ => Err(CommitError::NoSuchRow {
                object: table.api_name.clone(),
                id,
            }),
        }
    }

    /// A row that is gone already stays gone.
    fn remove(
        &mut self,
        conn: &Connection,
        table: &Table,
        id: RecordId,
    ) -> Result<(), CommitError> {
        let text = self.text(table, Shape::Remove(table.object))?;
        let mut statement = conn.prepare_cached(&text).map_err(failed)?;
        bind(&mut statement, 1, &Value::Id(id))?;
        statement.raw_execute().map(drop).map_err(failed)
    }

    fn text(&mut self, table: &Table, shape: Shape) -> Result<Arc<str>, CommitError> {
        if let Some(text) = self.by_shape.get(&shape) {
            return Ok(text.clone());
        }
        if self.by_shape.len() >= SHAPES_MAX {
            self.by_shape.clear();
        }
        let text: Arc<str> = shape.render(table)?.into();
        self.by_shape.insert(shape, text.clone());
        Ok(text)
    }
}

impl Shape {
    fn render(&self, table: &Table) -> Result<String, CommitError> {
        Ok(match self {
            Self::Insert(_) => {
                let mut names = format!("\"Id\", {DELETED}");
                let mut places = "?1, ?2".to_owned();
                for (at, column) in table.carried_columns().enumerate() {
                    names.push_str(&format!(", {}", column.name));
                    places.push_str(&format!(", ?{}", at + 3));
                }
                format!("INSERT INTO {}({names}) VALUES ({places})", table.name)
            }
            Self::Update(_, fields, bin) => {
                let mut sets = Vec::with_capacity(fields.len() + 1);
                if *bin {
                    sets.push(format!("{DELETED} = ?2"));
                }
                let first = sets.len() + 2;
                for (at, field) in fields.iter().enumerate() {
                    let column = carried(table, *field, &Value::Null)?.1;
                    sets.push(format!("{} = ?{}", column.name, first + at));
                }
                if sets.is_empty() {
                    // Nothing to set; the row must exist all the same.
                    sets.push(format!("{DELETED} = {DELETED}"));
                }
                let sets = sets.join(", ");
                format!("UPDATE {} SET {sets} WHERE \"Id\" = ?1", table.name)
            }
            Self::Remove(_) => format!("DELETE FROM {} WHERE \"Id\" = ?1", table.name),
        })
    }
}

/// The column of a field, and its place among those that a record carries, if it can hold the value.
fn carried<'t>(
    table: &'t Table,
    field: FieldIx,
    value: &Value,
) -> Result<(usize, &'t Column), CommitError> {
    let at = table.carried.binary_search(&field);
    match (at, table.column(field)) {
        (Ok(at), Some(column)) if column.kind.takes(value) => Ok((at, column)),
        (_, column) => Err(CommitError::WrongValue {
            object: table.api_name.clone(),
            field: column.map_or_else(|| format!("{field:?}"), |c| c.bare_name().to_owned()),
            value: format!("{value:?}"),
        }),
    }
}

fn bind(statement: &mut CachedStatement<'_>, at: usize, value: &Value) -> Result<(), CommitError> {
    statement
        .raw_bind_parameter(at, Bound(value))
        .map_err(failed)
}

fn bind_sets(
    statement: &mut CachedStatement<'_>,
    first: usize,
    table: &Table,
    sets: &[(FieldIx, Value)],
) -> Result<(), CommitError> {
    for (at, (field, value)) in sets.iter().enumerate() {
        carried(table, *field, value)?;
        bind(statement, first + at, value)?;
    }
    Ok(())
}
