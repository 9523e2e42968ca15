//! What the routed record says about open work: its status (R92 to R96, R119 to R121) and the end of
//! its conversation (R122, R123, R150 to R152).

use model::{Millis, RecordId};

use crate::agent::{Extra, Work};
use crate::api::{AfterWork, Item, Output, WorkState};
use crate::capacity::Cost;
use crate::requests::Hidden;
use crate::rows::{AgentWork, CapacityModel, RoutingType, Status};
use crate::state::RoutingState;
use crate::table::Slot;
use crate::timer::Deadline;

/// How a record comes to an agent by hand (R95).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    AtOnce,
    Waits,
}

impl RoutingState {
    /// R93: a value without a row keeps capacity.
    fn work_state(&self, item: &Item) -> WorkState {
        let channel = self
            .channels
            .find(item.channel)
            .map(|c| &c.config.status_values);
        let value = item.status.as_deref().unwrap_or_default();
        let mut rows = channel.into_iter().flatten();
        let row = rows.find(|(name, _)| name.eq_ignore_ascii_case(value));
        row.map_or(WorkState::InProgress, |(_, state)| *state)
    }

    fn is_status_based(&self, channel: RecordId) -> bool {
        let slot = self.channels.slot(channel);
        slot.is_some_and(|slot| self.capacity_model(slot) == CapacityModel::StatusBased)
    }

    /// StatusField of a record changed.
    pub(crate) fn item_status(
        &mut self,
        item: &Item,
        owner: RecordId,
        last_work: Option<&AgentWork>,
        now: Millis,
        out: &mut Output,
    ) {
        let state = self.work_state(item);
        let open = self.active_of_item(item.id, Status::Opened);
        let is_held = self.works_of_item.contains_key(&item.id);
        for id in open {
            let Some(work) = self.works.find(id) else {
                continue;
            };
            if work.row.capacity_model != CapacityModel::StatusBased {
                continue;
            }
            match state {
                WorkState::Completed => self.close(id, None, now, out), // R119
                WorkState::Paused => self.set_paused(id, true, now, out), // R120
                WorkState::InProgress => self.set_paused(id, false, now, out), // R121
            }
        }
        if !is_held
            && let (Some(last_work), Some(entry)) =
                (last_work, self.entry_when_reopened(item, owner, last_work))
        {
            self.give_or_wait(item, owner, last_work, (entry, false), now, out);
        }
    }

    /// R95: a completed record is open again.
    fn entry_when_reopened(
        &self,
        item: &Item,
        owner: RecordId,
        last_work: Option<&AgentWork>,
    ) -> Option<Entry> {
        let was_done = last_work.is_some_and(|w| w.status == Status::Closed);
        let is_done = self.work_state(item) == WorkState::Completed;
        let waits = self.request_of_item.contains_key(&item.id);
        if !was_done || is_done || waits || !self.is_status_based(item.channel) {
            return None;
        }
        let config = self.channels.find(item.channel).map(|c| &c.config);
        let checks = config.is_some_and(|c| c.check_capacity_on_status_change);
        self.entry(owner, checks)
    }

    /// Would a new status make a request (R161)?
    pub(crate) fn waits_when_reopened(
        &self,
        item: &Item,
        owner: RecordId,
        last_work: Option<&AgentWork>,
    ) -> bool {
        let is_held = self.works_of_item.contains_key(&item.id);
        !is_held && self.entry_when_reopened(item, owner, last_work) == Some(Entry::Waits)
    }

    /// R120, R121: the cost changes; it may exceed the limit on resuming.
    fn set_paused(&mut self, id: RecordId, paused: bool, now: Millis, out: &mut Output) {
        let Some(slot) = self.works.slot(id) else {
            return;
        };
        self.touch(id, out);
        if self.works[slot].is_paused() == paused {
            return;
        }
        self.set_cost(slot, paused, now);
        let extra = Extra {
            paused,
            ..self.works[slot].extra()
        };
        self.set_extra(id, extra, out);
        self.tell_changed(id, out);
    }

    /// Works the cost of open work out anew and books it.
    pub(crate) fn set_cost(&mut self, slot: Slot, paused: bool, now: Millis) {
        let agent = self.works[slot].agent;
        self.change_agent(agent, now);
        let channel = self.works[slot].channel;
        let work = &mut self.works[slot];
        let new = Cost::of_work(&self.channels[channel].config, &work.row, paused);
        let old = std::mem::replace(&mut work.cost, new);
        let pool = work.pool as usize;
        let entry = &mut self.agents[agent];
        let configured = entry.configured()[pool];
        entry.used[pool] = entry.used[pool] - old.units(configured) + new.units(configured);
        self.reindex_freed(agent);
    }

