//! One pending request: its row and what the row does not show.

use std::num::NonZeroU16;

use model::{Millis, RecordId};

use crate::api::ChannelKind;
use crate::backlog::{Bucket, Center};
use crate::rows::{PendingServiceRouting, RoutingModel, RoutingType, Session, SkillRequirement};
use crate::skills::Signature;
use crate::table::Slot;

/// A PendingServiceRouting, waiting or offered.
#[derive(Clone)]
pub(crate) struct Request {
    pub row: PendingServiceRouting,
    /// Slot of the channel.
    pub channel: Slot,
    pub kind: ChannelKind,
    pub center: Center,
    /// Time of the first request (R131); differs from CreatedDate after transfers.
    pub requested: Millis,
    /// Sessions tried in this round, sorted (R67).
    pub tried: Vec<Session>,
    /// Rounds started after the first; counted where there is a limit (R73).
    pub rounds: u16,
    /// Limit of its queue when it was made (R5).
    pub rounds_max: Option<NonZeroU16>,
    /// The last decliner accepted it and left it untouched.
    pub is_returned: bool,
    /// Filter of its queue or skills.
    pub base: Option<u32>,
    /// Filter of its preferred user.
    pub direct: Option<u32>,
    /// Stands in the backlogs of `base` and `direct`.
    pub is_placed: bool,
    /// Whose the item is (sticky agent); boxed, because most orgs do not ask.
    pub customer: Option<Box<RecordId>>,
    /// In line by its target date (SLA-aware order).
    pub is_urgent: bool,
    pub skills: Option<Box<Skills>>,
}

/// Skills that a request asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Skills {
    /// SkillRequirement rows by id.
    pub rows: Vec<SkillRequirement>,
    /// When IsReadyForRouting became true (R13).
    pub ready: Millis,
    /// Groups of additional skills that are dropped (R57, R61).
    pub dropped: i64,
    /// When the next group is dropped.
    pub next_drop: Option<Millis>,
    /// What its group asks, while it is in one.
    pub asked: Option<Signature>,
}

impl Request {
    /// Age time (R29.4).
    pub fn since(&self) -> Millis {
        self.row.custom_requested.unwrap_or(self.requested)
    }

    /// May the engine look for an agent now (R11, R34, R65)?
    pub fn is_routable(&self, now: Millis) -> bool {
        self.wants_agent() && self.row.scheduled.is_none_or(|at| at <= now)
    }

    /// When it may be routed, if that is later than now (R34).
    pub fn waits_until(&self, now: Millis) -> Option<Millis> {
        self.row
            .scheduled
            .filter(|at| *at > now && self.wants_agent())
    }

    fn wants_agent(&self) -> bool {
        self.row.is_ready
            && !self.row.is_pushed
            && self.row.routing_model != RoutingModel::ExternalRouting
    }

    /// How many rounds it may have: a chat one (R72), a call as many as the org allows (R73), all at
    /// most as many as their queue allows (option).
    pub fn rounds_max(&self, voice_rounds_max: Option<u32>) -> Option<u32> {
        let of_queue = self.rounds_max.map(|max| u32::from(max.get()));
        let of_kind = match self.kind {
            ChannelKind::Record => None,
            ChannelKind::Voice => voice_rounds_max,
            ChannelKind::Chat => Some(1),
        };
        of_queue.into_iter().chain(of_kind).min()
    }

    /// May everybody be asked once more (R69)?
    pub fn may_start_round(&self, voice_rounds_max: Option<u32>) -> bool {
        let max = self.rounds_max(voice_rounds_max);
        max.is_none_or(|max| u32::from(self.rounds) + 1 < max)
    }

    /// The bucket of the backlog: who must not be asked again (R70). In its last round a request
    /// carries its own list of sessions and has a bucket of its own (R72, R73).
    pub fn bucket(&self, voice_rounds_max: Option<u32>) -> Option<Bucket> {
        if self.may_start_round(voice_rounds_max) {
            self.row.last_declined.map(|s| s.0)
        } else {
            (!self.tried.is_empty()).then_some(self.row.id)
        }
    }

    pub fn was_tried(&self, session: Session) -> bool {
        self.tried.binary_search(&session).is_ok()
    }

    pub fn add_tried(&mut self, session: Session) {
        if let Err(at) = self.tried.binary_search(&session) {
            self.tried.insert(at, session);
        }
    }

    /// Seconds until an offer of it times out: voice at most 20 (R81), none for a required agent (R26).
    pub fn push_timeout_s(&self) -> Option<i64> {
        if self.row.is_preferred_required {
            return Some(0);
        }
        match self.kind {
            ChannelKind::Voice => self
                .row
                .push_timeout
                .map(|s| s.min(VOICE_PUSH_TIMEOUT_MAX_S)),
            ChannelKind::Record | ChannelKind::Chat => self.row.push_timeout,
        }
    }

    /// Where the item goes when its offer ends without acceptance (R116): to its queue, else nowhere.
    pub fn home(&self) -> Option<RecordId> {
        match self.row.routing_type {
            RoutingType::QueueBased => self.row.queue,
            RoutingType::SkillsBased => None,
        }
    }
}

/// R81.
pub(crate) const VOICE_PUSH_TIMEOUT_MAX_S: i64 = 20;

#[cfg(test)]
mod tests {
    /// What waits by the hundred thousand must stay small: 600 bytes with its places in the indexes.
    #[test]
    fn a_request_stays_small() {
        let bytes = [
            size_of::<super::Request>(),
            size_of::<crate::order::Key>(),
            size_of::<crate::agent::Work>(),
            size_of::<crate::agent::Agent>(),
            size_of::<crate::agent::Online>(),
        ];
        let bounds = [480, 64, 800, 512, 384];
        assert!(
            bytes.iter().zip(bounds).all(|(size, bound)| *size <= bound),
            "{bytes:?}"
        );
    }
}
