//! Deliberate faults, one or more per law, to prove that the auditor is awake.
//!
//! The server has no switches for this. A mutation changes what comes out of it on the way to the
//! auditor, as a broken rule would have: rows of a commit, answers, news, or what a rebuild reads.

mod features;
mod tamper;

use engine::ItemExplanation;
use model::Space;
use store::Contents;

use crate::facts::Facts;
use crate::laws::Law;
use crate::step::{Batch, Sent};

/// Where a mutation lays its hand. Each answers whether it found something to spoil.
#[derive(Clone, Copy)]
pub enum Tamper {
    /// A committed batch, before the auditor sees it.
    Batch(fn(&mut Batch, &Facts) -> bool),
    /// What an engine is rebuilt from.
    Rows(fn(&mut Contents, &Facts) -> bool),
    /// What the engine says of an item.
    Words(fn(&mut ItemExplanation) -> bool),
    /// The commands, before they are run.
    Commands(fn(&mut Vec<Sent>) -> bool),
}

/// One deliberate fault.
#[derive(Clone, Copy)]
pub struct Mutation {
    /// What a user would see.
    pub name: &'static str,
    /// The law that must notice.
    pub law: Law,
    /// How.
    pub tamper: Tamper,
}

/// All of them.
pub const MUTATIONS: &[Mutation] = &[
    batch(
        "an agent gets more than there is room for",
        Law::Capacity,
        tamper::too_heavy,
    ),
    batch(
        "two agents are offered one item",
        Law::OneOffer,
        tamper::offered_twice,
    ),
    batch(
        "an item waits without a request",
        Law::OneRequest,
        tamper::request_lost,
    ),
    batch(
        "an offer does not mark its request",
        Law::Pushed,
        tamper::not_marked,
    ),
    batch(
        "a request outlives its acceptance",
        Law::Opened,
        tamper::request_stays,
    ),
    batch(
        "an offered item keeps its owner",
        Law::Owner,
        tamper::owner_stays,
    ),
    batch(
        "a later item is offered before an earlier one",
        Law::Order,
        tamper::order_ignored,
    ),
    batch(
        "an item waits beside a free agent",
        Law::Stranded,
        tamper::offer_not_made,
    ),
    batch(
        "a decliner is forgotten",
        Law::Decliner,
        tamper::decliner_forgotten,
    ),
    batch(
        "a change does not count in Serial",
        Law::Serial,
        tamper::serial_stays,
    ),
    batch("open work is declined", Law::Final, tamper::open_declined),
    batch(
        "finished work is without its time",
        Law::Final,
        tamper::close_without_time,
    ),
    batch(
        "two presence rows are current",
        Law::Presence,
        tamper::two_presences,
    ),
    batch(
        "a gap between two presence rows",
        Law::Presence,
        tamper::presence_gap,
    ),
    batch(
        "a time-out does not fire",
        Law::Timer,
        tamper::timeout_missed,
    ),
    batch(
        "an offer outlives the log-out",
        Law::Offline,
        tamper::offer_outlives,
    ),
    batch(
        "an acknowledged record is not stored",
        Law::Lost,
        tamper::record_lost,
    ),
    batch(
        "an answer before a commit that never came",
        Law::Lost,
        tamper::commit_lost,
    ),
    batch(
        "a refused command changed something",
        Law::Refusal,
        tamper::refused_and_done,
    ),
    batch(
        "the second-best agent is chosen",
        Law::Reference,
        tamper::second_best,
    ),
    batch(
        "a batch number is left out",
        Law::Numbering,
        tamper::number_skipped,
    ),
    batch("time runs back", Law::Numbering, tamper::time_runs_back),
    batch(
        "a request has another priority than its queue",
        Law::Values,
        tamper::wrong_priority,
    ),
    batch(
        "an offer costs less than its request",
        Law::Values,
        tamper::cheap_offer,
    ),
    batch(
        "an agent keeps the status after a time-out",
        Law::Consequence,
        tamper::status_stays,
    ),
    batch(
        "an accept that is allowed is refused",
        Law::Answer,
        tamper::accept_refused,
    ),
    batch(
        "a console does not hear of an offer",
        Law::News,
        tamper::news_lost,
    ),
    batch(
        "a command is not answered",
        Law::Answer,
        tamper::answer_missing,
    ),
    batch(
        "a skill that is too low is enough",
        Law::Reference,
        features::unskilled,
    ),
    batch(
        "who is no member of the queue gets its work",
        Law::Reference,
        features::no_member,
    ),
    batch(
        "a status that does not serve the channel is enough",
        Law::Reference,
        features::not_serving,
    ),
    batch(
        "an agent the contact center does not know gets the call",
        Law::Reference,
        features::not_mapped,
    ),
    batch(
        "the preferred agent is passed over",
        Law::Reference,
        features::preferred_ignored,
    ),
    batch(
        "a date in the future is ignored",
        Law::Reference,
        features::date_ignored,
    ),
    batch(
        "a skill is dropped although it never is",
        Law::Reference,
        features::dropped_too_soon,
    ),
    batch(
        "work goes to the wrong pool",
        Law::Values,
        features::wrong_pool,
    ),
    batch(
        "paused work holds more than it should",
        Law::Capacity,
        features::paused_counts,
    ),
    batch(
        "a chat waits on although everybody was asked",
        Law::Chat,
        features::chat_goes_on,
    ),
    batch(
        "another status follows the work than the agent chose",
        Law::NextStatus,
        features::wrong_next_status,
    ),
    batch(
        "an offer is taken from an agent who is there",
        Law::Withdrawn,
        features::taken_away,
    ),
    batch(
        "idle time is a second too long",
        Law::Sums,
        features::idle_too_long,
    ),
    batch(
        "handle time is a second too long",
        Law::Sums,
        features::handled_too_long,
    ),
    Mutation {
        name: "an explanation gives the wrong reason",
        law: Law::Explained,
        tamper: Tamper::Words(features::wrong_reason),
    },
    Mutation {
        name: "an explanation gives the wrong place in line",
        law: Law::Explained,
        tamper: Tamper::Words(features::wrong_place),
    },
    Mutation {
        name: "an explanation names a winner who is none",
        law: Law::Explained,
        tamper: Tamper::Words(features::wrong_winner),
    },
    rows(
        "the session of an agent is not kept",
        Law::Rebuild,
        |c, _| tamper::drop_note(c, Space::Agent),
    ),
    rows("who was tried is not kept", Law::Rebuild, |c, _| {
        tamper::drop_note(c, Space::Tried)
    }),
    rows("a counter is not kept", Law::Rebuild, |c, _| {
        tamper::drop_note(c, Space::Counter)
    }),
    rows("an applied command is not kept", Law::Rebuild, |c, _| {
        tamper::drop_note(c, Space::Applied)
    }),
    rows("a waiting request is not kept", Law::Rebuild, |c, f| {
        tamper::drop_row(c, f.schema.request.ix)
    }),
    rows("a setting row is not kept", Law::Rebuild, |c, f| {
        tamper::drop_row(c, f.schema.member.ix)
    }),
    Mutation {
        name: "a command is applied twice",
        law: Law::Twice,
        tamper: Tamper::Commands(tamper::twice),
    },
];

const fn batch(name: &'static str, law: Law, by: fn(&mut Batch, &Facts) -> bool) -> Mutation {
    Mutation {
        name,
        law,
        tamper: Tamper::Batch(by),
    }
}

const fn rows(name: &'static str, law: Law, by: fn(&mut Contents, &Facts) -> bool) -> Mutation {
    Mutation {
        name,
        law,
        tamper: Tamper::Rows(by),
    }
}
