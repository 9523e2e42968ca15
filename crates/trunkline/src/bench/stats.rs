//! Latencies of one measurement.

use std::time::Duration;

/// A set of latencies.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    nanoseconds: Vec<u64>,
}

impl Latencies {
    pub fn add(&mut self, latency: Duration) {
        self.nanoseconds
            .push(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
    }

    pub fn len(&self) -> usize {
        self.nanoseconds.len()
    }

    /// The p50, p99 and p99.9 in milliseconds; zeros if there is none.
    pub fn percentiles_ms(&self) -> [f64; 3] {
        let mut sorted = self.nanoseconds.clone();
        sorted.sort_unstable();
        [0.5, 0.99, 0.999].map(|share| percentile(&sorted, share) / 1e6)
    }
}

fn percentile(sorted: &[u64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let at = (last as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(0) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let mut all = Latencies::default();
        assert_eq!(all.percentiles_ms(), [0.0; 3]);
        for ms in (1..=1_001).rev() {
            all.add(Duration::from_millis(ms));
        }
        assert_eq!(all.percentiles_ms(), [501.0, 991.0, 1_000.0]);
    }
}
