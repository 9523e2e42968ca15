//! The waiting items of one filter, in classes that ask the same of an agent.
//!
//! All items of a class need the same channel, call centre, pool and cost. So if the first cannot be
//! placed, none of its class can, and the pass moves on without walking (R35). The exception are items
//! that somebody declined: the last decliner is not asked again (R70), so they stand in a bucket per
//! decliner beside the fresh ones.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use model::RecordId;
use smallvec::SmallVec;

use crate::capacity::{Cost, Pool};
use crate::order::Key;
use crate::rows::prefix;
use crate::sorted::Sorted;
use crate::table::Slot;

/// Which call centre an agent must be mapped to (R62).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Center {
    /// No call.
    None,
    /// A call of an unknown centre: any mapping will do.
    Any,
    /// This CallCenter.
    Is(RecordId),
}

/// What every item of a class asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClassKey {
    /// Slot of the channel.
    pub channel: Slot,
    pub center: Center,
    pub pool: Pool,
    pub cost: Cost,
}

/// Who must not be asked: a session that declined last, or (chats) the request itself as the name of a
/// bucket of its own, because it carries its own list.
pub(crate) type Bucket = RecordId;

/// Items that found nobody in this pass.
#[derive(Clone, Default)]
pub(crate) struct Stuck {
    /// Buckets of decliners: what finds nobody for the first of a bucket finds nobody for the others.
    decliners: SmallVec<[Bucket; 2]>,
    /// The last of those with lists of their own. A pass goes in the order of keys, so all before it
    /// had their turn.
    own: Option<(Key, Bucket)>,
}

impl Stuck {
    pub fn add(&mut self, key: Key, bucket: Bucket) {
        if bucket.prefix() == prefix::REQUEST {
            self.own = Some((key, bucket));
        } else {
            self.decliners.push(bucket);
        }
    }

    /// Two decliners, and neither's items find an agent: there is none at all.
    pub fn is_everything(&self) -> bool {
        self.decliners.len() > 1
    }
}

#[derive(Default)]
struct Declined {
    buckets: BTreeMap<Bucket, Sorted<Key>>,
    heads: BTreeSet<(Key, Bucket)>,
}

/// One class of waiting items.
#[derive(Default)]
pub(crate) struct Class {
    fresh: Sorted<Key>,
    declined: Option<Box<Declined>>,
}

impl Class {
    fn insert(&mut self, key: Key, bucket: Option<Bucket>) {
        let Some(bucket) = bucket else {
            self.fresh.insert(key);
            return;
        };
        let declined = self.declined.get_or_insert_default();
        let keys = declined.buckets.entry(bucket).or_default();
        if keys.first().is_none_or(|first| key < *first) {
            if let Some(first) = keys.first() {
                declined.heads.remove(&(*first, bucket));
            }
            declined.heads.insert((key, bucket));
        }
        keys.insert(key);
    }

    fn remove(&mut self, key: Key, bucket: Option<Bucket>) {
        let Some(bucket) = bucket else {
            self.fresh.remove(&key);
            return;
        };
        let Some(declined) = &mut self.declined else {
            return;
        };
        let Some(keys) = declined.buckets.get_mut(&bucket) else {
            return;
        };
        keys.remove(&key);
        if declined.heads.remove(&(key, bucket))
            && let Some(first) = keys.first()
        {
            declined.heads.insert((*first, bucket));
        }
        if keys.is_empty() {
            declined.buckets.remove(&bucket);
        }
        if declined.buckets.is_empty() {
            self.declined = None;
        }
    }

    /// The first item, those of stuck buckets left out, and its bucket.
    pub fn first(&self, stuck: &Stuck) -> Option<(Key, Option<Bucket>)> {
        let fresh = self.fresh.first().map(|key| (*key, None));
        let declined = self.declined.as_ref().and_then(|d| {
            let from = stuck.own.map_or(Bound::Unbounded, Bound::Excluded);
            let mut rest = d.heads.range((from, Bound::Unbounded));
            let free = rest.find(|(_, bucket)| !stuck.decliners.contains(bucket));
            free.map(|(key, bucket)| (*key, Some(*bucket)))
        });
        match (fresh, declined) {
            (Some(a), Some(b)) => Some(if a.0 < b.0 { a } else { b }),
            (a, b) => a.or(b),
        }
    }

