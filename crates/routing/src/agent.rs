//! One agent: configuration, presence, open work and the units it holds.

use std::sync::Arc;

use model::{Millis, RecordId};
use smallvec::SmallVec;

use crate::api::{self, AgentSkill, Capacity, Requirement};
use crate::capacity::{Cost, Pool};
use crate::members::Position;
use crate::rest::Rest;
use crate::rows::{AgentWork, Session, Status, UserServicePresence};
use crate::table::Slot;
use crate::timer::Deadline;
use crate::units::Units;

/// Open items (Assigned, Opened, paused) above which an agent gets nothing more (R104).
pub(crate) const OPEN_ITEMS_MAX: usize = 100;

/// A user as routing sees it. Made when configuration first names the user; never removed.
#[derive(Clone)]
pub(crate) struct Agent {
    pub id: RecordId,
    pub config: Option<api::Agent>,
    /// Number of the set of mapped call centres.
    pub centers: u32,
    /// Sorted by skill.
    pub skills: Vec<AgentSkill>,
    /// When one of them next starts or ends to count.
    pub skills_due: Option<Millis>,
    /// Filters whose members include this agent.
    pub filters: Vec<u32>,
    /// Filter of requests direct to this agent.
    pub direct: Option<u32>,
    /// Active work, oldest first.
    pub works: SmallVec<[Slot; 4]>,
    /// Units in use, by pool.
    pub used: [Units; 2],
    pub online: Option<Box<Online>>,
    pub rest: Rest,
    pub rest_until: Option<Millis>,
    /// Times of the last offers, oldest first, where there is a fair cap.
    pub recent: Vec<Millis>,
    /// The request for whose line the agent's room is kept.
    pub kept_for: Option<Slot>,
    /// Where the agent stands in its filters now.
    pub position: Option<Position>,
    /// Has news for its hidden row, its presence row and its console.
    pub is_changed: bool,
}

/// An Omni-Channel session.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Online {
    /// The current presence row.
    pub row: UserServicePresence,
    /// Slot of its status.
    pub status: Slot,
    pub session: Session,
    pub login: Millis,
    /// Last offer of this session (R88, R89).
    pub last_assigned: Option<Millis>,
    /// The status that follows the agent's work; no offers until then.
    pub next: Option<RecordId>,
    pub sums: Sums,
    /// What the console was told last.
    pub told: Capacity,
}

/// Sums over the current presence row, to the millisecond (R146, R147).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Brought up to date then.
    pub at: Millis,
    pub idle_ms: i64,
    pub full_ms: i64,
    /// Used primary units times milliseconds.
    pub unit_ms: i64,
}

impl Agent {
    pub fn new(id: RecordId) -> Self {
        Self {
            id,
            config: None,
            centers: 0,
            skills: Vec::new(),
            skills_due: None,
            filters: Vec::new(),
            direct: None,
            works: SmallVec::new(),
            used: [Units::ZERO; 2],
            online: None,
            rest: Rest::None,
            rest_until: None,
            recent: Vec::new(),
            kept_for: None,
            position: None,
            is_changed: false,
        }
    }

    /// Units of both pools (R77).
    pub fn configured(&self) -> [Units; 2] {
        let Some(config) = &self.config else {
            return [Units::ZERO; 2];
        };
        let primary = config.presence.capacity.max(0);
        let interruptible = config
            .presence
            .interruptible_capacity
            .unwrap_or(primary)
            .max(0);
        [Units::whole(primary), Units::whole(interruptible)]
    }

    pub fn capacity(&self) -> Capacity {
        let [configured, configured_interruptible] = self.configured();
        Capacity {
            configured,
            used: self.used[0],
            configured_interruptible,
            used_interruptible: self.used[1],
        }
    }

    /// R98, R99.
    pub fn fits(&self, cost: Cost, pool: Pool) -> bool {
        cost.fits(self.configured()[pool as usize], self.used[pool as usize])
    }

    pub fn is_active(&self) -> bool {
        self.config.as_ref().is_some_and(|c| c.is_active)
    }

    pub fn may_use(&self, status: RecordId) -> bool {
        self.config
            .as_ref()
            .is_some_and(|c| c.statuses.contains(&status))
    }

    pub fn session(&self) -> Option<Session> {
        self.online.as_ref().map(|o| o.session)
    }

    /// Brings the sums up to `now`; call it before anything changes that they depend on.
    pub fn accrue(&mut self, now: Millis) {
        let full = self.used[0] >= self.configured()[0];
        let (idle, used) = (self.works.is_empty(), self.used[0].0);
        let Some(online) = &mut self.online else {
            return;
        };
        let sums = &mut online.sums;
        let ms = now.0.saturating_sub(sums.at.0).max(0);
        sums.at = sums.at.max(now);
        sums.idle_ms += if idle { ms } else { 0 };
        sums.full_ms += if full { ms } else { 0 };
        sums.unit_ms = sums.unit_ms.saturating_add(used.saturating_mul(ms));
    }
}

/// One active AgentWork.
#[derive(Clone)]
pub(crate) struct Work {
    /// Shared with the news of it until the engine has told them.
    pub row: Arc<AgentWork>,
    pub agent: Slot,
    /// Slot of the channel.
    pub channel: Slot,
    pub cost: Cost,
    pub pool: Pool,
    /// When an offer times out (R133).
    pub due: Option<Millis>,
    pub extra: Option<Box<Extra>>,
}

/// What is kept per work beyond its columns; a hidden row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extra {
    /// The status of the record is mapped to Paused (R120).
    pub paused: bool,
    /// Work that a transfer to this agent came from (R41).
    pub handed_from: Option<RecordId>,
    /// Contact center of the call that is handed over.
    pub call_center: Option<RecordId>,
    /// Its customer (sticky agent).
    pub customer: Option<RecordId>,
    /// Skills that the record asks for (R16), should it be handed back or be left untouched.
    pub requirements: Vec<Requirement>,
    /// The conversation ended then; after-work runs (R150).
    pub ended: Option<Millis>,
    /// After-work ends then.
    pub until: Option<Millis>,
    /// Participant in the conversation of another agent (R102).
    pub is_participant: bool,
    /// Goes back then, unless its agent touches it before.
    pub untouched: Option<Millis>,
}

impl Work {
    pub fn extra(&self) -> Extra {
        self.extra.as_deref().cloned().unwrap_or_default()
    }

    pub fn is_paused(&self) -> bool {
        self.extra.as_ref().is_some_and(|e| e.paused)
    }

    /// When what happens to it by itself.
    pub fn deadlines(&self) -> impl Iterator<Item = (Millis, Deadline)> {
        let (id, extra) = (self.row.id, self.extra.as_ref());
        let due = self.due.map(|at| (at, Deadline::PushTimeout(id)));
        let until = extra.and_then(|e| e.until);
        let untouched = extra.and_then(|e| e.untouched);
        due.into_iter()
            .chain(until.map(|at| (at, Deadline::AfterWork(id))))
            .chain(untouched.map(|at| (at, Deadline::Untouched(id))))
    }

    /// Seconds until an offer times out (R81); `None` = never.
    pub fn due_of(row: &AgentWork) -> Option<Millis> {
        match (row.status, row.push_timeout, row.assigned) {
            (Status::Assigned, Some(seconds), Some(at)) if seconds > 0 => Some(at.plus_s(seconds)),
            _ => None,
        }
    }
}
