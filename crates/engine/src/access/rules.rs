//! What decides about the rows of an object: their owner, their shares, or the record they belong to.
//!
//! The same rules stand behind queries ([`RecordRules::may_see`], a condition on rows) and behind writes
//! (`access::write`, a look at one row).

use std::collections::BTreeMap;

use lang::plan::{Expr, Path, Predicate, Scan, SemiJoin, Spot};
use model::{Catalogue, FieldIx, FieldType, ObjectDef, ObjectIx, RecordId, Value};

use super::{Caller, Directory};

/// Details without an owner, and the field that names the record they go with; `true` if a row that
/// names none goes by object permission alone.
const DETAILS: &[(&str, &str, bool)] = &[
    ("AgentWorkSkill", "AgentWorkId", false),
    ("CaseComment", "ParentId", false),
    ("ConversationEntry", "ConversationId", true),
    ("LiveChatTranscriptEvent", "LiveChatTranscriptId", false),
    ("LiveChatTranscriptSkill", "TranscriptId", false),
    ("OmniRoutingEventStore", "AgentWorkId", false),
    (
        "PendingServiceRoutingInteractionInfo",
        "PendingServiceRoutingId",
        false,
    ),
    ("SkillRequirement", "RelatedRecordId", false),
];

/// Masters of masters at most.
const DEPTH_MAX: u8 = 3;

/// More users below than this are not listed in a condition but looked up by their roles.
const LISTED_MAX: usize = 1_000;

/// What decides about the rows of one object. Objects without a rule go by object permission alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Who owns the row, who stands above the owner, who it is shared with.
    Owner {
        field: FieldIx,
        shares: Option<Shares>,
    },
    /// The record that the row is a detail of.
    Master {
        field: FieldIx,
        objects: Vec<ObjectIx>,
        free_without: bool,
        is_share: bool,
    },
}

/// The object that holds the shares of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    pub object: ObjectIx,
    pub parent: FieldIx,
    pub grantee: FieldIx,
    pub level: FieldIx,
}

/// The rules of all objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordRules(BTreeMap<ObjectIx, Rule>);

impl RecordRules {
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut all = BTreeMap::new();
        for (object, def) in catalogue.each() {
            if let Some(field) = def.field("OwnerId") {
                let shares = shares_of(catalogue, def);
                if let Some(shares) = shares {
                    let rule = Rule::Master {
                        field: shares.parent,
                        objects: vec![object],
                        free_without: false,
                        is_share: true,
                    };
                    all.insert(shares.object, rule);
                }
                all.insert(object, Rule::Owner { field, shares });
            }
        }
        for (name, field, free_without) in DETAILS {
            let Some((object, def)) = catalogue.find(name) else {
                continue;
            };
            if let Some(field) = def.field(field) {
                let names = def.def(field).reference_to.iter();
                let rule = Rule::Master {
                    field,
                    objects: names.filter_map(|n| catalogue.object(n)).collect(),
                    free_without: *free_without,
                    is_share: false,
                };
                all.insert(object, rule);
            }
        }
        Self(all)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, object: ObjectIx) -> Option<&Rule> {
        self.0.get(&object)
    }
}

fn shares_of(catalogue: &Catalogue, def: &ObjectDef) -> Option<Shares> {
    let (object, share) = catalogue.find(def.associated.share.as_deref()?)?;
    Some(Shares {
        object,
        parent: share.field("ParentId")?,
        grantee: share.field("UserOrGroupId")?,
        level: share.field("AccessLevel")?,
    })
}

/// Whose rows a caller sees: its own, its groups', and those of everybody below it in the roles.
pub(crate) struct Principals<'a> {
    directory: &'a Directory,
    /// The caller, its groups, and groups of users below; users below too unless they are many.
    ids: Vec<Value>,
    /// Roles of users below who are too many to be listed.
    roles: Vec<Value>,
}

impl<'a> Principals<'a> {
    pub fn of(directory: &'a Directory, user: RecordId) -> Self {
        let mut ids = Vec::new();
        let mut add = |id: RecordId| {
            ids.push(id);
            if let Some(entry) = directory.user(id) {
                ids.extend(entry.queues.iter().chain(entry.groups.iter()));
            }
        };
        add(user);
        let below = directory.users_below(user);
        let mut roles = Vec::new();
        if below.len() > LISTED_MAX {
            roles = directory
                .roles_below(user)
                .into_iter()
                .map(Value::Id)
                .collect();
            below.iter().for_each(|id| add(*id));
            ids.retain(|id| *id == user || directory.user(*id).is_none());
        } else {
            below.iter().for_each(|id| add(*id));
        }
        ids.sort_unstable();
        ids.dedup();
        Self {
            directory,
            ids: ids.into_iter().map(Value::Id).collect(),
            roles,
        }
    }

