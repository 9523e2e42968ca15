//! Rows in numbered slots, found by id.
//!
//! A slot number is a private, four-byte name of a row. It never reaches an output: a restored state
//! numbers its slots in another order, and must behave the same.

use std::collections::BTreeMap;
use std::hash::{BuildHasherDefault, Hasher};

use model::RecordId;

/// A row's place in its [`Table`].
pub(crate) type Slot = u32;

/// Hashes record ids, which our own counters make; equal on every machine.
///
/// Ids that follow each other differ in their last characters only: both halves of the product are used,
/// so that every bit of the input moves every bit of the hash.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk())
            && bytes.len() <= 16
        {
            self.write_u64(u64::from_le_bytes(*first));
            self.write_u64(u64::from_le_bytes(*last));
            return;
        }
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u64(&mut self, word: u64) {
        let mixed = u128::from(self.0 ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
        self.0 = (mixed as u64) ^ (mixed >> 64) as u64;
    }
    fn write_usize(&mut self, _length: usize) {}
}

/// Fixed hashing for keys that start with a record id.
pub(crate) type FixedState = BuildHasherDefault<IdHasher>;

/// Values by record id. Never iterated.
pub(crate) type IdMap<V> = hashbrown::HashMap<RecordId, V, FixedState>;

/// A set of slots as bits.
#[derive(Default)]
pub(crate) struct Slots {
    words: Vec<u64>,
    count: usize,
}

impl Slots {
    pub fn set(&mut self, slot: Slot, is_in: bool) {
        let (word, bit) = (slot as usize / 64, 1u64 << (slot % 64));
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        let was_in = self.words[word] & bit != 0;
        if was_in != is_in {
            self.words[word] ^= bit;
            self.count = if is_in {
                self.count + 1
            } else {
                self.count - 1
            };
        }
    }

    pub fn len(&self) -> usize {
        self.count
    }

    /// Slots that are in every one of the sets, ascending.
    pub fn common(sets: &[&Slots]) -> Vec<Slot> {
        let words = sets.iter().map(|s| s.words.len()).min().unwrap_or(0);
        let mut common = Vec::new();
        for word in 0..words {
            let mut bits = sets
                .iter()
                .fold(u64::MAX, |bits, set| bits & set.words[word]);
            while bits != 0 {
                common.push(word as Slot * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        common
    }
}

/// Rows of one page of a [`Table`]: a table grows by pages, so no row ever moves.
const PAGE: usize = 64;

/// Rows by slot and by id.
pub(crate) struct Table<T> {
    pages: Vec<Vec<Option<T>>>,
    free: Vec<Slot>,
    by_id: IdMap<Slot>,
    /// During a draft: what each touched slot held before, by first touch.
    journal: Option<BTreeMap<Slot, Option<T>>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            free: Vec::new(),
            by_id: IdMap::default(),
            journal: None,
        }
    }
}

impl<T: Clone> Table<T> {
    /// From now on, remembers what rows were before they are touched.
    pub fn begin(&mut self) {
        self.journal = Some(BTreeMap::new());
    }

    /// Forgets what rows were; answers it.
    pub fn end(&mut self) -> BTreeMap<Slot, Option<T>> {
        self.journal.take().unwrap_or_default()
    }

    fn touch(&mut self, slot: Slot) {
        if let Some(journal) = &mut self.journal {
            let page = self.pages.get(slot as usize / PAGE);
            let row = page.and_then(|page| page.get(slot as usize % PAGE)?.as_ref());
            journal.entry(slot).or_insert_with(|| row.cloned());
        }
    }

    fn place(&mut self, slot: Slot) -> &mut Option<T> {
        &mut self.pages[slot as usize / PAGE][slot as usize % PAGE]
    }

    /// Puts a row back under its id into the very slot it had.
    pub fn put_back(&mut self, slot: Slot, id: RecordId, row: T) {
        self.free.retain(|free| *free != slot);
        self.by_id.insert(id, slot);
        *self.place(slot) = Some(row);
    }

    /// The slot of an id.
    pub fn slot(&self, id: RecordId) -> Option<Slot> {
        self.by_id.get(&id).copied()
    }

