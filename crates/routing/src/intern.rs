//! Sets of call centres, numbered: agents with the same set share a lane.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::RecordId;

use crate::backlog::Center;

/// All sets seen so far. Number 0 is the empty set.
pub(crate) struct Centers {
    sets: Vec<Arc<[RecordId]>>,
    numbers: BTreeMap<Arc<[RecordId]>, u32>,
}

impl Default for Centers {
    fn default() -> Self {
        let empty: Arc<[RecordId]> = Arc::from([]);
        Self {
            sets: vec![empty.clone()],
            numbers: BTreeMap::from([(empty, 0)]),
        }
    }
}

impl Centers {
    /// The number of a set; order and repetition do not matter.
    pub fn number(&mut self, centers: &[RecordId]) -> u32 {
        let mut sorted = centers.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let set: Arc<[RecordId]> = sorted.into();
        if let Some(number) = self.numbers.get(&set) {
            return *number;
        }
        let number = self.sets.len() as u32;
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }

    /// R62.
    pub fn meets(&self, number: u32, center: Center) -> bool {
        let set = &self.sets[number as usize];
        match center {
            Center::None => true,
            Center::Any => !set.is_empty(),
            Center::Is(id) => set.binary_search(&id).is_ok(),
        }
    }
}
