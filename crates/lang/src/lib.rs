//! SOQL and SOSL: parse, resolve against the catalogue, evaluate in memory.
//!
//! Text becomes an [`ast`], an ast and a catalogue become a [`plan::QueryPlan`], and a plan is run by a
//! store or by the evaluator here. Pure: no clock, no I/O; the time and the user's zone come in.
//!
//! ```text
//! text --parse--> ast::Query --resolve--> QueryPlan --store or eval::run--> values --answer--> rows
//!                                            |
//!                                  engine::access adds conditions
//! ```
//!
//! Where things are: the grammar in `parser`; names, types and every rule that refuses a query in
//! `resolve`; what a plan means in [`plan`]; how text compares in [`text`], patterns in [`like`], days and
//! zones in [`dates`], what a formula field gives in [`formula`]. Nothing here knows SQL, HTTP or permissions.
//!
//! To add to the language: the grammar and the ast, the rule in `resolve`, the plan only if it can say
//! something new (then the evaluator and every store follow, the compiler shows where), and cases in
//! `corpus/`, which every store runs.

pub mod answer;
pub mod ast;
#[cfg(any(test, feature = "corpus"))]
pub mod corpus;
pub mod dates;
mod error;
pub mod eval;
mod format;
pub mod formula;
mod lexer;
pub mod like;
pub mod metadata;
mod parser;
pub mod plan;
mod resolve;
pub mod sosl;
pub mod text;

pub use error::{SyntaxError, place_of};
pub use lexer::{QUERY_CHARS_MAX, STRING_CHARS_MAX};
pub use parser::parse;
pub use resolve::{Context, Everything, Sight, resolve};

#[cfg(test)]
mod robust;
