//! Option `returnSeconds`: work that was accepted and not touched goes back to where it came from.
//!
//! The AgentWork ends as Transferred, because the work is not done (Closed would count it as handled) and
//! goes on elsewhere, which is what that status says (R124); nobody asked for it, so TransferRequesterId
//! stays null. The new request keeps the age, and its agent counts as the last decliner (R70).
//!
//! Calls are exempt: who accepts one talks. So are participants, work given by hand and requests for one
//! agent alone: there is nowhere else to go.

use model::{Millis, RecordId};

use crate::agent::Extra;
use crate::api::{ChannelKind, Item, Output, Requirement, Target};
use crate::requests::Hidden;
use crate::rows::Status;
use crate::state::RoutingState;
use crate::status::Event;
use crate::table::Slot;
use crate::transfer::{Terms, item_of};

/// What a request knew that its work does not.
pub(crate) struct Origin {
    requirements: Vec<Requirement>,
    customer: Option<RecordId>,
}

impl RoutingState {
    /// Seconds, and what the request asks for, of an offer that is about to be accepted.
    pub(crate) fn return_after(&self, slot: Slot) -> Option<(i64, Origin)> {
        if !self.returns {
            return None;
        }
        let work = &self.works[slot];
        let extra = work.extra.as_ref();
        let is_call = self.channels[work.channel].config.kind == ChannelKind::Voice;
        let is_handed = extra.is_some_and(|e| e.handed_from.is_some());
        let comes_back = work.row.request.is_some() || is_handed;
        if is_call || work.row.is_preferred_required || !comes_back {
            return None;
        }
        let queue = work.row.original_queue.and_then(|q| self.queue_config(q));
        let seconds = queue.and_then(|q| q.return_s).or(self.settings.return_s)?;
        if seconds == 0 {
            return None;
        }
        let request = work.row.request.and_then(|id| self.requests.find(id));
        let skills = request.and_then(|r| r.skills.as_ref());
        let requirements = match extra.filter(|_| is_handed) {
            Some(extra) => extra.requirements.clone(),
            None => skills.map(|s| s.requirements()).unwrap_or_default(),
        };
        let origin = Origin {
            requirements,
            customer: self.customer_of(slot),
        };
        Some((i64::from(seconds), origin))
    }

    pub(crate) fn await_touch(
        &mut self,
        id: RecordId,
        until: Millis,
        origin: Origin,
        out: &mut Output,
    ) {
        let Some(work) = self.works.find(id) else {
            return;
        };
        let extra = Extra {
            untouched: Some(until),
            requirements: origin.requirements,
            customer: origin.customer,
            ..work.extra()
        };
        self.replace_extra(id, extra, out);
    }

    /// Something was done with it: it stays.
    pub(crate) fn touch(&mut self, id: RecordId, out: &mut Output) {
        let extra = self.works.find(id).and_then(|w| w.extra.as_deref());
        let Some(extra) = extra.filter(|e| e.untouched.is_some()) else {
            return;
        };
        let extra = Extra {
            untouched: None,
            requirements: Vec::new(),
            customer: None,
            ..extra.clone()
        };
        self.replace_extra(id, extra, out);
        self.tell_changed(id, out);
    }

    /// Its owner was changed by hand: whoever did that decided where it belongs.
    pub(crate) fn touch_item(&mut self, item: RecordId, out: &mut Output) {
        if self.returns {
            let open = self.active_of_item(item, Status::Opened);
            open.into_iter().for_each(|id| self.touch(id, out));
        }
    }

    fn replace_extra(&mut self, id: RecordId, extra: Extra, out: &mut Output) {
        if let Some(work) = self.works.find(id) {
            self.timers.clear_all(work.deadlines());
        }
        self.set_extra(id, extra, out);
        if let Some(work) = self.works.find(id) {
            self.timers.set_all(work.deadlines());
        }
    }

    /// Nobody touched it in time.
    pub(crate) fn return_work(&mut self, id: RecordId, now: Millis, out: &mut Output) {
        let Some(work) = self.works.find(id) else {
            return;
        };
        if self.request_of_item.contains_key(&work.row.work_item) {
            self.touch(id, out); // somebody routes it elsewhere meanwhile
            return;
        }
        let (from, extra) = (work.row.clone(), work.extra());
        let session = self.agents[work.agent].session();
        self.finish(id, Event::HandOn, None, now, out);
        let queue = from
            .original_queue
            .filter(|q| self.queue_config(*q).is_some());
        let asked = extra.requirements;
        let target = queue.map_or(Target::Skills(asked.clone()), Target::Queue);
        let item = Item {
            requirements: asked,
            customer: extra.customer,
            ..item_of(&from)
        };
        if let Some(assignee) = self.overflow(&target) {
            out.owner(item.id, assignee); // R158
            return;
        }
        let (mut row, requirements) = self.target_row(&item, &target, now, out);
        Terms::of_work(&from).hand_to(&mut row, &target);
        row.priority = from.priority;
        row.is_transfer = true;
        row.last_declined = session;
        let hidden = Hidden {
            requested: from.requested, // R33
            tried: session.into_iter().collect(),
            is_returned: session.is_some(),
            ..Hidden::of(&item)
        };
        self.enqueue(row, requirements, hidden, now, out);
        if let Some(queue) = queue {
            out.owner(item.id, queue);
        }
        let used_up = self.request_of_item.get(&item.id).copied();
        if let Some(slot) = used_up.filter(|slot| self.is_used_up(*slot)) {
            self.give_up(slot, now, out);
        }
    }
}
