//! Durable rows: SQLite and the simulated store, behind one enum.
//!
//! Owns tables, transactions, the fence against a second writer, and the rendering of query plans.
//! Knows no rule of routing, no rights and no SOQL text: it gets [`model::CommitBatch`] values and
//! `lang` plans, and gives back records and answers. Every call blocks; the writer thread of a node
//! owns the [`Store`], queries run on [`Reader`]s of their own.
//!
//! Invariants: a batch is durable as a whole when [`Store::commit`] returns, and leaves nothing behind
//! when it is refused; batches are numbered without a gap; only the process that opened last can write.

mod error;
mod explain;
mod same;
mod simulated;
mod sqlite;

use std::path::Path;
use std::time::Duration;

use lang::plan::QueryPlan;
use model::{
    Answer, Catalogue, CommitBatch, FieldIx, Found, Meta, Need, ObjectIx, QueryWay, Record,
    RecordId, Space, Value,
};

pub use error::{CommitError, OpenError, QueryError, ReadError};
pub use simulated::{Contents, Fault, FaultPlan, SimReader, SimStore};
pub use sqlite::{SCHEMA_VERSION, SqliteReader, SqliteStore};

/// Restricts a scan to rows whose field has one of these values.
pub type Among = (FieldIx, Vec<Value>);

/// The store of one org.
pub enum Store {
    /// A SQLite file.
    Sqlite(SqliteStore),
    /// Memory with faults, for the simulator.
    Simulated(SimStore),
}

impl Store {
    /// Opens the SQLite file of an org; creates it if there is none. Tables follow the catalogue:
    /// new objects and fields are added.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong, where, and what to do.
    pub fn open_sqlite(path: &Path, catalogue: &Catalogue) -> Result<Self, OpenError> {
        SqliteStore::open(path, catalogue).map(Self::Sqlite)
    }

    /// Adds the objects and fields that this catalogue has and the store has not.
    ///
    /// # Errors
    /// [`CommitError`] if the tables cannot be changed; nothing was changed then.
    pub fn adopt(&mut self, catalogue: &Catalogue) -> Result<(), CommitError> {
        match self {
            Self::Sqlite(store) => store.adopt(catalogue),
            Self::Simulated(_) => Ok(()),
        }
    }

    /// The last commit.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    pub fn meta(&self) -> Result<Meta, ReadError> {
        match self {
            Self::Sqlite(store) => store.meta(),
            Self::Simulated(store) => store.meta(),
        }
    }

    /// All notes of a space, ordered by key.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    pub fn notes(&self, space: Space) -> Result<Vec<(String, String)>, ReadError> {
        match self {
            Self::Sqlite(store) => store.notes(space),
            Self::Simulated(store) => store.notes(space),
        }
    }

    /// All rows of an object, or those among some values (text without regard to case; null and
    /// false mean the same for a boolean). Ordered by id, recycle bin included.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    pub fn scan(&self, object: ObjectIx, among: Option<Among>) -> Result<Vec<Record>, ReadError> {
        let mut rows = Vec::new();
        self.visit(object, among, &mut |row| rows.push(row))?;
        Ok(rows)
    }

    /// As [`Store::scan`], row by row: for objects whose rows would not fit the memory twice.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    pub fn visit(
        &self,
        object: ObjectIx,
        among: Option<Among>,
        see: &mut dyn FnMut(Record),
    ) -> Result<(), ReadError> {
        match self {
            Self::Sqlite(store) => store.visit(object, among, see),
            Self::Simulated(store) => store.visit(object, among, see),
        }
    }

    /// Answers needs, in their order; a match reads no more than [`Need::MATCH_MAX`] rows.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    pub fn load(&self, needs: &[Need]) -> Result<Vec<Found>, ReadError> {
        match self {
            Self::Sqlite(store) => store.load(needs),
            Self::Simulated(store) => store.load(needs),
        }
    }

    /// Makes a batch durable, as a whole.
    ///
    /// # Errors
    /// Nothing was stored, except after [`CommitError::Unknown`]: then [`Store::meta`] of the store
    /// opened again tells. After any error the store should be opened again.
    pub fn commit(&mut self, batch: &CommitBatch) -> Result<(), CommitError> {
        match self {
            Self::Sqlite(store) => store.commit(batch),
            Self::Simulated(store) => store.commit(batch),
        }
    }

    /// Reads every page and index and says what is wrong; slow.
    ///
    /// # Errors
    /// [`ReadError`] with what is wrong.
    pub fn check(&self) -> Result<(), ReadError> {
        match self {
            Self::Sqlite(store) => store.check(),
            Self::Simulated(_) => Ok(()),
        }
    }

    /// A reader with a connection of its own; sees every commit that returned before it reads.
    ///
    /// # Errors
    /// [`OpenError`] if the file cannot be opened once more.
    pub fn reader(&self) -> Result<Reader, OpenError> {
        match self {
            Self::Sqlite(store) => store.reader().map(Reader::Sqlite),
            Self::Simulated(store) => Ok(Reader::Simulated(store.reader())),
        }
    }
}

/// Reads beside the writer. One reader serves one caller at a time.
pub enum Reader {
    /// A read-only connection.
    Sqlite(SqliteReader),
    /// The memory of the simulated store.
    Simulated(SimReader),
}

impl Reader {
    /// One row, recycle bin included.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    pub fn get(&self, object: ObjectIx, id: RecordId) -> Result<Option<Record>, ReadError> {
        match self {
            Self::Sqlite(reader) => reader.get(object, id),
            Self::Simulated(reader) => reader.get(object, id),
        }
    }

    /// The whole answer to a plan, on one page. Who wants pages asks for a part of the rows: with a
    /// limit, or with a condition on ids.
    ///
    /// # Errors
    /// [`QueryError`] if it takes too long, grows too large, or the store cannot be read.
    pub fn query(&self, plan: &QueryPlan, catalogue: &Catalogue) -> Result<Answer, QueryError> {
        match self {
            Self::Sqlite(reader) => reader.query(plan, catalogue),
            Self::Simulated(reader) => reader.query(plan, catalogue),
        }
    }

    /// How the rows of a plan are found: first the way that this store takes, then others that it could
    /// take. Counts rows, so it takes about as long as the query itself.
    ///
    /// # Errors
    /// As for [`Reader::query`].
    pub fn explain(
        &self,
        plan: &QueryPlan,
        catalogue: &Catalogue,
    ) -> Result<Vec<QueryWay>, QueryError> {
        explain::ways(self, plan, catalogue)
    }

    /// As [`query`](Self::query), given up after a time of the caller's choice: for threads that must not
    /// be held up. The simulated store, all in memory, takes the time it needs.
    ///
    /// # Errors
    /// [`QueryError::TimedOut`] if it takes longer.
    pub fn query_within(
        &self,
        limit: Duration,
        plan: &QueryPlan,
        catalogue: &Catalogue,
    ) -> Result<Answer, QueryError> {
        match self {
            Self::Sqlite(reader) => reader.query_within(limit, plan, catalogue),
            Self::Simulated(reader) => reader.query(plan, catalogue),
        }
    }
}
