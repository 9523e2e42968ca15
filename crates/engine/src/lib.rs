//! All writes and plans: validation, defaults, access, hooks between records, query planning.
//!
//! Pure: rows it needs come in as values, what it decides goes out as a [`CommitBatch`](model::CommitBatch).

pub mod access;
mod request;

pub use access::{Authorized, Caller, Directory, ObjectRights, Rights, UserEntry};
pub use request::*;
