//! All orgs of one data folder.

use std::path::Path;
use std::sync::Arc;

use engine::{Caller, UserEntry};
use model::{RecordId, Refusal};
use parking_lot::RwLock;

use crate::app::App;
use crate::control::Control;
use crate::handle::OrgHandle;
use crate::options::{NodeOptions, OrgSpec};

/// A node could not start or could not make an org. The text says what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The data folder cannot be used.
    #[error("cannot use data folder {path}: {why}")]
    DataDir {
        /// The folder.
        path: String,
        /// What the system said.
        why: String,
    },
    /// Another process works on it.
    #[error("data folder {0} is in use by another trunkline process; stop that one or choose another folder")]
    Locked(String),
    /// A store file cannot be opened.
    #[error("org {org}: {why}")]
    Store {
        /// Name of the org.
        org: String,
        /// What the store said.
        why: String,
    },
    /// The control file cannot be read.
    #[error("control file {path} is damaged: {why}; restore it from a backup")]
    Control {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// The rows of an org do not fit together.
    #[error("org {org}: the stored rows contradict each other: {why}; run `trunkline check`")]
    Corrupt {
        /// Name of the org.
        org: String,
        /// Which rows.
        why: String,
    },
    /// An org or user of this name exists.
    #[error("{0} is already taken on this node")]
    Taken(String),
    /// The new org was refused.
    #[error("the org could not be created: {0}")]
    Refused(Refusal),
    /// A thread could not be started or the catalogue is damaged.
    #[error("{0}")]
    Internal(String),
}

/// All orgs of one data folder.
#[derive(Clone)]
pub struct Node {
    inner: Arc<NodeInner>,
}
