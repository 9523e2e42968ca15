//! Who may do what. The only place that makes an [`Authorized`].
//!
//! [`Rights`] are computed from profile and permission sets and shared by all users that have the same
//! ones; a [`Directory`] is the published snapshot of users, replaced whole after each commit that
//! changed configuration.

mod read;
mod rights;
mod rules;
mod write;

pub use read::{Asked, plan_get, plan_query, plan_search};
pub(crate) use rights::{RightsKey, RightsMaker};
pub(crate) use rules::RecordRules;
pub(crate) use write::{Level, Wish};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{FieldIx, ObjectIx, RecordId};

/// The right to see and steer everybody's work (R179). No permission of its own in the platform's list:
/// it is worked out, see [`Rights`].
pub const SUPERVISOR: &str = "OmniSupervisor";

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
    /// [`SUPERVISOR`] is among them for who has `ManageUsers`, and for who may transfer any case and view
    /// all rows of requests, work and presence.
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
    /// Frozen by an administrator (UserLogin): may not log in.
    pub is_frozen: bool,
    pub role: Option<RecordId>,
    /// Queues the user belongs to, groups and roles resolved (R55); in id order.
    pub queues: Arc<[RecordId]>,
    /// Groups of other kinds that the user belongs to, resolved likewise; in id order.
    pub groups: Arc<[RecordId]>,
    pub rights: Arc<Rights>,
}

/// Users of an org, as published after a commit.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// By id.
    pub users: BTreeMap<RecordId, Arc<UserEntry>>,
    /// Id by user name in lower case.
    pub by_username: BTreeMap<String, RecordId>,
    /// Role above each role.
    pub role_parents: BTreeMap<RecordId, RecordId>,
    /// Objects whose rows everybody with read permission may see (organization-wide defaults).
    pub public_read: BTreeSet<ObjectIx>,
    /// Objects whose rows everybody with edit permission may change.
    pub public_edit: BTreeSet<ObjectIx>,
    /// Objects whose rows everybody with edit permission may give to another owner.
    pub public_transfer: BTreeSet<ObjectIx>,
    /// What decides about the rows of each object: a function of the catalogue.
    pub(crate) rules: Arc<RecordRules>,
    /// User and its field UserRoleId.
    pub(crate) role_field: Option<(ObjectIx, FieldIx)>,
    /// Origins whose pages may call the API (CorsWhitelistEntry), in lower case; `*.` stands for labels.
    pub cors_origins: BTreeSet<String>,
}

impl Directory {
    /// The entry of a user.
    pub fn user(&self, id: RecordId) -> Option<&Arc<UserEntry>> {
        self.users.get(&id)
    }

    /// The user with this name, in any case.
    pub fn by_username(&self, name: &str) -> Option<&Arc<UserEntry>> {
        self.users.get(self.by_username.get(&name.to_lowercase())?)
    }

    /// Everything that counts, as text; rights that several users have once.
    pub(crate) fn fingerprint(&self) -> Vec<String> {
        let mut kinds: Vec<Arc<Rights>> = Vec::new();
        let mut lines = Vec::new();
        for user in self.users.values() {
            let is_same = |r: &Arc<Rights>| Arc::ptr_eq(r, &user.rights) || **r == *user.rights;
            let kind = kinds.iter().position(is_same).unwrap_or_else(|| {
                kinds.push(user.rights.clone());
                lines.push(format!("rights {} {:?}", kinds.len() - 1, user.rights));
                kinds.len() - 1
            });
            let UserEntry {
                id,
                username,
                name,
                email,
                profile,
                ..
            } = &**user;
            let UserEntry {
                time_zone,
                language,
                locale,
                is_active,
                is_frozen,
                role,
                queues,
                groups,
                ..
            } = &**user;
            lines.push(format!(
                "user {id} {username} {name} {email} {profile:?} {time_zone} {language} {locale} \
                 {is_active} {is_frozen} {role:?} {queues:?} {groups:?} rights {kind}"
            ));
        }
        lines.extend(
            self.by_username
                .iter()
                .map(|(name, id)| format!("name {name} {id}")),
        );
        lines.push(format!(
            "public {:?} {:?} {:?}",
            self.public_read, self.public_edit, self.public_transfer
        ));
        lines.push(format!("roles {:?}", self.role_parents));
        lines
    }
}

impl Rights {
    /// True if the user has this permission (`ModifyAllData`, ...).
    pub fn has(&self, permission: &str) -> bool {
        self.permissions.contains(permission)
    }

    /// What the user may do with an object.
    pub fn object(&self, object: ObjectIx) -> ObjectRights {
        self.objects.get(&object).copied().unwrap_or_default()
    }

    /// The object is there for this user: listed, described, queried.
    pub fn can_describe(&self, object: ObjectIx) -> bool {
        self.object(object).read
    }

    /// The field is there for this user.
    pub fn can_read(&self, object: ObjectIx, field: FieldIx) -> bool {
        !self.hidden.contains(&(object, field))
    }

    /// The user may write the field, if the catalogue allows it at all.
    pub fn can_write(&self, object: ObjectIx, field: FieldIx) -> bool {
        self.can_read(object, field) && !self.locked.contains(&(object, field))
    }
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
