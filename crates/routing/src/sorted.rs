//! Ordered sets and maps that are short vectors while they are small.
//!
//! Most sets here have a handful of entries (the items of one set of skills, the agents with one load),
//! and a tree node for one entry costs ten times its size. One entry needs no memory of its own, large
//! sets lie in runs, large maps are trees.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use smallvec::SmallVec;

use crate::runs::Runs;

/// An ordered set; up to `FEW` entries are a vector.
pub(crate) enum Sorted<T, const FEW: usize = 16> {
    Few(SmallVec<[T; 1]>),
    Many(Runs<T>),
}

impl<T, const FEW: usize> Default for Sorted<T, FEW> {
    fn default() -> Self {
        Self::Few(SmallVec::new())
    }
}

impl<T: Ord + Copy, const FEW: usize> Sorted<T, FEW> {
    pub fn insert(&mut self, entry: T) {
        match self {
            Self::Few(few) if few.len() < FEW => {
                if let Err(at) = place_in(few, &entry) {
                    few.insert(at, entry);
                }
            }
            Self::Few(few) => {
                let mut many = Runs::of(few);
                many.insert(entry);
                *self = Self::Many(many);
            }
            Self::Many(many) => {
                many.insert(entry);
            }
        }
    }

    /// True if it was there.
    pub fn remove(&mut self, entry: &T) -> bool {
        match self {
            Self::Few(few) => match few.binary_search(entry) {
                Ok(at) => {
                    few.remove(at);
                    true
                }
                Err(_) => false,
            },
            Self::Many(many) => {
                let was_there = many.remove(entry);
                if many.len() < FEW / 2 {
                    *self = Self::Few(many.iter().copied().collect());
                }
                was_there
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Few(few) => few.is_empty(),
            Self::Many(many) => many.len() == 0,
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Few(few) => few.len(),
            Self::Many(many) => many.len(),
        }
    }

    pub fn first(&self) -> Option<&T> {
        match self {
            Self::Few(few) => few.first(),
            Self::Many(many) => many.first(),
        }
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let (few, many) = match self {
            Self::Few(few) => (few.as_slice(), None),
            Self::Many(many) => (&[][..], Some(many.iter())),
        };
        few.iter().chain(many.into_iter().flatten())
    }

    /// How many come before `end`.
    pub fn count_before(&self, end: &T) -> usize {
        match self {
            Self::Few(few) => few.partition_point(|entry| entry < end),
            Self::Many(many) => many.count_before(end),
        }
    }
}

/// As a binary search; what is newest comes last in most sets, so that is looked at first.
fn place_in<T: Ord>(few: &[T], entry: &T) -> Result<usize, usize> {
    match few.last() {
        Some(last) if last < entry => Err(few.len()),
        _ => few.binary_search(entry),
    }
}

/// Entries of the vector of a [`SortedMap`], at most.
const FEW_KEYS: usize = 16;

/// An ordered map.
pub(crate) enum SortedMap<K, V> {
    Few(SmallVec<[(K, V); 1]>),
    Many(BTreeMap<K, V>),
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self::Few(SmallVec::new())
    }
}

