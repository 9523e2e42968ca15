//! Presence: log in, change of status, log out, and the sums kept over each stretch (R143 to R148).

use model::{Millis, RecordId, Value};

use crate::agent::{Online, Sums, Work};
use crate::api::{Change, Output, SignalKind};
use crate::notes;
use crate::rows::{PresenceField as P, Session, Status, UserServicePresence, prefix};
use crate::state::RoutingState;
use crate::table::Slot;
use crate::units::Units;

impl RoutingState {
    /// R143, R144: a new session, or a new status in the session.
    pub(crate) fn set_status(
        &mut self,
        user: RecordId,
        status: RecordId,
        now: Millis,
        out: &mut Output,
    ) {
        let slot = self.agent_slot(user);
        if self.agents[slot].online.is_some() {
            self.change_status(slot, status, now, out);
        } else {
            self.log_in(slot, status, now, out);
        }
    }

    fn log_in(&mut self, slot: Slot, status: RecordId, now: Millis, out: &mut Output) {
        let row = self.start_presence(slot, status, now, out);
        let online = Online {
            status: self.status_slot(status),
            session: Session(row.id),
            login: now,
            last_assigned: None,
            next: None,
            sums: Sums {
                at: now,
                ..Sums::default()
            },
            told: self.agents[slot].capacity(),
            row,
        };
        self.agents[slot].online = Some(Box::new(online));
        self.change_agent(slot, now);
        self.reindex_freed(slot);
    }

    /// R144, R83. Offers and open work stay (R135, R136).
    pub(crate) fn change_status(
        &mut self,
        slot: Slot,
        status: RecordId,
        now: Millis,
        out: &mut Output,
    ) {
        let current = self.agents[slot].online.as_ref().map(|o| o.row.status);
        if current == Some(status) {
            self.forget_next_status(slot, now, out);
        }
        if current.is_none() || current == Some(status) {
            return;
        }
        self.change_agent(slot, now);
        self.end_presence(slot, now, out);
        self.end_after_work(slot, now, out);
        let row = self.start_presence(slot, status, now, out);
        let status = self.status_slot(status);
        if let Some(online) = &mut self.agents[slot].online {
            online.row = row;
            online.status = status;
            online.next = None;
            online.sums = Sums {
                at: now,
                ..Sums::default()
            };
        }
        if self.settings.withdraw_offers {
            self.withdraw_unserved(slot, now, out);
        }
        self.reindex_freed(slot);
    }

    /// Option: offers that the agent's new status does not serve go back without a mark, as in R115.
    /// What was given by hand and invitations stay.
    fn withdraw_unserved(&mut self, slot: Slot, now: Millis, out: &mut Output) {
        let Some(status) = self.agents[slot].online.as_ref().map(|o| o.status) else {
            return;
        };
        let served = &self.statuses[status].channels;
        let works = self.agents[slot].works.iter().map(|w| &self.works[*w]);
        let is_routed = |w: &Work| {
            w.row.request.is_some() || w.extra.as_ref().is_some_and(|e| e.handed_from.is_some())
        };
        let unserved = works.filter(|w| {
            w.row.status == Status::Assigned && !served.contains(&w.channel) && is_routed(w)
        });
        let ids: Vec<RecordId> = unserved.map(|w| w.row.id).collect();
        ids.into_iter()
            .for_each(|id| self.take_offer_back(id, now, out));
    }

    /// R145, with R115, R126 and R127 for the agent's work.
    pub(crate) fn log_out(&mut self, slot: Slot, now: Millis, out: &mut Output) {
        if self.agents[slot].online.is_none() {
            return;
        }
        self.change_agent(slot, now);
        self.release_agent(slot, now, out);
        self.end_presence(slot, now, out);
        self.tell_workload(slot, out);
        self.agents[slot].online = None;
        self.reindex(slot);
        out.signal(self.agents[slot].id, SignalKind::LoggedOut);
    }

    fn start_presence(
        &mut self,
        slot: Slot,
        status: RecordId,
        now: Millis,
        out: &mut Output,
    ) -> UserServicePresence {
        let agent = &self.agents[slot];
        let [primary, interruptible] = agent.configured().map(|units| units.0 / Units::SCALE);
        let away = self.statuses.find(status).and_then(|s| s.config.as_ref());
        let row = UserServicePresence {
            user: agent.id,
            owner: agent.id,
            status,
            is_current: true,
            is_away: away.is_some_and(|s| s.is_away),
            start: now,
            configured: Some(primary),
            configured_interruptible: Some(interruptible),
            idle: Some(0),
            at_capacity: Some(0),
            ..UserServicePresence::empty((out.ids)(prefix::PRESENCE))
        };
        out.changes
            .push(Change::InsertPresence(Box::new(row.clone())));
        let (since, next) = (now, None);
        out.signal(
            row.user,
            SignalKind::StatusChanged {
                status,
                since,
                next,
            },
        );
        row
    }

