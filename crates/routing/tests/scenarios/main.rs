//! Scenario tests in text, one row of routing.md section 12 after the other, and a random walk.
//!
//! [`language`] says what a line does, [`claims`] what it must find; [`world`] keeps rows and checks the
//! law after every line.

mod by_status;
mod capacity;
mod claims;
mod columns;
mod desk;
mod drafts;
mod explain;
mod groups;
mod handovers;
mod language;
mod lifecycle;
mod lifecycle_options;
mod options;
mod queue_based;
mod random;
mod refusals;
mod requests;
mod skills;
mod transfers;
mod why;
mod words;
mod world;

pub use language::check;
