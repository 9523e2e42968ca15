//! What agents hold, in units of both pools and in items (R97 to R101, R120).

use std::collections::BTreeMap;

use model::RecordId;

use crate::facts::{Ask, Facts, Work};
use crate::history::History;

/// What agents hold.
#[derive(Clone, Debug, Default)]
pub struct Loads(BTreeMap<RecordId, Load>);

/// What one agent holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Load {
    /// Units of the primary and the interruptible pool (R100).
    pub used: [i64; 2],
    pub items: usize,
}

impl Loads {
    /// What these works hold.
    pub fn of<'a>(facts: &Facts, history: &History, works: impl Iterator<Item = &'a Work>) -> Self {
        let mut loads = Self::default();
        for work in works {
            let cost = cost_of(facts, history, work);
            loads.put(work.user, pool(facts, &work.ask), cost);
        }
        loads
    }

    /// One more item.
    pub fn add(&mut self, facts: &Facts, user: RecordId, ask: &Ask) {
        self.put(user, pool(facts, ask), facts.cost(ask, user));
    }

    fn put(&mut self, user: RecordId, pool: usize, cost: i64) {
        let load = self.0.entry(user).or_default();
        load.used[pool] += cost;
        load.items += 1;
    }

    /// Of one agent.
    pub fn get(&self, user: RecordId) -> Load {
        self.0.get(&user).copied().unwrap_or_default()
    }
}

/// 0 primary, 1 interruptible; calls are always primary (R63, R100).
pub fn pool(facts: &Facts, ask: &Ask) -> usize {
    usize::from(ask.is_interruptible && !facts.is_voice(ask))
}

/// What one piece of work holds of its agent's pool.
pub fn cost_of(facts: &Facts, history: &History, work: &Work) -> i64 {
    if history.is_paused(work.id) {
        facts.paused_cost(&work.ask, work.user)
    } else {
        facts.cost(&work.ask, work.user)
    }
}
