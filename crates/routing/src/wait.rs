//! Estimated wait time (R186 to R190): the waits of the last accepted items per queue or skill set.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{Millis, Note, RecordId, Space};

use crate::api::{Change, Output};
use crate::rows::AgentWork;
use crate::state::RoutingState;

/// Waits that count, at most (R186).
const WAITS_MAX: usize = 10;
/// And for so long.
const WINDOW_MS: i64 = 600_000;

/// Accepted items per queue or skill set, oldest first: when, and seconds waited.
#[derive(Default)]
pub(crate) struct Waits {
    by_key: BTreeMap<String, VecDeque<(Millis, i64)>>,
    /// Keys by their last acceptance, so that old ones are forgotten.
    by_age: BTreeSet<(Millis, String)>,
    /// During a draft: what keys held before.
    journal: Option<BTreeMap<String, VecDeque<(Millis, i64)>>>,
}

impl Waits {
    pub fn begin(&mut self) {
        self.journal = Some(BTreeMap::new());
    }

    pub fn keep(&mut self) {
        self.journal = None;
    }

    pub fn rollback(&mut self) {
        for (key, waits) in self.journal.take().unwrap_or_default() {
            self.take(&key);
            if let Some((at, _)) = waits.back() {
                self.by_age.insert((*at, key.clone()));
                self.by_key.insert(key, waits);
            }
        }
    }

    fn touch(&mut self, key: &str) {
        if let Some(journal) = &mut self.journal {
            let old = || self.by_key.get(key).cloned().unwrap_or_default();
            journal.entry(key.to_owned()).or_insert_with(old);
        }
    }

    fn take(&mut self, key: &str) {
        let last = self
            .by_key
            .remove(key)
            .and_then(|waits| waits.back().copied());
        if let Some((at, _)) = last {
            self.by_age.remove(&(at, key.to_owned()));
        }
    }

    fn add(&mut self, key: &str, at: Millis, wait_s: i64) -> String {
        self.touch(key);
        let waits = self.by_key.entry(key.to_owned()).or_default();
        if let Some((last, _)) = waits.back() {
            self.by_age.remove(&(*last, key.to_owned()));
        }
        waits.push_back((at, wait_s));
        while waits.len() > WAITS_MAX {
            waits.pop_front();
        }
        self.by_age.insert((at, key.to_owned()));
        let parts: Vec<String> = waits
            .iter()
            .map(|(at, s)| format!("{}:{s}", at.0))
            .collect();
        parts.join(" ")
    }

    /// Takes the keys whose waits no longer count.
    fn forget(&mut self, now: Millis) -> Vec<String> {
        let mut old = Vec::new();
        while self
            .by_age
            .first()
            .is_some_and(|(at, _)| at.0 < now.0 - WINDOW_MS)
        {
            let Some((_, key)) = self.by_age.first().cloned() else {
                break;
            };
            self.touch(&key);
            self.take(&key);
            old.push(key);
        }
        old
    }

    pub fn restore(&mut self, key: &str, text: &str) {
        for part in text.split(' ') {
            let parsed = part.split_once(':').map(|(at, s)| (at.parse(), s.parse()));
            if let Some((Ok(at), Ok(wait_s))) = parsed {
                self.add(key, Millis(at), wait_s);
            }
        }
    }

    /// R186, R188: newest has weight 10, rounded half up; `None` without data.
    fn estimate(&self, key: &str, now: Millis) -> Option<i64> {
        let recent = self
            .by_key
            .get(key)?
            .iter()
            .rev()
            .filter(|(at, _)| at.0 >= now.0 - WINDOW_MS);
        let (mut sum, mut weights) = (0, 0);
        for ((_, wait_s), weight) in recent.zip((1..=WAITS_MAX as i64).rev()) {
            sum += wait_s * weight;
            weights += weight;
        }
        (weights > 0).then(|| (2 * sum + weights).div_euclid(2 * weights))
    }

    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.by_key
            .iter()
            .map(|(key, waits)| format!("wait {key} {waits:?}"))
    }
}

fn skills_key(skills: &BTreeSet<RecordId>) -> String {
    let ids: Vec<&str> = skills.iter().map(RecordId::as_15).collect();
    format!("s{}", ids.concat())
}

impl RoutingState {
    /// Keeps the wait of an accepted item of the primary pool (R186, R187, R189).
    pub(crate) fn record_wait(&mut self, work: &AgentWork, now: Millis, out: &mut Output) {
        if work.is_interruptible {
            return;
        }
        let skills = work
            .request
            .and_then(|id| self.requests.find(id))
            .and_then(|r| r.skills.as_ref())
            .map(|s| skills_key(&s.required()));
        let queue = work.original_queue.map(|id| id.as_15().to_owned());
        let Some(key) = skills.or(queue) else { return };
        for old in self.waits.forget(now) {
            out.changes.push(Change::Note(Note {
                space: Space::Wait,
                key: old,
                value: None,
            }));
        }
        let value = self.waits.add(&key, now, work.speed_to_answer.unwrap_or(0));
        out.changes.push(Change::Note(Note {
            space: Space::Wait,
            key,
            value: Some(value),
        }));
    }

    /// Expected wait of a new item of a queue, in seconds (R186).
    pub fn estimated_wait_of_queue(&self, queue: RecordId, now: Millis) -> Option<i64> {
        self.waits.estimate(queue.as_15(), now)
    }

    /// Expected wait of a new item that requires these skills, in seconds (R187).
    pub fn estimated_wait_of_skills(
        &self,
        skills: &BTreeSet<RecordId>,
        now: Millis,
    ) -> Option<i64> {
        self.waits.estimate(&skills_key(skills), now)
    }
}
