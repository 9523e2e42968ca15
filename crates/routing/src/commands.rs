//! Carries out commands and deadlines. Nothing here can fail: a row that is gone is skipped.

use std::sync::Arc;

use model::{Millis, RecordId, Value};

use crate::api::{Change, Command, NewWork, Output};
use crate::requests::Hidden;
use crate::rows::{
    AgentWork, PendingServiceRouting, RequestField, RequestField as R, SkillRequirement, Status,
    WorkField,
};
use crate::state::RoutingState;
use crate::table::Slot;
use crate::timer::Deadline;

impl RoutingState {
    pub(crate) fn carry_out(&mut self, command: Command, now: Millis, out: &mut Output) {
        match command {
            Command::Owner {
                item,
                owner,
                last_work,
            } => {
                self.owner_set(&item, owner, last_work.as_deref(), now, out);
            }
            Command::ItemStatus {
                item,
                owner,
                last_work,
            } => {
                self.item_status(&item, owner, last_work.as_deref(), now, out);
            }
            Command::ItemDeleted { item } => self.item_deleted(item, now, out),
            Command::CustomerLeft { item } => self.withdraw(item, true, now, out),
            Command::Route {
                item,
                target,
                requested,
                accept_by,
            } => {
                self.route(&item, &target, (requested, accept_by), now, out);
            }
            Command::Reroute { item } => self.reroute(&item, now, out),
            Command::EndConversation { item } => self.end_conversation(item, now, out),

            Command::InsertRequest {
                row,
                call_center,
                customer,
            } => {
                let hidden = Hidden {
                    call_center,
                    customer,
                    ..Hidden::default()
                };
                self.insert_request(*row, hidden, now, out);
            }
            Command::UpdateRequest { request, sets } => self.edit_request(request, &sets, now, out),
            Command::DeleteRequest { request } => self.request_deleted(request, now, out),
            Command::InsertRequirement(row) => self.add_requirement(row, out),
            Command::DeleteRequirement {
                requirement,
                request,
            } => {
                self.remove_requirement(request, requirement, out);
            }
            Command::InsertWork(work) => self.insert_work(&work, now, out),
            Command::UpdateWork { work, sets } => self.edit_work(work, sets, now, out),

            Command::SetStatus { user, status } => self.set_status(user, status, now, out),
            Command::SetNextStatus { user, status } => {
                self.set_next_status(user, status, now, out);
            }
            Command::Logout { user } => {
                if let Some(slot) = self.agents.slot(user) {
                    self.log_out(slot, now, out);
                }
            }
            Command::Accept { work, .. } => self.accept(work, now, out),
            Command::Decline { work, reason, .. } => self.decline(work, reason, now, out),
            Command::Close { work, active_s, .. } => self.close(work, active_s, now, out),
            Command::Transfer {
                work,
                item,
                target,
                requester,
            } => {
                self.transfer(work, &item, &target, requester, now, out);
            }
            Command::Reassign {
                item,
                target,
                requester,
            } => self.reassign(&item, &target, requester, now, out),
            Command::Touch { item, user } => {
                if let Some(work) = self.awaits_touch(item, user) {
                    self.touch(work, out);
                }
            }
            Command::Extend { work, .. } => self.extend(work, out),
            Command::Join { work, user } => self.join(work, user, now, out),
        }
    }

    pub(crate) fn fire(&mut self, deadline: Deadline, now: Millis, out: &mut Output) {
        match deadline {
            Deadline::PushTimeout(work) => self.time_out(work, now, out),
            Deadline::AfterWork(work) => self.close(work, None, now, out),
            Deadline::Untouched(work) => self.return_work(work, now, out),
            Deadline::DropSkills(request) => self.drop_skills(request, now, out),
            Deadline::SkillDates(user) => self.skill_dates_passed(user),
            Deadline::Urgent(request) => {
                if let Some(slot) = self.requests.slot(request) {
                    self.unplace(slot);
                    self.place(slot);
                }
            }
            Deadline::Room(request) => {
                if let Some(slot) = self.requests.slot(request) {
                    self.touch_line(slot);
                }
            }
            Deadline::Rest(user) => {
                if let Some(slot) = self.agents.slot(user) {
                    self.reindex_freed(slot);
                }
            }
            Deadline::Scheduled(request) => {
                if let Some(slot) = self.requests.slot(request) {
                    self.place(slot);
                }
            }
        }
    }

    /// R8, R129.
    fn item_deleted(&mut self, item: RecordId, now: Millis, out: &mut Output) {
        self.withdraw(item, false, now, out);
        for work in self.active_of_item(item, Status::Opened) {
            self.close(work, None, now, out);
        }
    }

