//! The agents of one filter (a queue, a set of skills), ordered so that the best one is found without
//! looking at the others.
//!
//! Agents who are logged in with the same status and call centres share a lane; in a lane, agents with
//! the same load share a profile and so a shelf; on a shelf they stand in the order of the tie rule
//! (R87). A choice looks at one agent per shelf. Agents who cannot take anything (offline, busy, 100
//! items) are on no shelf.
//!
//! A change of load moves an agent in every filter that has it, so this is what a command costs most:
//! there are few shelves, and one that changes hands keeps its memory.

use std::cmp::Reverse;

use model::{Millis, RecordId};

use crate::capacity::{Cost, Pool};
use crate::rest::Rest;
use crate::rows::RoutingModel;
use crate::sorted::{Sorted, SortedMap};
use crate::table::Slot;
use crate::units::Units;

/// Agents of one status and one set of mapped call centres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LaneKey {
    /// Slot of the presence status.
    pub status: Slot,
    /// Number of the set of call centres.
    pub centers: u32,
    /// Pacing and fair cap.
    pub rest: Rest,
    /// Room of this pool is kept for a line.
    pub kept: Option<Pool>,
}

/// How loaded an agent is. Ordered so that the most free primary units come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Profile {
    free: [Reverse<Units>; 2],
    configured: [Units; 2],
    active: u32,
}

impl Profile {
    /// After every other.
    const LAST: Self = Self {
        free: [Reverse(Units(i64::MIN)); 2],
        configured: [Units(i64::MAX); 2],
        active: u32::MAX,
    };

    pub fn new(configured: [Units; 2], used: [Units; 2], active: u32) -> Self {
        Self {
            free: [
                Reverse(configured[0] - used[0]),
                Reverse(configured[1] - used[1]),
            ],
            configured,
            active,
        }
    }

    pub fn free(&self, pool: Pool) -> Units {
        self.free[pool as usize].0
    }

    pub fn used(&self, pool: Pool) -> Units {
        self.configured[pool as usize] - self.free(pool)
    }

    /// R98.
    pub fn fits(&self, cost: Cost, pool: Pool) -> bool {
        cost.fits(self.configured[pool as usize], self.used(pool))
    }

    /// Would it fit an agent with nothing else to do?
    pub fn could_fit(&self, cost: Cost, pool: Pool) -> bool {
        cost.fits(self.configured[pool as usize], Units::ZERO)
    }

    /// Smaller is better (R84, R85).
    pub fn score(&self, measure: Measure, pool: Pool) -> i64 {
        match measure {
            Measure::Free => -self.free(pool).0,
            Measure::Items => i64::from(self.active),
            Measure::UsedUnits => (self.used(Pool::Primary) + self.used(Pool::Interruptible)).0,
        }
    }
}

/// By what agents are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Most Available (R84).
    Free,
    /// Least Active (R85).
    Items,
    /// Least Active by units (R85, extension).
    UsedUnits,
}

impl Measure {
    /// `None` for external routing (R91).
    pub fn of(model: RoutingModel, least_active_units: bool) -> Option<Self> {
        match model {
            RoutingModel::MostAvailable => Some(Self::Free),
            RoutingModel::LeastActive if least_active_units => Some(Self::UsedUnits),
            RoutingModel::LeastActive => Some(Self::Items),
            RoutingModel::ExternalRouting => None,
        }
    }
}

/// Among equals: who has received nothing since login, earliest login first; then the oldest last
/// assignment; then the smaller id (R87 to R89). Small, because every queue of an agent holds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tie {
    /// Of a login: below zero. Of an assignment: its time.
    turn: i64,
    /// The id without its prefix, which is that of all users.
    user: [u8; 12],
    pub slot: Slot,
}

impl Tie {
    pub fn new(login: Millis, last_assigned: Option<Millis>, user: RecordId, slot: Slot) -> Self {
        let after_logins = |at: Millis| at.0.max(0);
        Self {
            turn: last_assigned.map_or_else(|| i64::MIN + login.0.max(0), after_logins),
            user: user.bytes().last_chunk().copied().unwrap_or_default(),
            slot,
        }
    }
}

/// Where an agent stands in every filter that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub lane: LaneKey,
    pub profile: Profile,
    pub tie: Tie,
}

type ShelfKey = (LaneKey, Profile);
type Shelf = Sorted<Tie, 64>;

/// What a choice asks for.
pub(crate) struct Wish {
    pub measure: Measure,
    pub pool: Pool,
    pub cost: Cost,
}

