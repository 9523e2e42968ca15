//! What the machine gives without us: an HTTP echo, and SQLite with the settings of our store.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::Connection;

use crate::bench::api::COLLECTION;

/// Rows that reads find.
const ROWS: i64 = 100_000;

/// An HTTP server on threads of its own that answers each body with itself.
pub struct Echo {
    pub address: SocketAddr,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Echo {
    pub fn start(threads: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let app = axum::Router::new().fallback(async |body: axum::body::Bytes| body);
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, app).await
        });
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Rates of SQLite alone, on one thread.
pub struct Sqlite {
    /// Rows per second, one commit each.
    pub single: f64,
    /// Rows per second, as many in one commit as a collection has.
    pub many: f64,
    /// Rows per second by primary key.
    pub reads: f64,
}

/// Measures each for a third of the length.
pub fn sqlite(file: &Path, length: Duration) -> Result<Sqlite> {
    let conn = Connection::open(file)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE bare (id TEXT PRIMARY KEY, number TEXT, subject TEXT, status TEXT,
             priority TEXT, origin TEXT, owner TEXT, created INTEGER) WITHOUT ROWID;
         CREATE INDEX bare_number ON bare (number);",
    )?;
    let length = length / 3;
    let mut next = 0;
    let mut insert = |rows: i64| -> Result<()> {
        let moment = conn.unchecked_transaction()?;
        let mut statement =
            conn.prepare_cached("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
        for n in next..next + rows {
            let (id, number) = (key(n), format!("{n:08}"));
            let subject = format!("Printer {n} on floor 3 does not answer any more");
            statement.execute((
                id,
                number,
                subject,
                "New",
                "High",
                "Web",
                "005000000000001",
                n,
            ))?;
        }
        next += rows;
        moment.commit().context("bare SQLite cannot commit")
    };
    let single = rate(length, || insert(1))?;
    let many = rate(length, || insert(COLLECTION as i64))? * COLLECTION as f64;
    while next < ROWS {
        let moment_rows = COLLECTION as i64 * 50;
        let mut statement = conn.prepare_cached("INSERT INTO bare (id, created) VALUES (?, 0)")?;
        let moment = conn.unchecked_transaction()?;
        for n in next..next + moment_rows {
            statement.execute([key(n)])?;
        }
        moment.commit()?;
        next += moment_rows;
    }
    let mut at = 0;
    let reads = rate(length, || {
        at = (at + 7_919) % ROWS;
        let mut statement = conn.prepare_cached("SELECT * FROM bare WHERE id = ?")?;
        let id: String = statement.query_row([key(at)], |row| row.get(0))?;
        drop(id);
        Ok(())
    })?;
    Ok(Sqlite {
        single,
        many,
        reads,
    })
}

fn key(n: i64) -> String {
    format!("500{n:012}")
}

fn rate(length: Duration, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    let mut times = 0_u32;
    while start.elapsed() < length {
        work()?;
        times += 1;
    }
    Ok(f64::from(times) / start.elapsed().as_secs_f64())
}
