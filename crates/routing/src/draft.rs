//! Drafts: several commands that are kept or undone together (allOrNone saves).
//!
//! The tables remember what the rows they hold were before the draft first touched them. Undoing takes
//! the touched rows out of every index, puts the old ones back and indexes those. Indexes are never
//! copied. Agents keep their memberships, which no command changes.

use crate::offers::insert_by_age;
use crate::request::Request;
use crate::state::RoutingState;
use crate::table::Slot;

impl RoutingState {
    /// Starts a draft: until [`keep`](Self::keep) everything can be undone. Only
    /// [`decide`](Self::decide) and [`evolve`](Self::evolve) may be called in between.
    pub fn begin(&mut self) {
        self.requests.begin();
        self.works.begin();
        self.agents.begin();
        self.waits.begin();
        self.customers.begin();
        self.rooms.begin();
        self.draft = Some(self.intake.clone());
    }

    /// Keeps what the draft did.
    pub fn keep(&mut self) {
        self.requests.end();
        self.works.end();
        self.agents.end();
        self.waits.keep();
        self.customers.keep();
        self.rooms.keep();
        self.draft = None;
    }

    /// Undoes what the draft did. The engine drops the output of the draft.
    pub fn rollback(&mut self) {
        let Some(intake) = self.draft.take() else {
            return;
        };
        self.intake = intake;
        self.waits.rollback();
        self.customers.rollback();
        let requests = self.requests.end();
        let works = self.works.end();
        let agents = self.agents.end();
        requests.keys().for_each(|slot| self.take_request(*slot));
        works.keys().for_each(|slot| self.take_work(*slot));
        for (slot, old) in works
            .into_iter()
            .filter_map(|(slot, old)| Some((slot, old?)))
        {
            self.timers.set_all(old.deadlines());
            let (id, item) = (old.row.id, old.row.work_item);
            self.works.put_back(slot, id, old);
            insert_by_age(
                &self.works,
                self.works_of_item.entry(item).or_default(),
                slot,
            );
        }
        for (slot, old) in agents {
            let agent = &mut self.agents[slot];
            if let Some(old) = old {
                agent.works = old.works;
                agent.used = old.used;
                agent.online = old.online;
                agent.recent = old.recent;
            }
            self.reindex(slot);
        }
        for (slot, old) in requests
            .into_iter()
            .filter_map(|(slot, old)| Some((slot, old?)))
        {
            self.put_back_request(slot, old);
        }
        self.rollback_rooms();
    }

    fn take_request(&mut self, slot: Slot) {
        let Some(row) = self.requests.get(slot).map(|r| &r.row) else {
            return;
        };
        let (id, item) = (row.id, row.work_item);
        self.unplace(slot);
        self.stop_drop_timer(slot);
        self.leave_group(slot);
        self.requests.remove(id);
        self.request_of_item.remove(&item);
    }

    fn put_back_request(&mut self, slot: Slot, old: Request) {
        let (id, item) = (old.row.id, old.row.work_item);
        self.requests.put_back(slot, id, old);
        self.request_of_item.insert(item, slot);
        self.requests[slot].is_placed = false;
        self.restore_drops(slot);
        self.find_filters(slot);
        self.place(slot);
    }

    fn take_work(&mut self, slot: Slot) {
        let Some(work) = self.works.get(slot) else {
            return;
        };
        let (id, item) = (work.row.id, work.row.work_item);
        self.timers.clear_all(work.deadlines());
        self.works.remove(id);
        if let Some(of_item) = self.works_of_item.get_mut(&item) {
            of_item.retain(|s| *s != slot);
            if of_item.is_empty() {
                self.works_of_item.remove(&item);
            }
        }
    }
}
