//! Rows of sObjects and changes to them.

use crate::{FieldIx, ObjectIx, RecordId, Value};

/// One row: the object, the id and the fields that are not null, sorted by field.
///
/// Sparse on purpose: a User has 200 fields and sets a dozen. `Id` and `IsDeleted` are not among
/// `values`: the id is `id`, a row that is deleted softly has `is_deleted`.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Which object.
    pub object: ObjectIx,
    /// The row's id.
    pub id: RecordId,
    /// In the recycle bin (objects.md 6).
    pub is_deleted: bool,
    values: Vec<(FieldIx, Value)>,
}

static NULL: Value = Value::Null;

impl Record {
    /// A row without values.
    pub fn new(object: ObjectIx, id: RecordId) -> Self {
        Self {
            object,
            id,
            is_deleted: false,
            values: Vec::new(),
        }
    }

    /// The value of a field; null if it is not set.
    pub fn get(&self, field: FieldIx) -> &Value {
        match self.values.binary_search_by_key(&field, |(f, _)| *f) {
            Ok(at) => &self.values[at].1,
            Err(_) => &NULL,
        }
    }

    /// Sets a field; null removes it.
    pub fn set(&mut self, field: FieldIx, value: Value) {
        match (
            self.values.binary_search_by_key(&field, |(f, _)| *f),
            value.is_null(),
        ) {
            (Ok(at), true) => drop(self.values.remove(at)),
            (Ok(at), false) => self.values[at].1 = value,
            (Err(_), true) => {}
            (Err(at), false) => self.values.insert(at, (field, value)),
        }
    }

    /// Gives back memory that the values do not need; for rows that stay in memory.
    pub fn shrink(&mut self) {
        self.values.shrink_to_fit();
    }

    /// The fields that are not null, in catalogue order.
    pub fn values(&self) -> &[(FieldIx, Value)] {
        &self.values
    }

    /// Applies a change of this very row.
    pub fn apply(&mut self, sets: &[(FieldIx, Value)]) {
        for (field, value) in sets {
            self.set(*field, value.clone());
        }
    }
}

/// One change of one row. Names only the columns it sets, so that columns it does not know survive.
#[derive(Clone, Debug, PartialEq)]
pub enum RowChange {
    /// A new row. Fields that are not named are null.
    Insert(Record),
    /// New values of a row that exists; `Value::Null` clears.
    Update {
        /// Which object.
        object: ObjectIx,
        /// Which row.
        id: RecordId,
        /// The columns to set.
        sets: Vec<(FieldIx, Value)>,
    },
    /// To the recycle bin (`true`) or back out of it (`false`).
    SetDeleted {
        /// Which object.
        object: ObjectIx,
        /// Which row.
        id: RecordId,
        /// The new state.
        deleted: bool,
        /// System columns to set with it (SystemModstamp and the like).
        sets: Vec<(FieldIx, Value)>,
    },
    /// The row is gone for good.
    Remove {
        /// Which object.
        object: ObjectIx,
        /// Which row.
        id: RecordId,
    },
}

impl RowChange {
    /// The object and row that change.
    pub fn key(&self) -> (ObjectIx, RecordId) {
        match self {
            Self::Insert(record) => (record.object, record.id),
            Self::Update { object, id, .. }
            | Self::SetDeleted { object, id, .. }
            | Self::Remove { object, id } => (*object, *id),
        }
    }
}
