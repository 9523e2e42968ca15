//! May this agent take this item (R50 to R64, R97 to R104)? Looked up fact by fact.

use std::collections::BTreeMap;

use model::RecordId;

use crate::facts::{Ask, Facts, Work};

/// Open items above which an agent gets nothing more (R104).
const OPEN_ITEMS_MAX: usize = 100;

/// What agents hold.
#[derive(Clone, Debug, Default)]
pub struct Loads(BTreeMap<RecordId, Load>);

/// What one agent holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Load {
    /// Units of both pools.
    pub used: [i64; 2],
    pub items: usize,
}

impl Loads {
    /// What these works hold.
    pub fn of<'a>(facts: &Facts, works: impl Iterator<Item = &'a Work>) -> Self {
        let mut loads = Self::default();
        for work in works {
            loads.add(facts, work.user, &work.ask);
        }
        loads
    }

    /// One more item.
    pub fn add(&mut self, facts: &Facts, user: RecordId, ask: &Ask) {
        let cost = facts.cost(ask, user);
        let load = self.0.entry(user).or_default();
        load.used[pool(facts, ask)] += cost;
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

/// Presence, channel, activity, telephony mapping (R51, R52, R62, R64).
pub fn serves(facts: &Facts, user: RecordId, ask: &Ask) -> bool {
    let Some(person) = facts.config.people.get(&user) else {
        return false;
    };
    let Some(presence) = facts.current(user) else {
        return false;
    };
    let channels = facts.config.statuses.get(&presence.status);
    let is_online = channels.is_some_and(|c| c.contains(&ask.channel));
    let center = facts.items.get(&ask.item).and_then(|i| i.center);
    let is_mapped = match center {
        _ if !facts.is_voice(ask) => true,
        Some(center) => person.centers.contains(&center),
        None => !person.centers.is_empty(),
    };
    person.is_active && is_online && is_mapped
}

/// R54, R98, R99, R104.
pub fn has_room(facts: &Facts, user: RecordId, ask: &Ask, load: Load) -> bool {
    let pool = pool(facts, ask);
    let configured = facts.capacity(user, pool == 1);
    let cost = facts.cost(ask, user);
    let fits = if facts.is_voice(ask) {
        load.used[0] == 0 && configured > 0
    } else {
        cost == 0 || load.used[pool] + cost <= configured
    };
    fits && load.items < OPEN_ITEMS_MAX
}

/// R15, R23 to R25, R55: among those whom the request is for.
pub fn is_meant(facts: &Facts, user: RecordId, ask: &Ask) -> bool {
    if ask.preferred == Some(user) {
        return true;
    }
    if ask.is_required && ask.preferred.is_some() {
        return false;
    }
    match ask.queue {
        Some(queue) => facts
            .config
            .queues
            .get(&queue)
            .is_some_and(|q| q.members.contains(&user)),
        None => ask.by_skills && ask.preferred.is_none(),
    }
}

/// All of it.
pub fn is_eligible(facts: &Facts, user: RecordId, ask: &Ask, load: Load) -> bool {
    is_meant(facts, user, ask) && serves(facts, user, ask) && has_room(facts, user, ask, load)
}
