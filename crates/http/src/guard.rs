//! Guards log-in: after too many failures a user name is locked for a while.
//!
//! Counts in memory only; a restart forgets, which costs an attacker more than it gives.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

/// Names kept at a time; beyond, the oldest failures are forgotten first.
const NAMES_MAX: usize = 20_000;

type Key = [u8; 16];

struct Failures {
    count: u32,
    since: Instant,
}

/// Failed log-ins by user name.
pub struct Guard {
    max: u32,
    window: Duration,
    names: Mutex<BTreeMap<Key, Failures>>,
}

fn key(name: &str) -> Key {
    let hash = Sha256::digest(name.to_lowercase().as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

impl Guard {
    /// Locks a name for `window` after `max` failures within it.
    pub fn new(max: u32, window: Duration) -> Self {
        Self {
            max,
            window,
            names: Mutex::default(),
        }
    }

    /// True if the name may not try now.
    pub fn is_locked(&self, name: &str, now: Instant) -> bool {
        let names = self.names.lock();
        names
            .get(&key(name))
            .is_some_and(|f| f.count >= self.max && now.duration_since(f.since) < self.window)
    }

    /// Counts a failure.
    pub fn failed(&self, name: &str, now: Instant) {
        let mut names = self.names.lock();
        if names.len() >= NAMES_MAX {
            let window = self.window;
            names.retain(|_, f| now.duration_since(f.since) < window);
            if names.len() >= NAMES_MAX {
                let oldest = names
                    .iter()
                    .min_by_key(|(_, f)| f.since)
                    .map(|(key, _)| *key);
                oldest.map(|key| names.remove(&key));
            }
        }
        let failures = names.entry(key(name)).or_insert(Failures {
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
        if failures.count == self.max {
            failures.since = now;
        }
    }

    /// A success clears the count.
    pub fn succeeded(&self, name: &str) {
        self.names.lock().remove(&key(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_and_opens_again() {
        let guard = Guard::new(3, Duration::from_secs(60));
        let start = Instant::now();
        for _ in 0..3 {
            assert!(!guard.is_locked("a@B", start));
            guard.failed("A@b", start);
        }
        assert!(guard.is_locked("a@b", start));
        assert!(!guard.is_locked("a@b", start + Duration::from_secs(61)));
        guard.failed("a@b", start + Duration::from_secs(61));
        assert!(!guard.is_locked("a@b", start + Duration::from_secs(61)));
        guard.succeeded("a@b");
        assert!(!guard.is_locked("a@b", start));
    }
}
