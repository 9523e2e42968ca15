//! The simulator: one seed decides an org, a workload, faults of the store and jumps of the clock; the
//! writer of `node` runs on it batch by batch; an auditor written apart from the engine watches the
//! committed rows and the answers.
//!
//! ```text
//! rng        dice                           features   what a seed has
//! setup      the org of a seed              workload   random commands
//! sim        one run                        mutation   deliberate faults
//! proof      each of them is noticed
//! observe    what a commit changed          step       one batch as the auditor sees it
//! facts      rows as plain values           config     configuration as plain facts
//! history    what rows do not say           hidden     and what nobody can tell from outside
//! reference  the naive matcher              laws       what must always be true
//! sums       durations, recomputed           explained  what the engine says of itself
//! auditor    follows the rows and asks the laws
//! ```
//!
//! A seed reproduces a run byte for byte: no clock, no hash order, one thread.

pub mod auditor;
pub mod config;
pub mod explained;
pub mod facts;
pub mod features;
pub mod hidden;
pub mod history;
pub mod laws;
pub mod mutation;
pub mod observe;
mod proof;
pub mod reference;
mod report;
pub mod rng;
pub mod schema;
pub mod setup;
pub mod sim;
pub mod step;
pub mod sums;
mod units;
pub mod workload;

pub use mutation::{MUTATIONS, Mutation};
pub use proof::caught;
pub use report::{Failure, Report};
pub use sim::{Run, run};
pub use store::Fault;
