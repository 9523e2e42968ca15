//! API calls per org and day (rest-api.md 1.4, 4).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::http::HeaderValue;
use model::{Millis, RecordId};
use parking_lot::RwLock;

const DAY_MS: i64 = 86_400_000;

/// Calls of one org in the running day.
#[derive(Default)]
pub struct Usage {
    day: AtomicI64,
    calls: AtomicU64,
}

impl Usage {
    /// Counts one call and gives the day's number.
    fn count(&self, now: Millis) -> u64 {
        let day = now.0.div_euclid(DAY_MS);
        if self.day.swap(day, Ordering::Relaxed) != day {
            self.calls.store(0, Ordering::Relaxed);
        }
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Calls of every org.
#[derive(Default)]
pub struct Limits {
    orgs: RwLock<BTreeMap<RecordId, Arc<Usage>>>,
}

impl Limits {
    /// Counts one call of the org.
    pub fn count(&self, org: RecordId, now: Millis) -> u64 {
        if let Some(usage) = self.orgs.read().get(&org) {
            return usage.count(now);
        }
        let usage = Arc::clone(self.orgs.write().entry(org).or_default());
        usage.count(now)
    }

    /// Calls so far today.
    pub fn used(&self, org: RecordId) -> u64 {
        self.orgs
            .read()
            .get(&org)
            .map_or(0, |usage| usage.calls.load(Ordering::Relaxed))
    }
}

/// `Sforce-Limit-Info`.
pub fn header(used: u64, max: u64) -> Option<HeaderValue> {
    HeaderValue::from_maybe_shared(bytes::Bytes::from(format!("api-usage={used}/{max}"))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::KeyPrefix;

    #[test]
    fn counts_by_day_and_org() {
        let limits = Limits::default();
        let org = |n| RecordId::new(KeyPrefix::of("00D"), n);
        assert_eq!(limits.count(org(1), Millis(5)), 1);
        assert_eq!(limits.count(org(1), Millis(6)), 2);
        assert_eq!(limits.count(org(2), Millis(6)), 1);
        assert_eq!(limits.count(org(1), Millis(DAY_MS)), 1);
        assert_eq!(header(1, 5).unwrap(), "api-usage=1/5");
    }
}
