//! SQL functions of our own, so that SQLite compares text as the platform does.

use lang::text::fold;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Result};

/// Registers the functions on a connection.
pub(super) fn register(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function("tl_fold", 1, flags, |context| {
        let text = context.get_raw(0).as_str_or_null().unwrap_or(None);
        Ok(text.map(fold))
    })
}
