//! Overflow and the limits of the org (R158 to R161).

use std::collections::BTreeMap;

use model::{Code, Millis, Note, RecordId, Refusal, Space};

use crate::api::{Change, Output, Queue, Target};
use crate::state::RoutingState;

const HOUR_MINUTES: i64 = 60;

/// Items queued per minute of the preceding hour; kept only while there is a limit.
#[derive(Clone, Default)]
pub(crate) struct Intake {
    pub minutes: BTreeMap<i64, u64>,
}

fn minute(at: Millis) -> i64 {
    at.seconds().div_euclid(60)
}

impl Intake {
    /// Items of the preceding hour, the current minute included.
    pub fn queued(&self, now: Millis) -> u64 {
        self.minutes
            .range(minute(now) - HOUR_MINUTES + 1..)
            .map(|(_, count)| count)
            .sum()
    }
}

impl RoutingState {
    fn is_full(&self, replaces: Option<RecordId>, now: Millis) -> bool {
        let replaced = replaces.is_some_and(|item| self.request_of_item.contains_key(&item));
        let pending = self.requests.len() as u64 - u64::from(replaced);
        let hourly = u64::from(self.settings.queued_per_hour_max);
        pending >= u64::from(self.settings.pending_max)
            || (self.counts_intake() && self.intake.queued(now) >= hourly)
    }

    fn counts_intake(&self) -> bool {
        self.settings.queued_per_hour_max != u32::MAX
    }

    /// R159, R161: whatever would make a new request in a full org is refused, unless the config of its
    /// queue names who takes the item instead.
    pub(crate) fn check_room(
        &self,
        item: RecordId,
        config: Option<&Queue>,
        now: Millis,
    ) -> Result<(), Refusal> {
        let has_assignee = config.is_some_and(|c| c.overflow_assignee.is_some());
        if has_assignee || !self.is_full(Some(item), now) {
            return Ok(());
        }
        Err(Refusal::new(
            Code::LimitExceeded,
            "The limit of queued work items is reached and there is no overflow assignee",
        ))
    }

    /// R158: who takes the item instead; the old request is withdrawn already.
    pub(crate) fn overflow(&self, target: &Target) -> Option<RecordId> {
        let assignee = self.config_of(target)?.overflow_assignee?;
        self.is_full(None, self.now).then_some(assignee)
    }

    /// The config whose overflow assignee counts for a target.
    pub(crate) fn config_of(&self, target: &Target) -> Option<&Queue> {
        match target {
            Target::Queue(queue) => self.queue_config(*queue),
            Target::User { fallback, .. } => self.queue_config((*fallback)?),
            Target::Skills(_) => None,
        }
    }

    /// R161.
    pub(crate) fn count_intake(&mut self, now: Millis, out: &mut Output) {
        if !self.counts_intake() {
            return;
        }
        let this = minute(now);
        let minutes = &mut self.intake.minutes;
        while let Some(first) = minutes
            .first_entry()
            .filter(|e| *e.key() <= this - HOUR_MINUTES)
        {
            let old = first.remove_entry().0;
            out.changes.push(Change::Note(intake_note(old, None)));
        }
        let count = minutes.entry(this).or_default();
        *count += 1;
        out.changes
            .push(Change::Note(intake_note(this, Some(*count))));
    }
}

fn intake_note(minute: i64, count: Option<u64>) -> Note {
    Note {
        space: Space::Intake,
        key: minute.to_string(),
        value: count.map(|c| c.to_string()),
    }
}
