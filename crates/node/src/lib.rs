//! The running org: one writer thread that owns the engine, sessions, readers, and the hub that tells
//! consoles what happened.
//!
//! [`Node::open`] starts every org of a data folder; [`OrgHandle`] is the only way into one. Everything
//! that decides is in `engine`; here is the loop of ARCHITECTURE: take what is ready, load what it needs,
//! decide, commit, answer, publish.

mod answers;
mod app;
mod audit;
mod boot;
mod clock;
mod control;
mod cursor;
mod handle;
mod hub;
mod inbox;
pub mod jobs;
mod keeper;
mod login;
mod measures;
mod node;
mod options;
mod org;
mod password;
mod policy;
mod readers;
mod registry;
mod run;
mod signon;
mod size;
mod stopped;
mod token;
mod usage;
mod writer;

pub use app::App;
pub use audit::audit;
pub use clock::{OrgClock, Reading};
pub use control::OrgEntry;
pub use handle::{OrgHandle, unavailable};
pub use hub::{Numbered, Subscription};
pub use inbox::Lane;
pub use login::{Origin, SessionInfo};
pub use node::{Node, NodeError};
pub use options::{NodeOptions, OrgSpec};
pub use password::{hash_password, verify_password};
pub use policy::SecurityPolicy;
pub use registry::Connection;
pub use stopped::Stopped;
pub use token::{hash_hex, is_same, random};
pub use usage::Used;
pub use writer::{Done, Opener, Poisoned, StartError, Writer};
