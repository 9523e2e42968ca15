//! The REST API (rest-api.md 4 to 7).

pub mod changes;
pub mod collections;
pub mod composite;
pub mod describe;
pub mod entry;
pub mod keyed;
pub mod parents;
pub mod query;
pub mod records;
mod single;
mod subrequest;
