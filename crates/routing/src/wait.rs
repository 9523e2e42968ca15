//! Estimated wait time (R186 to R190): the waits of the last accepted items per queue or skill set.
//!
//! Every accepted item is one hidden row; the rows of one queue form a ring of ten.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use model::{Millis, Note, RecordId, Space};

use crate::api::{Change, Output};
use crate::rows::AgentWork;
use crate::state::RoutingState;

/// Waits that count, at most (R186).
const WAITS_MAX: usize = 10;
/// And for so long.
const WINDOW_MS: i64 = 600_000;

/// A queue, or the skills that a request requires.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Queue(RecordId),
    Skills(Arc<[RecordId]>),
}

/// One accepted item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wait {
    /// Running number within its queue: the place in the ring, and the order.
    number: u64,
    at: Millis,
    wait_s: i64,
}

type Ring = VecDeque<Wait>;

/// Accepted items per queue or skill set, oldest first.
#[derive(Default)]
pub(crate) struct Waits {
    rings: BTreeMap<Of, Ring>,
    /// By the last acceptance, so that old ones are forgotten.
    by_age: BTreeSet<(Millis, Of)>,
    /// During a draft: what rings held before.
    journal: Option<BTreeMap<Of, Ring>>,
}

impl Of {
    fn key(&self) -> String {
        match self {
            Self::Queue(id) => id.as_15().to_owned(),
            Self::Skills(ids) => {
                let ids: Vec<&str> = ids.iter().map(RecordId::as_15).collect();
                format!("s{}", ids.concat())
            }
        }
    }

    fn parse(key: &str) -> Option<Self> {
        let Some(ids) = key.strip_prefix('s') else {
            return RecordId::parse(key).ok().map(Self::Queue);
        };
        let ids = ids
            .as_bytes()
            .chunks(15)
            .map(|id| std::str::from_utf8(id).unwrap_or_default());
        ids.map(|id| RecordId::parse(id).ok())
            .collect::<Option<Arc<[_]>>>()
            .map(Self::Skills)
    }

    /// The hidden row in one place of the ring.
    fn note(&self, number: u64, value: Option<String>) -> Note {
        let key = format!("{}:{}", self.key(), number % WAITS_MAX as u64);
        Note {
            space: Space::Wait,
            key,
            value,
        }
    }
}

impl Waits {
    pub fn begin(&mut self) {
        self.journal = Some(BTreeMap::new());
    }

    pub fn keep(&mut self) {
        self.journal = None;
    }

    pub fn rollback(&mut self) {
        for (of, ring) in self.journal.take().unwrap_or_default() {
            self.take(&of);
            self.put(of, ring);
        }
    }

    fn touch(&mut self, of: &Of) {
        if let Some(journal) = &mut self.journal {
            let old = || self.rings.get(of).cloned().unwrap_or_default();
            journal.entry(of.clone()).or_insert_with(old);
        }
    }

    fn take(&mut self, of: &Of) -> Ring {
        let ring = self.rings.remove(of).unwrap_or_default();
        if let Some(last) = ring.back() {
            self.by_age.remove(&(last.at, of.clone()));
        }
        ring
    }

    fn put(&mut self, of: Of, ring: Ring) {
        if let Some(last) = ring.back() {
            self.by_age.insert((last.at, of.clone()));
            self.rings.insert(of, ring);
        }
    }

    fn add(&mut self, of: &Of, at: Millis, wait_s: i64) -> Note {
        self.touch(of);
        let ring = self.rings.entry(of.clone()).or_default();
        let last = ring.back().copied();
        let wait = Wait {
            number: last.map_or(0, |w| w.number + 1),
            at,
            wait_s,
        };
        ring.push_back(wait);
        if ring.len() > WAITS_MAX {
            ring.pop_front();
        }
        if last.is_none_or(|last| last.at != at) {
            if let Some(last) = last {
                self.by_age.remove(&(last.at, of.clone()));
            }
            self.by_age.insert((at, of.clone()));
        }
        of.note(
            wait.number,
            Some(format!("{} {} {wait_s}", wait.number, at.0)),
        )
    }

    /// Takes the rings whose waits no longer count; answers the hidden rows to remove.
    fn forget(&mut self, now: Millis) -> Vec<Note> {
        let mut old = Vec::new();
        while let Some((_, of)) = self
            .by_age
            .first()
            .filter(|(at, _)| at.0 < now.0 - WINDOW_MS)
        {
            let of = of.clone();
            self.touch(&of);
            old.extend(self.take(&of).iter().map(|wait| of.note(wait.number, None)));
        }
        old
    }

    /// Takes one hidden row; in any order.
    pub fn restore(&mut self, key: &str, text: &str) {
        let of = key.rsplit_once(':').and_then(|(of, _)| Of::parse(of));
        let parts: Vec<i64> = text
            .split(' ')
            .filter_map(|part| part.parse().ok())
            .collect();
        let (Some(of), &[number, at, wait_s]) = (of, parts.as_slice()) else {
            return;
        };
        let mut ring = self.take(&of);
        ring.push_back(Wait {
            number: number.max(0) as u64,
            at: Millis(at),
            wait_s,
        });
        ring.make_contiguous()
            .sort_unstable_by_key(|wait| wait.number);
        self.put(of, ring);
    }

    /// R186, R188: newest has weight 10, rounded half up; `None` without data.
    fn estimate(&self, of: &Of, now: Millis) -> Option<i64> {
        let counts = |wait: &&Wait| wait.at.0 >= now.0 - WINDOW_MS;
        let recent = self.rings.get(of)?.iter().rev().filter(counts);
        let (mut sum, mut weights) = (0, 0);
        for (wait, weight) in recent.zip((1..=WAITS_MAX as i64).rev()) {
            sum += wait.wait_s * weight;
            weights += weight;
        }
        (weights > 0).then(|| (2 * sum + weights).div_euclid(2 * weights))
    }

    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.rings
            .iter()
            .map(|(of, ring)| format!("wait {of:?} {ring:?}"))
    }
}

impl RoutingState {
    /// Keeps the wait of an accepted item of the primary pool (R186, R187, R189).
    pub(crate) fn record_wait(&mut self, work: &AgentWork, now: Millis, out: &mut Output) {
        if work.is_interruptible {
            return;
        }
        let request = work.request.and_then(|id| self.requests.find(id));
        let skills = request
            .and_then(|r| r.skills.as_ref())
            .map(|s| s.required());
        let skills = skills.map(|ids| Of::Skills(ids.into_iter().collect()));
        let Some(of) = skills.or(work.original_queue.map(Of::Queue)) else {
            return;
        };
        out.changes
            .extend(self.waits.forget(now).into_iter().map(Change::Note));
        let note = self.waits.add(&of, now, work.speed_to_answer.unwrap_or(0));
        out.changes.push(Change::Note(note));
    }

    /// Expected wait of a new item of a queue, in seconds (R186).
    pub fn estimated_wait_of_queue(&self, queue: RecordId, now: Millis) -> Option<i64> {
        self.waits.estimate(&Of::Queue(queue), now)
    }

    /// Expected wait of a new item that requires these skills, in seconds (R187).
    pub fn estimated_wait_of_skills(
        &self,
        skills: &BTreeSet<RecordId>,
        now: Millis,
    ) -> Option<i64> {
        self.waits
            .estimate(&Of::Skills(skills.iter().copied().collect()), now)
    }
}
