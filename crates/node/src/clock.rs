//! The org's clock: time that passes as it does for the people who wait.
//!
//! Owns the step from two readings of the system, time since boot and wall clock, to the `now` of batches.
//! Org time advances with the time since boot, which counts while the machine sleeps and knows no steps. What
//! the wall clock is ahead or behind is taken in slowly, as a disciplined clock does it: a push time-out (R114)
//! and a wait (R186) keep their length to 500 parts in a million, whatever somebody does to the wall clock.
//!
//! [`OrgClock`] is pure; [`LiveClock`] feeds it from the system. Leap days do not exist here: both count
//! milliseconds.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::Millis;
use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};

/// Parts in a million by which org time may run faster or slower to approach the wall clock.
const SLEW_PPM: i128 = 500;
const MILLION: i128 = 1_000_000;
const NANOS_OF_MS: i128 = 1_000_000;

/// What the system's clocks say at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Since the machine started, its sleep included. Never runs back.
    pub boot: Duration,
    /// Date and time; may step either way.
    pub wall: Millis,
}

impl Reading {
    /// The system's clocks now.
    pub fn take() -> Self {
        Self {
            boot: since_boot(),
            wall: wall_clock(),
        }
    }
}

/// The time of one org. Feed it readings; it never runs back.
#[derive(Clone, Debug)]
pub struct OrgClock {
    boot: Duration,
    now_ns: i128,
    offset_ns: i128,
    /// What may be slewed and is less than a nanosecond, in millionths of one.
    rest: i128,
}

impl OrgClock {
    /// Starts at the wall clock, but never before the last commit.
    pub fn start(reading: Reading, committed: Millis) -> Self {
        let wall_ns = i128::from(reading.wall.0) * NANOS_OF_MS;
        let now_ns = wall_ns.max(i128::from(committed.0) * NANOS_OF_MS);
        Self {
            boot: reading.boot,
            now_ns,
            offset_ns: wall_ns - now_ns,
            rest: 0,
        }
    }

    /// Org time at this reading.
    pub fn at(&mut self, reading: Reading) -> Millis {
        let passed = reading.boot.saturating_sub(self.boot);
        self.boot = self.boot.max(reading.boot);
        let passed_ns = i128::try_from(passed.as_nanos()).unwrap_or(0);
        self.now_ns += passed_ns;
        self.rest += passed_ns * SLEW_PPM;
        let may = self.rest / MILLION;
        self.rest %= MILLION;
        let ahead_ns = i128::from(reading.wall.0) * NANOS_OF_MS - self.now_ns;
        let slew = ahead_ns.clamp(-may, may);
        self.now_ns += slew;
        self.offset_ns = ahead_ns - slew;
        self.now()
    }

    /// Org time at the last reading.
    pub fn now(&self) -> Millis {
        let ms = self.now_ns.div_euclid(NANOS_OF_MS);
        Millis(i64::try_from(ms).unwrap_or(i64::MAX))
    }

    /// Milliseconds that the wall clock was ahead of org time at the last reading; negative: behind.
    pub fn offset_ms(&self) -> i64 {
        i64::try_from(self.offset_ns / NANOS_OF_MS).unwrap_or(i64::MAX)
    }
}

/// An [`OrgClock`] on the system's clocks, for many threads.
pub(crate) struct LiveClock {
    clock: Mutex<OrgClock>,
    /// The offset when the log was last looked after.
    seen_ms: AtomicI64,
}

/// Offsets below this are the ordinary life of a clock that somebody disciplines.
const OFFSET_TOLD_MS: i64 = 1_000;

impl LiveClock {
    /// Starts now, but never before the last commit.
    pub fn start(committed: Millis) -> Self {
        let clock = OrgClock::start(Reading::take(), committed);
        Self {
            clock: Mutex::new(clock),
            seen_ms: AtomicI64::new(0),
        }
    }

    /// Org time.
    pub fn now(&self) -> Millis {
        let mut clock = self.clock.lock(); // first the lock: readings come in order
        clock.at(Reading::take())
    }

    /// See [`OrgClock::offset_ms`].
    pub fn offset_ms(&self) -> i64 {
        let mut clock = self.clock.lock();
        clock.at(Reading::take());
        clock.offset_ms()
    }

    /// Says in the log that the wall clock was stepped, or that org time has caught up. Called now and then.
    pub fn tell(&self, org: &str) {
        let offset_ms = self.offset_ms();
        let last_ms = self.seen_ms.swap(offset_ms, Ordering::Relaxed);
        let is_step = (offset_ms - last_ms).abs() >= OFFSET_TOLD_MS;
        if offset_ms.abs() < OFFSET_TOLD_MS && last_ms.abs() >= OFFSET_TOLD_MS {
            tracing::info!(org, "the org's time agrees with the wall clock again");
        } else if is_step {
            tracing::warn!(
                org,
                offset_ms,
                "the wall clock differs from the org's time, which approaches it by 0.5 ms per second"
            );
        }
    }
}

