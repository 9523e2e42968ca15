//! Configuration: takes it and touches what it affects (R37). The order of pieces does not matter.

use model::RecordId;

use crate::api::{self, Configuration, Settings};
use crate::state::{RoutingState, StatusEntry};
use crate::table::Slot;
use crate::units::Units;

impl RoutingState {
    /// Takes one piece of configuration. Effects on waiting work come with the next
    /// [`settle`](Self::settle) (R37).
    pub fn configure(&mut self, configuration: Configuration) {
        match configuration {
            Configuration::Settings(settings) => self.set_settings(settings),
            Configuration::Channel(id, channel) => self.set_channel(id, channel),
            Configuration::Status(id, status) => self.set_presence_status(id, status),
            Configuration::Queue(id, queue) => {
                let slot = self.queue_slot(id);
                let entry = &mut self.queues[slot];
                let target =
                    |queue: &Option<api::Queue>| queue.as_ref().and_then(|q| q.alternative);
                self.left_anywhere |= target(&entry.config) != target(&queue);
                self.returns |= queue.as_ref().is_some_and(|q| q.return_s.is_some());
                entry.config = queue;
            }
            Configuration::QueueMembers(id, users) => self.set_members(id, &users),
            Configuration::Agent(id, agent) => self.set_agent(id, agent),
            Configuration::Skills(id, skills) => {
                let slot = self.known_agent(id);
                self.set_skills(slot, skills);
            }
        }
    }

    fn set_settings(&mut self, settings: Settings) {
        if settings == self.settings {
            return;
        }
        self.returns |= settings.return_s.is_some();
        if self.settings.next_status && !settings.next_status {
            let waiting = self.agents.iter().map(|(_, agent)| agent);
            let waiting = waiting.filter(|a| a.online.as_ref().is_some_and(|o| o.next.is_some()));
            self.suspects.extend(waiting.map(|agent| agent.id));
        }
        let had_rests = self.settings.has_rests();
        self.replace_all(|state| state.settings = settings);
        if had_rests || self.settings.has_rests() {
            self.update_rests();
        }
    }

    fn set_channel(&mut self, id: RecordId, channel: Option<api::Channel>) {
        let slot = self.channel_slot(id);
        let entry = &mut self.channels[slot];
        let is_known = channel.is_some();
        let config = channel.unwrap_or_else(|| entry.config.clone());
        let same_kind = entry.config.kind == config.kind;
        entry.is_known = is_known;
        if same_kind {
            entry.config = config;
            return;
        }
        self.replace_all(|state| {
            state.channels[slot].config = config;
            let kind = state.channels[slot].config.kind;
            let of_channel: Vec<Slot> = state.requests.iter().map(|(slot, _)| slot).collect();
            for request in of_channel {
                let request = &mut state.requests[request];
                if request.channel == slot {
                    request.kind = kind;
                }
            }
        });
    }

    fn set_presence_status(&mut self, id: RecordId, status: Option<api::PresenceStatus>) {
        let slot = self.status_slot(id);
        let serving = status
            .iter()
            .filter(|s| !s.is_away)
            .flat_map(|s| s.channels.clone());
        let serving: Vec<RecordId> = serving.collect();
        let channels = serving
            .into_iter()
            .map(|id| self.channel_slot(id))
            .collect();
        let old = &self.statuses[slot];
        if old.channels == channels && old.config == status {
            return;
        }
        self.statuses[slot] = StatusEntry {
            config: status,
            channels,
        };
        let logged_in =
            |agent: &crate::agent::Agent| agent.online.as_ref().is_some_and(|o| o.status == slot);
        let affected: Vec<Slot> = self
            .agents
            .iter()
            .filter(|(_, a)| logged_in(a))
            .map(|(slot, _)| slot)
            .collect();
        self.left_anywhere = true;
        affected
            .into_iter()
            .for_each(|slot| self.reindex_freed(slot));
    }

    /// R55: the engine has resolved groups and roles.
    fn set_members(&mut self, id: RecordId, users: &[RecordId]) {
        let queue = self.queue_slot(id);
        let mut new: Vec<Slot> = users.iter().map(|user| self.known_agent(*user)).collect();
        new.sort_unstable();
        new.dedup();
        let filter = self.queues[queue].filter;
        let old = std::mem::replace(&mut self.queues[queue].members, new.clone());
        for slot in old.iter().filter(|slot| new.binary_search(slot).is_err()) {
            self.set_membership(*slot, filter, false);
        }
        new.into_iter()
            .for_each(|slot| self.set_membership(slot, filter, true));
    }

    fn known_agent(&mut self, id: RecordId) -> Slot {
        if let Some(slot) = self.agents.slot(id) {
            return slot;
        }
        let slot = self.agent_slot(id);
        self.join_everyone(slot);
        slot
    }

    fn set_agent(&mut self, id: RecordId, agent: Option<api::Agent>) {
        let slot = self.known_agent(id);
        let centers = agent
            .as_ref()
            .map_or(0, |a| self.centers.number(&a.call_centers));
        let now = self.now;
        if self.agents[slot].online.is_some() {
            self.change_agent(slot, now);
            self.suspects.insert(id);
        }
        let entry = &mut self.agents[slot];
        entry.config = agent;
        entry.centers = centers;
        self.recount(slot);
        self.reindex_freed(slot);
    }

    /// Units in use under the capacity configured now (R97, R99).
    pub(crate) fn recount(&mut self, slot: Slot) {
        let configured = self.agents[slot].configured();
        let mut used = [Units::ZERO; 2];
        for work in self.agents[slot]
            .works
            .iter()
            .map(|slot| &self.works[*slot])
        {
            let pool = work.pool as usize;
            used[pool] += work.cost.units(configured[pool]);
        }
        self.agents[slot].used = used;
    }
}
