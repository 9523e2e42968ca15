//! Work that goes from one agent to another (R40 to R45, R124, R125, R128, R184, R203, R204).

use std::sync::Arc;

use model::{Millis, RecordId, Value};

use crate::agent::{Extra, Work};
use crate::api::{Change, Item, Output, Requirement, SignalKind, Target};
use crate::capacity::Cost;
use crate::notes;
use crate::requests::Hidden;
use crate::rows::{
    AgentWork, CapacityModel, PendingServiceRouting, RoutingModel, Status, WorkField as W, prefix,
};
use crate::state::RoutingState;
use crate::status::Event;
use crate::table::Slot;
use crate::units::Units;

impl RoutingState {
    pub(crate) fn transfer(
        &mut self,
        id: RecordId,
        item: &Item,
        target: &Target,
        requester: RecordId,
        now: Millis,
        out: &mut Output,
    ) {
        let Some(work) = self.works.find(id) else {
            return;
        };
        let from = work.row.clone();
        let agent = work.agent;
        self.touch(id, out);
        let Some(work) = self.works.find(id) else {
            return;
        };
        if let Some(to) = self.takes_at_once(work, target) {
            self.hand_to_agent(&from, item, to, requester, now, out); // R41
            return;
        }
        // R44: whoever transfers is asked last.
        let tried = self.agents[agent].session().into_iter().collect();
        let is_reassign = requester != from.user;
        if from.status == Status::Opened {
            self.finish(id, Event::HandOn, None, now, out); // R43
        }
        self.withdraw(from.work_item, false, now, out);
        if let Some(assignee) = self.overflow(target) {
            out.owner(item.id, assignee); // R158
            return;
        }
        let (mut row, requirements) = self.target_row(item, target, now, out);
        Terms::of_work(&from).hand_to(&mut row, target);
        row.is_transfer = true;
        row.transfer_requester = Some(requester);
        if is_reassign {
            row.priority = from.priority; // R45
        }
        let hidden = Hidden {
            requested: from.requested.filter(|_| is_reassign), // R33
            tried,
            ..Hidden::of(item)
        };
        self.enqueue_for_target(row, requirements, hidden, now, out);
    }

    /// Puts a request in line and gives the record to its queue or agent.
    fn enqueue_for_target(
        &mut self,
        row: PendingServiceRouting,
        requirements: Vec<Requirement>,
        hidden: Hidden,
        now: Millis,
        out: &mut Output,
    ) {
        let (item, owner) = (row.work_item, row.queue.or(row.preferred_user));
        self.enqueue(row, requirements, hidden, now, out);
        if let Some(owner) = owner {
            out.owner(item, owner);
        }
    }

    /// R45 for what waits: age, cost and priority stay (R33).
    pub(crate) fn reassign(
        &mut self,
        item: &Item,
        target: &Target,
        requester: RecordId,
        now: Millis,
        out: &mut Output,
    ) {
        let Some(slot) = self.request_of_item.get(&item.id).copied() else {
            return;
        };
        let (old, since) = (self.requests[slot].row.clone(), self.requests[slot].since());
        self.withdraw(item.id, false, now, out);
        if let Some(assignee) = self.overflow(target) {
            out.owner(item.id, assignee); // R158
            return;
        }
        let (mut row, requirements) = self.target_row(item, target, now, out);
        Terms::of_request(&old).hand_to(&mut row, target);
        row.priority = old.priority;
        row.secondary_priority = old.secondary_priority;
        row.custom_requested = Some(since);
        row.target_accept = old.target_accept;
        row.is_transfer = true;
        row.transfer_requester = Some(requester);
        row.owner = row.owner.or(old.owner);
        self.enqueue_for_target(row, requirements, Hidden::of(item), now, out);
    }

