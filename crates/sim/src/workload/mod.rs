//! Random commands: what customers, agents, administrators, routers and telephony do, and what they
//! should not do but try.

mod agents;
mod calls;
mod edits;
mod handing;
mod records;
mod skills;

use std::collections::VecDeque;

use engine::{Caller, Request as Asked, SaveOp, Submission};
use model::{Millis, RecordId};

use crate::facts::{Facts, Item};
use crate::features::Features;
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
    features: Features,
    now: Millis,
    count: u64,
    recent: VecDeque<(Millis, Sent)>,
    /// Odds of the kinds, different for each seed.
    odds: Vec<u64>,
}

type Made = Option<(RecordId, Asked, String)>;
type Kind = fn(&mut Workload, &Facts) -> Made;

/// Kinds with their usual odds, and the feature that they need.
const KINDS: &[(u64, Kind, Needs)] = &[
    (16, Workload::create_item, always),
    (6, Workload::create_many, always),
    (7, Workload::change_owner, always),
    (3, Workload::delete_item, always),
    (2, Workload::undelete_item, always),
    (2, Workload::delete_request, always),
    (4, Workload::insert_request, |f| {
        f.direct || f.skills || f.dates
    }),
    (4, Workload::update_request, |f| {
        f.direct || f.skills || f.dates
    }),
    (5, Workload::insert_work, |f| f.external),
    (18, Workload::set_status, always),
    (5, Workload::log_out, always),
    (20, Workload::accept, always),
    (8, Workload::decline, always),
    (14, Workload::close, always),
    (4, Workload::intrude, always),
    (4, Workload::create_call, |f| f.calls),
    (6, Workload::route_call, |f| f.calls),
    (2, Workload::clear_call, |f| f.calls),
    (2, Workload::end_call, |f| f.calls),
    (1, Workload::reroute_call, |f| f.calls),
    (6, Workload::create_chat, |f| f.chats),
    (4, Workload::mixed_save, always),
    (1, Workload::create_crowd, |f| f.crowds),
    (6, Workload::add_requirement, |f| f.skills),
    (4, Workload::edit_skill, |f| f.skills || f.skill_rules),
    (2, Workload::edit_rule, |f| f.skill_rules),
    (10, Workload::transfer, |f| f.transfers),
    (6, Workload::invite, |f| f.participants),
    (8, Workload::end_conversation, |f| f.after_work),
    (2, Workload::flag, |f| f.supervisors),
    (6, Workload::supervise, |f| f.supervisors),
    (10, Workload::change_case, |f| f.status_based),
    (3, Workload::edit_pool, |f| f.pools),
    (3, Workload::edit_grant, |f| f.grants),
    (2, Workload::edit_limit, |f| f.limits),
    (1, Workload::edit_setting, always),
    (4, Workload::edit_option, |f| f.options),
    (3, Workload::edit_status_option, |f| f.status_options),
    (9, Workload::set_next_status, |f| f.status_options),
    (2, Workload::edit_capacity, |f| f.edits),
    (2, Workload::edit_membership, |f| f.edits),
    (1, Workload::edit_options, |f| f.edits),
    (1, Workload::edit_status, |f| f.edits),
    (1, Workload::edit_mapping, |f| f.edits),
    (1, Workload::edit_assignment, |f| f.edits),
    (1, Workload::edit_profile, |f| f.edits),
    (1, Workload::edit_queue_objects, |f| f.edits),
    (1, Workload::edit_config, |f| f.edits),
    (1, Workload::edit_channel, |f| f.edits),
    (1, Workload::edit_user, |f| f.edits),
    (1, Workload::edit_role, |f| f.edits),
    (1, Workload::delete_work, always),
];

type Needs = fn(&Features) -> bool;

fn always(_: &Features) -> bool {
    true
}

impl Workload {
    /// Of a seed.
    pub fn new(mut rng: Rng, genesis: Genesis, features: Features) -> Self {
        let mut odds = Vec::new();
        for (usual, _, needs) in KINDS {
            let dice = (usual * rng.below(9)).div_ceil(4);
            odds.push(if needs(&features) { dice } else { 0 });
        }
        Self {
            rng,
            genesis,
            features,
            now: Millis::default(),
            count: 0,
            recent: VecDeque::new(),
            odds,
        }
    }

    /// The next batch: mostly one command, sometimes several, sometimes none.
    pub fn batch(&mut self, facts: &Facts, callers: &dyn Callers, now: Millis) -> Vec<Sent> {
        self.now = now;
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
        let make = KINDS.get(kind)?.1;
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
