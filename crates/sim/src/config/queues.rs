//! Queues: what they take and who belongs to them (R1, R55).

use std::collections::BTreeSet;

use model::{Catalogue, RecordId};

use super::{Config, Person, Queue, Reader};
use crate::schema::Schema;

impl Config {
    pub(super) fn read_queues(&mut self, s: &Schema, catalogue: &Catalogue, r: &Reader) {
        let external: BTreeSet<RecordId> = r
            .of(s.routing_config.ix)
            .filter(|c| c.get(s.routing_config.model).as_text() == Some("ExternalRouting"))
            .map(|c| c.id)
            .collect();
        let queues = r
            .of(s.group.ix)
            .filter(|g| g.get(s.group.kind).as_text() == Some("Queue"));
        for row in queues {
            let config = row.get(s.group.config).as_id();
            let objects = r
                .of(s.queue_sobject.ix)
                .filter(|q| q.get(s.queue_sobject.queue).as_id() == Some(row.id))
                .filter_map(|q| catalogue.object(q.get(s.queue_sobject.sobject).as_text()?))
                .collect();
            let is_external = config.is_some_and(|c| external.contains(&c));
            let members = self.members_of(s, r, row.id);
            self.queues.insert(
                row.id,
                Queue {
                    config,
                    is_external,
                    objects,
                    members,
                },
            );
        }
    }

    /// R55: everybody below a group, cycles included.
    fn members_of(&self, s: &Schema, r: &Reader, queue: RecordId) -> BTreeSet<RecordId> {
        let mut below = BTreeSet::from([queue]);
        loop {
            let before = below.len();
            for (_, group, of) in &self.memberships {
                if below.contains(group) {
                    below.insert(*of);
                }
            }
            for row in r
                .of(s.group.ix)
                .filter(|g| below.contains(&g.id))
                .collect::<Vec<_>>()
            {
                let Some(role) = row.get(s.group.related).as_id() else {
                    continue;
                };
                match row.get(s.group.kind).as_text() {
                    Some("Role") => below.extend(self.users_in(&BTreeSet::from([role]))),
                    Some("RoleAndSubordinates" | "RoleAndSubordinatesInternal") => {
                        below.extend(self.users_in(&roles_under(s, r, role)));
                    }
                    _ => {}
                }
            }
            if below.len() == before {
                break;
            }
        }
        below
            .into_iter()
            .filter(|id| self.people.contains_key(id))
            .collect()
    }

    fn users_in(&self, roles: &BTreeSet<RecordId>) -> Vec<RecordId> {
        let is_in = |p: &Person| p.role.is_some_and(|role| roles.contains(&role));
        self.people
            .iter()
            .filter(|(_, p)| is_in(p))
            .map(|(id, _)| *id)
            .collect()
    }
}

fn roles_under(s: &Schema, r: &Reader, role: RecordId) -> BTreeSet<RecordId> {
    let mut under = BTreeSet::from([role]);
    loop {
        let before = under.len();
        for row in r.of(s.role.ix) {
            if row
                .get(s.role.parent)
                .as_id()
                .is_some_and(|parent| under.contains(&parent))
            {
                under.insert(row.id);
            }
        }
        if under.len() == before {
            return under;
        }
    }
}
