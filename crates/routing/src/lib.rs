//! The routing state machine: who is offered what, and when (routing.md R1 to R204).
//!
//! Knows agents, requests, offers and `now`; never HTTP, SOQL or a permission. Equal inputs give equal
//! outputs on every machine: no clock, no randomness, ids come from the engine's counters.
//!
//! ```text
//! configure / restore            the world as the engine knows it
//! decide(&self, command)         may refuse, writes nothing
//! evolve(&mut self, decision)    cannot fail, tells every row it wrote
//! settle(&mut self)              due deadlines, then one routing pass (R38), once per batch
//! ```
//!
//! Law: memory is a function of the rows and notes it wrote ([`RoutingState::restore`]).

mod agent;
mod api;
mod audit;
mod backlog;
mod capacity;
mod check;
mod commands;
mod configure;
mod conversation;
mod desk;
mod draft;
mod drain;
mod explain;
mod index;
mod intern;
mod limits;
mod members;
mod notes;
mod offers;
mod order;
mod pass;
mod presence;
mod reason;
mod request;
mod requests;
mod rest;
mod restore;
mod room;
mod rounds;
mod rows;
mod runs;
mod skills;
mod sorted;
mod state;
mod status;
mod sticky;
mod table;
mod timer;
mod transfer;
mod units;
mod untouched;
mod views;
mod wait;

pub use api::*;
pub use desk::Progress;
pub use explain::*;
pub use rows::*;
pub use state::{Decision, RoutingState};
pub use status::wrong_status;
pub use units::Units;
