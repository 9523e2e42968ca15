//! The porch: HTTP in front of the node. Routers by protocol, log-in, limits, console files.
//!
//! Converts between `wire` and `node` and holds no rule of its own: what a caller may do is decided by
//! `engine`, sessions and cursors are kept by `node`. [`routes::ROUTES`] is the one list of what is
//! served; the router, the access test and the OpenAPI document stand on it. [`status`] is the one place
//! that pairs a refusal with an HTTP status.

mod answer;
mod body;
mod bulk;
mod call;
mod changes;
mod conditions;
mod console;
mod cors;
mod date;
mod guard;
mod keys;
mod limits;
mod line;
mod oauth;
mod omni;
mod ops;
mod options;
mod path;
mod porch;
mod reads;
mod rest;
mod router;
pub mod routes;
mod serve;
mod soap;
pub mod status;
mod telephony;
mod timers;

pub use keys::is_key;
pub use options::HttpOptions;
pub use porch::Porch;
pub use serve::{Scheme, serve, serve_connection};
