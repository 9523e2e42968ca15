//! What an org used in the last 24 hours: API calls, bulk batches, bulk queries (rest-api.md 4).
//!
//! A window of quarters of an hour slides over time, as the platform's does; a note that is written now and then
//! carries it over a restart. What was counted since the last note is lost by a crash, never by a stop.

use std::sync::atomic::{AtomicBool, Ordering};

use model::{Millis, Note, Space};
use parking_lot::Mutex;

const SLOT_MS: i64 = 15 * 60 * 1_000;
/// Slots of 24 hours.
const SLOTS: usize = 96;
/// Key in [`Space::Setting`].
pub(crate) const KEY: &str = "usage of 24 hours";

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// Calls of any API.
    ApiRequests,
    /// Batches of Bulk jobs.
    BulkBatches,
    /// Query jobs of Bulk 2.0.
    BulkQueries,
}

/// Kinds of [`Used`], in the order of the note.
const KINDS: usize = 3;

/// Counts of 24 hours: the slot of now and those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Window {
    slot: i64,
    counts: [[u64; KINDS]; SLOTS],
    sums: [u64; KINDS],
}

impl Default for Window {
    fn default() -> Self {
        Self {
            slot: 0,
            counts: [[0; KINDS]; SLOTS],
            sums: [0; KINDS],
        }
    }
}

fn place(slot: i64) -> usize {
    usize::try_from(slot.rem_euclid(SLOTS as i64)).unwrap_or(0)
}

impl Window {
    fn move_to(&mut self, now: Millis) {
        let slot = now.0.div_euclid(SLOT_MS);
        let over = slot.saturating_sub(self.slot).clamp(0, SLOTS as i64);
        for gone in 0..over {
            let old = std::mem::take(&mut self.counts[place(slot - gone)]);
            self.sums
                .iter_mut()
                .zip(old)
                .for_each(|(sum, old)| *sum -= old);
        }
        self.slot = self.slot.max(slot);
    }

    fn add(&mut self, slot: i64, counts: [u64; KINDS]) {
        let at = &mut self.counts[place(slot)];
        for (kind, count) in counts.into_iter().enumerate() {
            at[kind] = at[kind].saturating_add(count);
            self.sums[kind] = self.sums[kind].saturating_add(count);
        }
    }

    /// Slots that are not empty, as text.
    fn text(&self) -> String {
        let slots = (0..SLOTS as i64).map(|back| self.slot - back);
        let rows: Vec<(i64, [u64; KINDS])> = slots
            .map(|slot| (slot, self.counts[place(slot)]))
            .filter(|(_, counts)| *counts != [0; KINDS])
            .collect();
        serde_json::to_string(&rows).unwrap_or_default()
    }

    fn read(text: &str) -> Self {
        let rows: Vec<(i64, [u64; KINDS])> = serde_json::from_str(text).unwrap_or_default();
        let mut window = Self {
            slot: rows.iter().map(|(slot, _)| *slot).max().unwrap_or(0),
            ..Self::default()
        };
        let oldest = window.slot - SLOTS as i64;
        for (slot, counts) in rows.into_iter().filter(|(slot, _)| *slot > oldest) {
            window.add(slot, counts);
        }
        window
    }
}

/// The counts of one org.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    window: Mutex<Window>,
    is_new: AtomicBool,
}

impl Usage {
    /// As the notes of [`Space::Setting`] left it.
    pub fn of(settings: &[(String, String)]) -> Self {
        let kept = settings.iter().find(|(key, _)| key == KEY);
        Self {
            window: Mutex::new(kept.map_or_else(Window::default, |(_, text)| Window::read(text))),
            is_new: AtomicBool::new(false),
        }
    }

    /// One more; gives the number of 24 hours.
    pub fn count(&self, what: Used, now: Millis) -> u64 {
        let mut one = [0; KINDS];
        one[what as usize] = 1;
        let mut window = self.window.lock();
        window.move_to(now);
        let slot = window.slot;
        window.add(slot, one);
        self.is_new.store(true, Ordering::Relaxed);
        window.sums[what as usize]
    }

    /// The number of 24 hours.
    pub fn used(&self, what: Used, now: Millis) -> u64 {
        let mut window = self.window.lock();
        window.move_to(now);
        window.sums[what as usize]
    }

    /// The note to write, if something was counted since the last one.
    pub fn note(&self) -> Option<Note> {
        let is_new = self.is_new.swap(false, Ordering::Relaxed);
        is_new.then(|| Note {
            space: Space::Setting,
            key: KEY.to_owned(),
            value: Some(self.window.lock().text()),
        })
    }

    /// The note found no room.
    pub fn again(&self) {
        self.is_new.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const START: i64 = 1_767_225_600_000;

    fn at(hours: i64) -> Millis {
        Millis(START + hours * HOUR)
    }

    #[test]
    fn the_window_slides_by_quarters_of_an_hour() {
        let usage = Usage::default();
        assert_eq!(usage.count(Used::ApiRequests, at(0)), 1);
        assert_eq!(usage.count(Used::ApiRequests, at(12)), 2);
        assert_eq!(usage.count(Used::BulkBatches, at(12)), 1);
        assert_eq!(usage.used(Used::ApiRequests, at(23)), 2);
        assert_eq!(usage.used(Used::ApiRequests, at(24)), 1);
        assert_eq!(usage.used(Used::ApiRequests, at(35)), 1);
        assert_eq!(usage.used(Used::ApiRequests, at(36)), 0);
        assert_eq!(usage.count(Used::ApiRequests, at(500)), 1);
        assert_eq!(
            usage.count(Used::ApiRequests, at(499)),
            2,
            "time that stands"
        );
    }

    #[test]
    fn a_note_carries_it_over_a_restart() {
        let usage = Usage::default();
        assert_eq!(usage.note(), None);
        usage.count(Used::ApiRequests, at(0));
        usage.count(Used::BulkQueries, at(3));
        let note = usage.note().unwrap();
        assert_eq!(usage.note(), None, "nothing new");
        let kept = [(note.key, note.value.unwrap())];
        let again = Usage::of(&kept);
        assert_eq!(*again.window.lock(), *usage.window.lock());
        assert_eq!(again.used(Used::ApiRequests, at(23)), 1);
        assert_eq!(again.used(Used::ApiRequests, at(24)), 0);
        assert_eq!(again.used(Used::BulkQueries, at(24)), 1);
        for nonsense in ["", "[[1,[1]]]", "{}"] {
            let usage = Usage::of(&[(KEY.to_owned(), nonsense.to_owned())]);
            assert_eq!(usage.used(Used::ApiRequests, at(0)), 0);
        }
    }
}