    /// The field names one of them.
    fn hold(&self, object: ObjectIx, field: FieldIx) -> Predicate {
        let of = Path::own(object, Spot::Field(field), FieldType::Reference);
        let listed = one_of(of.clone(), self.ids.clone());
        let (false, Some((users, role))) = (self.roles.is_empty(), self.directory.role_field)
        else {
            return listed;
        };
        let mut scan = Scan::of(users);
        scan.all_rows = true;
        let role = Path::own(users, Spot::Field(role), FieldType::Reference);
        scan.filter = one_of(role, self.roles.clone());
        Predicate::Or(vec![listed, among(of, scan, Path::id(users), false)])
    }
}

fn one_of(of: Path, values: Vec<Value>) -> Predicate {
    Predicate::In {
        of: Expr::Field(of),
        values,
        not: false,
        exact: true,
        on_null: false,
    }
}

fn among(of: Path, scan: Scan, select: Path, on_null: bool) -> Predicate {
    let inner = SemiJoin {
        scan,
        select,
        limit: None,
    };
    Predicate::Semi {
        of,
        inner: Box::new(inner),
        not: false,
        on_null,
    }
}

/// The condition on rows of `object` that the caller may see.
pub(crate) fn may_see(
    directory: &Directory,
    caller: &Caller,
    who: &Principals<'_>,
    object: ObjectIx,
) -> Predicate {
    rows_of(directory, caller, who, object, DEPTH_MAX)
}

fn rows_of(
    directory: &Directory,
    caller: &Caller,
    who: &Principals<'_>,
    object: ObjectIx,
    depth: u8,
) -> Predicate {
    let rights = caller.rights.object(object);
    if !rights.read || depth == 0 {
        return Predicate::FALSE;
    }
    if rights.view_all || directory.public_read.contains(&object) {
        return Predicate::TRUE;
    }
    match directory.rules.get(object) {
        None => Predicate::TRUE,
        Some(Rule::Owner { field, shares }) => {
            let owned = who.hold(object, *field);
            let Some(shares) = shares else { return owned };
            let mut scan = Scan::of(shares.object);
            scan.filter = who.hold(shares.object, shares.grantee);
            let parent = Spot::Field(shares.parent);
            let parent = Path::own(shares.object, parent, FieldType::Reference);
            let shared = among(Path::id(object), scan, parent, false);
            Predicate::Or(vec![owned, shared])
        }
        Some(Rule::Master {
            field,
            objects,
            free_without,
            ..
        }) => {
            let of = Path::own(object, Spot::Field(*field), FieldType::Reference);
            let of_master = |master: &ObjectIx| {
                let mut scan = Scan::of(*master);
                scan.all_rows = true;
                scan.filter = rows_of(directory, caller, who, *master, depth - 1);
                among(of.clone(), scan, Path::id(*master), *free_without)
            };
            Predicate::Or(objects.iter().map(of_master).collect())
        }
    }
}

impl Directory {
    /// Roles somewhere below the user's.
    fn roles_below(&self, user: RecordId) -> Vec<RecordId> {
        let Some(top) = self.user(user).and_then(|u| u.role) else {
            return Vec::new();
        };
        let roles = self.role_parents.keys().copied();
        roles.filter(|role| self.is_below(*role, top)).collect()
    }

    /// Users somewhere below in the roles, in id order.
    fn users_below(&self, user: RecordId) -> Vec<RecordId> {
        let roles = self.roles_below(user);
        if roles.is_empty() {
            return Vec::new();
        }
        let is_below = |role: RecordId| roles.binary_search(&role).is_ok();
        let users = self.users.values();
        users
            .filter(|u| u.role.is_some_and(is_below))
            .map(|u| u.id)
            .collect()
    }

    /// True if `user` has the rights of `holder`, who owns a record or has a share in it: it is the same
    /// user, a group the user belongs to, somebody below the user in the roles, or a group of such a one.
    pub(crate) fn acts_for(&self, user: RecordId, holder: RecordId) -> bool {
        let Some(me) = self.user(user) else {
            return user == holder;
        };
        if me.is(holder) {
            return true;
        }
        let Some(top) = me.role else { return false };
        if let Some(other) = self.user(holder) {
            return other.role.is_some_and(|role| self.is_below(role, top));
        }
        let below = self.users_below(user);
        let mut below = below.iter().filter_map(|id| self.user(*id));
        below.any(|other| other.is(holder))
    }

    /// True if `role` is somewhere below `top`.
    pub(crate) fn is_below(&self, role: RecordId, top: RecordId) -> bool {
        let mut at = role;
        for _ in 0..64 {
            match self.role_parents.get(&at) {
                Some(parent) if *parent == top => return true,
                Some(parent) => at = *parent,
                None => return false,
            }
        }
        false
    }
}

impl super::UserEntry {
    /// True unless it is switched off or frozen.
    pub fn may_log_in(&self) -> bool {
        self.is_active && !self.is_frozen
    }

    /// The user itself, or one of its groups.
    fn is(&self, holder: RecordId) -> bool {
        self.id == holder
            || self.queues.binary_search(&holder).is_ok()
            || self.groups.binary_search(&holder).is_ok()
    }
}
