//! SOQL and SOSL: parse, resolve against the catalogue, evaluate in memory.
//!
//! Text becomes an [`ast`], an ast and a catalogue become a [`plan::QueryPlan`], and a plan is run by a
//! store or by the evaluator here. Pure: no clock, no I/O; the time and the user's zone come in.

pub mod answer;
pub mod ast;
#[cfg(any(test, feature = "corpus"))]
pub mod corpus;
pub mod dates;
mod error;
pub mod eval;
mod format;
mod lexer;
pub mod like;
pub mod metadata;
mod parser;
pub mod plan;
mod resolve;
pub mod sosl;
pub mod text;

pub use error::SyntaxError;
pub use lexer::{QUERY_CHARS_MAX, STRING_CHARS_MAX};
pub use parser::parse;
pub use resolve::{Context, Everything, Sight, resolve};

#[cfg(test)]
mod robust;
