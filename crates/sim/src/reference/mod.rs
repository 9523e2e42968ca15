//! The reference matcher: routing as pages of obvious code over plain rows, slow on purpose. It must agree
//! with the engine on every step of every seed.
//!
//! A rule is one short function in one obvious place:
//!
//! ```text
//! eligible   may this agent take this item; the first rule that says no is the reason
//! skills     what a request asks for by now
//! load       what agents hold, what an item costs
//! order      which item comes first
//! rank       which agent is best
//! options    extensions, where they are on
//! waiting    what waited when the pass began
//! ```

pub mod eligible;
pub mod load;
pub mod options;
pub mod order;
pub mod rank;
pub mod skills;
pub mod waiting;

use model::{Millis, RecordId};

use crate::facts::Facts;
use crate::history::History;
use crate::step::Step;

pub use eligible::Why;
pub use load::{Load, Loads};
pub use waiting::Waiting;

/// An instant between two offers: everything that a rule may look at.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Moment<'a> {
    pub facts: &'a Facts,
    pub history: History,
    pub loads: Loads,
    pub now: Millis,
}

/// Who is offered what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Offer {
    pub request: RecordId,
    pub user: RecordId,
}

impl<'a> Moment<'a> {
    /// Right before the pass of a batch.
    pub fn before_pass(facts: &'a Facts, history: &History, step: &Step, now: Millis) -> Self {
        let by_pass: Vec<RecordId> = step.offers().map(|w| w.id).collect();
        let held = facts.all_active().filter(|w| !by_pass.contains(&w.id));
        Self {
            facts,
            history: history.clone(),
            loads: Loads::of(facts, history, held),
            now,
        }
    }

    /// Between two batches.
    pub fn at_rest(facts: &'a Facts, history: &History, now: Millis) -> Self {
        Self {
            facts,
            history: history.clone(),
            loads: Loads::of(facts, history, facts.all_active()),
            now,
        }
    }

    /// Who gets an item now (R68 to R72).
    pub fn choose(&self, waiting: &Waiting) -> Option<RecordId> {
        let users = self.facts.config.people.keys().copied();
        let others: Vec<RecordId> = users
            .filter(|u| eligible::is_able(self, *u, waiting))
            .filter(|u| eligible::declined_last(self, *u, waiting).is_none()) // R70
            .collect();
        let untried: Vec<RecordId> = others
            .iter()
            .copied()
            .filter(|u| eligible::tried_this_round(self, *u, waiting).is_none()) // R68
            .collect();
        rank::best(self, waiting, &untried).or_else(|| {
            let may_start = eligible::may_start_round(self, waiting); // R69
            rank::best(self, waiting, &others).filter(|_| may_start)
        })
    }

    /// An offer is made.
    pub fn offer(&mut self, waiting: &Waiting, user: RecordId) {
        self.loads.add(self.facts, user, &waiting.ask);
        self.history.offered(user, self.now);
        self.history.count_gift(self.facts, user, self.now);
    }
}

/// One routing pass (R38): walks the waiting requests in order and gives each to the best agent.
pub fn predict(facts: &Facts, history: &History, step: &Step, now: Millis) -> Vec<Offer> {
    let mut moment = Moment::before_pass(facts, history, step, now);
    let mut offers = Vec::new();
    for waiting in waiting::before_pass(&moment, step) {
        if let Some(user) = moment.choose(&waiting) {
            moment.offer(&waiting, user);
            let request = waiting.id;
            offers.push(Offer { request, user });
        }
    }
    offers
}
