//! What a request asks for by now, and who has it (R56 to R61).

use model::Millis;

use super::{Moment, Waiting};
use crate::config::Person;
use crate::facts::Need;

/// What is left of the needs after the groups that are dropped.
pub fn asked(m: &Moment, w: &Waiting) -> Vec<Need> {
    let dropped = dropped_groups(&w.needs, w.dropping_since, w.drop_s, m.now);
    let left = w.needs.iter();
    left.filter(|need| !is_dropped(need, &dropped))
        .cloned()
        .collect()
}

/// R58: is it among the dropped groups?
pub fn is_dropped(need: &Need, dropped: &[Option<i64>]) -> bool {
    need.is_additional && dropped.contains(&need.priority)
}

/// R57 to R60: the priorities of the additional skills that are dropped by now.
pub fn dropped_groups(
    needs: &[Need],
    since: Millis,
    drop_s: Option<i64>,
    now: Millis,
) -> Vec<Option<i64>> {
    let Some(drop_ms) = drop_s.filter(|s| *s > 0).map(|s| s * 1_000) else {
        return Vec::new();
    };
    let additional = needs.iter().filter(|need| need.is_additional);
    let mut groups: Vec<Option<i64>> = additional.map(|need| need.priority).collect();
    groups.sort_unstable_by_key(|priority| match priority {
        None => (0, 0), // R58: null goes first
        Some(priority) => (1, -priority),
    });
    groups.dedup();
    let steps = (now.0 - since.0).max(0) / drop_ms;
    groups.truncate(usize::try_from(steps).unwrap_or(usize::MAX));
    groups
}

/// R56: every skill, high enough and in force.
pub fn meets(person: &Person, asked: &[Need], now: Millis) -> bool {
    asked.iter().all(|need| {
        person.skills.iter().any(|s| {
            let is_in_force = s.from <= now && s.to.is_none_or(|to| now <= to);
            s.skill == need.skill && s.level >= need.level && is_in_force
        })
    })
}