    /// R41: the agent of a target who takes open work without a request.
    pub(crate) fn takes_at_once(&self, work: &Work, target: &Target) -> Option<Slot> {
        let (Target::User { user, .. }, Status::Opened) = (target, work.row.status) else {
            return None;
        };
        let to = self.agents.slot(*user)?;
        self.has_room_for(to, work).then_some(to)
    }

    pub(crate) fn has_room_for(&self, agent: Slot, work: &Work) -> bool {
        let position = self.agents[agent].position;
        // what is paused now is not paused for its next agent
        let cost = Cost::of_work(&self.channels[work.channel].config, &work.row, false);
        position.is_some_and(|p| {
            let serves = self.statuses[p.lane.status]
                .channels
                .contains(&work.channel);
            serves && p.profile.fits(cost, work.pool) && agent != work.agent
        })
    }

    /// R41: a second AgentWork, no request; the first stays open until the second is accepted (R42).
    fn hand_to_agent(
        &mut self,
        from: &AgentWork,
        item: &Item,
        to: Slot,
        requester: RecordId,
        now: Millis,
        out: &mut Output,
    ) {
        self.withdraw(from.work_item, false, now, out);
        let mut row = self.copy_of_work(from, to, now, out);
        row.transfer_requester = Some(requester);
        let (id, user) = (row.id, row.user);
        self.add_work(row, to, now, out);
        let extra = Extra {
            handed_from: Some(from.id),
            call_center: item.call_center,
            customer: item.customer,
            requirements: item.requirements.clone(),
            ..Extra::default()
        };
        self.set_extra(id, extra, out);
        out.owner(from.work_item, user);
        self.accept_automatically(id, now, out);
    }

    /// An Assigned row for another agent with the cost and origin of existing work.
    pub(crate) fn copy_of_work(
        &self,
        from: &AgentWork,
        to: Slot,
        now: Millis,
        out: &mut Output,
    ) -> AgentWork {
        let user = self.agents[to].id;
        AgentWork {
            user,
            owner: user,
            work_item: from.work_item,
            channel: from.channel,
            status: Status::Assigned,
            original_queue: from.original_queue,
            original_group: from.original_group,
            routing_type: from.routing_type,
            routing_model: from.routing_model,
            priority: from.priority,
            secondary_priority: from.secondary_priority,
            weight: from.weight,
            percentage: from.percentage,
            paused_weight: from.paused_weight,
            paused_percentage: from.paused_percentage,
            capacity_model: from.capacity_model,
            is_interruptible: from.is_interruptible,
            push_timeout: from.push_timeout,
            requested: Some(now),
            assigned: Some(now),
            ..AgentWork::empty((out.ids)(prefix::WORK))
        }
    }

    pub(crate) fn set_extra(&mut self, id: RecordId, extra: Extra, out: &mut Output) {
        let Some(slot) = self.works.slot(id) else {
            return;
        };
        out.changes.push(Change::Note(notes::work_note(id, &extra)));
        let is_empty = extra == Extra::default();
        self.works[slot].extra = (!is_empty).then(|| Box::new(extra));
    }

    /// R42: the second agent accepted.
    pub(crate) fn complete_handover(&mut self, id: RecordId, now: Millis, out: &mut Output) {
        let Some(work) = self.works.find(id) else {
            return;
        };
        let mut extra = work.extra();
        if let Some(first) = extra.handed_from.take() {
            extra.call_center = None;
            extra.customer = None;
            extra.requirements = Vec::new();
            self.set_extra(id, extra, out);
            self.finish(first, Event::HandOn, None, now, out);
        }
    }

