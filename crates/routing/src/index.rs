//! Keeps the indexes equal to the rows: where each agent stands, in which backlog each request waits.
//!
//! Rule of use: `unplace` a request before its row changes and `place` it afterwards; `reindex` an
//! agent after anything of it changed.

use model::{Millis, RecordId};

use crate::agent::{Agent, OPEN_ITEMS_MAX};
use crate::api::ChannelKind;
use crate::backlog::{Center, ClassKey};
use crate::capacity::{Cost, Pool};
use crate::members::{LaneKey, Position, Profile, Tie};
use crate::order::Key;
use crate::pass::Touch;
use crate::rest::Rest;
use crate::rows::RoutingType;
use crate::state::{ChannelEntry, Filter, QueueEntry, RoutingState, StatusEntry};
use crate::table::Slot;
use crate::timer::Deadline;

impl RoutingState {
    pub(crate) fn channel_slot(&mut self, id: RecordId) -> Slot {
        self.channels.intern(id, ChannelEntry::default)
    }

    pub(crate) fn status_slot(&mut self, id: RecordId) -> Slot {
        self.statuses.intern(id, StatusEntry::default)
    }

    pub(crate) fn agent_slot(&mut self, id: RecordId) -> Slot {
        self.agents.intern(id, || Agent::new(id))
    }

    pub(crate) fn queue_slot(&mut self, id: RecordId) -> Slot {
        if let Some(slot) = self.queues.slot(id) {
            return slot;
        }
        let filter = self.new_filter();
        self.queues.insert(
            id,
            QueueEntry {
                config: None,
                filter,
                members: Vec::new(),
            },
        )
    }

    pub(crate) fn new_filter(&mut self) -> u32 {
        self.filters.push(Filter::default());
        (self.filters.len() - 1) as u32
    }

    /// Does an agent in this lane serve the class, and may it be asked now?
    pub(crate) fn serves(&self, lane: LaneKey, class: &ClassKey) -> bool {
        lane.rest != Rest::Paced && lane.kept != Some(class.pool) && self.can_serve(lane, class)
    }

    /// Does an agent in this lane serve the channel, and the call centre (R52, R62)?
    pub(crate) fn can_serve(&self, lane: LaneKey, class: &ClassKey) -> bool {
        self.statuses[lane.status].channels.contains(&class.channel)
            && self.centers.meets(lane.centers, class.center)
    }

    /// Where an agent stands; `None` if it can take nothing (R51, R64, R104).
    pub(crate) fn position(&self, slot: Slot) -> Option<Position> {
        let agent = &self.agents[slot];
        let online = agent.online.as_ref()?;
        let serves_nothing = self.statuses[online.status].channels.is_empty();
        let takes_nothing = serves_nothing || online.next.is_some() || !agent.is_active();
        if takes_nothing || agent.works.len() >= OPEN_ITEMS_MAX {
            return None;
        }
        Some(Position {
            lane: LaneKey {
                status: online.status,
                centers: agent.centers,
                rest: agent.rest,
                kept: agent.kept_for.map(|request| self.class_of(request).pool),
            },
            profile: Profile::new(agent.configured(), agent.used, agent.works.len() as u32),
            tie: Tie::new(online.login, online.last_assigned, agent.id, slot),
        })
    }

    /// Brings the agent's place in all its filters up to date.
    pub(crate) fn reindex(&mut self, slot: Slot) {
        if self.settings.has_rests() {
            self.update_rest(slot);
        }
        let new = self.position(slot);
        if self.agents[slot].kept_for.is_some() {
            self.recheck_room(slot, new);
        }
        let agent = &mut self.agents[slot];
        if new == agent.position {
            return;
        }
        let old = std::mem::replace(&mut agent.position, new);
        let kind = |position: Position| (position.lane.status, position.lane.centers);
        if old.is_some() && old.map(kind) != new.map(kind) {
            self.left.extend(agent.filters.iter().chain(&agent.direct));
        }
        for filter in &agent.filters {
            let members = &mut self.filters[*filter as usize].members;
            match (&old, &new) {
                (Some(old), Some(new)) => members.shift(old, new),
                (Some(old), None) => members.remove(old),
                (None, Some(new)) => members.insert(new),
                (None, None) => {}
            }
        }
    }

    /// As [`reindex`](Self::reindex), for an agent who may now be able to take more (R37).
    pub(crate) fn reindex_freed(&mut self, slot: Slot) {
        self.reindex(slot);
        if self.agents[slot].position.is_some() {
            self.freed.push(slot);
        }
    }

    /// Puts an agent into, or takes it out of, a filter.
    pub(crate) fn set_membership(&mut self, slot: Slot, filter: u32, is_member: bool) {
        let agent = &mut self.agents[slot];
        let members = &mut self.filters[filter as usize].members;
        match (agent.filters.binary_search(&filter), is_member) {
            (Err(at), true) => {
                agent.filters.insert(at, filter);
                if let Some(position) = &agent.position {
                    members.insert(position);
                    self.freed.push(slot);
                }
            }
            (Ok(at), false) => {
                agent.filters.remove(at);
                if let Some(position) = &agent.position {
                    members.remove(position);
                    self.left.push(filter);
                }
                if agent.kept_for.is_some() {
                    self.recheck_room(slot, self.agents[slot].position);
                }
            }
            (Ok(_), true) | (Err(_), false) => {}
        }
    }

    /// The filter of requests direct to a user.
    fn direct_filter(&mut self, user: RecordId) -> u32 {
        let slot = self.agent_slot(user);
        if let Some(filter) = self.agents[slot].direct {
            return filter;
        }
        let filter = self.new_filter();
        self.filters[filter as usize].is_direct = true;
        self.agents[slot].direct = Some(filter);
        filter
    }

