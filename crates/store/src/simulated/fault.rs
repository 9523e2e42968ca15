//! Which operation fails, and how. A plan is a seed with odds, a list, or both.

use std::collections::VecDeque;

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A commit is refused; nothing is stored.
    Refused,
    /// The machine dies during a commit, before it is durable. The caller cannot know.
    CrashBefore,
    /// The commit is durable, its answer is lost (or the machine dies). The caller cannot know.
    CrashAfter,
    /// A load fails.
    ReadFailed,
}

/// Decides about each operation, equally for equal seeds.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    state: u64,
    /// A commit suffers a fault in so many of 1,000 cases.
    commit_per_mille: u64,
    /// A load fails in so many of 1,000 cases.
    read_per_mille: u64,
    forced: VecDeque<Fault>,
}

impl FaultPlan {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// Faults by chance, from a seed.
    pub fn seeded(seed: u64, commit_per_mille: u64, read_per_mille: u64) -> Self {
        Self {
            state: seed,
            commit_per_mille,
            read_per_mille,
            forced: VecDeque::new(),
        }
    }

    /// The next operation that can suffer `fault` does; several are kept in order.
    pub fn force(&mut self, fault: Fault) {
        self.forced.push_back(fault);
    }

    pub(super) fn on_commit(&mut self) -> Option<Fault> {
        if let Some(fault) = self.forced.pop_front_if(|f| *f != Fault::ReadFailed) {
            return Some(fault);
        }
        if self.roll(1_000) >= self.commit_per_mille {
            return None;
        }
        Some(match self.roll(3) {
            0 => Fault::Refused,
            1 => Fault::CrashBefore,
            _ => Fault::CrashAfter,
        })
    }

    pub(super) fn on_read(&mut self) -> bool {
        self.forced
            .pop_front_if(|f| *f == Fault::ReadFailed)
            .is_some()
            || self.roll(1_000) < self.read_per_mille
    }

    /// SplitMix64: small, and good enough for dice.
    fn roll(&mut self, sides: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
