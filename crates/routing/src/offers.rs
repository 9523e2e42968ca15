//! Offers and work: push, accept, decline, time-out, withdrawal, close (R105 to R134).
//!
//! Every function here writes in the order of R141: AgentWork, then PendingServiceRouting, then the
//! owner of the item.

use std::sync::Arc;

use model::{Millis, RecordId, Value};
use smallvec::SmallVec;

use crate::agent::{Extra, Work};
use crate::api::{Change, Output, Signal, SignalKind};
use crate::capacity::{Cost, Pool};
use crate::notes;
use crate::pass::Choice;
use crate::rows::{
    AgentWork, AgentWorkSkill, CapacityModel, RequestField as R, Session, Status, WorkField as W,
    prefix,
};
use crate::state::RoutingState;
use crate::status::Event;
use crate::table::{Slot, Table};
use crate::timer::Deadline;
use crate::units::Units;

impl Output<'_> {
    pub(crate) fn signal(&mut self, user: RecordId, kind: SignalKind) {
        self.changes.push(Change::Signal(Signal { user, kind }));
    }

    pub(crate) fn owner(&mut self, item: RecordId, owner: RecordId) {
        self.changes.push(Change::Owner { item, owner });
    }
}

/// Why an offer comes back to its request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Back {
    /// The agent declined or did not answer: not asked again at once (R66, R113, R114).
    Refused(Session),
    /// The agent went offline; no mark against it (R75, R115).
    Gone,
}

/// Puts work into a list that is oldest first. Ids alone do not say: a router's come from elsewhere.
pub(crate) fn insert_by_age<const N: usize>(
    works: &Table<Work>,
    list: &mut SmallVec<[Slot; N]>,
    slot: Slot,
) {
    let age = |slot: &Slot| (works[*slot].row.assigned, works[*slot].row.id);
    let at = list
        .iter()
        .rposition(|other| age(other) < age(&slot))
        .map_or(0, |at| at + 1);
    list.insert(at, slot);
}

impl RoutingState {
    /// Offers a waiting request to an agent (R110).
    pub(crate) fn push(&mut self, slot: Slot, choice: Choice, now: Millis, out: &mut Output) {
        self.unplace(slot);
        if choice.is_new_round {
            self.start_round(slot, out);
        }
        let id = (out.ids)(prefix::WORK);
        let row = self.work_row(slot, choice.agent, id, now);
        self.add_work(row, choice.agent, now, out);
        self.write_work_skills(slot, id, out);
        let item = self.mark_pushed(slot, out);
        out.owner(item, self.agents[choice.agent].id);
        self.accept_automatically(id, now, out);
    }

    /// R69.
    fn start_round(&mut self, slot: Slot, out: &mut Output) {
        let request = &mut self.requests[slot];
        request.tried.clear();
        request.tried.extend(request.row.last_declined);
        out.changes.push(Change::Note(notes::tried_note(
            request.row.id,
            &request.tried,
        )));
        if request.rounds_max(self.settings.voice_rounds_max).is_some() {
            request.rounds += 1;
            self.note_request(slot, out);
        }
    }

    /// The row of an offer (R110).
    pub(crate) fn work_row(&self, slot: Slot, agent: Slot, id: RecordId, now: Millis) -> AgentWork {
        let request = &self.requests[slot];
        let from = &request.row;
        let user = self.agents[agent].id;
        AgentWork {
            user,
            owner: user,
            work_item: from.work_item,
            channel: from.channel,
            status: Status::Assigned,
            request: Some(from.id),
            original_queue: from.queue,
            original_group: from.group,
            routing_type: from.routing_type,
            routing_model: from.routing_model,
            priority: from.priority,
            secondary_priority: from.secondary_priority,
            weight: from.weight,
            percentage: from.percentage,
            paused_weight: from.paused_weight,
            paused_percentage: from.paused_percentage,
            capacity_model: self.capacity_model(request.channel),
            is_interruptible: from.is_interruptible,
            push_timeout: request.push_timeout_s(),
            requested: Some(request.since()),
            assigned: Some(now),
            preferred_user: from.preferred_user,
            is_preferred_required: from.is_preferred_required,
            is_owner_change: from.is_owner_change,
            is_status_change: from.is_status_change,
            transfer_requester: from.transfer_requester,
            target_accept: from.target_accept,
            scheduled: from.scheduled,
            ..AgentWork::empty(id)
        }
    }

