//! Guards log-in: after too many failures a user name is locked for a while.
//!
//! Failures count twice: by name and address, and with a higher bound by name alone. Counts are in memory
//! only; a restart forgets, which costs an attacker more than it gives.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

/// Counters kept at a time; beyond, those with the oldest failures are forgotten first.
const COUNTERS_MAX: usize = 40_000;
/// Failures of one name from everywhere, as a multiple of those from one address.
const EVERYWHERE: u32 = 10;

type Key = [u8; 16];

struct Failures {
    count: u32,
    since: Instant,
}

/// Failed log-ins.
pub struct Guard {
    max: u32,
    window: Duration,
    counters: Mutex<BTreeMap<Key, Failures>>,
}

fn key(name: &str, from: &str) -> Key {
    let hash = Sha256::digest(format!("{} {from}", name.to_lowercase()).as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

impl Guard {
    /// Locks a name for `window` after `max` failures from one address within it.
    pub fn new(max: u32, window: Duration) -> Self {
        Self {
            max,
            window,
            counters: Mutex::default(),
        }
    }

    /// The counters of an attempt, with their bounds.
    fn keys(&self, name: &str, from: &str) -> [(Key, u32); 2] {
        [
            (key(name, from), self.max),
            (key(name, "*"), self.max.saturating_mul(EVERYWHERE)),
        ]
    }

    /// True if the name may not try from there now.
    pub fn is_locked(&self, name: &str, from: &str, now: Instant) -> bool {
        let counters = self.counters.lock();
        self.keys(name, from).iter().any(|(key, max)| {
            let failures = counters.get(key);
            failures.is_some_and(|f| f.count >= *max && now.duration_since(f.since) < self.window)
        })
    }

    /// Counts a failure.
    pub fn failed(&self, name: &str, from: &str, now: Instant) {
        let mut counters = self.counters.lock();
        for (key, max) in self.keys(name, from) {
            make_room(&mut counters, self.window, now);
            let failures = counters.entry(key).or_insert(Failures {
                count: 0,
                since: now,
            });
            if now.duration_since(failures.since) >= self.window {
                *failures = Failures {
                    count: 0,
                    since: now,
                };
            }
            failures.count += 1;
            if failures.count == max {
                failures.since = now; // a lock lasts a whole window
            }
        }
    }

    /// A success clears the count of its address.
    pub fn succeeded(&self, name: &str, from: &str) {
        self.counters.lock().remove(&key(name, from));
    }
}

fn make_room(counters: &mut BTreeMap<Key, Failures>, window: Duration, now: Instant) {
    if counters.len() < COUNTERS_MAX {
        return;
    }
    counters.retain(|_, failures| now.duration_since(failures.since) < window);
    if counters.len() >= COUNTERS_MAX {
        let oldest = counters
            .iter()
            .min_by_key(|(_, f)| f.since)
            .map(|(key, _)| *key);
        oldest.map(|key| counters.remove(&key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_one_address_and_opens_again() {
        let guard = Guard::new(3, Duration::from_secs(60));
        let start = Instant::now();
        for _ in 0..3 {
            assert!(!guard.is_locked("a@B", "1.1.1.1", start));
            guard.failed("A@b", "1.1.1.1", start);
        }
        assert!(guard.is_locked("a@b", "1.1.1.1", start));
        assert!(
            !guard.is_locked("a@b", "2.2.2.2", start),
            "somebody else's failures lock nobody out"
        );
        let later = start + Duration::from_secs(61);
        assert!(!guard.is_locked("a@b", "1.1.1.1", later));
        guard.failed("a@b", "1.1.1.1", later);
        assert!(!guard.is_locked("a@b", "1.1.1.1", later));
        guard.succeeded("a@b", "1.1.1.1");
        assert!(!guard.is_locked("a@b", "1.1.1.1", start));
    }

    #[test]
    fn many_addresses_lock_the_name_too() {
        let guard = Guard::new(3, Duration::from_secs(60));
        let start = Instant::now();
        for n in 0..30 {
            guard.failed("a@b", &format!("10.0.0.{n}"), start);
        }
        assert!(guard.is_locked("a@b", "9.9.9.9", start));
        assert!(!guard.is_locked("c@d", "9.9.9.9", start));
    }
}