    /// The first fresh and the first declined item, each with the number of its kind.
    pub fn heads(&self) -> impl Iterator<Item = (Key, u64)> {
        let fresh = self
            .fresh
            .first()
            .map(|key| (*key, self.fresh.len() as u64));
        let declined = self.declined.as_ref().and_then(|d| {
            let count = d.buckets.values().map(|keys| keys.len() as u64).sum();
            d.heads.first().map(|(key, _)| (*key, count))
        });
        fresh.into_iter().chain(declined)
    }

    fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.declined.is_none()
    }

    /// Every item, not in order.
    fn keys(&self) -> impl Iterator<Item = &Key> {
        let buckets = self.declined.iter().flat_map(|d| d.buckets.values());
        self.fresh.iter().chain(buckets.flat_map(Sorted::iter))
    }
}

/// The waiting items of one filter.
#[derive(Default)]
pub(crate) struct Backlog {
    classes: SmallVec<[(ClassKey, Class); 1]>,
    waiting: u32,
}

/// Empty classes that are kept so that a queue whose only item comes and goes does not allocate.
const EMPTY_CLASSES_MAX: usize = 4;

impl Backlog {
    pub fn insert(&mut self, class: ClassKey, key: Key, bucket: Option<Bucket>) {
        let at = match self.classes.binary_search_by_key(&class, |(k, _)| *k) {
            Ok(at) => at,
            Err(at) => {
                self.classes.insert(at, (class, Class::default()));
                at
            }
        };
        self.classes[at].1.insert(key, bucket);
        self.waiting += 1;
    }

    pub fn remove(&mut self, class: ClassKey, key: Key, bucket: Option<Bucket>) {
        let Ok(at) = self.classes.binary_search_by_key(&class, |(k, _)| *k) else {
            return;
        };
        self.classes[at].1.remove(key, bucket);
        self.waiting = self.waiting.saturating_sub(1);
        if self.classes[at].1.is_empty() && self.classes.len() > EMPTY_CLASSES_MAX {
            self.classes.remove(at);
        }
    }

    pub fn class(&self, key: ClassKey) -> Option<&Class> {
        let at = self.classes.binary_search_by_key(&key, |(k, _)| *k).ok()?;
        Some(&self.classes[at].1)
    }

    /// Classes in which something waits.
    pub fn classes(&self) -> impl Iterator<Item = (ClassKey, &Class)> {
        self.classes
            .iter()
            .filter(|(_, c)| !c.is_empty())
            .map(|(key, class)| (*key, class))
    }

    /// Items that wait.
    pub fn len(&self) -> u32 {
        self.waiting
    }

    /// The first of all.
    pub fn first(&self) -> Option<Key> {
        self.classes
            .iter()
            .filter_map(|(_, class)| class.first(&Stuck::default()))
            .map(|(key, _)| key)
            .min()
    }

    /// Items that come before a key.
    pub fn before(&self, key: &Key) -> u64 {
        let count = |keys: &Sorted<Key>| keys.count_before(key) as u64;
        let of_class = |class: &Class| {
            let declined = class.declined.iter().flat_map(|d| d.buckets.values());
            count(&class.fresh) + declined.map(count).sum::<u64>()
        };
        self.classes.iter().map(|(_, class)| of_class(class)).sum()
    }

    /// The first items of each class, at most so many of each; not in order.
    pub fn head(&self, limit: usize) -> impl Iterator<Item = Key> {
        let of_class = move |class: &Class| {
            let declined = class.declined.iter().flat_map(|d| d.buckets.values());
            let parts = std::iter::once(&class.fresh).chain(declined);
            parts
                .flat_map(|keys| keys.iter().take(limit).copied())
                .collect::<Vec<_>>()
        };
        self.classes
            .iter()
            .flat_map(move |(_, class)| of_class(class))
    }

    /// Every item, not in order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.classes.iter().flat_map(|(_, class)| class.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Units;

    type Entry = (ClassKey, Key, Option<Bucket>);

    fn class(number: u32) -> ClassKey {
        ClassKey {
            channel: number,
            center: Center::None,
            pool: Pool::Primary,
            cost: Cost::Weight(Units::ZERO),
        }
    }

    fn bucket(number: u32) -> Bucket {
        RecordId::new(prefix::PRESENCE, u64::from(number))
    }