    /// Ends the current row with its durations (R144, R146, R147).
    fn end_presence(&mut self, slot: Slot, now: Millis, out: &mut Output) {
        let Some(online) = &self.agents[slot].online else {
            return;
        };
        let (row, sums) = (&online.row, &online.sums);
        let span_ms = now.0.saturating_sub(row.start.0);
        let average = if span_ms > 0 {
            sums.unit_ms / span_ms
        } else {
            0
        };
        let sets = vec![
            (P::IsCurrentState, Value::Bool(false)),
            (P::StatusEndDate, Value::DateTime(now)),
            (P::StatusDuration, Value::Int(now.seconds_since(row.start))),
            (P::IdleDuration, Value::Int(sums.idle_ms / 1_000)),
            (P::AtCapacityDuration, Value::Int(sums.full_ms / 1_000)),
            (P::AverageCapacity, Value::Double(Units(average).to_f64())),
        ];
        out.changes
            .push(Change::UpdatePresence { id: row.id, sets });
    }

    /// Writes the hidden rows, the sums and the workload news of all agents that changed; in the order
    /// of user ids, because slots are private.
    pub(crate) fn flush(&mut self, now: Millis, out: &mut Output) {
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable_by_key(|slot| self.agents[*slot].id);
        for slot in changed {
            self.agents[slot].accrue(now);
            self.agents[slot].is_changed = false;
            self.write_sums(slot, out);
            let agent = &self.agents[slot];
            let note = notes::agent_note(agent.id, agent.online.as_deref());
            out.changes.push(Change::Note(note));
            self.tell_workload(slot, out);
        }
        self.write_rooms(out);
    }

    /// R146: the current row shows whole seconds.
    fn write_sums(&mut self, slot: Slot, out: &mut Output) {
        let Some(online) = &mut self.agents[slot].online else {
            return;
        };
        let idle = Some(online.sums.idle_ms / 1_000);
        let full = Some(online.sums.full_ms / 1_000);
        if (online.row.idle, online.row.at_capacity) == (idle, full) {
            return;
        }
        (online.row.idle, online.row.at_capacity) = (idle, full);
        let sets = vec![
            (P::IdleDuration, idle.into()),
            (P::AtCapacityDuration, full.into()),
        ];
        out.changes.push(Change::UpdatePresence {
            id: online.row.id,
            sets,
        });
    }

    /// R142: once per batch, from what the console knew to what is.
    fn tell_workload(&mut self, slot: Slot, out: &mut Output) {
        let agent = &mut self.agents[slot];
        let (user, capacity) = (agent.id, agent.capacity());
        let Some(online) = &mut agent.online else {
            return;
        };
        if online.told != capacity {
            let previous = std::mem::replace(&mut online.told, capacity);
            out.signal(user, SignalKind::WorkloadChanged { previous, capacity });
        }
    }

    /// R157: users who were deactivated or lost their status are logged out.
    pub(crate) fn log_out_suspects(&mut self, now: Millis, out: &mut Output) {
        for user in std::mem::take(&mut self.suspects) {
            let Some(slot) = self.agents.slot(user) else {
                continue;
            };
            let agent = &self.agents[slot];
            let Some(status) = agent.online.as_ref().map(|o| o.row.status) else {
                continue;
            };
            // A status that was set by a decline or time-out need not be one the agent may choose.
            let is_by_rule = agent.config.as_ref().is_some_and(|c| {
                [
                    c.presence.status_on_decline,
                    c.presence.status_on_push_timeout,
                ]
                .contains(&Some(status))
            });
            let next = agent.online.as_ref().and_then(|o| o.next);
            let may_follow = |next| self.settings.next_status && agent.may_use(next);
            if !agent.is_active() || !(agent.may_use(status) || is_by_rule) {
                self.log_out(slot, now, out);
            } else if next.is_some_and(|next| !may_follow(next)) {
                self.forget_next_status(slot, now, out);
            }
        }
    }
}
