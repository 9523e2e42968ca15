//! Who belongs to which queue: users, groups in groups, roles, roles and subordinates (R55).
//!
//! Keeps the direct links and, per queue, the closure. A change makes only the queues above it stale.
//! Cycles are legal and harmless.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Record, RecordId};

use crate::known::Known;
use crate::resident::Resident;

#[derive(Default)]
pub(crate) struct Membership {
    /// Group to its direct members.
    members: BTreeMap<RecordId, BTreeSet<RecordId>>,
    /// Member to the groups that list it.
    groups: BTreeMap<RecordId, Vec<RecordId>>,
    /// Role to the automatic groups made for it.
    role_groups: BTreeMap<RecordId, BTreeSet<RecordId>>,
    users_in: BTreeMap<RecordId, BTreeSet<RecordId>>,
    roles_under: BTreeMap<RecordId, BTreeSet<RecordId>>,
    closure: BTreeMap<RecordId, Vec<RecordId>>,
    queues: BTreeMap<RecordId, Vec<RecordId>>,
    /// User to the groups of other kinds it belongs to, however deep.
    user_groups: BTreeMap<RecordId, Vec<RecordId>>,
    touched: BTreeSet<RecordId>,
}

/// What a refresh changed.
#[derive(Default)]
pub(crate) struct Moved {
    /// Queues with other members than before.
    pub queues: BTreeSet<RecordId>,
    /// Users in other queues than before.
    pub users: BTreeSet<RecordId>,
}

fn link(
    map: &mut BTreeMap<RecordId, BTreeSet<RecordId>>,
    from: RecordId,
    to: RecordId,
    is_there: bool,
) {
    if is_there {
        map.entry(from).or_default().insert(to);
    } else if let Some(all) = map.get_mut(&from) {
        all.remove(&to);
        if all.is_empty() {
            map.remove(&from);
        }
    }
}

/// The same where a key has few values and there are many keys: a sorted list takes less memory.
fn link_few(
    map: &mut BTreeMap<RecordId, Vec<RecordId>>,
    from: RecordId,
    to: RecordId,
    is_there: bool,
) {
    let all = map.entry(from).or_default();
    match (all.binary_search(&to), is_there) {
        (Err(at), true) => {
            all.reserve_exact(1);
            all.insert(at, to);
        }
        (Ok(at), false) => drop(all.remove(at)),
        (Ok(_), true) | (Err(_), false) => {}
    }
    if all.is_empty() {
        map.remove(&from);
    }
}

impl Membership {
    pub fn member(&mut self, k: &Known, before: Option<&Record>, after: Option<&Record>) {
        for (row, is_there) in [(before, false), (after, true)] {
            let Some(row) = row else { continue };
            let pair = (
                row.get(k.member.group_id).as_id(),
                row.get(k.member.user_or_group_id).as_id(),
            );
            if let (Some(group), Some(member)) = pair {
                link(&mut self.members, group, member, is_there);
                link_few(&mut self.groups, member, group, is_there);
                self.touched.insert(group);
            }
        }
    }

    pub fn group(
        &mut self,
        k: &Known,
        id: RecordId,
        before: Option<&Record>,
        after: Option<&Record>,
    ) {
        for (row, is_there) in [(before, false), (after, true)] {
            if let Some(role) = row.and_then(|r| r.get(k.group.related_id).as_id()) {
                link(&mut self.role_groups, role, id, is_there);
            }
        }
        self.touched.insert(id);
    }

    pub fn role(
        &mut self,
        k: &Known,
        id: RecordId,
        before: Option<&Record>,
        after: Option<&Record>,
    ) {
        for (row, is_there) in [(before, false), (after, true)] {
            if let Some(parent) = row.and_then(|r| r.get(k.role.parent_id).as_id()) {
                link(&mut self.roles_under, parent, id, is_there);
            }
        }
        self.touched.extend(self.role_groups.values().flatten());
    }

    pub fn user(
        &mut self,
        k: &Known,
        id: RecordId,
        before: Option<&Record>,
        after: Option<&Record>,
    ) {
        let role = |row: Option<&Record>| row.and_then(|r| r.get(k.user.user_role_id).as_id());
        let (old, new) = (role(before), role(after));
        if old == new {
            return;
        }
        for (role, is_there) in [(old, false), (new, true)] {
            if let Some(role) = role {
                link(&mut self.users_in, role, id, is_there);
            }
        }
        self.touched.extend(self.role_groups.values().flatten());
    }