    /// The row of an id.
    pub fn find(&self, id: RecordId) -> Option<&T> {
        self.get(self.slot(id)?)
    }

    /// The row in a slot.
    pub fn get(&self, slot: Slot) -> Option<&T> {
        let page = self.pages.get(slot as usize / PAGE)?;
        page.get(slot as usize % PAGE)?.as_ref()
    }

    /// Puts a row under an id that has none.
    pub fn insert(&mut self, id: RecordId, row: T) -> Slot {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.new_slot(),
        };
        self.touch(slot);
        *self.place(slot) = Some(row);
        self.by_id.insert(id, slot);
        slot
    }

    fn new_slot(&mut self) -> Slot {
        if self.pages.last().is_none_or(|page| page.len() == PAGE) {
            let room = if self.pages.is_empty() { 0 } else { PAGE };
            self.pages.push(Vec::with_capacity(room));
        }
        let number = self.pages.len() - 1;
        let page = &mut self.pages[number];
        page.push(None);
        (number * PAGE + page.len() - 1) as Slot
    }

    /// The slot of an id, made with `new` if there is none.
    pub fn intern(&mut self, id: RecordId, new: impl FnOnce() -> T) -> Slot {
        match self.slot(id) {
            Some(slot) => slot,
            None => self.insert(id, new()),
        }
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: RecordId) -> Option<T> {
        let slot = self.by_id.remove(&id)?;
        self.touch(slot);
        self.free.push(slot);
        self.place(slot).take()
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Every row, in the order of slots: sort before output.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        self.pages
            .iter()
            .flatten()
            .enumerate()
            .filter_map(|(slot, row)| Some((slot as Slot, row.as_ref()?)))
    }
}

/// A slot that the state itself handed out is always filled; anything else is a bug here, not input.
impl<T: Clone> std::ops::Index<Slot> for Table<T> {
    type Output = T;
    fn index(&self, slot: Slot) -> &T {
        self.get(slot).expect("slots come from the table")
    }
}

impl<T: Clone> std::ops::IndexMut<Slot> for Table<T> {
    fn index_mut(&mut self, slot: Slot) -> &mut T {
        self.touch(slot);
        self.place(slot)
            .as_mut()
            .expect("slots come from the table")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(members: &[Slot]) -> Slots {
        let mut slots = Slots::default();
        members.iter().for_each(|slot| slots.set(*slot, true));
        slots
    }

    #[test]
    fn sets_of_slots() {
        let mut a = slots(&[3, 63, 64, 130, 130]);
        assert_eq!(a.len(), 4);
        a.set(63, false);
        a.set(63, false);
        a.set(500, false);
        assert_eq!(a.len(), 3);
        let (b, c) = (slots(&[3, 64, 65, 130, 700]), slots(&[64, 3]));
        assert_eq!(Slots::common(&[&a, &b]), [3, 64, 130]);
        assert_eq!(Slots::common(&[&a, &b, &c]), [3, 64]);
        assert!(Slots::common(&[&a, &slots(&[])]).is_empty());
        assert!(Slots::common(&[]).is_empty());
    }

    #[test]
    fn ids_are_scattered() {
        let prefix = crate::rows::prefix::WORK;
        let hash = |number: u64| {
            let mut hasher = IdHasher::default();
            hasher.write(RecordId::new(prefix, number).bytes());
            hasher.finish()
        };
        // The table takes its place from the low bits and its mark from the high ones.
        for shift in [0, 57] {
            let parts: std::collections::BTreeSet<u64> = (0..512)
                .map(|number| (hash(number) >> shift) & 127)
                .collect();
            assert!(parts.len() > 100, "{} of 128", parts.len());
        }
        let whole: std::collections::BTreeSet<u64> = (0..4_096).map(hash).collect();
        assert_eq!(whole.len(), 4_096);
        // Keys of another length count from end to end.
        let of = |bytes: &[u8]| {
            let mut hasher = IdHasher::default();
            hasher.write(bytes);
            hasher.finish()
        };
        let long = [7; 40];
        for at in 0..long.len() {
            let mut other = long;
            other[at] = 8;
            assert_ne!(of(&long), of(&other), "byte {at}");
        }
    }
}
