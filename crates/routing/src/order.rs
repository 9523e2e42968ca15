//! The order of the backlog (R29): one key, compared left to right, smaller first.

use model::{Millis, RecordId};

use crate::api::Settings;
use crate::request::Request;
use crate::table::Slot;

/// The place of a request among all that wait, of every queue, channel and type (R31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The priority, or what an extension puts in its place.
    rank: i64,
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

/// Ageing: what an item without priority counts as. Behind every priority in ordinary use, and not for
/// ever.
const NO_PRIORITY: i64 = 100;

/// Ageing: a step of priority is worth so many seconds of waiting. The difference of two ranks does not
/// change as time passes, so that nothing needs to be sorted again.
fn aged(request: &Request, step_s: u32) -> i64 {
    let priority = request
        .row
        .priority
        .map_or(NO_PRIORITY, |_| i64::from(or_last(request.row.priority)));
    let head_start = priority.saturating_mul(i64::from(step_s) * 1_000);
    // Never among the urgent.
    request
        .since()
        .0
        .saturating_add(head_start)
        .max(i64::MIN / 2)
}

/// SLA-aware order: before everything else, by date.
fn urgent(target: Millis) -> i64 {
    i64::MIN + target.0.clamp(0, i64::MAX / 2)
}

impl Key {
    /// The key of a request.
    pub fn of(request: &Request, slot: Slot, settings: &Settings) -> Self {
        let row = &request.row;
        let rank = match (row.target_accept, settings.ageing_s) {
            (Some(target), _) if request.is_urgent => urgent(target),
            (_, Some(step_s)) => aged(request, step_s),
            (_, None) => i64::from(or_last(row.priority)),
        };
        let secondary = row
            .secondary_priority
            .filter(|_| settings.secondary_priority);
        Self {
            rank,
            secondary: or_last(secondary),
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

#[cfg(test)]
impl Key {
    /// A key for tests: smaller numbers come first.
    pub fn numbered(number: u32) -> Self {
        Self {
            rank: 0,
            secondary: 0,
            target: 0,
            age: i64::from(number),
            created: 0,
            id: RecordId::new(crate::rows::prefix::WORK, u64::from(number)),
            slot: number,
        }
    }
}
