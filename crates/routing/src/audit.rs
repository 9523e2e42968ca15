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
        wrong
    }
}