    /// R94, R95: a record that was routed before comes to a user by hand.
    pub(crate) fn give_by_hand(
        &mut self,
        item: &Item,
        owner: RecordId,
        last_work: Option<&AgentWork>,
        now: Millis,
        out: &mut Output,
    ) {
        let Some(last_work) = last_work else { return };
        if let Some(entry) = self.entry_by_hand(item, owner) {
            self.give_or_wait(item, owner, last_work, (entry, true), now, out);
        }
    }

    /// R94: does a record that was routed before count for its new owner, and how does it come?
    fn entry_by_hand(&self, item: &Item, owner: RecordId) -> Option<Entry> {
        let is_done = self.work_state(item) == WorkState::Completed;
        let has_it = self.active_of_item(item.id, Status::Opened);
        let has_it = has_it
            .iter()
            .any(|id| self.works.find(*id).is_some_and(|w| w.row.user == owner));
        if is_done || has_it || !self.is_status_based(item.channel) {
            return None;
        }
        let config = self.channels.find(item.channel).map(|c| &c.config);
        let checks = config.is_some_and(|c| c.check_capacity_on_owner_change);
        self.entry(owner, checks)
    }

    /// Would a new owner make a request (R161)?
    pub(crate) fn waits_by_hand(&self, item: &Item, owner: RecordId) -> bool {
        self.entry_by_hand(item, owner) == Some(Entry::Waits)
    }

    /// R95, R96: at once above capacity, or as a request for that agent alone. An agent who is offline
    /// cannot hold an offer, so the item waits for the agent in either case.
    fn entry(&self, owner: RecordId, checks: bool) -> Option<Entry> {
        let agent = &self.agents[self.agents.slot(owner)?];
        if !agent.is_active() {
            return None;
        }
        let at_once = !checks && agent.online.is_some();
        Some(if at_once { Entry::AtOnce } else { Entry::Waits })
    }

    fn give_or_wait(
        &mut self,
        item: &Item,
        owner: RecordId,
        last_work: &AgentWork,
        (entry, is_owner_change): (Entry, bool),
        now: Millis,
        out: &mut Output,
    ) {
        let Some(agent) = self.agents.slot(owner) else {
            return;
        };
        if entry == Entry::AtOnce {
            self.give(last_work, agent, now, out);
            return;
        }
        let mut row = self.blank_row(item, now, out);
        row.owner = Some(owner);
        row.routing_type = RoutingType::SkillsBased;
        row.routing_model = last_work.routing_model;
        row.priority = last_work.priority;
        row.weight = last_work.weight;
        row.percentage = last_work.percentage;
        row.paused_weight = last_work.paused_weight;
        row.paused_percentage = last_work.paused_percentage;
        row.is_interruptible = last_work.is_interruptible;
        row.preferred_user = Some(owner);
        row.is_preferred_required = true;
        row.is_owner_change = is_owner_change;
        row.is_status_change = !is_owner_change;
        self.enqueue(row, Vec::new(), Hidden::of(item), now, out);
    }

    /// After-work of a piece of work: the presence configuration's, else the channel's (R151).
    pub(crate) fn after_work_of(&self, work: &Work) -> Option<AfterWork> {
        let config = self.agents[work.agent].config.as_ref();
        let own = config.and_then(|c| c.presence.after_work);
        own.or(self.channels[work.channel].config.after_work)
    }

    /// R122, R123.
    pub(crate) fn end_conversation(&mut self, item: RecordId, now: Millis, out: &mut Output) {
        self.withdraw(item, true, now, out);
        for id in self.active_of_item(item, Status::Opened) {
            let Some(slot) = self.works.slot(id) else {
                continue;
            };
            self.touch(id, out);
            let mut extra = self.works[slot].extra();
            match self.after_work_of(&self.works[slot]) {
                _ if extra.ended.is_some() => {}
                Some(timer) if timer.max_s > 0 => {
                    extra.ended = Some(now);
                    self.move_after_work(slot, now.plus_s(timer.max_s), &mut extra);
                    self.set_extra(id, extra, out);
                    self.tell_changed(id, out);
                }
                _ => self.close(id, None, now, out),
            }
        }
    }

    /// Sets when after-work ends.
    pub(crate) fn move_after_work(&mut self, slot: Slot, until: Millis, extra: &mut Extra) {
        let id = self.works[slot].row.id;
        if let Some(old) = extra.until.replace(until) {
            self.timers.clear(old, Deadline::AfterWork(id));
        }
        self.timers.set(until, Deadline::AfterWork(id));
    }

    /// R150: a new status ends after-work.
    pub(crate) fn end_after_work(&mut self, agent: Slot, now: Millis, out: &mut Output) {
        let works = self.agents[agent]
            .works
            .iter()
            .map(|slot| &self.works[*slot]);
        let ended = works.filter(|w| w.extra.as_ref().is_some_and(|e| e.ended.is_some()));
        let ids: Vec<RecordId> = ended.map(|w| w.row.id).collect();
        ids.into_iter()
            .for_each(|id| self.close(id, None, now, out));
    }
}
