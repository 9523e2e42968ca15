//! The access check as a child would write it: slow, by the words of the rules, with nothing of the
//! engine in it.

use std::collections::BTreeMap;

/// Who holds a record, or takes part in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    User(usize),
    Group(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Queue,
    Regular,
    Role(usize),
    RoleAndSubordinates(usize),
}

#[derive(Debug, Default)]
pub struct Grants {
    pub view_all_data: bool,
    pub modify_all_data: bool,
    /// Read, view all.
    pub objects: BTreeMap<String, (bool, bool)>,
    /// Object and field: may read.
    pub fields: BTreeMap<(String, String), bool>,
}

#[derive(Debug)]
pub struct User {
    pub role: Option<usize>,
    /// The profile is the first.
    pub grants: Vec<usize>,
}

/// A record: number of its owner or of its master, and its references by field.
#[derive(Debug, Default)]
pub struct Row {
    pub owner: Option<Holder>,
    pub deleted: bool,
    pub texts: BTreeMap<&'static str, String>,
    /// Field, object and number.
    pub references: BTreeMap<&'static str, (&'static str, usize)>,
    /// For shares.
    pub grantee: Option<Holder>,
}

#[derive(Debug, Default)]
pub struct Naive {
    pub roles: Vec<Option<usize>>,
    pub users: Vec<User>,
    pub groups: Vec<(Kind, Vec<Holder>)>,
    pub grants: Vec<Grants>,
    /// Organization-wide default: everybody reads.
    pub public: BTreeMap<&'static str, bool>,
    pub rows: BTreeMap<&'static str, Vec<Row>>,
}

/// Relationship: object, name, field, object it leads to.
pub const RELATIONSHIPS: &[(&str, &str, &str, &str)] = &[
    ("Case", "Account", "AccountId", "Account"),
    ("Case", "Parent", "ParentId", "Case"),
    ("CaseComment", "Parent", "ParentId", "Case"),
    ("AgentWorkSkill", "AgentWork", "AgentWorkId", "AgentWork"),
    ("AgentWorkShare", "Parent", "ParentId", "AgentWork"),
];

/// Details, and the field that names their master.
const MASTERS: &[(&str, &str)] = &[
    ("CaseComment", "ParentId"),
    ("AgentWorkSkill", "AgentWorkId"),
    ("AgentWorkShare", "ParentId"),
];

/// The object that a share object is about.
fn shared(object: &str) -> Option<&str> {
    object.strip_suffix("Share")
}

impl Naive {
    pub fn count(&self, object: &str) -> usize {
        self.rows[object].len()
    }

    pub fn is_deleted(&self, object: &str, n: usize) -> bool {
        self.rows[object][n].deleted
    }