    /// All questions, answered by looking at each entry of a list.
    fn check(backlog: &Backlog, plain: &[Entry]) {
        let keys = |of: &dyn Fn(&Entry) -> bool| -> Vec<Key> {
            let mut keys: Vec<Key> = plain.iter().filter(|e| of(e)).map(|e| e.1).collect();
            keys.sort_unstable();
            keys
        };
        let all = keys(&|_| true);
        assert_eq!(backlog.len() as usize, plain.len());
        assert_eq!(backlog.first(), all.first().copied());
        let mut listed: Vec<Key> = backlog.keys().copied().collect();
        listed.sort_unstable();
        assert_eq!(listed, all);
        for number in [0, 7, 20, 39] {
            let end = Key::numbered(number);
            let before = all.iter().filter(|k| **k < end).count() as u64;
            assert_eq!(backlog.before(&end), before);
        }
        let mut head: Vec<Key> = backlog.head(2).collect();
        head.sort_unstable();
        assert_eq!(
            head.iter().take(2).collect::<Vec<_>>(),
            all.iter().take(2).collect::<Vec<_>>()
        );
        assert!(head.len() <= backlog.classes.len() * 4 * 2);
        let busy: Vec<ClassKey> = backlog.classes().map(|(key, _)| key).collect();
        let wanted: BTreeSet<ClassKey> = plain.iter().map(|e| e.0).collect();
        assert_eq!(busy, wanted.into_iter().collect::<Vec<_>>());
        let empty = backlog.classes.iter().filter(|(_, c)| c.is_empty()).count();
        assert!(empty <= EMPTY_CLASSES_MAX);
        for (key, items) in backlog.classes() {
            assert!(
                items
                    .declined
                    .iter()
                    .all(|d| d.buckets.len() == d.heads.len())
            );
            for decliners in [&[][..], &[bucket(1)], &[bucket(0), bucket(2)]] {
                let mut stuck = Stuck::default();
                for bucket in decliners {
                    stuck.add(Key::numbered(0), *bucket);
                }
                let free = |e: &&Entry| e.0 == key && e.2.is_none_or(|b| !decliners.contains(&b));
                let first = plain.iter().filter(free).min_by_key(|e| e.1);
                assert_eq!(items.first(&stuck), first.map(|e| (e.1, e.2)));
            }
        }
    }

    #[test]
    fn what_has_a_list_of_its_own_is_passed_by_in_the_order_of_keys() {
        let own = |number| RecordId::new(prefix::REQUEST, u64::from(9 - number));
        let (mut backlog, mut stuck) = (Backlog::default(), Stuck::default());
        for number in 0..4_u32 {
            let item = Key::numbered(number);
            backlog.insert(class(0), item, Some(own(number)));
        }
        for number in 0..4 {
            let items = backlog.class(class(0)).unwrap();
            let first = (Key::numbered(number), Some(own(number)));
            assert_eq!(items.first(&stuck), Some(first));
            stuck.add(first.0, own(number));
            assert!(!stuck.is_everything());
        }
        assert_eq!(backlog.class(class(0)).unwrap().first(&stuck), None);
        stuck.add(Key::numbered(5), bucket(0));
        stuck.add(Key::numbered(6), bucket(1));
        assert!(stuck.is_everything());
    }

    #[test]
    fn a_backlog_answers_as_a_plain_list() {
        let (mut backlog, mut plain) = (Backlog::default(), Vec::<Entry>::new());
        let mut dice = 5_u32;
        let mut roll = |sides: u32| {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (dice >> 16) % sides
        };
        for step in 0..4_000 {
            // Long phases of growing and of shrinking, down to nothing.
            let grows = step % 400 < 150;
            let number = roll(40);
            if grows && plain.iter().all(|e| e.1 != Key::numbered(number)) {
                let its_bucket = Some(roll(4)).filter(|b| *b < 3).map(bucket);
                let entry = (class(roll(9)), Key::numbered(number), its_bucket);
                backlog.insert(entry.0, entry.1, entry.2);
                plain.push(entry);
            } else if !grows && !plain.is_empty() {
                let (key, item, its_bucket) = plain.swap_remove(roll(plain.len() as u32) as usize);
                backlog.remove(key, item, its_bucket);
            }
            check(&backlog, &plain);
        }
    }
}
