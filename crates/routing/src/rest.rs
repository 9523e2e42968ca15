//! Rest between offers (extensions): pacing, and the fair cap over a window.
//!
//! An agent who rests stands in a lane of its own, so that a choice passes by without looking. Under
//! pacing nobody asks; above the fair cap the others are asked first. One deadline per agent ends it.
//! The rest follows from settings, last assignment (a column of the agent's note) and the times of the
//! last offers (a note of its own, bounded by the cap).

use model::Millis;

use crate::api::{FairCap, Output, Settings};
use crate::notes;
use crate::state::RoutingState;
use crate::table::Slot;
use crate::timer::Deadline;

/// How an agent rests now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rest {
    #[default]
    None,
    /// Got its share of the window: asked when nobody else can take the item.
    Capped,
    /// Was asked a moment ago: not asked.
    Paced,
}

impl Settings {
    /// Is there anything that lets agents rest?
    pub(crate) fn has_rests(&self) -> bool {
        self.offer_pacing_s.is_some() || self.fair_cap.is_some()
    }
}

impl FairCap {
    /// Until when an agent with these last offers, oldest first, has had its share.
    fn until(&self, recent: &[Millis]) -> Option<Millis> {
        let oldest_of_share = recent.len().checked_sub(self.offers.max(1) as usize)?;
        Some(
            recent
                .get(oldest_of_share)?
                .plus_s(i64::from(self.window_s)),
        )
    }
}

impl RoutingState {
    /// How an agent rests, and until when.
    fn rest_of(&self, slot: Slot) -> (Rest, Option<Millis>) {
        let agent = &self.agents[slot];
        let Some(online) = &agent.online else {
            return (Rest::None, None);
        };
        let later = |at: &Millis| *at > self.now;
        let paced = self.settings.offer_pacing_s.zip(online.last_assigned);
        let paced = paced.map(|(pause_s, last)| last.plus_s(i64::from(pause_s)));
        if let Some(until) = paced.filter(later) {
            return (Rest::Paced, Some(until));
        }
        let capped = self
            .settings
            .fair_cap
            .and_then(|cap| cap.until(&agent.recent));
        match capped.filter(later) {
            Some(until) => (Rest::Capped, Some(until)),
            None => (Rest::None, None),
        }
    }

    /// Brings an agent's rest and its deadline up to date, before it finds its place.
    pub(crate) fn update_rest(&mut self, slot: Slot) {
        let (rest, until) = self.rest_of(slot);
        let agent = &self.agents[slot];
        if (agent.rest, agent.rest_until) == (rest, until) {
            return;
        }
        let agent = &mut self.agents[slot];
        let user = agent.id;
        let old = std::mem::replace(&mut agent.rest_until, until);
        agent.rest = rest;
        if let Some(at) = old {
            self.timers.clear(at, Deadline::Rest(user));
        }
        if let Some(at) = until {
            self.timers.set(at, Deadline::Rest(user));
        }
    }

    /// The agent was given something: counts against its share.
    pub(crate) fn count_offer(&mut self, slot: Slot, now: Millis, out: &mut Output) {
        let Some(cap) = self.settings.fair_cap else {
            return;
        };
        let agent = &mut self.agents[slot];
        let from = Millis(now.0.saturating_sub(i64::from(cap.window_s) * 1_000));
        let kept = cap.offers.clamp(1, FairCap::OFFERS_MAX) as usize - 1;
        let too_many = agent.recent.len().saturating_sub(kept);
        let too_old = agent.recent.partition_point(|at| *at <= from);
        agent.recent.drain(..too_many.max(too_old));
        agent.recent.push(now);
        let note = notes::recent_note(agent.id, &agent.recent);
        out.changes.push(crate::api::Change::Note(note));
    }

    /// Settings of rest changed: everybody finds a new place.
    pub(crate) fn update_rests(&mut self) {
        let slots: Vec<Slot> = self.agents.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            self.update_rest(slot);
            self.reindex_freed(slot);
        }
    }
}