    /// Finds the filters of a request from its row (R23, R25, R55, R56).
    pub(crate) fn find_filters(&mut self, slot: Slot) {
        let row = &self.requests[slot].row;
        let (preferred, required) = (row.preferred_user, row.is_preferred_required);
        let (kind, queue) = (row.routing_type, row.queue);
        let direct = preferred.map(|user| self.direct_filter(user));
        let base = match kind {
            _ if required => None,
            RoutingType::QueueBased => queue.map(|id| {
                let queue = self.queue_slot(id);
                self.queues[queue].filter
            }),
            RoutingType::SkillsBased => self.skills_filter(slot),
        };
        let request = &mut self.requests[slot];
        request.direct = direct;
        request.base = base;
    }

    pub(crate) fn class_of(&self, slot: Slot) -> ClassKey {
        let request = &self.requests[slot];
        let channel = &self.channels[request.channel].config;
        ClassKey {
            channel: request.channel,
            center: request.center,
            pool: Pool::of(channel, request.row.is_interruptible),
            cost: Cost::of_request(channel, &request.row),
        }
    }

    pub(crate) fn key_of(&self, slot: Slot) -> Key {
        Key::of(&self.requests[slot], slot, &self.settings)
    }

    /// Puts a request into its backlogs, if it may be routed, and asks the next pass to look.
    pub(crate) fn place(&mut self, slot: Slot) {
        let request = &self.requests[slot];
        if request.is_placed || !request.is_routable(self.now) {
            self.await_schedule(slot);
            return;
        }
        if self.settings.sla_window_s.is_some() {
            self.await_urgency(slot);
        }
        if self.settings.room_reservation_s.is_some() {
            self.await_room(slot);
        }
        let request = &self.requests[slot];
        let (bucket, filters) = (
            request.bucket(self.settings.voice_rounds_max),
            [request.base, request.direct],
        );
        let (class, key) = (self.class_of(slot), self.key_of(slot));
        for filter in filters.into_iter().flatten() {
            self.filters[filter as usize]
                .backlog
                .insert(class, key, bucket);
            self.touched.push(Touch::of((filter, class)));
        }
        let request = &mut self.requests[slot];
        request.is_placed = true;
        if bucket == Some(request.row.id) {
            self.last_round.insert(request.row.id);
        }
    }

    /// Takes a request out of its backlogs.
    pub(crate) fn unplace(&mut self, slot: Slot) {
        let request = &self.requests[slot];
        if let Some(at) = request.row.scheduled {
            self.timers.clear(at, Deadline::Scheduled(request.row.id));
        }
        if !request.is_placed {
            return;
        }
        if self.settings.room_reservation_s.is_some() {
            self.leave_line(slot);
        }
        if let Some(at) = self.urgent_from(slot) {
            self.timers
                .clear(at, Deadline::Urgent(self.requests[slot].row.id));
        }
        let request = &self.requests[slot];
        let (bucket, filters) = (
            request.bucket(self.settings.voice_rounds_max),
            [request.base, request.direct],
        );
        let (class, key) = (self.class_of(slot), self.key_of(slot));
        for filter in filters.into_iter().flatten() {
            self.filters[filter as usize]
                .backlog
                .remove(class, key, bucket);
        }
        let request = &mut self.requests[slot];
        (request.is_placed, request.is_urgent) = (false, false);
        if bucket == Some(request.row.id) {
            self.last_round.remove(&request.row.id);
        }
    }

    /// SLA-aware order: when a request with a target date comes before the others.
    fn urgent_from(&self, slot: Slot) -> Option<Millis> {
        let window_s = self.settings.sla_window_s?;
        let target = self.requests[slot].row.target_accept?;
        Some(Millis(target.0.saturating_sub(i64::from(window_s) * 1_000)))
    }

    /// A request is in line by its date, or will be when its time comes.
    fn await_urgency(&mut self, slot: Slot) {
        let Some(at) = self.urgent_from(slot) else {
            return;
        };
        let is_urgent = at <= self.now;
        let request = &mut self.requests[slot];
        request.is_urgent = is_urgent;
        if !is_urgent {
            self.timers.set(at, Deadline::Urgent(request.row.id));
        }
    }

    /// R34: a request that waits for its date.
    fn await_schedule(&mut self, slot: Slot) {
        let request = &self.requests[slot];
        if let Some(at) = request.waits_until(self.now) {
            self.timers.set(at, Deadline::Scheduled(request.row.id));
        }
    }

    /// Takes all requests out, runs `change` and puts them back: for configuration that alters keys or
    /// classes.
    pub(crate) fn replace_all(&mut self, change: impl FnOnce(&mut Self)) {
        let slots: Vec<Slot> = self.requests.iter().map(|(slot, _)| slot).collect();
        slots.iter().for_each(|slot| self.unplace(*slot));
        change(self);
        slots.iter().for_each(|slot| self.place(*slot));
        self.left_anywhere = true;
    }

    pub(crate) fn center_of(kind: ChannelKind, call_center: Option<RecordId>) -> Center {
        match (kind, call_center) {
            (ChannelKind::Voice, Some(id)) => Center::Is(id),
            (ChannelKind::Voice, None) => Center::Any,
            (ChannelKind::Record | ChannelKind::Chat, _) => Center::None,
        }
    }

    /// Marks an agent as having news, its sums brought up to date first.
    pub(crate) fn change_agent(&mut self, slot: Slot, now: Millis) -> &mut Agent {
        let agent = &mut self.agents[slot];
        agent.accrue(now);
        if !agent.is_changed {
            agent.is_changed = true;
            self.changed.push(slot);
        }
        agent
    }
}