    /// R42: the second agent did not take it; the first keeps the item. If the first is done with it
    /// meanwhile, the item goes back to the queue it came from; one that came from no queue goes to any
    /// agent who serves its channel (R15), so that it is never lost.
    pub(crate) fn undo_handover(&mut self, work: &Work, now: Millis, out: &mut Output) {
        let extra = work.extra();
        let Some(first) = extra.handed_from else {
            return;
        };
        if let Some(first) = self.works.find(first) {
            out.owner(work.row.work_item, first.row.user);
            return;
        }
        let queue = work
            .row
            .original_queue
            .filter(|q| self.queue_config(*q).is_some());
        let user = work.row.user;
        let target = queue.map_or(Target::Skills(Vec::new()), Target::Queue);
        let item = Item {
            call_center: extra.call_center, // R62
            customer: extra.customer,
            requirements: extra.requirements,
            ..item_of(&work.row)
        };
        let (mut row, requirements) = self.target_row(&item, &target, now, out);
        Terms::of_work(&work.row).hand_to(&mut row, &target);
        row.is_transfer = true;
        if queue.is_none() {
            row.last_declined = self.agents[work.agent].session(); // R70
        }
        out.owner(item.id, queue.unwrap_or(user));
        self.enqueue(row, requirements, Hidden::of(&item), now, out);
    }

    /// R128: an accepted call could not be connected.
    pub(crate) fn reroute(&mut self, item: &Item, now: Millis, out: &mut Output) {
        let Some(work) = self.open_work(item.id) else {
            return;
        };
        let (from, agent) = (work.row.clone(), work.agent);
        let tried = self.agents[agent].session().into_iter().collect();
        self.finish(from.id, Event::Close, None, now, out);
        let (target, owner) = self.back_to(&from);
        self.withdraw(item.id, false, now, out);
        if let Some(assignee) = self.overflow(&target) {
            out.owner(item.id, assignee); // R158
            return;
        }
        let (mut row, requirements) = self.target_row(item, &target, now, out);
        Terms::of_work(&from).hand_to(&mut row, &target);
        row.priority = from.priority;
        let hidden = Hidden {
            requested: from.requested,
            tried,
            ..Hidden::of(item)
        };
        self.enqueue(row, requirements, hidden, now, out);
        out.owner(item.id, owner);
    }

    /// The oldest open work of an item.
    pub(crate) fn open_work(&self, item: RecordId) -> Option<&Work> {
        let open = self.active_of_item(item, Status::Opened);
        self.works.find(*open.first()?)
    }

    /// Where an item goes back to, and who owns it then: its queue, else the agent it was for.
    pub(crate) fn back_to(&self, from: &AgentWork) -> (Target, RecordId) {
        let queue = from
            .original_queue
            .filter(|q| self.queue_config(*q).is_some());
        if let Some(queue) = queue {
            return (Target::Queue(queue), queue);
        }
        let user = from.preferred_user.unwrap_or(from.user);
        let target = Target::User {
            user,
            required: false,
            fallback: None,
        };
        (target, user)
    }

    /// R102, R203: a second participant.
    pub(crate) fn join(&mut self, id: RecordId, user: RecordId, now: Millis, out: &mut Output) {
        let (Some(work), Some(to)) = (self.works.find(id), self.agents.slot(user)) else {
            return;
        };
        let from = work.row.clone();
        self.touch(id, out);
        let row = self.copy_of_work(&from, to, now, out);
        let id = row.id;
        self.add_work(row, to, now, out);
        self.set_extra(
            id,
            Extra {
                is_participant: true,
                ..Extra::default()
            },
            out,
        );
        self.accept_automatically(id, now, out);
    }

    /// R204: the agent who owned the conversation has left; the longest remaining participant owns it,
    /// unless it was handed to somebody (R41).
    pub(crate) fn pass_on_ownership(&mut self, left: &Work, out: &mut Output) {
        let is_participant = |work: &Work| work.extra.as_ref().is_some_and(|e| e.is_participant);
        let others = self.works_of_item.get(&left.row.work_item);
        let mut others = others.into_iter().flatten().map(|slot| &self.works[*slot]);
        if is_participant(left) || others.any(|work| !is_participant(work)) {
            return;
        }
        let open = self.active_of_item(left.row.work_item, Status::Opened);
        let next = open.iter().find_map(|id| {
            let work = self.works.find(*id)?;
            is_participant(work).then_some(work)
        });
        let Some(next) = next else { return };
        let (id, user) = (next.row.id, next.row.user);
        let extra = Extra {
            is_participant: false,
            ..next.extra()
        };
        self.set_extra(id, extra, out);
        out.owner(left.row.work_item, user);
    }

