//! Reads beside the writer, on a connection that cannot write.

use std::path::Path;

use model::{ObjectIx, Record, RecordId};
use rusqlite::{Connection, OpenFlags};

use super::open::{connect, refused};
use super::{SharedLayout, read};
use crate::{OpenError, ReadError};

/// A read-only connection.
pub struct SqliteReader {
    conn: Connection,
    layout: SharedLayout,
}

/// Sorts that do not fit the cache go to temporary files, so that a query cannot eat the memory.
const READER: &str = "
    PRAGMA query_only = ON;
    PRAGMA cache_size = -16384;
    PRAGMA trusted_schema = OFF;";

impl SqliteReader {
    pub(super) fn open(path: &Path, layout: SharedLayout) -> Result<Self, OpenError> {
        let refused = |error| refused(path, &error);
        let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(refused)?;
        conn.execute_batch(READER).map_err(refused)?;
        Ok(Self { conn, layout })
    }

    pub(crate) fn get(&self, object: ObjectIx, id: RecordId) -> Result<Option<Record>, ReadError> {
        let layout = self.layout.read().clone();
        read::row(&self.conn, &layout, object, id)
    }
}
