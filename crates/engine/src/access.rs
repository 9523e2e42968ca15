//! Who may do what. The only place that makes an [`Authorized`].
//!
//! [`Rights`] are computed from profile and permission sets and shared by all users that have the same
//! ones; a [`Directory`] is the published snapshot of users, replaced whole after each commit that
//! changed configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{FieldIx, ObjectIx, RecordId};

/// The sender of a command or query.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The org.
    pub org: RecordId,
    /// The user it acts as.
    pub user: RecordId,
    /// What that user may do.
    pub rights: Arc<Rights>,
    /// API version of the request (64 for 64.0).
    pub version: u32,
}

/// What a user may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// User permissions without the prefix: `ModifyAllData`, `ApiEnabled`, `CustomizeApplication`, ...
    pub permissions: BTreeSet<String>,
    /// Object permissions; an object that is not listed is not visible unless `ViewAllData`.
    pub objects: BTreeMap<ObjectIx, ObjectRights>,
    /// Fields that may not be read.
    pub hidden: BTreeSet<(ObjectIx, FieldIx)>,
    /// Fields that may not be written.
    pub locked: BTreeSet<(ObjectIx, FieldIx)>,
    /// ServicePresenceStatus ids granted by SetupEntityAccess (R53).
    pub statuses: BTreeSet<RecordId>,
}

/// What a user may do with the rows of one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ObjectRights {
    pub create: bool,
    pub read: bool,
    pub edit: bool,
    pub delete: bool,
    pub view_all: bool,
    pub modify_all: bool,
}

/// One user in the [`Directory`].
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct UserEntry {
    pub id: RecordId,
    pub username: String,
    pub name: String,
    pub email: String,
    pub profile: Option<RecordId>,
    pub time_zone: String,
    pub language: String,
    pub locale: String,
    pub is_active: bool,
    pub rights: Arc<Rights>,
}

/// Users of an org, as published after a commit.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// By id.
    pub users: BTreeMap<RecordId, Arc<UserEntry>>,
    /// Id by user name in lower case.
    pub by_username: BTreeMap<String, RecordId>,
}

/// Proof that access was checked. Only this module makes one; node demands it for every read.
#[derive(Clone, Debug)]
pub struct Authorized<T>(T);

impl<T> Authorized<T> {
    /// What was authorized.
    pub fn get(&self) -> &T {
        &self.0
    }
}