impl<K: Ord + Copy, V: Default> SortedMap<K, V> {
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match self {
            Self::Few(few) => {
                let at = few.binary_search_by_key(key, |(k, _)| *k).ok()?;
                Some(&mut few[at].1)
            }
            Self::Many(many) => many.get_mut(key),
        }
    }

    pub fn get_or_default(&mut self, key: K) -> &mut V {
        if let Self::Few(few) = self
            && few.len() >= FEW_KEYS
            && few.binary_search_by_key(&key, |(k, _)| *k).is_err()
        {
            *self = Self::Many(few.drain(..).collect());
        }
        match self {
            Self::Few(few) => {
                let at = match few.binary_search_by_key(&key, |(k, _)| *k) {
                    Ok(at) => at,
                    Err(at) => {
                        few.insert(at, (key, V::default()));
                        at
                    }
                };
                &mut few[at].1
            }
            Self::Many(many) => many.entry(key).or_default(),
        }
    }

    pub fn remove(&mut self, key: &K) {
        match self {
            Self::Few(few) => {
                if let Ok(at) = few.binary_search_by_key(key, |(k, _)| *k) {
                    few.remove(at);
                }
            }
            Self::Many(many) => {
                many.remove(key);
                if many.len() < FEW_KEYS / 2 {
                    *self = Self::Few(std::mem::take(many).into_iter().collect());
                }
            }
        }
    }

    /// Moves a value to a key that has none.
    pub fn rename(&mut self, from: &K, to: K) {
        match self {
            Self::Few(few) => {
                let Ok(at) = few.binary_search_by_key(from, |(k, _)| *k) else {
                    return;
                };
                few[at].0 = to;
                if *from < to {
                    let end = at + 1 + few[at + 1..].partition_point(|(k, _)| *k < to);
                    few[at..end].rotate_left(1);
                } else {
                    let start = few[..at].partition_point(|(k, _)| *k < to);
                    few[start..=at].rotate_right(1);
                }
            }
            Self::Many(many) => {
                if let Some(value) = many.remove(from) {
                    many.insert(to, value);
                }
            }
        }
    }

    pub fn first(&self) -> Option<(&K, &V)> {
        match self {
            Self::Few(few) => few.first().map(|(k, v)| (k, v)),
            Self::Many(many) => many.first_key_value(),
        }
    }

    /// The first entry beyond a key.
    pub fn after(&self, key: &K) -> Option<(&K, &V)> {
        match self {
            Self::Few(few) => {
                let at = few.partition_point(|(k, _)| k <= key);
                few.get(at).map(|(k, v)| (k, v))
            }
            Self::Many(many) => many.range((Excluded(key), Unbounded)).next(),
        }
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let (few, many) = match self {
            Self::Few(few) => (few.as_slice(), None),
            Self::Many(many) => (&[][..], Some(many)),
        };
        let few = few.iter().map(|(k, v)| (k, v));
        few.chain(many.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    struct Dice(u32);

    impl Dice {
        /// A number below 40, and which of two things to do.
        fn roll(&mut self) -> (u32, bool) {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((self.0 >> 16) % 40, self.0 >> 31 == 0)
        }
    }

    #[test]
    fn small_or_large_it_is_the_same_set() {
        let (mut sorted, mut plain) = (Sorted::<u32>::default(), BTreeSet::new());
        let mut dice = Dice(7);
        for _ in 0..4_000 {
            let (entry, is_new) = dice.roll();
            if is_new {
                sorted.insert(entry);
                plain.insert(entry);
            } else {
                assert_eq!(sorted.remove(&entry), plain.remove(&entry));
            }
            assert!(sorted.iter().eq(plain.iter()));
            assert_eq!(sorted.count_before(&entry), plain.range(..entry).count());
            assert_eq!(
                (sorted.first(), sorted.is_empty()),
                (plain.first(), plain.is_empty())
            );
        }
    }

    /// As a backlog is: appended to, taken from in front, sometimes from within.
    #[test]
    fn a_long_queue_is_the_same_set() {
        let (mut sorted, mut plain) = (Sorted::<u32>::default(), BTreeSet::new());
        let mut dice = Dice(13);
        for number in 0..9_000_u32 {
            let (chance, is_new) = dice.roll();
            let grows = number % 3_000 < 2_000;
            let entry = match chance {
                0..3 => number.saturating_sub(17 * chance) / 2,
                _ => number,
            };
            if is_new || grows && chance > 20 {
                sorted.insert(entry);
                plain.insert(entry);
            } else {
                let taken = match chance {
                    0..10 => plain.iter().nth(chance as usize * 9).copied(),
                    _ => plain.first().copied(),
                };
                let taken = taken.unwrap_or(entry);
                assert_eq!(sorted.remove(&taken), plain.remove(&taken));
            }
            assert_eq!(sorted.first(), plain.first());
            if number % 50 == 0 {
                assert!(sorted.iter().eq(plain.iter()));
                let count = plain.range(..entry / 2).count();
                assert_eq!(sorted.count_before(&(entry / 2)), count);
            }
        }
    }

    #[test]
    fn small_or_large_it_is_the_same_map() {
        let (mut sorted, mut plain) = (SortedMap::<u32, u32>::default(), BTreeMap::new());
        let mut dice = Dice(11);
        for number in 0..6_000 {
            let (key, is_new) = dice.roll();
            let (other, is_renamed) = dice.roll();
            if is_new {
                *sorted.get_or_default(key) += number;
                *plain.entry(key).or_default() += number;
            } else if is_renamed && plain.contains_key(&key) && !plain.contains_key(&other) {
                sorted.rename(&key, other);
                let value = plain.remove(&key).unwrap_or_default();
                plain.insert(other, value);
            } else {
                sorted.remove(&key);
                plain.remove(&key);
            }
            assert!(sorted.iter().eq(plain.iter()));
            assert_eq!(sorted.get_mut(&other), plain.get_mut(&other));
            assert_eq!(sorted.first(), plain.first_key_value());
            assert_eq!(
                sorted.after(&other),
                plain.range((Excluded(other), Unbounded)).next()
            );
        }
    }
}