    pub fn live(&self, object: &str, all_rows: bool) -> impl Iterator<Item = usize> + '_ {
        let rows = self.rows[object].iter().enumerate();
        rows.filter(move |(_, row)| all_rows || !row.deleted)
            .map(|(n, _)| n)
    }

    fn of(&self, user: usize) -> impl Iterator<Item = &Grants> {
        self.users[user].grants.iter().map(|g| &self.grants[*g])
    }

    fn sees_all_data(&self, user: usize) -> bool {
        self.of(user).any(|g| g.view_all_data || g.modify_all_data)
    }

    pub fn object(&self, user: usize, object: &str) -> bool {
        let read = |g: &Grants| g.objects.get(object).is_some_and(|(read, _)| *read);
        let is_shared = || shared(object).is_some_and(|parent| self.object(user, parent));
        self.sees_all_data(user) || self.of(user).any(read) || is_shared()
    }

    fn views_all(&self, user: usize, object: &str) -> bool {
        let all = |g: &Grants| g.objects.get(object).is_some_and(|(_, all)| *all);
        let is_shared = || shared(object).is_some_and(|parent| self.views_all(user, parent));
        self.sees_all_data(user) || self.of(user).any(all) || is_shared()
    }

    pub fn field(&self, user: usize, object: &str, field: &str) -> bool {
        let key = (object.to_owned(), field.to_owned());
        let is_guarded = self.grants.iter().any(|g| g.fields.contains_key(&key));
        let reads = |g: &Grants| g.fields.get(&key) == Some(&true);
        !is_guarded || self.of(user).any(|g| g.modify_all_data) || self.of(user).any(reads)
    }

    fn is_under(&self, role: usize, top: usize) -> bool {
        match self.roles[role] {
            Some(parent) => parent == top || self.is_under(parent, top),
            None => false,
        }
    }

    fn is_in(&self, user: usize, group: usize, depth: usize) -> bool {
        let (kind, members) = &self.groups[group];
        let by_role = match (kind, self.users[user].role) {
            (Kind::Role(role), Some(mine)) => mine == *role,
            (Kind::RoleAndSubordinates(role), Some(mine)) => {
                mine == *role || self.is_under(mine, *role)
            }
            _ => false,
        };
        by_role
            || depth < 10
                && members.iter().any(|member| match member {
                    Holder::User(other) => *other == user,
                    Holder::Group(inner) => self.is_in(user, *inner, depth + 1),
                })
    }

    fn is(&self, user: usize, holder: Holder) -> bool {
        match holder {
            Holder::User(other) => other == user,
            Holder::Group(group) => self.is_in(user, group, 0),
        }
    }

    /// The user is the holder, or stands above somebody who is.
    fn acts_for(&self, user: usize, holder: Holder) -> bool {
        let is_above = |other: usize| match (self.users[user].role, self.users[other].role) {
            (Some(mine), Some(theirs)) => self.is_under(theirs, mine),
            _ => false,
        };
        self.is(user, holder)
            || (0..self.users.len()).any(|other| is_above(other) && self.is(other, holder))
    }

    pub fn sees(&self, user: usize, object: &str, n: usize) -> bool {
        if !self.object(user, object) {
            return false;
        }
        if self.views_all(user, object) || self.public.get(object) == Some(&true) {
            return true;
        }
        let row = &self.rows[object][n];
        if let Some((_, field)) = MASTERS.iter().find(|(detail, _)| *detail == object) {
            let master = row.references.get(field);
            return master.is_some_and(|(object, n)| self.sees(user, object, *n));
        }
        if row.owner.is_some_and(|owner| self.acts_for(user, owner)) {
            return true;
        }
        let shares = self.rows["AgentWorkShare"].iter();
        let mut shares = shares.filter(|s| s.references.get("ParentId") == Some(&("AgentWork", n)));
        object == "AgentWork" && shares.any(|s| s.grantee.is_some_and(|g| self.acts_for(user, g)))
    }

    /// A path may be named: every reference and object on the way, and the field at its end.
    pub fn path(&self, user: usize, object: &str, path: &str) -> bool {
        match path.split_once('.') {
            None => self.object(user, object) && self.field(user, object, path),
            Some((relationship, rest)) => {
                let (_, _, field, to) = relation(object, relationship);
                self.object(user, object)
                    && self.field(user, object, field)
                    && self.path(user, to, rest)
            }
        }
    }

    /// The text at the end of a path: nothing beyond a parent that is not seen.
    pub fn value(&self, user: usize, object: &str, n: usize, path: &str) -> Option<String> {
        let row = &self.rows[object][n];
        match path.split_once('.') {
            None => row.texts.get(path).cloned(),
            Some((relationship, rest)) => {
                let (_, _, field, _) = relation(object, relationship);
                let (to, number) = row.references.get(field)?;
                if !self.sees(user, to, *number) {
                    return None;
                }
                self.value(user, to, *number, rest)
            }
        }
    }
}

pub fn relation(
    object: &str,
    name: &str,
) -> &'static (&'static str, &'static str, &'static str, &'static str) {
    let mut all = RELATIONSHIPS.iter();
    all.find(|(from, relationship, ..)| *from == object && *relationship == name)
        .expect("a relationship")
}
