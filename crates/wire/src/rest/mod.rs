//! The REST API: bodies of records, answers, errors, describe (rest-api.md 1.6, 3 to 7).

pub mod answer;
pub mod body;
pub mod collections;
pub mod composite;
pub mod describe;
pub mod entry;
pub mod errors;
pub mod explain;
pub mod layout;
pub mod tree;
pub mod values;