    /// R92: status-based only where the channel says so and the org allows it.
    pub(crate) fn capacity_model(&self, channel: Slot) -> CapacityModel {
        let config = &self.channels[channel].config;
        if config.is_status_based && self.settings.status_capacity {
            CapacityModel::StatusBased
        } else {
            CapacityModel::TabBased
        }
    }

    /// Adds active work: reserves capacity, starts the timer, tells rows and console.
    pub(crate) fn add_work(&mut self, row: AgentWork, agent: Slot, now: Millis, out: &mut Output) {
        let row = Arc::new(row);
        out.changes.push(Change::InsertWork(row.clone()));
        out.signal(row.user, SignalKind::WorkAssigned(row.clone()));
        self.change_agent(agent, now);
        self.attach_work(row, agent, None);
        if let Some(online) = &mut self.agents[agent].online {
            online.last_assigned = Some(now); // R88, R89
        }
        self.count_offer(agent, now, out);
        self.reindex(agent);
    }

    /// The part of [`add_work`](Self::add_work) that a restart repeats.
    pub(crate) fn attach_work(
        &mut self,
        row: Arc<AgentWork>,
        agent: Slot,
        extra: Option<Box<Extra>>,
    ) {
        let channel = self.channel_slot(row.channel);
        let paused = extra.as_ref().is_some_and(|e| e.paused);
        let config = &self.channels[channel].config;
        let cost = Cost::of_work(config, &row, paused);
        let (id, item) = (row.id, row.work_item);
        let (due, pool) = (Work::due_of(&row), Pool::of(config, row.is_interruptible));
        let slot = self.works.insert(
            id,
            Work {
                row,
                agent,
                channel,
                cost,
                pool,
                due,
                extra,
            },
        );
        self.timers.set_all(self.works[slot].deadlines());
        insert_by_age(
            &self.works,
            self.works_of_item.entry(item).or_default(),
            slot,
        );
        let agent = &mut self.agents[agent];
        insert_by_age(&self.works, &mut agent.works, slot);
        let configured = agent.configured()[pool as usize];
        agent.used[pool as usize] += cost.units(configured);
    }

    /// R103.
    fn write_work_skills(&mut self, slot: Slot, work: RecordId, out: &mut Output) {
        let Some(skills) = &self.requests[slot].skills else {
            return;
        };
        for row in &skills.rows {
            let id = (out.ids)(prefix::WORK_SKILL);
            out.changes.push(Change::InsertWorkSkill(AgentWorkSkill {
                id,
                work,
                skill: row.skill,
                level: row.level.unwrap_or_default(),
                is_additional: row.is_additional,
                priority: row.priority,
                was_dropped: skills.is_dropped(row),
            }));
        }
    }

    /// R110: IsPushed, IsPushAttempted, Serial. Answers the item.
    pub(crate) fn mark_pushed(&mut self, slot: Slot, out: &mut Output) -> RecordId {
        let row = &mut self.requests[slot].row;
        row.is_pushed = true;
        row.is_push_attempted = true;
        row.serial += 1;
        let sets = vec![
            (R::IsPushed, Value::Bool(true)),
            (R::IsPushAttempted, Value::Bool(true)),
            (R::Serial, Value::Int(row.serial)),
        ];
        out.changes.push(Change::UpdateRequest { id: row.id, sets });
        row.work_item
    }

