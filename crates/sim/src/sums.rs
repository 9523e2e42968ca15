//! Sums over presence rows, recomputed from outside to the millisecond (R146, R147): idle time, time at
//! capacity, mean of the used units. Between two batches nothing changes, so that is enough.

use std::collections::BTreeMap;

use model::{Millis, RecordId};

use crate::facts::{Facts, Presence};
use crate::history::History;
use crate::laws::{Law, Verdict, broken};
use crate::reference::Loads;
use crate::step::Step;

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    idle_ms: i64,
    full_ms: i64,
    /// Units times milliseconds.
    unit_ms: i64,
}

/// Of every current presence row.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    rows: BTreeMap<RecordId, Sum>,
    at: Millis,
}

impl Sums {
    /// Time passes while the org is as it is.
    pub fn accrue(&mut self, facts: &Facts, history: &History, now: Millis) {
        let ms = (now.0 - self.at.0).max(0);
        self.at = now;
        if ms == 0 {
            return;
        }
        let loads = Loads::of(facts, history, facts.all_active());
        for presence in facts.current.values().flatten() {
            let Some(user) = facts.presences.get(presence).map(|p| p.user) else {
                continue;
            };
            let (load, sum) = (loads.get(user), self.rows.entry(*presence).or_default());
            let is_full = load.used[0] >= facts.capacity(user, false);
            sum.idle_ms += if load.items == 0 { ms } else { 0 };
            sum.full_ms += if is_full { ms } else { 0 };
            sum.unit_ms += load.used[0] * ms;
        }
    }

    /// Rows that ended must say the same.
    ///
    /// # Errors
    /// [`Law::Sums`].
    pub fn check(&mut self, step: &Step) -> Verdict {
        for (before, after) in &step.presences {
            let was_current = before.as_ref().is_none_or(|p| p.is_current);
            let Some(row) = after.as_ref().filter(|p| was_current && !p.is_current) else {
                continue;
            };
            let sum = self.rows.remove(&row.id).unwrap_or_default();
            compare(row, sum)?;
        }
        Ok(())
    }
}

fn compare(row: &Presence, sum: Sum) -> Verdict {
    let span_ms = row.end.map_or(0, |end| end.0 - row.start.0);
    let wanted = (
        Some(sum.idle_ms / 1_000),
        Some(sum.full_ms / 1_000),
        Some(if span_ms > 0 {
            sum.unit_ms / span_ms
        } else {
            0
        }),
    );
    let found = (row.idle_s, row.full_s, row.average);
    if found != wanted {
        let id = row.id;
        return broken(
            Law::Sums,
            format!("{id}: idle, at capacity, average {found:?}, not {wanted:?}"),
        );
    }
    Ok(())
}
