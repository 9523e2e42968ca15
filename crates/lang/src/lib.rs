//! SOQL and SOSL: parse, resolve against the catalogue, evaluate in memory.
//!
//! Text becomes an `ast`, an `ast` and a catalogue become a [`plan::QueryPlan`], and a plan is run by a
//! store or by the evaluator here. Pure: no clock, no I/O; the time and the user's zone come in.

pub mod like;
pub mod plan;
pub mod text;
