//! Chance for the demo's people: cheap, seeded once per person.

use std::time::Duration;

/// A xorshift generator; good enough for people.
pub struct Chance(u64);

impl Chance {
    /// Different for each person, the same from run to run.
    pub fn of(person: u64) -> Self {
        Self((person + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, of_hundred: f64) -> bool {
        self.share() * 100.0 < of_hundred
    }

    /// Between two lengths.
    pub fn seconds(&mut self, from: f64, to: f64) -> Duration {
        Duration::from_secs_f64(from + (to - from) * self.share())
    }

    /// Until the next of events that come by chance, `per_minute` on average.
    pub fn until_next(&mut self, per_minute: f64) -> Duration {
        let minutes = -(1.0 - self.share()).ln() / per_minute.max(0.001);
        Duration::from_secs_f64((minutes * 60.0).min(3_600.0))
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = (self.share() * from.len() as f64) as usize;
        from.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_keeps_its_bounds_and_its_mean() {
        let mut chance = Chance::of(7);
        let gaps: Vec<f64> = (0..4_000)
            .map(|_| chance.until_next(60.0).as_secs_f64())
            .collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        assert!((0.9..1.1).contains(&mean), "{mean}");
        for _ in 0..1_000 {
            let length = chance.seconds(2.0, 3.0).as_secs_f64();
            assert!((2.0..=3.0).contains(&length));
            assert!(chance.pick(&[1, 2, 3]).is_some());
        }
    }
}
