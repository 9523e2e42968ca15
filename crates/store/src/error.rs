//! What can go wrong with a store, in the operator's words: what, where, what to do.

use std::path::PathBuf;

use model::RecordId;

/// A store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another part of this one, has it open for writing.
    #[error("store {path} is in use by another process: stop that process or choose another data directory", path = .path.display())]
    Locked {
        /// The store's file.
        path: PathBuf,
    },
    /// The folder or the file cannot be written.
    #[error("store {path} cannot be written ({why}): give this user write access to the file and its folder", path = .path.display())]
    NotWritable {
        /// The store's file.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// The file is no store, or its contents are broken.
    #[error("store {path} is damaged ({why}): restore it from a backup", path = .path.display())]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// A newer program wrote the file.
    #[error("store {path} has schema version {found}, this program knows up to {wanted}: use the newer program that wrote it", path = .path.display())]
    WrongSchema {
        /// The store's file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
        /// The newest version this program knows.
        wanted: i64,
    },
    /// Anything else the system refused.
    #[error("store {path} cannot be opened ({why}): check the path and the disk", path = .path.display())]
    Io {
        /// The store's file.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
}

/// A batch was not committed. Nothing of it is stored, except perhaps after [`CommitError::Unknown`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Batches are numbered without a gap.
    #[error("batch {got} does not follow batch {last}")]
    WrongSeq {
        /// The last batch stored.
        last: u64,
        /// The number of the refused batch.
        got: u64,
    },
    /// Another process opened the store since; this one must stop writing.
    #[error("another process took over the store (epoch {found}, ours was {ours})")]
    Fenced {
        /// The epoch this store opened with.
        ours: u64,
        /// The epoch in the store.
        found: u64,
    },
    /// An update of a row that does not exist.
    #[error("no row {id} in {object} to change")]
    NoSuchRow {
        /// API name of the object.
        object: String,
        /// The row.
        id: RecordId,
    },
    /// An insert of a row that exists.
    #[error("row {id} in {object} exists already")]
    RowExists {
        /// API name of the object.
        object: String,
        /// The row.
        id: RecordId,
    },
    /// A value does not have the type of its field, or the field has no column.
    #[error("{object}.{field} cannot hold {value}")]
    WrongValue {
        /// API name of the object.
        object: String,
        /// API name of the field.
        field: String,
        /// The value.
        value: String,
    },
    /// The store refused, for instance because the disk is full. Nothing is stored.
    #[error("the store refused the batch: {0}")]
    Failed(String),
    /// The answer to the commit was lost: the batch may be stored or not.
    #[error("the outcome of the commit is unknown: {0}")]
    Unknown(String),
}

/// A store cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// What is stored makes no sense.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The system refused.
    #[error("the store cannot be read: {0}")]
    Failed(String),
}

/// A query has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It ran longer than a query may.
    #[error("the query ran longer than {0} seconds")]
    TimedOut(u64),
    /// It found more rows than an answer may have.
    #[error("the query finds more than {0} rows")]
    TooManyRows(usize),
    /// It needs more of the back end than it offers (joins, bound values, depth).
    #[error("the query is too complicated: {0}")]
    TooComplicated(String),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}