    /// R79: by the presence configuration (only if declining is off) or by the channel.
    pub(crate) fn accept_automatically(&mut self, work: RecordId, now: Millis, out: &mut Output) {
        let Some(work) = self.works.find(work) else {
            return;
        };
        let agent = &self.agents[work.agent];
        let by_presence = agent
            .config
            .as_ref()
            .is_some_and(|c| c.presence.auto_accept && !c.presence.can_decline);
        if by_presence || self.channels[work.channel].config.auto_accept {
            self.accept(work.row.id, now, out);
        }
    }

    /// R111.
    pub(crate) fn accept(&mut self, id: RecordId, now: Millis, out: &mut Output) {
        let Some(slot) = self.works.slot(id) else {
            return;
        };
        let Ok(status) = self.works[slot].row.status.after(Event::Accept) else {
            return;
        };
        let work = &mut self.works[slot];
        if let Some(at) = work.due.take() {
            self.timers.clear(at, Deadline::PushTimeout(id));
        }
        let row = Arc::make_mut(&mut work.row);
        row.status = status;
        row.accepted = Some(now);
        row.speed_to_answer = Some(now.seconds_since(row.requested.unwrap_or(now))); // R130
        let sets = vec![
            (W::Status, status.value()),
            (W::AcceptDateTime, row.accepted.into()),
            (W::SpeedToAnswer, row.speed_to_answer.into()),
        ];
        let (row, agent) = (work.row.clone(), work.agent);
        out.changes.push(Change::UpdateWork { id, sets });
        self.record_wait(&row, now, out);
        if self.settings.sticky_hours.is_some() {
            self.remember(self.customer_of(slot), row.user, now, out);
        }
        let returns = self.return_after(slot);
        if let Some(request) = row.request {
            self.delete_request(request, out);
        }
        out.signal(row.user, SignalKind::WorkAccepted(row));
        self.change_agent(agent, now);
        self.complete_handover(id, now, out);
        if let Some((seconds, origin)) = returns {
            self.await_touch(id, now.plus_s(seconds), origin, out);
        }
    }

    /// R113.
    pub(crate) fn decline(
        &mut self,
        id: RecordId,
        reason: Option<Arc<str>>,
        now: Millis,
        out: &mut Output,
    ) {
        let Some(agent) = self.works.find(id).map(|w| w.agent) else {
            return;
        };
        let config = self.agents[agent]
            .config
            .as_ref()
            .map(|c| c.presence.clone());
        let reason = reason.filter(|_| config.as_ref().is_some_and(|c| c.decline_reasons));
        let mut sets = self.capacity_when_declined(agent);
        sets.push((W::DeclineDateTime, Value::DateTime(now)));
        sets.push((W::DeclineReason, reason.map_or(Value::Null, Value::text)));
        self.refuse(id, Event::Decline, sets, now, out);
        if let Some(status) = config.and_then(|c| c.status_on_decline) {
            self.change_status(agent, status, now, out); // R77, R83
        }
    }

    /// R114, R82.
    pub(crate) fn time_out(&mut self, id: RecordId, now: Millis, out: &mut Output) {
        let Some(agent) = self.works.find(id).map(|w| w.agent) else {
            return;
        };
        let config = self.agents[agent]
            .config
            .as_ref()
            .map(|c| c.presence.clone());
        let mut sets = self.capacity_when_declined(agent);
        sets.push((W::PushTimeoutDateTime, Value::DateTime(now)));
        self.refuse(id, Event::PushTimeout, sets, now, out);
        if let Some(status) = config.and_then(|c| c.status_on_push_timeout) {
            self.change_status(agent, status, now, out);
        }
    }

    /// R117: units in use just before, the refused item included.
    fn capacity_when_declined(&self, agent: Slot) -> Vec<(W, Value)> {
        let [primary, interruptible] = self.agents[agent].used.map(Units::to_f64);
        vec![
            (W::AgentCapacityWhenDeclined, Value::Double(primary)),
            (
                W::AgentIntCapacityWhenDeclined,
                Value::Double(interruptible),
            ),
        ]
    }

