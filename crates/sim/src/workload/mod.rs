//! Random commands: what customers, agents, administrators, routers and telephony do, and what they
//! should not do but try.

mod agents;
mod calls;
mod edits;
mod records;
mod wide;

use std::collections::VecDeque;

use engine::{Caller, Request as Asked, SaveOp, Submission};
use model::{Millis, RecordId};

use crate::facts::{Facts, Item};
use crate::rng::Rng;
use crate::setup::{self, Genesis};
use crate::step::Sent;

/// Who a command comes from.
pub trait Callers {
    /// The caller for a user.
    fn caller(&self, user: RecordId) -> Option<Caller>;
}

/// Commands that can be sent again under their id.
const RECENT_MAX: usize = 40;
/// Replies are kept a day; a repetition comes well before.
const REPEAT_WITHIN_S: i64 = 20 * 3_600;

/// Kinds of wide seeds only.
const WIDE: &[(u64, Kind)] = &[
    (14, Workload::act_on_work),
    (6, Workload::supervise),
    (8, Workload::change_case),
];

/// Kinds whose operations may stand in one save.
const SAVES: &[Kind] = &[
    Workload::create_item,
    Workload::create_many,
    Workload::change_owner,
    Workload::delete_item,
    Workload::undelete_item,
    Workload::delete_request,
    Workload::insert_request,
    Workload::update_request,
    Workload::insert_work,
    Workload::delete_work,
    Workload::edit_capacity,
    Workload::edit_membership,
];

/// The source of commands.
#[derive(Clone, Debug)]
pub struct Workload {
    rng: Rng,
    genesis: Genesis,
    count: u64,
    recent: VecDeque<(Millis, Sent)>,
    /// Odds of the kinds, different for each seed.
    odds: Vec<u64>,
}

type Made = Option<(RecordId, Asked, String)>;
type Kind = fn(&mut Workload, &Facts) -> Made;

/// Kinds with their usual odds.
const KINDS: &[(u64, Kind)] = &[
    (16, Workload::create_item),
    (6, Workload::create_many),
    (7, Workload::change_owner),
    (3, Workload::delete_item),
    (2, Workload::undelete_item),
    (2, Workload::delete_request),
    (2, Workload::insert_request),
    (5, Workload::insert_work),
    (18, Workload::set_status),
    (5, Workload::log_out),
    (20, Workload::accept),
    (8, Workload::decline),
    (14, Workload::close),
    (4, Workload::intrude),
    (4, Workload::create_call),
    (6, Workload::route_call),
    (2, Workload::clear_call),
    (2, Workload::end_call),
    (1, Workload::reroute_call),
    (4, Workload::mixed_save),
    (2, Workload::update_request),
    (2, Workload::edit_capacity),
    (2, Workload::edit_membership),
    (1, Workload::edit_options),
    (1, Workload::edit_status),
    (1, Workload::edit_mapping),
    (1, Workload::edit_assignment),
    (1, Workload::edit_queue_objects),
    (1, Workload::edit_config),
    (1, Workload::edit_channel),
    (1, Workload::edit_user),
    (1, Workload::edit_role),
    (1, Workload::edit_setting),
    (1, Workload::delete_work),
];

impl Workload {
    /// Of a seed.
    pub fn new(mut rng: Rng, genesis: Genesis, is_wide: bool) -> Self {
        let wide = if is_wide { WIDE } else { &[] };
        let odds = KINDS
            .iter()
            .chain(wide)
            .map(|(odds, _)| (odds * rng.below(9)).div_ceil(4))
            .collect();
        Self {
            rng,
            genesis,
            count: 0,
            recent: VecDeque::new(),
            odds,
        }
    }

    /// The next batch: mostly one command, sometimes several, sometimes none.
    pub fn batch(&mut self, facts: &Facts, callers: &dyn Callers, now: Millis) -> Vec<Sent> {
        let size = match self.rng.below(20) {
            0 => 0,
            1..=12 => 1,
            13..=17 => 2 + self.rng.below(2),
            _ => 4 + self.rng.below(8),
        };
        (0..size)
            .filter_map(|_| self.command(facts, callers, now))
            .collect()
    }

    fn command(&mut self, facts: &Facts, callers: &dyn Callers, now: Millis) -> Option<Sent> {
        if self.rng.percent(4)
            && let Some(sent) = self.repeat(now)
        {
            return Some(sent);
        }
        let kind = self.rng.weighted(&self.odds);
        let make = KINDS.iter().chain(WIDE).nth(kind)?.1;
        let (user, request, words) = make(self, facts)?;
        self.count += 1;
        let command_id = self.rng.percent(60).then(|| format!("c{}", self.count));
        let words = match &command_id {
            Some(id) => format!("[{id}] {words}"),
            None => words,
        };
        let caller = callers.caller(user)?;
        let sent = Sent {
            submission: Submission {
                caller,
                command_id,
                request,
            },
            words,
            is_repeat: false,
        };
        if sent.submission.command_id.is_some() {
            self.recent.push_back((now, sent.clone()));
            if self.recent.len() > RECENT_MAX {
                self.recent.pop_front();
            }
        }
        Some(sent)
    }

    /// A client that did not hear the answer sends the command again.
    fn repeat(&mut self, now: Millis) -> Option<Sent> {
        self.recent
            .retain(|(at, _)| now < at.plus_s(REPEAT_WITHIN_S));
        let at = self.rng.below(self.recent.len() as u64) as usize;
        let mut sent = self.recent.get(at)?.1.clone();
        sent.words = format!("again: {}", sent.words);
        sent.is_repeat = true;
        Some(sent)
    }

    fn tag(&mut self) -> String {
        self.count += 1;
        format!("item {}", self.count)
    }

    fn agent(&mut self, facts: &Facts) -> Option<RecordId> {
        let all = setup::agents(facts, &self.genesis);
        self.rng.pick(&all)
    }

    fn queue(&mut self, facts: &Facts) -> Option<RecordId> {
        let all: Vec<RecordId> = facts.config.queues.keys().copied().collect();
        self.rng.pick(&all)
    }

    fn item(&mut self, facts: &Facts, fits: impl Fn(&Item) -> bool) -> Option<Item> {
        let all: Vec<&Item> = facts.items.values().filter(|i| fits(i)).collect();
        // mostly a recent one
        let from = if self.rng.percent(70) {
            all.len().saturating_sub(12)
        } else {
            0
        };
        self.rng.pick(&all[from..]).cloned()
    }

    fn admin(&self) -> RecordId {
        engine::administrator()
    }

    fn save(&self, ops: Vec<SaveOp>, words: String) -> Made {
        Some((
            self.admin(),
            Asked::Save {
                ops,
                all_or_none: false,
            },
            words,
        ))
    }
}

fn show(id: Option<RecordId>) -> String {
    id.map_or_else(|| "nobody".to_owned(), |id| id.to_string())
}
