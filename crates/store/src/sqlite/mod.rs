//! The SQLite store: one file per org, in WAL mode with `synchronous=FULL`.
//!
//! Owns the writing connection. The log is carried into the file by a thread of its own
//! ([`checkpoint`]), readers have their own connections ([`reader`]).
//!
//! Invariants: one process at a time (OS lock on `FILE.lock`); the epoch in `tl_meta` is that of the
//! last opening, and each commit checks it; a failed commit closes the store for writing.

mod checkpoint;
mod function;
mod layout;
mod lock;
mod open;
mod query;
mod read;
mod reader;
mod schema;
mod value;
mod write;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use model::{Catalogue, CommitBatch, Found, Meta, Need, ObjectIx, Record, Space};
use parking_lot::RwLock;
use rusqlite::Connection;

use crate::{Among, CommitError, OpenError, ReadError};
use checkpoint::Checkpointer;
use layout::Layout;
use write::Statements;

pub use reader::SqliteReader;
pub use schema::SCHEMA_VERSION;

/// The layout that the writer and all readers share; swapped as a whole.
type SharedLayout = Arc<RwLock<Arc<Layout>>>;

/// A SQLite file, open for writing.
pub struct SqliteStore {
    // Fields drop in this order: connections before the lock.
    checkpointer: Checkpointer,
    conn: Connection,
    statements: Statements,
    layout: SharedLayout,
    path: PathBuf,
    epoch: u64,
    /// A commit failed: the file must be opened again.
    is_closed: bool,
    _lock: File,
}

impl SqliteStore {
    pub(crate) fn meta(&self) -> Result<Meta, ReadError> {
        read::meta(&self.conn)
    }

    pub(crate) fn notes(&self, space: Space) -> Result<Vec<(String, String)>, ReadError> {
        read::notes(&self.conn, space)
    }

    pub(crate) fn visit(
        &self,
        object: ObjectIx,
        among: Option<Among>,
        see: &mut dyn FnMut(Record),
    ) -> Result<(), ReadError> {
        read::visit(&self.conn, &self.layout(), object, among.as_ref(), see)
    }

    pub(crate) fn load(&self, needs: &[Need]) -> Result<Vec<Found>, ReadError> {
        let layout = self.layout();
        // One transaction: SQLite takes its locks once for all of them.
        let moment = self.conn.unchecked_transaction();
        let moment = moment.map_err(value::read_error)?;
        let each = |need| read::need(&moment, &layout, need);
        needs.iter().map(each).collect()
    }

    pub(crate) fn commit(&mut self, batch: &CommitBatch) -> Result<(), CommitError> {
        if self.is_closed {
            let why = "an earlier commit failed, the store must be opened again";
            return Err(CommitError::Failed(why.to_owned()));
        }
        let layout = self.layout();
        let done = write::commit(&self.conn, &layout, &mut self.statements, self.epoch, batch);
        match done {
            Ok(()) => self
                .checkpointer
                .wrote(&self.conn, batch.rows.len() + batch.notes.len()),
            Err(_) => self.is_closed = true,
        }
        done
    }

    pub(crate) fn adopt(&mut self, catalogue: &Catalogue) -> Result<(), CommitError> {
        let layout = Layout::new(catalogue);
        let failed = |e: rusqlite::Error| CommitError::Failed(e.to_string());
        let tx = self.conn.unchecked_transaction().map_err(failed)?;
        schema::extend(&tx, &layout).map_err(failed)?;
        tx.commit().map_err(failed)?;
        self.statements = Statements::default();
        *self.layout.write() = Arc::new(layout);
        Ok(())
    }

    pub(crate) fn check(&self) -> Result<(), ReadError> {
        read::check(&self.conn)
    }

    pub(crate) fn reader(&self) -> Result<SqliteReader, OpenError> {
        SqliteReader::open(&self.path, self.layout.clone())
    }

    fn layout(&self) -> Arc<Layout> {
        self.layout.read().clone()
    }
}