    /// An offer ends by the agent's doing; the request goes on (R113, R114, R116).
    fn refuse(
        &mut self,
        id: RecordId,
        event: Event,
        sets: Vec<(W, Value)>,
        now: Millis,
        out: &mut Output,
    ) {
        let Some(work) = self.works.find(id) else {
            return;
        };
        let session = self.agents[work.agent].session();
        let Some(work) = self.end_work(id, event, sets, now, out) else {
            return;
        };
        let back = session.map_or(Back::Gone, Back::Refused);
        self.take_back(&work, back, now, out);
    }

    /// Ends active work: final status, capacity released, console told (R106). Answers it as it was.
    pub(crate) fn end_work(
        &mut self,
        id: RecordId,
        event: Event,
        mut sets: Vec<(W, Value)>,
        now: Millis,
        out: &mut Output,
    ) -> Option<Work> {
        let slot = self.works.slot(id)?;
        let status = self.works[slot].row.status.after(event).ok()?;
        let work = self.detach_work(slot, now)?;
        sets.push((W::Status, status.value()));
        out.changes.push(Change::UpdateWork { id, sets });
        if work.extra.is_some() {
            out.changes
                .push(Change::Note(notes::work_note(id, &Extra::default())));
        }
        let work_item = work.row.work_item;
        out.signal(
            work.row.user,
            SignalKind::WorkGone {
                work: id,
                work_item,
                status,
            },
        );
        if work.row.status == Status::Opened {
            self.pass_on_ownership(&work, out);
        }
        Some(work)
    }

    /// Takes active work out of every table and index.
    fn detach_work(&mut self, slot: Slot, now: Millis) -> Option<Work> {
        let (id, agent) = (self.works[slot].row.id, self.works[slot].agent);
        self.change_agent(agent, now);
        let work = self.works.remove(id)?;
        self.timers.clear_all(work.deadlines());
        if let Some(of_item) = self.works_of_item.get_mut(&work.row.work_item) {
            of_item.retain(|s| *s != slot);
            if of_item.is_empty() {
                self.works_of_item.remove(&work.row.work_item);
            }
        }
        let entry = &mut self.agents[agent];
        entry.works.retain(|s| *s != slot);
        let configured = entry.configured()[work.pool as usize];
        entry.used[work.pool as usize] -= work.cost.units(configured);
        if entry.works.is_empty() && entry.online.as_ref().is_some_and(|o| o.next.is_some()) {
            self.drained.push(agent);
        }
        self.reindex_freed(agent);
        Some(work)
    }

    /// An offer ended without acceptance: its request waits again (R113 to R116), or the first agent of
    /// a transfer keeps the item (R42).
    fn take_back(&mut self, work: &Work, back: Back, now: Millis, out: &mut Output) {
        let Some(slot) = work.row.request.and_then(|id| self.requests.slot(id)) else {
            self.undo_handover(work, now, out);
            return;
        };
        let request = &mut self.requests[slot];
        request.row.is_pushed = false;
        request.row.serial += 1;
        let mut sets = vec![
            (R::IsPushed, Value::Bool(false)),
            (R::Serial, Value::Int(request.row.serial)),
        ];
        let mut was_returned = false;
        if let Back::Refused(session) = back {
            was_returned = std::mem::take(&mut request.is_returned);
            request.row.last_declined = Some(session); // R66
            request.add_tried(session); // R67
            sets.push((
                R::LastDeclinedAgentSession,
                Value::text(session.0.to_string()),
            ));
        }
        let (id, home, item) = (request.row.id, request.home(), request.row.work_item);
        out.changes.push(Change::UpdateRequest { id, sets });
        if back != Back::Gone {
            out.changes
                .push(Change::Note(notes::tried_note(id, &request.tried)));
        }
        if let Some(queue) = home {
            out.owner(item, queue);
        }
        if was_returned {
            self.erase_request_note(slot, out);
        }
        self.place(slot);
        if back != Back::Gone && self.is_used_up(slot) {
            self.give_up(slot, now, out);
        }
    }

