//! Work goes from hand to hand: transfers, participants, the end of conversations, flags, supervisors, and
//! records whose status says whether work goes on.

use engine::{Destination, Request as Asked, SaveOp, Supervision, WorkAction};
use model::{RecordId, Value};

use super::{Made, Workload};
use crate::facts::{Facts, Status, Work};

impl Workload {
    fn destination(&mut self, facts: &Facts) -> Option<Destination> {
        Some(match self.rng.below(5) {
            0 | 1 => Destination::Queue(self.queue(facts)?),
            2 if !facts.config.skills.is_empty() => {
                Destination::Skills(self.rng.some_of(&facts.config.skills))
            }
            _ => Destination::User(self.agent(facts)?),
        })
    }

    fn any_work(&mut self, facts: &Facts) -> Option<Work> {
        let all: Vec<&Work> = facts.all_active().collect();
        self.rng.pick(&all).cloned()
    }

    fn act(&self, work: &Work, action: WorkAction) -> Made {
        let words = format!("{}: {action:?} on {}", work.user, work.id);
        let request = Asked::Work {
            work: work.id,
            action,
        };
        Some((work.user, request, words))
    }

    fn mostly_open(&mut self, facts: &Facts) -> Option<Work> {
        if self.rng.percent(90) {
            self.work(facts, Status::Opened)
        } else {
            self.any_work(facts)
        }
    }

    pub(super) fn transfer(&mut self, facts: &Facts) -> Made {
        let work = self.mostly_open(facts)?;
        let target = self.destination(facts)?;
        self.act(&work, WorkAction::Transfer { target })
    }

    pub(super) fn invite(&mut self, facts: &Facts) -> Made {
        let work = self.mostly_open(facts)?;
        let user = self.agent(facts)?;
        self.act(&work, WorkAction::Invite { user })
    }

    pub(super) fn end_conversation(&mut self, facts: &Facts) -> Made {
        let work = self.mostly_open(facts)?;
        let action = if self.rng.percent(60) {
            WorkAction::EndConversation
        } else {
            WorkAction::Extend
        };
        self.act(&work, action)
    }

    pub(super) fn flag(&mut self, facts: &Facts) -> Made {
        let work = self.any_work(facts)?;
        let message = self.rng.percent(50).then(|| "help".to_owned());
        let action = if self.rng.percent(60) {
            WorkAction::Flag { message }
        } else {
            WorkAction::Unflag
        };
        self.act(&work, action)
    }

    fn supervised_action(&mut self, facts: &Facts) -> Option<WorkAction> {
        Some(match self.rng.below(6) {
            0 => WorkAction::Unflag,
            1 | 2 => WorkAction::Transfer {
                target: self.destination(facts)?,
            },
            3 => WorkAction::Close,
            4 => WorkAction::EndConversation,
            _ => WorkAction::Accept, // not allowed
        })
    }

    pub(super) fn supervise(&mut self, facts: &Facts) -> Made {
        let user = self.agent(facts)?;
        let statuses: Vec<RecordId> = facts.config.statuses.keys().copied().collect();
        let what = match self.rng.below(7) {
            0 => Supervision::SetStatus {
                user,
                status: self.rng.pick(&statuses)?,
            },
            1 => Supervision::Logout { user },
            2 => Supervision::Work {
                work: self.any_work(facts)?.id,
                action: self.supervised_action(facts)?,
            },
            3 => Supervision::Requeue {
                work: self.any_work(facts)?.id,
            },
            4 => Supervision::Reassign {
                item: self.waiting_item(facts)?,
                target: self.destination(facts)?,
            },
            5 => Supervision::Skills {
                user,
                set: vec![(
                    self.rng.pick(&facts.config.skills)?,
                    self.rng.between(0, 9) as f64,
                )],
                remove: self.rng.pick(&facts.config.skills).into_iter().collect(),
            },
            _ => Supervision::Members {
                add: vec![(user, self.queue(facts)?)],
                remove: Vec::new(),
            },
        };
        let words = format!("supervisor: {what:?}");
        Some((self.admin(), Asked::Supervise(what), words))
    }

    fn waiting_item(&mut self, facts: &Facts) -> Option<RecordId> {
        let all: Vec<RecordId> = facts.requests.values().map(|r| r.ask.item).collect();
        match self.rng.pick(&all).filter(|_| self.rng.percent(80)) {
            Some(item) => Some(item),
            None => Some(self.item(facts, |_| true)?.id),
        }
    }

    /// Status-based capacity follows the status of the case (R93, R119 to R121), or its agent pauses it.
    pub(super) fn change_case(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.case;
        if self.rng.percent(20) {
            let work = self.mostly_open(facts)?;
            let action = if self.rng.percent(60) {
                WorkAction::Pause
            } else {
                WorkAction::Resume
            };
            return self.act(&work, action);
        }
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
