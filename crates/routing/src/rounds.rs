//! When everybody was asked as often as allowed: a chat ends (R72), a call waits for somebody new (R73),
//! and any item goes to the alternative queue of its configuration (options `maxRounds` and
//! `alternativeQueue`).
//!
//! Looked at when an offer is refused, and when an agent who was not asked yet takes no more work.

use model::{Millis, RecordId};

use crate::api::{ChannelKind, Item, Output, Target};
use crate::backlog::Center;
use crate::requests::Hidden;
use crate::state::RoutingState;
use crate::table::Slot;

impl RoutingState {
    /// Somebody refused it, no round is left, and in this one nobody: what could still come is somebody new.
    pub(crate) fn is_used_up(&self, slot: Slot) -> bool {
        let request = &self.requests[slot];
        request.is_placed
            && request.row.last_declined.is_some()
            && !request.may_start_round(self.settings.voice_rounds_max)
            && !self.somebody_is_left(slot)
    }

    /// It does not wait for somebody new.
    pub(crate) fn leaves_when_used_up(&self, slot: Slot) -> bool {
        self.requests[slot].kind == ChannelKind::Chat || self.alternative_of(slot).is_some()
    }

    fn alternative_of(&self, slot: Slot) -> Option<RecordId> {
        let queue = self.requests[slot].row.queue?;
        let alternative = self.queue_config(queue)?.alternative?;
        (alternative != queue).then_some(alternative)
    }

    /// What becomes of an item whose rounds are used up.
    pub(crate) fn give_up(&mut self, slot: Slot, now: Millis, out: &mut Output) {
        let request = &self.requests[slot];
        let (id, kind) = (request.row.id, request.kind);
        match self.alternative_of(slot) {
            Some(queue) => self.move_on(slot, queue, now, out),
            None if kind == ChannelKind::Chat => self.delete_request(id, out), // R72
            None => {}
        }
    }

    /// To the alternative queue, with the old age. As in R158 the queue becomes the owner, whether it
    /// routes or not.
    fn move_on(&mut self, slot: Slot, queue: RecordId, now: Millis, out: &mut Output) {
        let request = &self.requests[slot];
        let (old, requested) = (request.row.clone(), request.requested);
        let call_center = match request.center {
            Center::Is(id) => Some(id),
            Center::None | Center::Any => None,
        };
        let skills = request.skills.as_ref();
        let requirements = skills.map(|s| s.requirements()).unwrap_or_default();
        let customer = request.customer.as_deref().copied();
        self.delete_request(old.id, out);
        let item = Item {
            id: old.work_item,
            channel: old.channel,
            secondary_priority: old.secondary_priority,
            call_center,
            status: None,
            requirements,
            customer,
        };
        let target = Target::Queue(queue);
        if let Some(assignee) = self.overflow(&target) {
            out.owner(item.id, assignee); // R158
            return;
        }
        if self.queue_config(queue).is_some() {
            let (mut row, requirements) = self.target_row(&item, &target, now, out);
            row.custom_requested = old.custom_requested;
            row.target_accept = old.target_accept;
            let hidden = Hidden {
                requested: Some(requested),
                ..Hidden::of(&item)
            };
            self.enqueue(row, requirements, hidden, now, out);
        }
        out.owner(item.id, queue);
    }

    /// Agents left: for some items nobody may be left. In the order of request ids.
    pub(crate) fn give_up_stranded(&mut self, now: Millis, out: &mut Output) {
        let anywhere = std::mem::take(&mut self.left_anywhere);
        if self.last_round.is_empty() || (self.left.is_empty() && !anywhere) {
            self.left.clear();
            return;
        }
        let mut left = std::mem::take(&mut self.left);
        left.sort_unstable();
        left.dedup();
        let is_there = |slot: &Slot| {
            let request = &self.requests[*slot];
            let mut filters = request.base.iter().chain(&request.direct);
            anywhere || filters.any(|filter| left.binary_search(filter).is_ok())
        };
        let slots = self
            .last_round
            .iter()
            .filter_map(|id| self.requests.slot(*id));
        let stranded: Vec<Slot> = slots
            .filter(is_there)
            .filter(|slot| self.is_used_up(*slot))
            .collect();
        stranded
            .into_iter()
            .for_each(|slot| self.give_up(slot, now, out));
    }
}
