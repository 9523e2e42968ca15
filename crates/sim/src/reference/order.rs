//! Which item comes first (R29): one key, compared left to right, smaller first.

use model::{Millis, RecordId};

use super::{Moment, Waiting, options};

/// The place of a request among all that wait.
pub type Key = ((u8, i64), i64, Millis, Millis, Millis, RecordId);

/// R29; null is last.
pub fn key(m: &Moment, w: &Waiting) -> Key {
    let last = i64::MAX;
    let has_second = m
        .facts
        .is_on_by_default("enableOmniSecondaryRoutingPriority");
    (
        options::rank(m, w),
        w.ask.secondary.filter(|_| has_second).unwrap_or(last),
        w.ask.target.unwrap_or(Millis(last)),
        w.age,
        w.created,
        w.id,
    )
}