/// Why a choice leaves agents out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Their status or call centre does not serve the item (R52, R62).
    NotServed,
    /// Not enough free capacity (R54).
    NoRoom,
    /// Tried in this round, or the last decliner (R68, R70).
    Tried,
}

/// Hears how a choice is made. Routing itself uses [`Silent`], which costs nothing.
pub(crate) trait Recorder {
    /// False: nobody listens, shortcuts are allowed.
    const LISTENS: bool;
    fn leave_out<'a>(&mut self, agents: impl IntoIterator<Item = &'a Tie>, why: Why);
    fn rank<'a>(&mut self, agents: impl IntoIterator<Item = &'a Tie>, score: i64);
}

/// Hears nothing.
pub(crate) struct Silent;

impl Recorder for Silent {
    const LISTENS: bool = false;
    fn leave_out<'a>(&mut self, _agents: impl IntoIterator<Item = &'a Tie>, _why: Why) {}
    fn rank<'a>(&mut self, _agents: impl IntoIterator<Item = &'a Tie>, _score: i64) {}
}

/// The agents of one filter who can take work.
#[derive(Default)]
pub(crate) struct Members {
    shelves: SortedMap<ShelfKey, Shelf>,
    count: u32,
}

impl Position {
    fn shelf(&self) -> ShelfKey {
        (self.lane, self.profile)
    }
}

impl Members {
    pub fn insert(&mut self, position: &Position) {
        self.count += 1;
        let shelf = self.shelves.get_or_default(position.shelf());
        shelf.insert(position.tie);
    }

    pub fn remove(&mut self, position: &Position) {
        let Some(shelf) = self.shelves.get_mut(&position.shelf()) else {
            return;
        };
        if shelf.remove(&position.tie) {
            self.count -= 1;
        }
        if shelf.is_empty() {
            self.shelves.remove(&position.shelf());
        }
    }

    /// An agent's load or turn changed.
    pub fn shift(&mut self, old: &Position, new: &Position) {
        let (from, to) = (old.shelf(), new.shelf());
        let Some(shelf) = self.shelves.get_mut(&from) else {
            return;
        };
        shelf.remove(&old.tie);
        if from == to {
            shelf.insert(new.tie);
            return;
        }
        let is_left_empty = shelf.is_empty();
        if is_left_empty && self.shelves.get_mut(&to).is_none() {
            self.shelves.rename(&from, to);
        } else if is_left_empty {
            self.shelves.remove(&from);
        }
        self.shelves.get_or_default(to).insert(new.tie);
    }

    /// Where agents stand and how loaded they are; each once, however many agents.
    pub fn shelves(&self) -> impl Iterator<Item = (LaneKey, Profile)> {
        let mut next = self.shelves.first();
        std::iter::from_fn(move || {
            let (key, _) = next?;
            next = self.shelves.after(key);
            Some(*key)
        })
    }

    /// How many.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// The best agent in the lanes that `serves` allows for whom `allowed` holds. The recorder hears of
    /// every agent that is left out; with a silent one, lanes and shelves that cannot win are skipped.
    pub fn best<R: Recorder>(
        &self,
        wish: &Wish,
        serves: impl Fn(LaneKey) -> bool,
        allowed: impl Fn(Slot) -> bool,
        recorder: &mut R,
    ) -> Option<Slot> {
        let mut best: Option<(i64, Tie)> = None;
        let mut next = self.shelves.first();
        while let Some(((lane, profile), ties)) = next {
            let is_served = serves(*lane);
            next = if is_served || R::LISTENS {
                self.shelves.after(&(*lane, *profile))
            } else {
                self.shelves.after(&(*lane, Profile::LAST))
            };
            if !is_served {
                recorder.leave_out(ties.iter(), Why::NotServed);
                continue;
            }
            let score = profile.score(wish.measure, wish.pool);
            if !R::LISTENS && best.is_some_and(|(least, _)| score > least) {
                // In the primary pool the shelves are in the order of Most Available.
                if wish.measure == Measure::Free && wish.pool == Pool::Primary {
                    next = self.shelves.after(&(*lane, Profile::LAST));
                }
                continue;
            }
            if !profile.fits(wish.cost, wish.pool) {
                recorder.leave_out(ties.iter(), Why::NoRoom);
                continue;
            }
            let found = if R::LISTENS {
                let (ranked, tried): (Vec<&Tie>, Vec<&Tie>) =
                    ties.iter().partition(|t| allowed(t.slot));
                recorder.leave_out(tried, Why::Tried);
                recorder.rank(ranked.iter().copied(), score);
                ranked.first().copied()
            } else {
                ties.iter().find(|tie| allowed(tie.slot))
            };
            if let Some(tie) = found
                && best.is_none_or(|least| (score, *tie) < least)
            {
                best = Some((score, *tie));
            }
        }
        best.map(|(_, tie)| tie.slot)
    }

