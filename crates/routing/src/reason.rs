//! Why a request waits, read from the indexes instead of from every agent.
//!
//! All items of a class ask the same (see [`crate::backlog`]), so they wait for the same reason: a reason
//! is that of the first of its class. It is not stored but worked out when asked, so it is never stale
//! and costs the routing pass nothing. A look at one class costs its shelves (how many different loads
//! there are), not its agents and not its items; only where no agent on a shelf serves the class, or
//! where an extension makes agents rest, does it take the walk of an explanation over the agents in
//! question.

use std::collections::BTreeMap;

use model::RecordId;

use crate::backlog::{Class, ClassKey};
use crate::explain::WaitReason;
use crate::rest::Rest;
use crate::rows::RoutingModel;
use crate::state::RoutingState;
use crate::table::Slot;

impl RoutingState {
    /// Why the request of an item waits: the reason of its explanation, without the explanation.
    pub fn wait_reason(&self, item: RecordId) -> Option<WaitReason> {
        let slot = *self.request_of_item.get(&item)?;
        Some(self.reason_of(slot))
    }

    /// What is in line in a queue, counted by reason. Looks at two items of each class.
    pub fn waiting_by_reason(&self, queue: RecordId) -> Vec<(WaitReason, u64)> {
        let mut counts: BTreeMap<WaitReason, u64> = BTreeMap::new();
        let Some(entry) = self.queues.find(queue) else {
            return Vec::new();
        };
        let backlog = &self.filters[entry.filter as usize].backlog;
        for (key, count) in backlog.classes().flat_map(|(_, class)| Class::heads(class)) {
            *counts.entry(self.reason_of(key.slot)).or_default() += count;
        }
        counts.into_iter().collect()
    }

    fn reason_of(&self, slot: Slot) -> WaitReason {
        let request = &self.requests[slot];
        let row = &request.row;
        match () {
            () if row.is_pushed => WaitReason::Offered,
            () if !row.is_ready => WaitReason::NotReady,
            () if row.routing_model == RoutingModel::ExternalRouting => WaitReason::External,
            () if request.waits_until(self.now).is_some() => WaitReason::Scheduled,
            () => self
                .reason_from_shelves(slot)
                .or_else(|| self.explain_item(row.work_item).map(|e| e.reason))
                .unwrap_or(WaitReason::Next),
        }
    }

    /// The reason as far as the shelves show it.
    fn reason_from_shelves(&self, slot: Slot) -> Option<WaitReason> {
        let request = &self.requests[slot];
        if request.row.preferred_user.is_some() {
            return None;
        }
        if self.is_used_up(slot) {
            return Some(WaitReason::RoundsUsedUp);
        }
        let class = self.class_of(slot);
        match self.room_in(request.base?, &class)? {
            false => Some(WaitReason::NobodyFree),
            true if self.choose(slot).is_some() => Some(WaitReason::Next),
            true => Some(WaitReason::OnlyDecliner),
        }
    }

    /// Has an agent of a filter who serves the class room for it? `None` if nobody serves it, or if
    /// somebody with room rests.
    fn room_in(&self, filter: u32, class: &ClassKey) -> Option<bool> {
        let mut has_room = None;
        for (lane, profile) in self.filters[filter as usize].members.shelves() {
            if !self.can_serve(lane, class) {
                continue;
            }
            let fits = profile.fits(class.cost, class.pool);
            if fits && (lane.rest != Rest::None || lane.kept.is_some()) {
                return None;
            }
            has_room = Some(fits || has_room == Some(true));
        }
        has_room
    }
}
