//! What the supervisor desk and `explain` may see beyond one agent: lists in the order of R29, progress
//! of open work, figures. Reading only.

use std::collections::BTreeMap;

use model::{Millis, RecordId};

use crate::order::Key;
use crate::rows::{AgentWork, PendingServiceRouting, SkillRequirement};
use crate::state::RoutingState;

/// What is known of active work beyond its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The status of the record counts as paused (R120).
    pub is_paused: bool,
    /// The conversation ended then; after-work runs (R123).
    pub conversation_ended: Option<Millis>,
    /// After-work ends then (R150, R151).
    pub after_work_until: Option<Millis>,
    /// Takes part in the conversation of another agent (R102).
    pub is_participant: bool,
    /// Goes back then, unless its agent touches it (option `returnSeconds`).
    pub returns_at: Option<Millis>,
}

impl RoutingState {
    /// Progress of active work.
    pub fn progress(&self, work: RecordId) -> Progress {
        let extra = self.works.find(work).map(|w| w.extra()).unwrap_or_default();
        Progress {
            is_paused: extra.paused,
            conversation_ended: extra.ended,
            after_work_until: extra.until,
            is_participant: extra.is_participant,
            returns_at: extra.untouched,
        }
    }

    /// Every active AgentWork, by id.
    pub fn active_works(&self) -> Vec<&AgentWork> {
        let mut works: Vec<&AgentWork> = self.works.iter().map(|(_, w)| &*w.row).collect();
        works.sort_unstable_by_key(|w| w.id);
        works
    }

    /// Requests in line, in the order of R29: those of one queue, or all; at most so many.
    pub fn in_line(&self, queue: Option<RecordId>, limit: usize) -> Vec<&PendingServiceRouting> {
        let mut keys: Vec<Key> = Vec::new();
        match queue {
            Some(queue) => {
                let filter = self.queues.find(queue).map(|q| q.filter as usize);
                keys.extend(
                    filter
                        .into_iter()
                        .flat_map(|f| self.filters[f].backlog.head(limit)),
                );
            }
            None => keys.extend(self.filters.iter().flat_map(|f| f.backlog.head(limit))),
        }
        keys.sort_unstable();
        keys.dedup(); // a request with a preferred agent stands in two lines
        keys.truncate(limit);
        keys.iter()
            .map(|key| &self.requests[key.slot].row)
            .collect()
    }

    /// Requests that are not in line and not offered (not ready, scheduled, external), by id.
    pub fn held(&self, queue: Option<RecordId>, limit: usize) -> Vec<&PendingServiceRouting> {
        let mut held: Vec<&PendingServiceRouting> = self
            .requests
            .iter()
            .map(|(_, request)| request)
            .filter(|r| !r.is_placed && !r.row.is_pushed)
            .filter(|r| queue.is_none() || r.row.queue == queue)
            .map(|r| &r.row)
            .collect();
        held.sort_unstable_by_key(|row| row.id);
        held.truncate(limit);
        held
    }

    /// Skills of a request, each with whether it is dropped by now (R57).
    pub fn skills_of_request(&self, request: RecordId) -> Vec<(&SkillRequirement, bool)> {
        let skills = self.requests.find(request).and_then(|r| r.skills.as_ref());
        let each = skills
            .into_iter()
            .flat_map(|s| s.rows.iter().map(|row| (row, s.is_dropped(row))));
        each.collect()
    }

    /// How many requests in line ask for each skill.
    pub fn waiting_by_skill(&self) -> BTreeMap<RecordId, u64> {
        let mut waiting = BTreeMap::new();
        for (signature, filter) in self.groups.each() {
            let count = u64::from(self.filters[filter as usize].backlog.len());
            for (skill, _) in signature.iter().filter(|_| count > 0) {
                *waiting.entry(*skill).or_default() += count;
            }
        }
        waiting
    }

    /// Last offer of the agent's session (R88).
    pub fn last_assigned(&self, user: RecordId) -> Option<Millis> {
        self.agents.find(user)?.online.as_ref()?.last_assigned
    }

    /// Items queued in the preceding hour (R161); counted only while there is a limit.
    pub fn queued_in_hour(&self, now: Millis) -> u64 {
        self.intake.queued(now)
    }
}