    /// The agent with the most free units among those who could take the cost with nothing else to do.
    pub fn roomiest(
        &self,
        cost: Cost,
        pool: Pool,
        serves: impl Fn(LaneKey) -> bool,
        allowed: impl Fn(Slot) -> bool,
    ) -> Option<Slot> {
        let mut best: Option<(Reverse<Units>, Tie)> = None;
        for ((_, profile), ties) in self.shelves.iter().filter(|((lane, _), _)| serves(*lane)) {
            let free = Reverse(profile.free(pool));
            let is_worse = best.is_some_and(|(most, _)| free > most);
            if is_worse || !profile.could_fit(cost, pool) {
                continue;
            }
            if let Some(tie) = ties.iter().find(|tie| allowed(tie.slot))
                && best.is_none_or(|most| (free, *tie) < most)
            {
                best = Some((free, *tie));
            }
        }
        best.map(|(_, tie)| tie.slot)
    }

    /// Every agent in the lanes that `serves` allows.
    pub fn agents(&self, serves: impl Fn(LaneKey) -> bool) -> impl Iterator<Item = Slot> {
        self.shelves
            .iter()
            .filter(move |((lane, _), _)| serves(*lane))
            .flat_map(|(_, ties)| ties.iter().map(|tie| tie.slot))
    }
}

#[cfg(test)]
mod tests {
    use model::KeyPrefix;

    use super::*;

    /// A page of obvious code: look at everybody.
    fn naive(all: &[Position], wish: &Wish, not: Slot) -> Option<Slot> {
        let fits = all.iter().filter(|p| p.profile.fits(wish.cost, wish.pool));
        let asked = fits.filter(|p| p.lane.status == 0 && p.tie.slot != not);
        asked
            .min_by_key(|p| (p.profile.score(wish.measure, wish.pool), p.tie))
            .map(|p| p.tie.slot)
    }

    #[test]
    fn the_index_chooses_as_a_look_at_everybody_does() {
        let mut dice = 42_u64;
        let mut roll = |sides: u64| {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % sides
        };
        let costs = [
            Cost::Whole,
            Cost::Weight(Units::ZERO),
            Cost::Weight(Units::whole(2)),
            Cost::Percent(Units::whole(25)),
            Cost::Percent(Units::whole(100)),
        ];
        let measures = [Measure::Free, Measure::Items, Measure::UsedUnits];
        for _ in 0..300 {
            let (mut members, mut all) = (Members::default(), Vec::new());
            for slot in 0..roll(40) as Slot {
                let configured = [roll(6), roll(4)].map(|n| Units::whole(n as i64));
                let used = [roll(7), roll(4)].map(|n| Units::whole(n as i64));
                let login = Millis(roll(5) as i64);
                let last = (roll(2) == 0).then_some(Millis(roll(9) as i64));
                let user = RecordId::new(KeyPrefix::of("005"), u64::from(slot));
                let position = Position {
                    lane: LaneKey {
                        status: roll(2) as Slot,
                        centers: roll(2) as u32,
                        rest: Rest::None,
                        kept: None,
                    },
                    profile: Profile::new(configured, used, roll(4) as u32),
                    tie: Tie::new(login, last, user, slot),
                };
                members.insert(&position);
                all.push(position);
            }
            for position in all.extract_if(.., |p| p.tie.slot % 5 == 4) {
                members.remove(&position);
            }
            for cost in costs {
                let pool = if roll(2) == 0 {
                    Pool::Primary
                } else {
                    Pool::Interruptible
                };
                let measure = measures[roll(3) as usize];
                let (wish, not) = (
                    Wish {
                        measure,
                        pool,
                        cost,
                    },
                    roll(40) as Slot,
                );
                let serves = |lane: LaneKey| lane.status == 0;
                let best = members.best(&wish, serves, |slot| slot != not, &mut Silent);
                assert_eq!(best, naive(&all, &wish, not));
            }
            assert_eq!(members.len() as usize, all.len());
        }
    }
}