/// The system's date and time, for what outside clocks are compared with.
pub(crate) fn wall_clock() -> Millis {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const BOOT: ClockId = ClockId::Boottime;
/// Stands still while the machine sleeps: org time then approaches the wall clock slowly.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const BOOT: ClockId = ClockId::Monotonic;

fn since_boot() -> Duration {
    let time = clock_gettime(BOOT);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    /// A machine whose clocks do as the script says.
    struct Machine {
        boot: Duration,
        wall_ms: i64,
        clock: OrgClock,
    }

    fn millis(text: &str) -> Millis {
        Millis::parse(text).unwrap()
    }

    impl Machine {
        fn start(wall: &str, committed: &str) -> Self {
            let (boot, wall) = (Duration::from_secs(100), millis(wall));
            let clock = OrgClock::start(Reading { boot, wall }, millis(committed));
            Self {
                boot,
                wall_ms: wall.0,
                clock,
            }
        }

        /// Time that passes, read in `parts`; the milliseconds that passed for the org.
        fn pass(&mut self, seconds: i64, parts: u32) -> i64 {
            let before = self.clock.now();
            let part = Duration::from_secs(seconds.unsigned_abs()) / parts;
            for _ in 0..parts {
                self.boot += part;
                self.wall_ms += i64::try_from(part.as_millis()).unwrap();
                self.read();
            }
            self.read().0 - before.0
        }

        fn read(&mut self) -> Millis {
            let before = self.clock.now();
            let reading = Reading {
                boot: self.boot,
                wall: Millis(self.wall_ms),
            };
            let now = self.clock.at(reading);
            assert!(now >= before, "org time ran back");
            now
        }

        fn step(&mut self, seconds: i64) {
            self.wall_ms += seconds * 1_000;
        }
    }

    #[test]
    fn a_step_either_way_changes_no_interval_by_more_than_the_slew() {
        for (step, minute_ms) in [(HOUR, 60_030), (-HOUR, 59_970), (0, 60_000)] {
            let mut m = Machine::start("2025-06-20T09:00:00Z", "2025-06-20T08:00:00Z");
            m.step(step);
            assert_eq!(m.read(), millis("2025-06-20T09:00:00Z"), "{step}");
            assert_eq!(m.pass(60, 1), minute_ms, "{step}");
            assert_eq!(
                m.pass(60, 6_000),
                minute_ms,
                "however often it is read: {step}"
            );
        }
    }

    #[test]
    fn an_offset_goes_away_and_does_not_overshoot() {
        for step in [2, -2] {
            let mut m = Machine::start("2025-06-20T09:00:00Z", "2025-06-20T08:00:00Z");
            m.step(step);
            m.pass(1_000, 10);
            assert_eq!(m.clock.offset_ms(), step * 750);
            m.pass(4_000, 10);
            assert_eq!((m.clock.offset_ms(), m.clock.now().0), (0, m.wall_ms));
            m.step(step); // nothing was saved up meanwhile
            assert_eq!((m.pass(0, 1), m.clock.offset_ms()), (0, step * 1_000));
        }
    }

    #[test]
    fn sleep_counts_and_a_leap_day_is_a_day() {
        let mut m = Machine::start("2028-02-28T23:00:00Z", "2028-02-28T22:00:00Z");
        assert_eq!(m.pass(2 * HOUR, 1), 2 * HOUR * 1_000);
        assert_eq!(m.clock.now(), millis("2028-02-29T01:00:00Z"));
        assert_eq!(m.pass(24 * HOUR, 24), 24 * HOUR * 1_000);
        assert_eq!(m.clock.now(), millis("2028-03-01T01:00:00Z"));
    }

    #[test]
    fn a_restart_takes_a_step_forward_at_once_and_a_step_back_slowly() {
        let m = Machine::start("2025-06-20T10:00:00Z", "2025-06-20T09:00:00Z");
        assert_eq!(m.clock.now(), millis("2025-06-20T10:00:00Z"));
        let mut m = Machine::start("2025-06-20T08:00:00Z", "2025-06-20T09:00:00Z");
        assert_eq!(m.clock.now(), millis("2025-06-20T09:00:00Z"));
        assert_eq!(m.clock.offset_ms(), -HOUR * 1_000);
        assert_eq!(m.pass(60, 6), 59_970);
    }

    #[test]
    fn readings_out_of_order_do_no_harm() {
        let mut m = Machine::start("2025-06-20T09:00:00Z", "2025-06-20T09:00:00Z");
        m.pass(10, 1);
        let now = m.read();
        m.boot -= Duration::from_secs(5);
        assert_eq!(m.read(), now);
        m.boot += Duration::from_secs(6);
        m.wall_ms += 1_000;
        assert_eq!(m.read().0 - now.0, 1_000);
    }

    #[test]
    fn the_live_clock_follows_the_wall() {
        let clock = LiveClock::start(Millis(0));
        let (before, now) = (wall_clock(), clock.now());
        assert!(now.0 >= before.0 - 1_000 && clock.offset_ms().abs() <= 1_000);
    }
}
