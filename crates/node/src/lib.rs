//! The running org: one writer thread that owns the engine, sessions, readers, and the hub that tells
//! consoles what happened.
//!
//! [`Node::open`] starts every org of a data folder; [`OrgHandle`] is the only way into one. Everything
//! that decides is in `engine`; here is the loop of ARCHITECTURE: take what is ready, load what it needs,
//! decide, commit, answer, publish.

mod app;
mod handle;
mod node;
mod options;

pub use app::App;
pub use handle::{OrgHandle, unavailable};
pub use node::{Node, NodeError};
pub use options::{NodeOptions, OrgSpec};
