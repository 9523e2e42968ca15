//! Estimated wait time (R186 to R190): the waits of the last accepted items per queue or skill set.
//!
//! Every accepted item is one hidden row; the rows of one queue form a ring of ten.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::sync::Arc;

use model::{Millis, Note, RecordId, Space};

use crate::api::{Change, Output};
use crate::rows::AgentWork;
use crate::state::RoutingState;
use crate::table::FixedState;

/// Waits that count, at most (R186).
const WAITS_MAX: usize = 10;
/// And for so long.
const WINDOW_MS: i64 = 600_000;

/// A queue, or the skills that a request requires.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// Accepted items of one queue or skill set, oldest first.
#[derive(Clone, Default)]
struct Ring {
    waits: VecDeque<Wait>,
    /// When it stands in [`Waits::by_age`]: not after its last acceptance.
    listed: Option<Millis>,
}

impl Ring {
    fn last(&self) -> Option<Millis> {
        self.waits.back().map(|wait| wait.at)
    }
}

/// Accepted items per queue or skill set. The map is never iterated for output.
#[derive(Default)]
pub(crate) struct Waits {
    rings: hashbrown::HashMap<Of, Ring, FixedState>,
    /// Each ring once, at its last acceptance or before: a ring that got news since moves on when its
    /// turn comes, so that an acceptance costs nothing here. Entries that a ring does not know are old.
    by_age: BinaryHeap<Reverse<(Millis, Of)>>,
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
            let listed = self.rings.remove(&of).and_then(|ring| ring.listed);
            self.put(of, Ring { listed, ..ring });
        }
    }

    fn touch(&mut self, of: &Of) {
        if let Some(journal) = &mut self.journal {
            let old = || self.rings.get(of).cloned().unwrap_or_default();
            journal.entry(of.clone()).or_insert_with(old);
        }
    }

    /// Takes a ring in, listed at its last acceptance unless it is listed before.
    fn put(&mut self, of: Of, mut ring: Ring) {
        let Some(last) = ring.last() else { return };
        if ring.listed.is_none_or(|at| at > last) {
            ring.listed = Some(last);
            self.by_age.push(Reverse((last, of.clone())));
        }
        self.rings.insert(of, ring);
    }

    fn add(&mut self, of: &Of, at: Millis, wait_s: i64) -> Note {
        self.touch(of);
        let number = |ring: &Ring| ring.waits.back().map_or(0, |last| last.number + 1);
        let wait = |number| Wait { number, at, wait_s };
        let number = match self.rings.get_mut(of) {
            Some(ring) => {
                let number = number(ring);
                ring.waits.push_back(wait(number));
                if ring.waits.len() > WAITS_MAX {
                    ring.waits.pop_front();
                }
                number
            }
            None => {
                let ring = Ring {
                    waits: VecDeque::from([wait(0)]),
                    listed: None,
                };
                self.put(of.clone(), ring);
                0
            }
        };
        of.note(number, Some(format!("{number} {} {wait_s}", at.0)))
    }

    /// Takes the rings whose waits no longer count; answers the hidden rows to remove.
    fn forget(&mut self, now: Millis) -> Vec<Note> {
        let mut old = Vec::new();
        let is_old = |at: Millis| at.0 < now.0 - WINDOW_MS;
        while let Some(Reverse((at, _))) = self.by_age.peek()
            && is_old(*at)
        {
            let Some(Reverse((at, of))) = self.by_age.pop() else {
                break;
            };
            let Some(ring) = self.rings.get_mut(&of).filter(|r| r.listed == Some(at)) else {
                continue;
            };
            if let Some(last) = ring.last().filter(|last| *last > at) {
                ring.listed = Some(last);
                self.by_age.push(Reverse((last, of)));
                continue;
            }
            self.touch(&of);
            let ring = self.rings.remove(&of).unwrap_or_default();
            old.extend(ring.waits.iter().map(|wait| of.note(wait.number, None)));
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
        let mut ring = self.rings.remove(&of).unwrap_or_default();
        ring.waits.push_back(Wait {
            number: number.max(0) as u64,
            at: Millis(at),
            wait_s,
        });
        ring.waits
            .make_contiguous()
            .sort_unstable_by_key(|wait| wait.number);
        self.put(of, ring);
    }

    /// R186, R188: newest has weight 10, rounded half up; `None` without data.
    fn estimate(&self, of: &Of, now: Millis) -> Option<i64> {
        let counts = |wait: &&Wait| wait.at.0 >= now.0 - WINDOW_MS;
        let recent = self.rings.get(of)?.waits.iter().rev().filter(counts);
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
            .map(|(of, ring)| format!("wait {of:?} {:?}", ring.waits))
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
            .map(|s| Of::Skills(s.required()));
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
