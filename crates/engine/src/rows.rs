//! Rows that a batch has asked for, as the store had them before the batch.

use hashbrown::HashMap;
use model::{FieldIx, Found, Need, ObjectIx, Record, RecordId, Space, Value};

/// A lookup value in the form in which text compares without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Folded(String);

impl Folded {
    pub fn of(value: &Value) -> Self {
        Self(match value {
            Value::Null => String::new(),
            Value::Text(text) => text.to_lowercase(),
            Value::Id(id) => id.as_15().to_owned(),
            other => format!("{other:?}"),
        })
    }

    pub fn from_folded(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Answers to [`Need`]s. An answer that is absent makes the engine ask.
#[derive(Clone, Debug, Default)]
pub struct RowCache {
    rows: HashMap<(ObjectIx, RecordId), Option<Record>>,
    matches: HashMap<(ObjectIx, FieldIx, Folded), Vec<RecordId>>,
    notes: HashMap<(Space, String), Option<String>>,
}

impl RowCache {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what the store found.
    pub fn add(&mut self, need: Need, found: Found) {
        match (need, found) {
            (Need::Row(object, id), Found::Row(row)) => {
                self.rows.insert((object, id), row);
            }
            (Need::Match(object, field, value), Found::Match(rows)) => {
                let ids = rows.iter().map(|r| r.id).collect();
                self.matches
                    .insert((object, field, Folded::of(&value)), ids);
                self.rows
                    .extend(rows.into_iter().map(|r| ((object, r.id), Some(r))));
            }
            (Need::Note(space, key), Found::Note(value)) => {
                self.notes.insert((space, key), value);
            }
            _ => {}
        }
    }

    /// `None`: not read; `Some(None)`: no such row.
    pub(crate) fn row(&self, object: ObjectIx, id: RecordId) -> Option<Option<&Record>> {
        self.rows.get(&(object, id)).map(Option::as_ref)
    }

    pub(crate) fn matching(
        &self,
        object: ObjectIx,
        field: FieldIx,
        value: &Value,
    ) -> Option<&[RecordId]> {
        self.matches
            .get(&(object, field, Folded::of(value)))
            .map(Vec::as_slice)
    }

    pub(crate) fn note(&self, space: Space, key: &str) -> Option<Option<&str>> {
        self.notes
            .get(&(space, key.to_owned()))
            .map(Option::as_deref)
    }
}
