//! Deadlines. They are not stored: their due times follow from rows (R133).

use std::collections::BTreeSet;

use model::{Millis, RecordId};

/// What falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deadline {
    /// An offer is not accepted in time (R114). AgentWork.
    PushTimeout(RecordId),
    /// After-conversation work ends (R150). AgentWork.
    AfterWork(RecordId),
    /// Accepted work was not touched (option). AgentWork.
    Untouched(RecordId),
    /// A group of additional skills is dropped (R57). Request.
    DropSkills(RecordId),
    /// A request may be routed from now on (R34). Request.
    Scheduled(RecordId),
    /// A skill starts or ends to count (R56). User.
    SkillDates(RecordId),
    /// A request is urgent from now on (SLA-aware order). Request.
    Urgent(RecordId),
    /// A request may keep an agent's room from now on (room reservation). Request.
    Room(RecordId),
    /// An agent may be asked again, or before others (pacing, fair cap). User.
    Rest(RecordId),
}

/// All deadlines, earliest first.
#[derive(Default)]
pub(crate) struct Timers {
    due: BTreeSet<(Millis, Deadline)>,
}

impl Timers {
    pub fn set(&mut self, at: Millis, what: Deadline) {
        self.due.insert((at, what));
    }

    pub fn clear(&mut self, at: Millis, what: Deadline) {
        self.due.remove(&(at, what));
    }

    pub fn set_all(&mut self, deadlines: impl Iterator<Item = (Millis, Deadline)>) {
        self.due.extend(deadlines);
    }

    pub fn clear_all(&mut self, deadlines: impl Iterator<Item = (Millis, Deadline)>) {
        for deadline in deadlines {
            self.due.remove(&deadline);
        }
    }

    pub fn next(&self) -> Option<Millis> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Takes the earliest deadline that is due.
    pub fn pop(&mut self, now: Millis) -> Option<Deadline> {
        if self.next()? > now {
            return None;
        }
        self.due.pop_first().map(|(_, what)| what)
    }

    pub fn iter(&self) -> impl Iterator<Item = &(Millis, Deadline)> {
        self.due.iter()
    }
}
