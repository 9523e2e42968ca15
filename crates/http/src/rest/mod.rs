//! The REST API (rest-api.md 4 to 7).

pub mod changes;
pub mod collections;
mod columns;
pub mod composite;
pub mod describe;
pub mod entry;
pub mod keyed;
pub mod parents;
pub mod query;
pub mod records;
pub mod search;
mod single;
mod subrequest;
pub mod tooling;
