//! The reference matcher: one routing pass (R38) as a page of obvious code over plain rows.
//!
//! Slow on purpose. It must agree with the engine on every step of every seed.

use model::{Millis, RecordId};

use crate::eligible::{Load, Loads, has_room, is_meant, pool, serves};
use crate::facts::{Ask, Facts, Model};
use crate::history::History;
use crate::step::Step;

/// A request that waits at the start of the pass.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Waiting {
    pub id: RecordId,
    pub ask: Ask,
    /// R29.4.
    pub age: Millis,
    pub created: Millis,
    pub last_declined: Option<RecordId>,
}

/// Who is offered what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Offer {
    pub request: RecordId,
    pub user: RecordId,
}

type Key = (i64, i64, Millis, Millis, Millis, RecordId);

impl Waiting {
    /// R29; null is last.
    pub fn key(&self) -> Key {
        let last = i64::MAX;
        (
            self.ask.priority.unwrap_or(last),
            self.ask.secondary.unwrap_or(last),
            self.ask.target.unwrap_or(Millis(last)),
            self.age,
            self.created,
            self.id,
        )
    }
}

/// The requests that waited when the pass began: those that still wait, and those that it offered.
pub fn waiting_before_pass(
    facts: &Facts,
    history: &History,
    step: &Step,
    now: Millis,
) -> Vec<Waiting> {
    let offered: Vec<_> = step.offers().collect();
    let mut all = Vec::new();
    for r in facts.requests.values() {
        let was_offered = offered.iter().any(|w| w.request == Some(r.id));
        let may_route = r.is_ready && r.scheduled.is_none_or(|at| at <= now);
        if may_route && r.ask.model != Model::External && (!r.is_pushed || was_offered) {
            let (ask, created) = (r.ask.clone(), r.created);
            let age = r.custom.or(history.age(r.id)).unwrap_or(created);
            all.push(Waiting {
                id: r.id,
                ask,
                age,
                created,
                last_declined: r.last_declined,
            });
        }
    }
    // accepted at once: the request is gone, its values are in the work
    for work in offered {
        let Some(id) = work.request.filter(|id| !facts.requests.contains_key(id)) else {
            continue;
        };
        let was = step
            .requests
            .iter()
            .find_map(|(was, _)| was.as_ref().filter(|r| r.id == id));
        let age = work.requested.unwrap_or(now);
        let created = was.map_or(now, |r| r.created);
        let last_declined = history.last_decliner(id);
        all.push(Waiting {
            id,
            ask: work.ask.clone(),
            age,
            created,
            last_declined,
        });
    }
    if !facts.is_on("enableOmniSecondaryRoutingPriority") {
        all.iter_mut().for_each(|w| w.ask.secondary = None);
    }
    all.sort_by_key(Waiting::key);
    all
}

/// What agents held when the pass began.
pub fn loads_before_pass(facts: &Facts, step: &Step) -> Loads {
    let by_pass: Vec<RecordId> = step.offers().map(|w| w.id).collect();
    Loads::of(
        facts,
        facts.all_active().filter(|w| !by_pass.contains(&w.id)),
    )
}

/// Walks the waiting requests in order and gives each to the best agent.
pub fn predict(facts: &Facts, history: &History, step: &Step, now: Millis) -> Vec<Offer> {
    let mut history = history.clone();
    let mut loads = loads_before_pass(facts, step);
    let mut offers = Vec::new();
    for waiting in waiting_before_pass(facts, &history, step, now) {
        let Some(user) = choose(facts, &history, &loads, &waiting) else {
            continue;
        };
        loads.add(facts, user, &waiting.ask);
        history.offered(user, now);
        offers.push(Offer {
            request: waiting.id,
            user,
        });
    }
    offers
}

fn choose(facts: &Facts, history: &History, loads: &Loads, waiting: &Waiting) -> Option<RecordId> {
    let ask = &waiting.ask;
    let users = facts.config.people.keys().copied();
    let eligible: Vec<RecordId> = users
        .filter(|u| is_meant(facts, *u, ask) && serves(facts, *u, ask))
        .filter(|u| has_room(facts, *u, ask, loads.get(*u)))
        .collect();
    let is_last = |user: &RecordId| history.session(*user).map(|s| s.id) == waiting.last_declined;
    let others: Vec<RecordId> = eligible
        .into_iter()
        .filter(|u| waiting.last_declined.is_none() || !is_last(u))
        .collect(); // R70
    let was_tried = |u: &RecordId| {
        history
            .session(*u)
            .is_some_and(|s| history.was_tried(waiting.id, s.id))
    };
    let untried: Vec<RecordId> = others.iter().copied().filter(|u| !was_tried(u)).collect(); // R68
    best(facts, history, loads, ask, &untried).or_else(|| best(facts, history, loads, ask, &others)) // R69
}

/// R23, R84 to R89.
fn best(
    facts: &Facts,
    history: &History,
    loads: &Loads,
    ask: &Ask,
    among: &[RecordId],
) -> Option<RecordId> {
    if let Some(preferred) = ask.preferred.filter(|u| among.contains(u)) {
        return Some(preferred);
    }
    let by_units = facts
        .settings
        .get("leastActiveMetric")
        .is_some_and(|m| m == "units");
    let rank = |user: &RecordId| {
        let Load { used, items } = loads.get(*user);
        let pool = pool(facts, ask);
        let measure = match ask.model {
            Model::MostAvailable => used[pool] - facts.capacity(*user, pool == 1),
            Model::LeastActive if by_units => used[0] + used[1],
            Model::LeastActive | Model::External => items as i64,
        };
        let session = history.session(*user);
        let offered = session.and_then(|s| s.last_offer);
        let login = session.map(|s| s.login);
        (measure, offered.is_some(), offered.or(login), *user)
    };
    among.iter().copied().min_by_key(rank)
}
