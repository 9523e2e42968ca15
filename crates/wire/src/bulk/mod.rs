//! The Bulk APIs as text (rest-api.md 8, 9): CSV in its dialects, jobs and batches in JSON and XML, rows
//! and what became of them.
//!
//! ```text
//! csv       records of CSV, byte by byte, in bounded memory
//! columns   a header against an object; records into typed rows
//! job       jobs of 2.0 in JSON
//! multipart a job and its rows in one request
//! classic   jobs and batches of 1.0 in JSON and XML
//! batch     rows of 1.0 in JSON and XML become CSV
//! results   what became of rows; rows of queries
//! ```

pub mod batch;
pub mod classic;
pub mod columns;
pub mod csv;
pub mod job;
pub mod multipart;
pub mod results;
