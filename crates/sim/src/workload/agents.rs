//! What agents do with their presence and their work, and what they try with that of others.

use engine::{PresenceRequest, Request as Asked, WorkAction};
use model::{KeyPrefix, RecordId};

use super::{Made, Workload};
use crate::facts::{Facts, Status, Work};

impl Workload {
    pub(super) fn set_status(&mut self, facts: &Facts) -> Made {
        let user = self.agent(facts)?;
        let all: Vec<RecordId> = facts.config.statuses.keys().copied().collect();
        let is_plain = self.rng.percent(60);
        let status = if is_plain {
            *all.first()?
        } else {
            self.rng.pick(&all)?
        };
        let request = Asked::Presence(PresenceRequest::SetStatus(status));
        Some((user, request, format!("{user} goes to status {status}")))
    }

    /// The status after the work; mostly of somebody who has some.
    pub(super) fn set_next_status(&mut self, facts: &Facts) -> Made {
        let busy: Vec<RecordId> = facts.all_active().map(|w| w.user).collect();
        let user = match self.rng.pick(&busy).filter(|_| self.rng.percent(80)) {
            Some(user) => user,
            None => self.agent(facts)?,
        };
        let all: Vec<RecordId> = facts.config.statuses.keys().copied().collect();
        let status = self.rng.pick(&all)?;
        let request = Asked::Presence(PresenceRequest::SetNextStatus(status));
        let words = format!("{user} goes to status {status} after the work");
        Some((user, request, words))
    }

    pub(super) fn log_out(&mut self, facts: &Facts) -> Made {
        let user = self.agent(facts)?;
        let (request, words) = if self.rng.percent(70) {
            (PresenceRequest::Logout, "logs out")
        } else {
            (PresenceRequest::ConnectionLost, "loses the connection")
        };
        Some((user, Asked::Presence(request), format!("{user} {words}")))
    }

    pub(super) fn work(&mut self, facts: &Facts, status: Status) -> Option<Work> {
        let all: Vec<&Work> = facts.all_active().filter(|w| w.status == status).collect();
        self.rng.pick(&all).cloned()
    }

    pub(super) fn accept(&mut self, facts: &Facts) -> Made {
        let work = self.work(facts, Status::Assigned)?;
        let request = Asked::Work {
            work: work.id,
            action: WorkAction::Accept,
        };
        Some((
            work.user,
            request,
            format!("{} accepts {}", work.user, work.id),
        ))
    }

    pub(super) fn decline(&mut self, facts: &Facts) -> Made {
        let work = self.work(facts, Status::Assigned)?;
        let reason = self.rng.percent(50).then(|| "Lunch".to_owned());
        let request = Asked::Work {
            work: work.id,
            action: WorkAction::Decline { reason },
        };
        Some((
            work.user,
            request,
            format!("{} declines {}", work.user, work.id),
        ))
    }

    pub(super) fn close(&mut self, facts: &Facts) -> Made {
        let work = self.work(facts, Status::Opened)?;
        let request = Asked::Work {
            work: work.id,
            action: WorkAction::Close,
        };
        Some((
            work.user,
            request,
            format!("{} closes {}", work.user, work.id),
        ))
    }

    /// Somebody else's work, finished work, work that never was; a status that is none.
    pub(super) fn intrude(&mut self, facts: &Facts) -> Made {
        let user = self.agent(facts)?;
        if self.rng.percent(10) {
            let status = RecordId::new(KeyPrefix::of("0N5"), 4_711);
            let request = Asked::Presence(PresenceRequest::SetStatus(status));
            return Some((
                user,
                request,
                format!("{user} goes to a status that does not exist"),
            ));
        }
        let all: Vec<RecordId> = facts.works.keys().copied().collect();
        let none = RecordId::new(KeyPrefix::of("0Bz"), 8_000_000);
        let work = self
            .rng
            .pick(&all)
            .filter(|_| self.rng.percent(90))
            .unwrap_or(none);
        let action = match self.rng.below(3) {
            0 => WorkAction::Accept,
            1 => WorkAction::Decline { reason: None },
            _ => WorkAction::Close,
        };
        let words = format!("{user} tries {action:?} on {work}");
        Some((user, Asked::Work { work, action }, words))
    }
}
