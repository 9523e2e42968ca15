//! A slow look at everything that the fast paths take for granted, for tests and the simulator.

use crate::explain::Exclusion;
use crate::state::RoutingState;
use crate::units::Units;

impl RoutingState {
    /// What is wrong after a [`settle`](Self::settle); empty if nothing is.
    ///
    /// Indexes equal what the rows say, and no item waits that an agent could take (R35, R38).
    pub fn audit(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (slot, request) in self.requests.iter() {
            let id = request.row.id;
            if request.is_placed != request.is_routable(self.now) {
                wrong.push(format!("{id}: placed {}", request.is_placed));
            }
            let filters = request.base.is_some() as usize + request.direct.is_some() as usize;
            let wanted = if request.is_placed { filters } else { 0 };
            if self.backlogs_of(slot) != wanted {
                wrong.push(format!("{id}: in {} backlogs", self.backlogs_of(slot)));
            }
            if self.is_used_up(slot) && self.leaves_when_used_up(slot) {
                wrong.push(format!("{id}: nobody is left, and it waits"));
            }
            if request.is_placed
                && let Some(choice) = self.choose(slot)
            {
                wrong.push(format!(
                    "{id}: waits although {} is free",
                    self.agents[choice.agent].id
                ));
            }
        }
        for (slot, request) in self.requests.iter().filter(|(_, r)| r.is_placed) {
            let may_start_round = request.may_start_round(self.settings.voice_rounds_max);
            for agent in self.in_question(slot) {
                let exclusion = self.exclusion(slot, agent);
                let next_round = exclusion == Some(Exclusion::TriedThisRound) && may_start_round;
                if exclusion.is_none() || next_round {
                    let (id, user) = (request.row.id, self.agents[agent].id);
                    wrong.push(format!("{id}: nothing keeps {user} from it"));
                }
            }
        }
        for (slot, agent) in self.agents.iter() {
            if agent.position != self.position(slot) {
                wrong.push(format!("{}: stands at {:?}", agent.id, agent.position));
            }
            let mut used = [Units::ZERO; 2];
            for work in agent.works.iter().map(|slot| &self.works[*slot]) {
                used[work.pool as usize] += work.cost.units(agent.configured()[work.pool as usize]);
            }
            if used != agent.used {
                wrong.push(format!("{}: used {:?}, not {used:?}", agent.id, agent.used));
            }
        }
        let members: u64 = self
            .filters
            .iter()
            .map(|f| u64::from(f.members.len()))
            .sum();
        let standing = self.agents.iter().filter(|(_, a)| a.position.is_some());
        let wanted: u64 = standing.map(|(_, a)| a.filters.len() as u64).sum();
        if members != wanted {
            wrong.push(format!("{members} places of agents, not {wanted}"));
        }
        wrong.extend(self.room_lines().filter(|line| line.ends_with("false")));
        wrong.extend(self.audit_groups());
        wrong
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{KeyPrefix, Millis, RecordId};

    use crate::api::{
        Agent, Channel, Command, Configuration, Item, Output, PresenceConfig, PresenceStatus, Queue,
    };
    use crate::rows::RoutingModel;
    use crate::state::RoutingState;
    use crate::units::Units;

    fn id(prefix: &str, number: u64) -> RecordId {
        RecordId::new(KeyPrefix::parse(prefix).unwrap(), number)
    }

    fn carry_out(state: &mut RoutingState, command: &Command, second: i64) {
        let (now, mut next) = (Millis(1_000 * second), 100 * second as u64);
        let mut ids = |prefix: KeyPrefix| {
            next += 1;
            RecordId::new(prefix, next)
        };
        let decision = state.decide(command, now).unwrap();
        let mut out = Output::new(&mut ids);
        state.evolve(decision, now, &mut out);
        state.settle(now, &mut out);
    }

    /// An agent with room for one item holds an offer of one; another one waits.
    fn one_held_one_waits() -> RoutingState {
        let (channel, status, queue, user) =
            (id("0N9", 1), id("0N5", 1), id("00G", 1), id("005", 1));
        let mut state = RoutingState::new();
        let serves = PresenceStatus {
            channels: vec![channel],
            is_away: false,
        };
        let config = Queue {
            model: RoutingModel::MostAvailable,
            priority: None,
            weight: Some(Units::whole(2)),
            percentage: None,
            paused_weight: None,
            paused_percentage: None,
            push_timeout_s: None,
            is_interruptible: None,
            is_attribute_based: false,
            drop_timeout_s: None,
            overflow_assignee: None,
            rounds_max: None,
            alternative: None,
            return_s: None,
        };
        let agent = Agent {
            is_active: true,
            presence: Arc::new(PresenceConfig {
                capacity: 2,
                ..PresenceConfig::default()
            }),
            statuses: [status].into(),
            call_centers: [].into(),
        };
        state.configure(Configuration::Channel(channel, Some(Channel::default())));
        state.configure(Configuration::Status(status, Some(serves)));
        state.configure(Configuration::Queue(queue, Some(config)));
        state.configure(Configuration::Agent(user, Some(agent)));
        state.configure(Configuration::QueueMembers(queue, vec![user]));
        carry_out(&mut state, &Command::SetStatus { user, status }, 1);
        for number in [1, 2] {
            let item = Item {
                id: id("500", number),
                channel,
                secondary_priority: None,
                call_center: None,
                status: None,
                requirements: Vec::new(),
                customer: None,
            };
            let owned = Command::Owner {
                item,
                owner: queue,
                last_work: None,
            };
            carry_out(&mut state, &owned, 1 + number as i64);
        }
        state
    }

    /// What the audit says once something was broken: one finding per word, in this order.
    fn check(break_it: impl FnOnce(&mut RoutingState), expected: &[&str]) {
        let mut state = one_held_one_waits();
        assert_eq!(state.audit(), Vec::<String>::new());
        break_it(&mut state);
        let found = state.audit();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        let tells = |(found, word): (&String, &&str)| found.contains(word);
        assert!(found.iter().zip(expected).all(tells), "{found:?}");
    }

    #[test]
    fn whatever_is_broken_is_found() {
        let waits = |state: &RoutingState| state.request_of_item[&id("500", 2)];
        let offered = |state: &RoutingState| state.request_of_item[&id("500", 1)];
        let agent = |state: &RoutingState| state.agents.slot(id("005", 1)).unwrap();
        check(|_| {}, &[]);
        check(
            |state| {
                let slot = waits(state);
                state.requests[slot].is_placed = false;
            },
            &["placed false", "in 1 backlogs"],
        );
        check(
            |state| {
                let slot = waits(state);
                state.unplace(slot);
            },
            &["placed false"],
        );
        check(
            |state| {
                let slot = offered(state);
                state.requests[slot].is_placed = true;
            },
            &["placed true", "in 0 backlogs"],
        );
        check(
            |state| {
                let slot = agent(state);
                state.agents[slot].works.clear();
                state.agents[slot].used = [Units::ZERO; 2];
                state.reindex(slot);
            },
            &["waits although", "nothing keeps"],
        );
        check(
            |state| {
                let slot = agent(state);
                state.agents[slot].position = None;
            },
            &["stands at None", "places of agents"],
        );
        check(
            |state| {
                let slot = agent(state);
                state.agents[slot].used[1] += Units::whole(1);
                state.reindex(slot);
            },
            &["used ["],
        );
    }
}
