//! Guards log-in: after too many failures a user name is locked for a while.
//!
//! Failures count twice: by name and address, and with a higher bound by name alone. Counts are in memory
//! only; a restart forgets, which costs an attacker more than it gives.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use node::SecurityPolicy;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use crate::options::HttpOptions;

/// Counters kept at a time; beyond, those with the oldest failures are forgotten first.
const COUNTERS_MAX: usize = 40_000;
/// Failures of one name from everywhere, as a multiple of those from one address.
const EVERYWHERE: u32 = 10;
/// Failures from one address under any name, as such a multiple: many people may share an address.
const ANYBODY: u32 = 50;
/// Attempts of one name in an hour, right or wrong.
const ATTEMPTS_MAX: u32 = 3_600;
const HOUR: Duration = Duration::from_secs(3_600);

/// When a name is locked, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    max: u32,
    window: Duration,
}

impl Bounds {
    /// Those of an org; what it does not set is as the server says.
    pub fn of(policy: &SecurityPolicy, options: &HttpOptions) -> Self {
        let minutes = policy.lockout_minutes.map(|m| u64::from(m) * 60);
        Self {
            max: policy
                .lockout_attempts
                .unwrap_or(options.login_failures_max),
            window: minutes.map_or(options.login_lockout, Duration::from_secs),
        }
    }
}

type Key = [u8; 16];

struct Failures {
    count: u32,
    since: Instant,
}

/// Failed log-ins.
#[derive(Default)]
pub struct Guard {
    counters: Mutex<BTreeMap<Key, Failures>>,
    attempts: Mutex<BTreeMap<Key, Failures>>,
}

fn key(name: &str, from: &str) -> Key {
    let hash = Sha256::digest(format!("{} {from}", name.to_lowercase()).as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

/// The counters of an attempt, with their bounds.
fn counted(bounds: Bounds, name: &str, from: &str) -> [(Key, u32); 3] {
    [
        (key(name, from), bounds.max),
        (key(name, "*"), bounds.max.saturating_mul(EVERYWHERE)),
        (key("*", from), bounds.max.saturating_mul(ANYBODY)),
    ]
}

/// One more within the window; a new window if the last one is over.
fn count(
    counters: &mut BTreeMap<Key, Failures>,
    key: Key,
    window: Duration,
    now: Instant,
) -> &mut Failures {
    make_room(counters, window, now);
    let fresh = Failures {
        count: 0,
        since: now,
    };
    let failures = counters.entry(key).or_insert(fresh);
    if now.duration_since(failures.since) >= window {
        *failures = Failures {
            count: 0,
            since: now,
        };
    }
    failures.count = failures.count.saturating_add(1);
    failures
}

impl Guard {
    /// Counts an attempt of a name, right or wrong; false if there were too many in an hour.
    pub fn may_try(&self, name: &str, now: Instant) -> bool {
        let mut attempts = self.attempts.lock();
        count(&mut attempts, key(name, "!"), HOUR, now).count <= ATTEMPTS_MAX
    }

    /// True if the name may not try from there now.
    pub fn is_locked(&self, bounds: Bounds, name: &str, from: &str, now: Instant) -> bool {
        let counters = self.counters.lock();
        counted(bounds, name, from).iter().any(|(key, max)| {
            let failures = counters.get(key);
            failures.is_some_and(|f| f.count >= *max && now.duration_since(f.since) < bounds.window)
        })
    }

    /// Counts a failure.
    pub fn failed(&self, bounds: Bounds, name: &str, from: &str, now: Instant) {
        let mut counters = self.counters.lock();
        for (key, max) in counted(bounds, name, from) {
            let failures = count(&mut counters, key, bounds.window, now);
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

    const BOUNDS: Bounds = Bounds {
        max: 3,
        window: Duration::from_secs(60),
    };

    #[test]
    fn locks_one_address_and_opens_again() {
        let (guard, bounds) = (Guard::default(), BOUNDS);
        let start = Instant::now();
        for _ in 0..3 {
            assert!(!guard.is_locked(bounds, "a@B", "1.1.1.1", start));
            guard.failed(bounds, "A@b", "1.1.1.1", start);
        }
        assert!(guard.is_locked(bounds, "a@b", "1.1.1.1", start));
        assert!(
            !guard.is_locked(bounds, "a@b", "2.2.2.2", start),
            "somebody else's failures lock nobody out"
        );
        let later = start + Duration::from_secs(61);
        assert!(!guard.is_locked(bounds, "a@b", "1.1.1.1", later));
        guard.failed(bounds, "a@b", "1.1.1.1", later);
        assert!(!guard.is_locked(bounds, "a@b", "1.1.1.1", later));
        guard.succeeded("a@b", "1.1.1.1");
        assert!(!guard.is_locked(bounds, "a@b", "1.1.1.1", start));
    }

    #[test]
    fn many_addresses_lock_the_name_too() {
        let (guard, bounds) = (Guard::default(), BOUNDS);
        let start = Instant::now();
        for n in 0..30 {
            guard.failed(bounds, "a@b", &format!("10.0.0.{n}"), start);
        }
        assert!(guard.is_locked(bounds, "a@b", "9.9.9.9", start));
        assert!(!guard.is_locked(bounds, "c@d", "9.9.9.9", start));
    }

    #[test]
    fn an_address_that_tries_many_names_is_locked_out_of_all() {
        let (guard, start) = (Guard::default(), Instant::now());
        for n in 0..150 {
            guard.failed(BOUNDS, &format!("user{n}"), "6.6.6.6", start);
        }
        assert!(guard.is_locked(BOUNDS, "somebody", "6.6.6.6", start));
        assert!(!guard.is_locked(BOUNDS, "somebody", "7.7.7.7", start));
    }

    #[test]
    fn attempts_are_rated_by_name() {
        let (guard, start) = (Guard::default(), Instant::now());
        assert!((0..3_600).all(|_| guard.may_try("a", start)));
        assert!(!guard.may_try("A", start) && guard.may_try("b", start));
        assert!(guard.may_try("a", start + HOUR));
    }
}
