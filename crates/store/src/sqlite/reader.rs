//! Reads beside the writer, on a connection that cannot write.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lang::plan::QueryPlan;
use model::{Answer, Catalogue, FieldIx, ObjectIx, Record, RecordId};
use rusqlite::{Connection, OpenFlags};

use super::open::{connect, refused};
use super::query::{Operands, Run};
use super::{SharedLayout, read};
use crate::{OpenError, QueryError, ReadError};

/// A read-only connection.
pub struct SqliteReader {
    conn: Connection,
    layout: SharedLayout,
    operands: Operands,
    clock: Clock,
}

/// Sorts that do not fit the cache go to temporary files, so that a query cannot eat the memory.
const READER: &str = "
    PRAGMA query_only = ON;
    PRAGMA cache_size = -16384;
    PRAGMA mmap_size = 268435456;
    PRAGMA trusted_schema = OFF;";

/// What a query may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Prepared queries kept ready.
const STATEMENTS_MAX: usize = 64;

/// SQLite looks at the clock after so many steps of its machine: some tens of microseconds.
const STEPS_PER_LOOK: i32 = 10_000;

/// When the running query has to end, in microseconds since `start`.
#[derive(Clone)]
struct Clock {
    start: Instant,
    end_us: Arc<AtomicU64>,
}

impl SqliteReader {
    pub(super) fn open(path: &Path, layout: SharedLayout) -> Result<Self, OpenError> {
        let refused = |error| refused(path, &error);
        let mut conn = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(refused)?;
        conn.execute_batch(READER).map_err(refused)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        let operands = Operands::default();
        operands.register(&conn).map_err(refused)?;
        let clock = Clock::new();
        let its = clock.clone();
        conn.progress_handler(STEPS_PER_LOOK, Some(move || its.is_over()))
            .map_err(refused)?;
        Ok(Self {
            conn,
            layout,
            operands,
            clock,
        })
    }

    pub(crate) fn get(&self, object: ObjectIx, id: RecordId) -> Result<Option<Record>, ReadError> {
        let layout = self.layout.read().clone();
        read::row(&self.conn, &layout, object, id)
    }

    /// How SQLite would read the rows of a plan, a line per step: for people.
    ///
    /// # Errors
    /// [`QueryError`] as the query itself.
    pub fn steps(
        &self,
        plan: &QueryPlan,
        catalogue: &Catalogue,
    ) -> Result<Vec<String>, QueryError> {
        let layout = self.layout.read().clone();
        Run::new(&self.conn, &layout, catalogue, &self.operands).steps(plan)
    }

    /// The indexes of an object beside that on Id: the name and the fields of each.
    pub(crate) fn indexes(&self, object: ObjectIx) -> Vec<(String, Vec<FieldIx>)> {
        let layout = self.layout.read().clone();
        let table = layout.table(object);
        table.map(super::schema::index_names).unwrap_or_default()
    }

    pub(crate) fn query(
        &self,
        plan: &QueryPlan,
        catalogue: &Catalogue,
    ) -> Result<Answer, QueryError> {
        self.query_within(TIME_LIMIT, plan, catalogue)
    }

    pub(crate) fn query_within(
        &self,
        limit: Duration,
        plan: &QueryPlan,
        catalogue: &Catalogue,
    ) -> Result<Answer, QueryError> {
        let layout = self.layout.read().clone();
        self.clock.set(Some(limit));
        let answer = Run::new(&self.conn, &layout, catalogue, &self.operands).answer(plan);
        self.clock.set(None);
        // The run knows that it was stopped, not how much time it had.
        answer.map_err(|error| match error {
            QueryError::TimedOut(_) => QueryError::TimedOut(limit.as_secs()),
            other => other,
        })
    }
}

impl Clock {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            end_us: Arc::new(AtomicU64::new(u64::MAX)),
        }
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn set(&self, time: Option<Duration>) {
        let end = time.map_or(u64::MAX, |time| {
            let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
            self.now_us().saturating_add(us)
        });
        self.end_us.store(end, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.now_us() > self.end_us.load(Ordering::Relaxed)
    }
}
