//! Commands beyond the first set of rules: transfers, pauses, after-work, flags, supervisors. They run in
//! seeds of their own, in which only the laws that hold for every command are asked.

use engine::{Destination, Request as Asked, SaveOp, Supervision, WorkAction};
use model::{RecordId, Value};

use super::{Made, Workload};
use crate::facts::{Facts, Work};

impl Workload {
    fn destination(&mut self, facts: &Facts) -> Option<Destination> {
        Some(if self.rng.percent(50) {
            Destination::Queue(self.queue(facts)?)
        } else {
            Destination::User(self.agent(facts)?)
        })
    }

    fn any_work(&mut self, facts: &Facts) -> Option<Work> {
        let all: Vec<&Work> = facts.all_active().collect();
        self.rng.pick(&all).cloned()
    }

    fn action(&mut self, facts: &Facts) -> Option<WorkAction> {
        Some(match self.rng.below(9) {
            0 => WorkAction::Flag {
                message: Some("help".to_owned()),
            },
            1 => WorkAction::Unflag,
            2..=4 => WorkAction::Transfer {
                target: self.destination(facts)?,
            },
            5 => WorkAction::Pause,
            6 => WorkAction::Resume,
            7 => WorkAction::EndConversation,
            _ => WorkAction::Extend,
        })
    }

    pub(super) fn act_on_work(&mut self, facts: &Facts) -> Made {
        let work = self.any_work(facts)?;
        let action = self.action(facts)?;
        let words = format!("{}: {action:?} on {}", work.user, work.id);
        let request = Asked::Work {
            work: work.id,
            action,
        };
        Some((work.user, request, words))
    }

    pub(super) fn supervise(&mut self, facts: &Facts) -> Made {
        let user = self.agent(facts)?;
        let statuses: Vec<RecordId> = facts.config.statuses.keys().copied().collect();
        let what = match self.rng.below(6) {
            0 => Supervision::SetStatus {
                user,
                status: self.rng.pick(&statuses)?,
            },
            1 => Supervision::Logout { user },
            2 => Supervision::Work {
                work: self.any_work(facts)?.id,
                action: self.action(facts)?,
            },
            3 => Supervision::Requeue {
                work: self.any_work(facts)?.id,
            },
            4 => Supervision::Reassign {
                item: self.item(facts, |_| true)?.id,
                target: self.destination(facts)?,
            },
            _ => Supervision::Members {
                add: vec![(user, self.queue(facts)?)],
                remove: Vec::new(),
            },
        };
        let words = format!("supervisor: {what:?}");
        Some((self.admin(), Asked::Supervise(what), words))
    }

    /// Status-based capacity follows the status of the case (R93, R119 to R121).
    pub(super) fn change_case(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.case;
        let id = self.item(facts, |i| i.object == s.ix)?.id;
        let status = self.rng.pick(&["New", "Working", "Escalated", "Closed"])?;
        let op = SaveOp::Update {
            object: s.ix,
            id,
            values: vec![(s.status, Value::from(status))],
        };
        self.save(vec![op], format!("case {id} becomes {status}"))
    }
}
