//! A large ordered set that is mostly a queue: what comes is the last, what goes is the first.
//!
//! Entries lie in runs of a few dozen, one after the other in memory. A tree of single entries would
//! be half empty (whoever appends splits nodes in the middle), take twice the room and need a path of
//! nodes to its first entry.

use std::collections::{BTreeMap, VecDeque};

/// Entries of a run, at most.
const RUN_MAX: usize = 64;

/// An ordered set in runs.
pub(crate) struct Runs<T> {
    /// Runs by a bound: none of a run's entries comes before its own, all of them before the next.
    /// No run is empty.
    runs: BTreeMap<T, VecDeque<T>>,
    count: usize,
}

impl<T: Ord + Copy> Runs<T> {
    /// A set of entries that are sorted already.
    pub fn of(sorted: &[T]) -> Self {
        let chunks = sorted.chunks(RUN_MAX);
        Self {
            runs: chunks
                .map(|run| (run[0], run.iter().copied().collect()))
                .collect(),
            count: sorted.len(),
        }
    }

    pub fn insert(&mut self, entry: T) {
        let Some(bound) = self.bound_of(&entry) else {
            self.insert_first(entry);
            return;
        };
        let Some(run) = self.runs.get_mut(&bound) else {
            return;
        };
        let Err(at) = run.binary_search(&entry) else {
            return;
        };
        self.count += 1;
        if run.len() < RUN_MAX {
            run.insert(at, entry);
            return;
        }
        // What is appended starts a new run and leaves a full one behind.
        let mut rest = run.split_off(if at == RUN_MAX { at } else { RUN_MAX / 2 });
        if at > run.len() || rest.is_empty() {
            rest.insert(at - run.len(), entry);
        } else {
            run.insert(at, entry);
        }
        self.runs.insert(rest[0], rest);
    }

    /// An entry before every bound: the first run takes it, under a new bound.
    fn insert_first(&mut self, entry: T) {
        self.count += 1;
        let mut run = match self.runs.first_entry() {
            Some(first) if first.get().len() < RUN_MAX => first.remove(),
            _ => VecDeque::new(),
        };
        run.push_front(entry);
        self.runs.insert(entry, run);
    }

    /// True if it was there.
    pub fn remove(&mut self, entry: &T) -> bool {
        let Some(bound) = self.bound_of(entry) else {
            return false;
        };
        let Some(run) = self.runs.get_mut(&bound) else {
            return false;
        };
        let Ok(at) = run.binary_search(entry) else {
            return false;
        };
        run.remove(at);
        self.count -= 1;
        let left = run.len();
        if left == 0 {
            self.runs.remove(&bound);
        } else if left < RUN_MAX / 4 {
            self.join_next(&bound, left);
        }
        true
    }

    /// A run of so few entries takes in the next one if that leaves room.
    fn join_next(&mut self, bound: &T, left: usize) {
        let next = self.runs.range(bound..).nth(1);
        let Some((next, _)) = next.filter(|(_, run)| left + run.len() <= RUN_MAX / 2) else {
            return;
        };
        let next = *next;
        let next = self.runs.remove(&next).unwrap_or_default();
        if let Some(run) = self.runs.get_mut(bound) {
            run.extend(next);
        }
    }

    /// The run in which an entry is or would be.
    fn bound_of(&self, entry: &T) -> Option<T> {
        let (bound, _) = self.runs.range(..=entry).next_back()?;
        Some(*bound)
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn first(&self) -> Option<&T> {
        self.runs.first_key_value()?.1.front()
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.runs.values().flatten()
    }

    /// How many come before `end`.
    pub fn count_before(&self, end: &T) -> usize {
        let runs = self.runs.range(..=end).map(|(_, run)| run);
        let before = |run: &VecDeque<T>| match run.back() {
            Some(last) if last < end => run.len(),
            _ => run.partition_point(|entry| entry < end),
        };
        runs.map(before).sum()
    }
}