    /// The agent is offline: offers go back, tab-based work closes (R115, R126, R127).
    pub(crate) fn release_agent(&mut self, agent: Slot, now: Millis, out: &mut Output) {
        let works: Vec<(RecordId, Status, CapacityModel)> = self.agents[agent]
            .works
            .iter()
            .map(|slot| &self.works[*slot].row)
            .map(|row| (row.id, row.status, row.capacity_model))
            .collect();
        for (id, status, model) in works {
            match (status, model) {
                (Status::Assigned, _) => self.take_offer_back(id, now, out),
                (_, CapacityModel::TabBased) => self.close(id, None, now, out),
                (_, CapacityModel::StatusBased) => {}
            }
        }
    }

    /// An offer ends through no fault of its agent (R115).
    pub(crate) fn take_offer_back(&mut self, id: RecordId, now: Millis, out: &mut Output) {
        if let Some(work) = self.end_work(id, Event::AgentGone, Vec::new(), now, out) {
            self.take_back(&work, Back::Gone, now, out);
        }
    }

    /// R118, R119, R126, R129: open work is done.
    pub(crate) fn close(
        &mut self,
        id: RecordId,
        active_s: Option<i64>,
        now: Millis,
        out: &mut Output,
    ) {
        self.finish(id, Event::Close, active_s, now, out);
    }

    /// Open work ends as Closed or Transferred with its times (R130).
    pub(crate) fn finish(
        &mut self,
        id: RecordId,
        event: Event,
        active_s: Option<i64>,
        now: Millis,
        out: &mut Output,
    ) {
        let Some(work) = self.works.find(id) else {
            return;
        };
        let accepted = work.row.accepted.unwrap_or(now);
        // R130: a timer that fired late (a restart) makes no longer times
        let until = work.extra.as_ref().and_then(|e| e.until);
        let end = until.map_or(now, |until| until.min(now));
        let mut sets = Vec::with_capacity(4);
        sets.push((W::CloseDateTime, Value::DateTime(now)));
        sets.push((W::HandleTime, Value::Int(end.seconds_since(accepted))));
        if let Some(seconds) =
            active_s.filter(|_| work.row.capacity_model == CapacityModel::TabBased)
        {
            sets.push((W::ActiveTime, Value::Int(seconds.max(0))));
        }
        if let Some(ended) = work.extra.as_ref().and_then(|e| e.ended) {
            let seconds = end.seconds_since(ended);
            sets.push((W::AfterConversationActualTime, Value::Int(seconds)));
        }
        self.end_work(id, event, sets, now, out);
    }

    /// R112: an offer is withdrawn. The request is the caller's to delete.
    pub(crate) fn cancel_offer(
        &mut self,
        id: RecordId,
        customer_left: bool,
        now: Millis,
        out: &mut Output,
    ) {
        let mut sets = vec![(W::CancelDateTime, Value::DateTime(now))];
        if customer_left {
            sets.push((W::AbandonedDateTime, Value::DateTime(now)));
        }
        self.end_work(id, Event::Withdraw, sets, now, out);
    }

    /// The Assigned work of a request or of an item.
    pub(crate) fn offers_of_item(&self, item: RecordId) -> Vec<RecordId> {
        self.active_of_item(item, Status::Assigned)
    }

    /// Active works of an item in one status, oldest first.
    pub(crate) fn active_of_item(&self, item: RecordId, status: Status) -> Vec<RecordId> {
        let slots = self.works_of_item.get(&item);
        let rows = slots
            .into_iter()
            .flatten()
            .map(|slot| &self.works[*slot].row);
        rows.filter(|row| row.status == status)
            .map(|row| row.id)
            .collect()
    }
}
