//! All writes and plans: validation, defaults, access, hooks between records, query planning.
//!
//! Pure: rows it needs come in as values, what it decides goes out as a [`CommitBatch`](model::CommitBatch).
//!
//! ```text
//! execute        one command from request to reply
//! expected       what a client expects of a record before it is changed
//! save           records: create, update, upsert, delete, undelete
//! hooks          what follows from a record write
//! calls          telephony
//! draft          what a command wants to change, dropped or carried out whole
//! carry          rows into memory and batch, routing's answers into rows and events
//! configuration  configuration rows into what routing knows
//! works          what agents do with their work
//! supervise      what supervisors do with other people's
//! desk           what supervisors see
//! explain        why an item waits or went where it went, in words
//! settings       settings and limits of the org
//! trail          what is written down about log-ins and changes of set-up
//! access         who may do what
//! ```

pub mod access;
mod applied;
mod audit;
mod calls;
mod carry;
mod changes;
mod columns;
mod configuration;
mod customer;
mod desk;
mod draft;
mod engine;
mod execute;
mod expected;
mod explain;
mod genesis;
mod hooks;
mod known;
mod membership;
mod pieces;
mod request;
mod resident;
mod rows;
mod save;
mod settings;
mod shape;
mod supervise;
mod trail;
mod views;
mod works;

pub use access::{
    Asked, Authorized, Caller, Directory, ObjectRights, Rights, SUPERVISOR, UserEntry, plan_get,
    plan_query, plan_search,
};
pub use applied::chunk_results;
pub use desk::*;
pub use engine::{Boot, BootNeeds, Corrupt, Engine, Outcome, Scan, Step};
pub use expected::{Current, Expected, Versions, changed_meanwhile, version_field};
pub use explain::*;
pub use genesis::{CLI_APP, CONSOLE_APP, OrgSpec, administrator, genesis};
pub use request::*;
pub use rows::RowCache;
pub use save::{MULTIPLE_MATCHES, OPS_MAX, result_of};
pub use settings::{LimitView, SettingView};