    /// R10: what the client gave, and what only the engine sets. For an item that somebody has open it is
    /// a transfer (R40, R43, R44).
    fn insert_request(
        &mut self,
        mut row: PendingServiceRouting,
        hidden: Hidden,
        now: Millis,
        out: &mut Output,
    ) {
        row.serial = 1;
        row.is_pushed = false;
        row.is_push_attempted = false;
        row.last_declined = None;
        row.created = now;
        let holders = self.hand_on(row.work_item, now, out);
        row.is_transfer = !holders.is_empty();
        let hidden = Hidden {
            tried: holders.into_iter().flatten().collect(),
            ..hidden
        };
        self.enqueue(row, Vec::new(), hidden, now, out);
    }

    /// R12, R13.
    fn edit_request(
        &mut self,
        id: RecordId,
        sets: &[(RequestField, Value)],
        now: Millis,
        out: &mut Output,
    ) {
        let Some(slot) = self.requests.slot(id) else {
            return;
        };
        self.take_out(slot);
        let row = &mut self.requests[slot].row;
        let was_ready = row.is_ready;
        sets.iter()
            .for_each(|(field, value)| row.set(*field, value));
        row.serial += 1;
        let is_made_ready = row.is_ready && !was_ready;
        let mut written = sets.to_vec();
        written.push((R::Serial, Value::Int(row.serial)));
        out.changes
            .push(Change::UpdateRequest { id, sets: written });
        if is_made_ready {
            self.start_drop_timer(slot, now);
            self.note_request(slot, out);
        }
        self.put_back(slot);
    }

    /// Out of backlogs and group, before a request changes.
    fn take_out(&mut self, slot: Slot) {
        self.unplace(slot);
        self.leave_group(slot);
    }

    fn put_back(&mut self, slot: Slot) {
        self.find_filters(slot);
        self.place(slot);
    }

    /// R47.
    fn request_deleted(&mut self, id: RecordId, now: Millis, out: &mut Output) {
        let Some(item) = self.requests.find(id).map(|r| r.row.work_item) else {
            return;
        };
        self.withdraw(item, false, now, out);
    }

    /// R11. The row itself is the engine's.
    fn add_requirement(&mut self, row: SkillRequirement, out: &mut Output) {
        let Some(slot) = self.requests.slot(row.related) else {
            return;
        };
        self.take_out(slot);
        let skills = self.requests[slot].skills.get_or_insert_default();
        let at = skills.rows.partition_point(|r| r.id < row.id);
        skills.rows.insert(at, row);
        self.note_request(slot, out);
        self.put_back(slot);
    }

    fn remove_requirement(&mut self, request: RecordId, id: RecordId, out: &mut Output) {
        let Some(slot) = self.requests.slot(request) else {
            return;
        };
        self.take_out(slot);
        if let Some(skills) = &mut self.requests[slot].skills {
            skills.rows.retain(|r| r.id != id);
            if skills.rows.is_empty() {
                self.requests[slot].skills = None;
                self.erase_request_note(slot, out);
            }
        }
        self.put_back(slot);
    }

    /// R109: what work costs while it is paused may change under it.
    fn edit_work(
        &mut self,
        id: RecordId,
        sets: Vec<(WorkField, Value)>,
        now: Millis,
        out: &mut Output,
    ) {
        let Some(slot) = self.works.slot(id) else {
            return;
        };
        let row = Arc::make_mut(&mut self.works[slot].row);
        sets.iter()
            .for_each(|(field, value)| row.set(*field, value));
        out.changes.push(Change::UpdateWork { id, sets });
        if self.works[slot].is_paused() {
            self.set_cost(slot, true, now);
        }
        self.tell_changed(id, out);
    }

    /// An external router offers the item (R170 to R174).
    fn insert_work(&mut self, new: &NewWork, now: Millis, out: &mut Output) {
        let Some(slot) = self.requests.slot(new.request) else {
            return;
        };
        let Some(agent) = self.agents.slot(new.user) else {
            return;
        };
        self.unplace(slot);
        let row = AgentWork {
            weight: new.weight,
            percentage: new.percentage,
            skip_capacity_check: new.skip_capacity_check,
            ..self.work_row(slot, agent, new.id, now)
        };
        self.add_work(row, agent, now, out);
        let item = self.mark_pushed(slot, out);
        out.owner(item, new.user);
        self.accept_automatically(new.id, now, out);
    }
}