    /// Gives work to an agent without asking for room (R96).
    pub(crate) fn give(&mut self, from: &AgentWork, to: Slot, now: Millis, out: &mut Output) {
        let mut row = self.copy_of_work(from, to, now, out);
        row.capacity_model = CapacityModel::StatusBased;
        row.skip_capacity_check = true;
        row.push_timeout = None;
        let id = row.id;
        self.add_work(row, to, now, out);
        self.accept_automatically(id, now, out);
    }

    /// Tells the console that open work looks different.
    pub(crate) fn tell_changed(&self, id: RecordId, out: &mut Output) {
        if let Some(work) = self.works.find(id) {
            out.signal(work.row.user, SignalKind::WorkChanged(work.row.clone()));
        }
    }

    /// R151.
    pub(crate) fn extend(&mut self, id: RecordId, out: &mut Output) {
        let Some(slot) = self.works.slot(id) else {
            return;
        };
        let Some(timer) = self.after_work_of(&self.works[slot]) else {
            return;
        };
        let mut extra = self.works[slot].extra();
        let Some(until) = extra.until else { return };
        self.move_after_work(slot, until.plus_s(timer.extension_s), &mut extra);
        self.set_extra(id, extra, out);
        let row = Arc::make_mut(&mut self.works[slot].row);
        let count = row.extension_count.unwrap_or(0) + 1;
        row.extension_count = Some(count);
        row.extension_duration = Some(timer.extension_s);
        let sets = vec![
            (W::AcwExtensionCount, Value::Int(count)),
            (W::AcwExtensionDuration, Value::Int(timer.extension_s)),
        ];
        out.changes.push(Change::UpdateWork { id, sets });
        self.tell_changed(id, out);
    }
}

/// Cost and time-out that a new request takes over where its target has no config of its own.
pub(crate) struct Terms {
    model: RoutingModel,
    priority: Option<i64>,
    cost: [Option<Units>; 2],
    paused: [Option<Units>; 2],
    push_timeout: Option<i64>,
    is_interruptible: bool,
}

impl Terms {
    pub fn of_work(work: &AgentWork) -> Self {
        Self {
            model: work.routing_model,
            priority: work.priority,
            cost: [work.weight, work.percentage],
            paused: [work.paused_weight, work.paused_percentage],
            push_timeout: work.push_timeout,
            is_interruptible: work.is_interruptible,
        }
    }

    fn of_request(request: &PendingServiceRouting) -> Self {
        Self {
            model: request.routing_model,
            priority: request.priority,
            cost: [request.weight, request.percentage],
            paused: [request.paused_weight, request.paused_percentage],
            push_timeout: request.push_timeout,
            is_interruptible: request.is_interruptible,
        }
    }

    pub fn hand_to(self, row: &mut PendingServiceRouting, target: &Target) {
        let has_config = match target {
            Target::Queue(_) => true,
            Target::User { fallback, .. } => fallback.is_some(),
            Target::Skills(_) => false,
        };
        if has_config {
            return;
        }
        row.routing_model = self.model;
        row.priority = self.priority;
        [row.weight, row.percentage] = self.cost;
        [row.paused_weight, row.paused_percentage] = self.paused;
        row.push_timeout = self.push_timeout;
        row.is_interruptible = self.is_interruptible;
    }
}

/// What is known of an item from its work alone.
pub(crate) fn item_of(work: &AgentWork) -> Item {
    Item {
        id: work.work_item,
        channel: work.channel,
        secondary_priority: work.secondary_priority,
        call_center: None,
        status: None,
        customer: None,
        requirements: Vec::new(),
    }
}
