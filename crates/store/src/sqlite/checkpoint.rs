//! Carries the log (`FILE-wal`) into the file, away from the path of a commit.
//!
//! A thread of its own makes PASSIVE checkpoints, which hold up nobody. They never reach the end of a
//! log that is written meanwhile, so the log would grow for ever under load: when it is longer than
//! [`LOG_PAGES_MAX`], the writer itself does the rest between two commits, and the log starts afresh.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use rusqlite::{Connection, OpenFlags};

use super::open::connect;

/// The thread wakes after so many row changes: some megabytes of log.
const CHANGES_PER_PASS: u64 = 4_000;

/// What is left after a burst is carried over when the store was quiet for so long.
const QUIET: Duration = Duration::from_secs(1);

/// The writer steps in above this length: 64 MiB of 4 KiB pages.
const LOG_PAGES_MAX: u64 = 16_384;

/// The thread and what it shares with the writer.
pub(super) struct Checkpointer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    /// Length of the log after the last pass, in pages.
    log_pages: AtomicU64,
    /// Held during a pass: SQLite makes one checkpoint at a time.
    pass: Mutex<()>,
}

#[derive(Default)]
struct State {
    changes: u64,
    is_stopped: bool,
}

impl Checkpointer {
    pub(super) fn start(path: &Path) -> rusqlite::Result<Self> {
        let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -2048;")?;
        let shared = Arc::new(Shared::default());
        let its = shared.clone();
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || its.run(&conn));
        Ok(Self {
            shared,
            thread: thread.ok(),
        })
    }

    /// Tells of a commit. Now and then carries the rest of the log over, on the writer's connection.
    pub(super) fn wrote(&self, conn: &Connection, changes: usize) {
        {
            let mut state = self.shared.state.lock();
            let before = state.changes;
            state.changes += changes as u64;
            if before < CHANGES_PER_PASS && state.changes >= CHANGES_PER_PASS || before == 0 {
                self.shared.wake.notify_one();
            }
        }
        let is_long = self.shared.log_pages.load(Ordering::Relaxed) > LOG_PAGES_MAX;
        if (is_long || self.thread.is_none())
            && let Some(_pass) = self.shared.pass.try_lock()
        {
            // Nobody writes now, so the pass reaches the end and the next commit starts the log afresh
            // (unless a reader needs it; then the thread's next pass reports the length again).
            self.shared.pass_now(conn);
            self.shared.log_pages.store(0, Ordering::Relaxed);
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.shared.state.lock().is_stopped = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn run(&self, conn: &Connection) {
        while self.wait() {
            let _pass = self.pass.lock();
            let pages = self.pass_now(conn);
            self.log_pages.store(pages, Ordering::Relaxed);
        }
    }

    /// Waits for enough changes, or for a pause after some; false at the end.
    fn wait(&self) -> bool {
        let mut state = self.state.lock();
        while !state.is_stopped && state.changes == 0 {
            self.wake.wait(&mut state);
        }
        while !state.is_stopped && state.changes < CHANGES_PER_PASS {
            let before = state.changes;
            let is_quiet = self.wake.wait_for(&mut state, QUIET).timed_out();
            if is_quiet && state.changes == before {
                break;
            }
        }
        state.changes = 0;
        !state.is_stopped
    }

    /// One pass; the length of the log, in pages.
    fn pass_now(&self, conn: &Connection) -> u64 {
        // Busy or not, the answer is one row: busy, pages in the log, pages carried over.
        let sql = "PRAGMA wal_checkpoint(PASSIVE)";
        match conn.query_row(sql, [], |row| row.get::<_, i64>(1)) {
            Ok(pages) => u64::try_from(pages).unwrap_or(0),
            Err(error) => {
                tracing::warn!(%error, "checkpoint failed; it is tried again");
                0
            }
        }
    }
}
