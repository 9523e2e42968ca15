//! Scenario tests in text, one row of routing.md section 12 after the other, and a random walk.
//!
//! [`language`] says what a line means; [`world`] keeps rows and checks the law after every line.

mod capacity;
mod explain;
mod language;
mod lifecycle;
mod queue_based;
mod random;
mod skills;
mod transfers;
mod world;

pub use language::check;