    pub fn users_in_role(&self, role: RecordId) -> impl Iterator<Item = RecordId> + '_ {
        self.users_in.get(&role).into_iter().flatten().copied()
    }

    /// Users of a queue, in id order.
    pub fn users_of(&self, queue: RecordId) -> &[RecordId] {
        self.closure.get(&queue).map_or(&[], Vec::as_slice)
    }

    /// Queues of a user, in id order.
    pub fn queues_of(&self, user: RecordId) -> Arc<[RecordId]> {
        self.queues
            .get(&user)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// Groups of other kinds of a user, in id order.
    pub fn groups_of(&self, user: RecordId) -> Arc<[RecordId]> {
        self.user_groups
            .get(&user)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// Brings the closures up to date.
    pub fn refresh(&mut self, k: &Known, resident: &Resident) -> Moved {
        let mut moved = Moved::default();
        let touched = std::mem::take(&mut self.touched);
        for group in self.above(touched) {
            let row = resident.get(k.group.ix, group);
            let kind = row.map(|r| r.get(k.group.kind).as_text() == Some("Queue"));
            let users = match kind {
                Some(_) => self.users_below(k, resident, group),
                None => Vec::new(),
            };
            let old = if users.is_empty() {
                self.closure.remove(&group)
            } else {
                self.closure.insert(group, users.clone())
            };
            let old = old.unwrap_or_default();
            if old == users {
                continue;
            }
            // a group that is gone is taken from both lists
            if kind != Some(false) {
                moved.queues.insert(group);
            }
            for user in old.iter().filter(|u| users.binary_search(u).is_err()) {
                link_few(&mut self.queues, *user, group, false);
                link_few(&mut self.user_groups, *user, group, false);
                moved.users.insert(*user);
            }
            for user in users.iter().filter(|u| old.binary_search(u).is_err()) {
                let list = match kind {
                    Some(true) => &mut self.queues,
                    _ => &mut self.user_groups,
                };
                link_few(list, *user, group, true);
                moved.users.insert(*user);
            }
        }
        moved
    }

    /// The groups and every group that contains one of them, however deep.
    fn above(&self, groups: BTreeSet<RecordId>) -> BTreeSet<RecordId> {
        let mut open: Vec<RecordId> = groups.iter().copied().collect();
        let mut all = groups;
        while let Some(group) = open.pop() {
            for outer in self.groups.get(&group).into_iter().flatten() {
                if all.insert(*outer) {
                    open.push(*outer);
                }
            }
        }
        all
    }

    fn users_below(&self, k: &Known, resident: &Resident, queue: RecordId) -> Vec<RecordId> {
        let mut users = BTreeSet::new();
        let mut seen = BTreeSet::from([queue]);
        let mut open = vec![queue];
        while let Some(group) = open.pop() {
            self.add_role_users(k, resident, group, &mut users);
            for member in self.members.get(&group).into_iter().flatten() {
                if resident.get(k.user.ix, *member).is_some() {
                    users.insert(*member);
                } else if seen.insert(*member) {
                    open.push(*member);
                }
            }
        }
        users.into_iter().collect()
    }

    /// Users of the role that an automatic group stands for.
    fn add_role_users(
        &self,
        k: &Known,
        resident: &Resident,
        group: RecordId,
        users: &mut BTreeSet<RecordId>,
    ) {
        let Some(row) = resident.get(k.group.ix, group) else {
            return;
        };
        let Some(role) = row.get(k.group.related_id).as_id() else {
            return;
        };
        let with_subordinates = match row.get(k.group.kind).as_text() {
            Some("Role") => false,
            Some("RoleAndSubordinates" | "RoleAndSubordinatesInternal") => true,
            _ => return,
        };
        let mut open = vec![role];
        let mut seen = BTreeSet::from([role]);
        while let Some(role) = open.pop() {
            users.extend(self.users_in_role(role));
            if with_subordinates {
                let under = self.roles_under.get(&role).into_iter().flatten();
                open.extend(under.filter(|r| seen.insert(**r)));
            }
        }
    }

    pub fn fingerprint(&self) -> impl Iterator<Item = String> + '_ {
        self.closure
            .iter()
            .map(|(queue, users)| format!("members {queue} {users:?}"))
    }
}
