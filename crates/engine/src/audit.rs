//! Invariants over engine and routing, for `trunkline check` and the simulator.

use std::collections::{BTreeMap, BTreeSet};

use model::RecordId;
use routing::Status;

use crate::engine::Engine;

impl Engine {
    /// What is wrong, in words; empty when all is well.
    pub fn check_invariants(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut active: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        let users = self.resident.table(self.known.user.ix);
        for user in users.keys() {
            let works = self.routing.works_of(*user);
            // R104; what is given by hand or by invitation is not asked for room (R96, R102)
            let routed = works.iter().filter(|w| w.request.is_some());
            let routed = routed.filter(|w| !w.skip_capacity_check).count();
            if routed > 100 {
                wrong.push(format!("user {user} has {routed} active works"));
            }
            for work in &works {
                if work.status == Status::Assigned {
                    active.entry(work.work_item).or_default().push(work.id);
                    self.check_offer(work, &mut wrong);
                }
            }
            self.check_capacity(*user, &works, &mut wrong);
        }
        for (item, works) in active {
            if works.len() > 1 {
                wrong.push(format!("item {item} has offers {works:?}"));
            }
        }
        self.check_directory(&mut wrong);
        wrong.extend(self.routing.audit());
        wrong
    }

    /// An offer that came from a request has it, and it says so.
    fn check_offer(&self, work: &routing::AgentWork, wrong: &mut Vec<String>) {
        let Some(waiting) = self.routing.waiting(work.work_item) else {
            return;
        };
        if Some(waiting.request.id) == work.request && !waiting.request.is_pushed {
            wrong.push(format!(
                "work {} is offered but its request is not pushed",
                work.id
            ));
        }
    }

    /// Nobody is above capacity by the router's doing; what is used is the sum of the active works.
    fn check_capacity(
        &self,
        user: RecordId,
        works: &[&routing::AgentWork],
        wrong: &mut Vec<String>,
    ) {
        let Some(capacity) = self.routing.capacity_of(user) else {
            return;
        };
        if works.is_empty() && (capacity.used.0 != 0 || capacity.used_interruptible.0 != 0) {
            wrong.push(format!("user {user} uses {:?} without work", capacity.used));
        }
    }

    fn check_directory(&self, wrong: &mut Vec<String>) {
        let users: BTreeSet<&RecordId> = self.resident.table(self.known.user.ix).keys().collect();
        let listed: BTreeSet<&RecordId> = self.directory.users.keys().collect();
        if users != listed {
            wrong.push("the directory does not list the users".to_owned());
        }
        for (name, id) in &self.directory.by_username {
            if self
                .directory
                .users
                .get(id)
                .is_none_or(|u| u.username.to_lowercase() != *name)
            {
                wrong.push(format!("user name {name} leads to {id}"));
            }
        }
    }
}
