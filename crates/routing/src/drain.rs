//! Option `enableNextStatus`: an agent takes nothing more, and changes its status when its last work ends.
//!
//! The wish is part of the session: a log-out or any change of status ends it. It stands in the hidden
//! row of the agent. Work that is given by hand still comes, and is waited for.

use model::{Millis, RecordId};

use crate::api::{Output, SignalKind};
use crate::state::RoutingState;
use crate::table::Slot;

impl RoutingState {
    /// The current status takes an earlier wish back.
    pub(crate) fn set_next_status(
        &mut self,
        user: RecordId,
        status: RecordId,
        now: Millis,
        out: &mut Output,
    ) {
        let Some(slot) = self.agents.slot(user) else {
            return;
        };
        let current = self.agents[slot].online.as_ref().map(|o| o.row.status);
        if self.agents[slot].works.is_empty() || current == Some(status) {
            self.change_status(slot, status, now, out);
        } else {
            self.wish(slot, Some(status), now, out);
        }
    }

    pub(crate) fn forget_next_status(&mut self, slot: Slot, now: Millis, out: &mut Output) {
        self.wish(slot, None, now, out);
    }

    fn wish(&mut self, slot: Slot, next: Option<RecordId>, now: Millis, out: &mut Output) {
        let online = self.agents[slot].online.as_ref();
        if online.is_none_or(|o| o.next == next) {
            return;
        }
        self.change_agent(slot, now);
        let agent = &mut self.agents[slot];
        let Some(online) = &mut agent.online else {
            return;
        };
        online.next = next;
        let (status, since) = (online.row.status, online.row.start);
        out.signal(
            agent.id,
            SignalKind::StatusChanged {
                status,
                since,
                next,
            },
        );
        self.reindex_freed(slot);
    }

    /// Whose last work ended changes now; in the order of user ids, because slots are private.
    pub(crate) fn follow_next_statuses(&mut self, now: Millis, out: &mut Output) {
        let mut drained = std::mem::take(&mut self.drained);
        drained.sort_unstable_by_key(|slot| self.agents[*slot].id);
        drained.dedup();
        for slot in drained {
            let agent = &self.agents[slot];
            let next = agent.online.as_ref().and_then(|o| o.next);
            if let Some(next) = next.filter(|_| agent.works.is_empty()) {
                self.change_status(slot, next, now, out);
            }
        }
    }
}
