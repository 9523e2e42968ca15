//! The order of the backlog (R29): one key, compared left to right, smaller first.

use model::{Millis, RecordId};

use crate::request::Request;
use crate::table::Slot;

/// The place of a request among all that wait, of every queue, channel and type (R31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    priority: i32,
    secondary: i32,
    target: i64,
    age: i64,
    created: i64,
    id: RecordId,
    /// Where the request is; never compared, the id before it is unique.
    pub slot: Slot,
}

/// Null sorts last.
fn or_last(number: Option<i64>) -> i32 {
    number.map_or(i32::MAX, |n| {
        n.clamp(i64::from(i32::MIN), i64::from(i32::MAX - 1)) as i32
    })
}

impl Key {
    /// The key of a request; `secondary` says whether the org uses secondary priorities.
    pub fn of(request: &Request, slot: Slot, secondary: bool) -> Self {
        let row = &request.row;
        Self {
            priority: or_last(row.priority),
            secondary: or_last(row.secondary_priority.filter(|_| secondary)),
            target: row.target_accept.map_or(i64::MAX, |at| at.0),
            age: request.since().0,
            created: row.created.0,
            id: row.id,
            slot,
        }
    }

    /// The age time in it.
    pub fn since(&self) -> Millis {
        Millis(self.age)
    }
}
