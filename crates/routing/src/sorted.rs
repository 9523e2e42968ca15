//! An ordered set that is a short vector while it is small.
//!
//! Most sets here have a handful of entries (the items of one set of skills, the agents with one load),
//! and a tree node for one entry costs ten times its size. Large sets are trees.

use std::collections::BTreeSet;

/// Entries of a vector, at most; it moves up to this many on an insertion.
const FEW_MAX: usize = 16;

/// An ordered set.
pub(crate) enum Sorted<T> {
    Few(Vec<T>),
    Many(BTreeSet<T>),
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl<T: Ord + Copy> Sorted<T> {
    pub fn insert(&mut self, entry: T) {
        match self {
            Self::Few(few) if few.len() < FEW_MAX => {
                if let Err(at) = few.binary_search(&entry) {
                    if few.is_empty() {
                        few.reserve_exact(1);
                    }
                    few.insert(at, entry);
                }
            }
            Self::Few(few) => {
                let mut many: BTreeSet<T> = few.drain(..).collect();
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
                if many.len() < FEW_MAX / 2 {
                    *self = Self::Few(many.iter().copied().collect());
                }
                was_there
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Few(few) => few.is_empty(),
            Self::Many(many) => many.is_empty(),
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
            Self::Many(many) => (&[][..], Some(many)),
        };
        few.iter().chain(many.into_iter().flatten())
    }

    /// Entries not before `start`, in order.
    pub fn from(&self, start: &T) -> impl Iterator<Item = &T> {
        let (few, many) = match self {
            Self::Few(few) => (&few[few.partition_point(|entry| entry < start)..], None),
            Self::Many(many) => (&[][..], Some(many.range(start..))),
        };
        few.iter().chain(many.into_iter().flatten())
    }

    /// How many come before `end`.
    pub fn count_before(&self, end: &T) -> usize {
        match self {
            Self::Few(few) => few.partition_point(|entry| entry < end),
            Self::Many(many) => many.range(..end).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_or_large_it_is_the_same_set() {
        let (mut sorted, mut plain) = (Sorted::default(), BTreeSet::new());
        let mut dice: u32 = 7;
        for _ in 0..4_000 {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let entry = (dice >> 16) % 40;
            if dice >> 31 == 0 {
                sorted.insert(entry);
                plain.insert(entry);
            } else {
                assert_eq!(sorted.remove(&entry), plain.remove(&entry));
            }
            assert!(sorted.iter().eq(plain.iter()));
            assert!(sorted.from(&entry).eq(plain.range(entry..)));
            assert_eq!(sorted.count_before(&entry), plain.range(..entry).count());
            assert_eq!(
                (sorted.first(), sorted.is_empty()),
                (plain.first(), plain.is_empty())
            );
        }
    }
}
