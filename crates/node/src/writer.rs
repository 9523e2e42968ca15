//! One batch: load what it needs, decide, commit, and only then answer and tell.
//!
//! Synchronous and deterministic: the same store, batches and instants give the same answers. The thread
//! around it is in `run`; the simulator drives this very code on a store with faults.
//!
//! Invariant: memory equals rows after every batch. A batch that failed in any way poisons the writer:
//! nothing is repaired, [`Writer::recover`] opens the store again and rebuilds everything from rows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{Engine, Event, Reply, Request, RowCache, Step, Submission};
use model::{Catalogue, CommitBatch, Meta, Millis, Need, Note, Refusal, Space};
use store::{CommitError, OpenError, ReadError, Reader, Store};

use crate::boot;

/// Rounds of loading per operation of a batch; the engine itself gives an operation up after 4
/// (ARCHITECTURE section 2, change 2), so this bound is for an engine that does not.
const ROUNDS_MAX: usize = 5;

/// Opens the org's store; called at start and after each failed batch.
pub type Opener = Box<dyn FnMut() -> Result<Store, OpenError> + Send>;

const CLOSED: &str = "the store is closed until the writer has recovered";

fn closed() -> ReadError {
    ReadError::Failed(CLOSED.to_owned())
}

/// The writer of one org.
pub struct Writer {
    catalogue: Arc<Catalogue>,
    opener: Opener,
    /// `None` only while [`Writer::recover`] has not succeeded: the old one must be closed first.
    store: Option<Store>,
    engine: Engine,
    last: Meta,
}

/// What a committed batch leaves for the outside.
pub struct Done {
    /// One answer per command, in order.
    pub replies: Vec<Result<Reply, Refusal>>,
    /// For the consoles, in order.
    pub events: Vec<Event>,
    /// Hidden rows that were written.
    pub notes: Vec<Note>,
    /// Length of the commit.
    pub commit: Duration,
}

/// The batch failed; its commands have an unknown outcome and memory must be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum Poisoned {
    /// The rows it needs cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It was not committed, or nobody knows.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The engine asked for rows again and again.
    #[error("the batch asked for rows again and again")]
    TooManyRounds,
}

/// The store cannot be opened or its rows contradict each other.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Not opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Not understood.
    #[error("the stored rows contradict each other: {0}")]
    Corrupt(String),
    /// The first batch of a new org was not stored.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

fn operations(batch: &[Submission]) -> usize {
    let count = |submission: &Submission| match &submission.request {
        Request::Save { ops, .. } | Request::Chunk { ops, .. } => ops.len().max(1),
        _ => 1,
    };
    batch.iter().map(count).sum()
}

impl Writer {
    /// Opens the store and rebuilds the engine from its rows. `genesis` is the first batch of a store that
    /// has none yet.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open(
        catalogue: Arc<Catalogue>,
        mut opener: Opener,
        genesis: Option<CommitBatch>,
    ) -> Result<Self, StartError> {
        let mut store = opener()?;
        if let (0, Some(genesis)) = (store.meta()?.seq, genesis) {
            store.commit(&genesis)?;
        }
        let (engine, last) = boot::rebuild(&catalogue, &store)?;
        Ok(Self {
            catalogue,
            opener,
            store: Some(store),
            engine,
            last,
        })
    }

    /// Runs a batch at `now`, which is moved up to the last commit if it lies before it. An empty batch
    /// fires the deadlines that are due.
    ///
    /// # Errors
    /// [`Poisoned`]: call [`Writer::recover`] before anything else.
    pub fn run_batch(&mut self, batch: &[Submission], now: Millis) -> Result<Done, Poisoned> {
        let now = now.max(self.last.now);
        let mut rows = RowCache::new();
        self.load(&mut rows, self.engine.needs(batch))?;
        for _ in 0..ROUNDS_MAX * (1 + operations(batch)) {
            match self.engine.run(batch, &rows, now) {
                Step::Need(more) => self.load(&mut rows, more)?,
                Step::Done(outcome) => {
                    let commit = self.commit(&outcome.commit)?;
                    return Ok(Done {
                        replies: outcome.replies,
                        events: outcome.events,
                        notes: outcome.commit.notes,
                        commit,
                    });
                }
            }
        }
        Err(Poisoned::TooManyRounds)
    }

    fn load(&self, rows: &mut RowCache, needs: Vec<Need>) -> Result<(), ReadError> {
        if needs.is_empty() {
            return Ok(());
        }
        let found = self.store.as_ref().ok_or_else(closed)?.load(&needs)?;
        needs
            .into_iter()
            .zip(found)
            .for_each(|(need, found)| rows.add(need, found));
        Ok(())
    }

    fn commit(&mut self, batch: &CommitBatch) -> Result<Duration, CommitError> {
        let start = Instant::now();
        let store = self
            .store
            .as_mut()
            .ok_or(CommitError::Failed(CLOSED.to_owned()))?;
        store.commit(batch)?;
        self.last = Meta {
            seq: batch.seq,
            now: batch.now,
        };
        Ok(start.elapsed())
    }

    /// Drops memory, opens the store again and rebuilds from what it holds: the store alone says whether
    /// the failed batch landed.
    ///
    /// # Errors
    /// [`StartError`]; try again later.
    pub fn recover(&mut self) -> Result<(), StartError> {
        self.store = None;
        let store = (self.opener)()?;
        (self.engine, self.last) = boot::rebuild(&self.catalogue, &store)?;
        self.store = Some(store);
        Ok(())
    }

    /// Committed state.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The store, for readers and checks; `None` while the writer is poisoned.
    pub fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// A reader with a connection of its own.
    ///
    /// # Errors
    /// [`OpenError`] if the store cannot be opened once more.
    pub fn reader(&self) -> Result<Reader, StartError> {
        Ok(self.store.as_ref().ok_or_else(closed)?.reader()?)
    }

    /// All committed notes of a space.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    pub fn notes(&self, space: Space) -> Result<Vec<(String, String)>, ReadError> {
        self.store.as_ref().ok_or_else(closed)?.notes(space)
    }

    /// The last commit.
    pub fn last(&self) -> Meta {
        self.last
    }

    /// When the next timer is due.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.engine.next_deadline()
    }
}
