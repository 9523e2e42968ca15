//! Row changes of one batch, at most one per row, in the order of first touch.

use indexmap::IndexMap;
use model::{FieldIx, ObjectIx, Record, RecordId, RowChange, Value};

type Hasher = hashbrown::DefaultHashBuilder;
type Key = (ObjectIx, RecordId);

/// What the batch makes of one row.
pub(crate) enum After<'a> {
    /// Not touched: as the store has it.
    Same,
    /// Made in this batch.
    Is(&'a Record),
    /// Changed: these values over those of the store, and the place if it moved.
    Patched(&'a [(FieldIx, Value)], Option<bool>),
    /// Removed.
    Gone,
}

/// The changes so far.
#[derive(Default)]
pub(crate) struct Changes {
    rows: IndexMap<Key, Option<RowChange>, Hasher>,
}

impl Changes {
    /// The state of a row after the changes so far.
    pub fn after(&self, object: ObjectIx, id: RecordId) -> After<'_> {
        match self.rows.get(&(object, id)) {
            None => After::Same,
            Some(Some(RowChange::Insert(record))) => After::Is(record),
            Some(Some(RowChange::Update { sets, .. })) => After::Patched(sets, None),
            Some(Some(RowChange::SetDeleted { sets, deleted, .. })) => {
                After::Patched(sets, Some(*deleted))
            }
            Some(Some(RowChange::Remove { .. }) | None) => After::Gone,
        }
    }

    /// Rows of `object` that these changes made or patched.
    pub fn touched(&self, object: ObjectIx) -> impl Iterator<Item = RecordId> + '_ {
        self.rows
            .keys()
            .filter(move |(o, _)| *o == object)
            .map(|(_, id)| *id)
    }

    /// Adds a change, merged with an earlier one of the same row: insert and update are an insert,
    /// insert and remove are nothing.
    pub fn push(&mut self, change: RowChange) {
        let key = change.key();
        match self.rows.entry(key) {
            indexmap::map::Entry::Vacant(place) => {
                place.insert(Some(change));
            }
            indexmap::map::Entry::Occupied(mut place) => {
                let before = place.get_mut();
                *before = match before.take() {
                    Some(earlier) => merge(earlier, change),
                    None => Some(change),
                };
            }
        }
    }

    pub fn into_rows(self) -> Vec<RowChange> {
        self.rows.into_values().flatten().collect()
    }
}

fn merge(earlier: RowChange, later: RowChange) -> Option<RowChange> {
    use RowChange as C;
    Some(match (earlier, later) {
        (C::Insert(_), C::Remove { .. }) => return None,
        (C::Insert(mut record), C::Update { sets, .. }) => {
            record.apply(&sets);
            C::Insert(record)
        }
        (C::Insert(mut record), C::SetDeleted { sets, deleted, .. }) => {
            record.apply(&sets);
            record.is_deleted = deleted;
            C::Insert(record)
        }
        (
            C::Update {
                object,
                id,
                sets: mut first,
            },
            C::Update { sets, .. },
        ) => {
            overlay(&mut first, sets);
            C::Update {
                object,
                id,
                sets: first,
            }
        }
        (
            C::Update {
                object,
                id,
                sets: mut first,
            },
            C::SetDeleted { sets, deleted, .. },
        )
        | (
            C::SetDeleted {
                object,
                id,
                sets: mut first,
                ..
            },
            C::SetDeleted { sets, deleted, .. },
        ) => {
            overlay(&mut first, sets);
            C::SetDeleted {
                object,
                id,
                deleted,
                sets: first,
            }
        }
        (
            C::SetDeleted {
                object,
                id,
                deleted,
                sets: mut first,
            },
            C::Update { sets, .. },
        ) => {
            overlay(&mut first, sets);
            C::SetDeleted {
                object,
                id,
                deleted,
                sets: first,
            }
        }
        // an id never comes back after its removal, so the last word counts
        (_, later) => later,
    })
}

/// Later values win.
pub(crate) fn overlay(sets: &mut Vec<(FieldIx, Value)>, later: Vec<(FieldIx, Value)>) {
    for (field, value) in later {
        match sets.iter_mut().find(|(f, _)| *f == field) {
            Some((_, old)) => *old = value,
            None => sets.push((field, value)),
        }
    }
}
