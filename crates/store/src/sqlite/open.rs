//! Opening a file: lock, look at what it is, bring it to the newest schema, take it over.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::Catalogue;
use parking_lot::RwLock;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::checkpoint::Checkpointer;
use super::layout::Layout;
use super::value::Count;
use super::write::Statements;
use super::{SqliteStore, function, lock, schema};
use crate::OpenError;

/// For connections that write. The log is synced at each commit, so an answered commit survives a
/// power cut; checkpoints are made elsewhere.
const WRITER: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -65536;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;";

/// Prepared statements kept ready: a handful per object that is written often.
const STATEMENTS_MAX: usize = 512;

impl SqliteStore {
    pub(crate) fn open(path: &Path, catalogue: &Catalogue) -> Result<Self, OpenError> {
        let held = lock::take(path)?;
        let refused = |error| refused(path, &error);
        let mut conn = connect(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        )
        .map_err(refused)?;
        if conn.is_readonly("main").map_err(refused)? {
            let (path, why) = (path.to_owned(), "the file is read-only".to_owned());
            return Err(OpenError::NotWritable { path, why });
        }
        let found = version(&conn, path)?;
        conn.execute_batch(WRITER).map_err(refused)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        let layout = Layout::new(catalogue);
        let epoch = take_over(&mut conn, found, &layout).map_err(refused)?;
        let checkpointer = Checkpointer::start(path).map_err(refused)?;
        Ok(Self {
            checkpointer,
            conn,
            statements: Statements::default(),
            layout: Arc::new(RwLock::new(Arc::new(layout))),
            path: path.to_owned(),
            epoch,
            is_closed: false,
            _lock: held,
        })
    }
}

/// A connection with our functions on it.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    // One plan per statement: otherwise SQLite prepares some of them afresh for each set of values.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    function::register(&conn)?;
    Ok(conn)
}

/// The schema version of a file, 0 for a fresh one.
fn version(conn: &Connection, path: &Path) -> Result<i64, OpenError> {
    let number = |sql: &str| -> Result<i64, OpenError> {
        conn.query_row(sql, [], |row| row.get(0))
            .map_err(|error| refused(path, &error))
    };
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let found = number("PRAGMA user_version")?;
    if tables > 0 && number("PRAGMA application_id")? != schema::APPLICATION_ID {
        let (path, why) = (path.to_owned(), "a database of another program".to_owned());
        return Err(OpenError::Damaged { path, why });
    }
    if found > schema::SCHEMA_VERSION {
        let (path, wanted) = (path.to_owned(), schema::SCHEMA_VERSION);
        return Err(OpenError::WrongSchema {
            path,
            found,
            wanted,
        });
    }
    Ok(found)
}

/// Migrates and raises the epoch, so that whoever wrote before cannot write any more.
fn take_over(conn: &mut Connection, found: i64, layout: &Layout) -> rusqlite::Result<u64> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    schema::migrate(&tx, found)?;
    schema::extend(&tx, layout)?;
    let raise = "UPDATE tl_meta SET epoch = epoch + 1 RETURNING epoch";
    let Count(epoch) = tx.query_row(raise, [], |row| row.get(0))?;
    tx.commit()?;
    Ok(epoch)
}

/// SQLite's refusal to open, in our words.
pub(super) fn refused(path: &Path, error: &rusqlite::Error) -> OpenError {
    use rusqlite::ErrorCode as E;
    let (path, why) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(E::DatabaseCorrupt | E::NotADatabase) => OpenError::Damaged { path, why },
        Some(E::ReadOnly | E::PermissionDenied) => OpenError::NotWritable { path, why },
        Some(E::DatabaseBusy | E::DatabaseLocked) => OpenError::Locked { path },
        // A healthy file of ours always has its one row of `tl_meta`.
        None => OpenError::Damaged { path, why },
        Some(_) => OpenError::Io { path, why },
    }
}
