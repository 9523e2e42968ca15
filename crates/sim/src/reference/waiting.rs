//! What waits, seen from outside.

use model::{Millis, RecordId};

use super::{Moment, order};
use crate::facts::{Ask, Model, Need, Request, Work};
use crate::step::Step;

/// A request that waits.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Waiting {
    pub id: RecordId,
    pub ask: Ask,
    /// R29.4.
    pub age: Millis,
    pub created: Millis,
    pub last_declined: Option<RecordId>,
    /// Skills, dropped ones included.
    pub needs: Vec<Need>,
    /// From when on additional skills are dropped (R57), and every so many seconds.
    pub dropping_since: Millis,
    pub drop_s: Option<i64>,
}

impl Waiting {
    /// A request without a past that asks for no skills.
    pub fn plain(id: RecordId, ask: Ask, now: Millis) -> Self {
        Self {
            id,
            ask,
            age: now,
            created: now,
            last_declined: None,
            needs: Vec::new(),
            dropping_since: now,
            drop_s: None,
        }
    }
}

/// R11, R34, R65: the engine may look for an agent now.
pub fn may_route(r: &Request, now: Millis) -> bool {
    r.is_ready && r.scheduled.is_none_or(|at| at <= now) && r.ask.model != Model::External
}

/// In the order of R29: the requests that waited when the pass began. Those are the ones that still wait,
/// and those that it offered.
pub fn before_pass(m: &Moment, step: &Step) -> Vec<Waiting> {
    let offered: Vec<&Work> = step.offers().collect();
    let was_offered = |r: &Request| offered.iter().any(|w| w.request == Some(r.id));
    let still_there = m.facts.requests.values();
    let mut all: Vec<Waiting> = still_there
        .filter(|r| may_route(r, m.now) && (!r.is_pushed || was_offered(r)))
        .map(|r| of_request(m, r))
        .collect();
    let gone = |w: &&&Work| {
        w.request
            .is_some_and(|id| !m.facts.requests.contains_key(&id))
    };
    all.extend(
        offered
            .iter()
            .filter(gone)
            .filter_map(|w| of_offer(m, step, w)),
    );
    sort(m, &mut all);
    all
}

/// In the order of R29: what waits between two batches.
pub fn at_rest(m: &Moment) -> Vec<Waiting> {
    let waits = |r: &&Request| may_route(r, m.now) && !r.is_pushed;
    let mut all: Vec<Waiting> = m
        .facts
        .requests
        .values()
        .filter(waits)
        .map(|r| of_request(m, r))
        .collect();
    sort(m, &mut all);
    all
}

fn sort(m: &Moment, all: &mut [Waiting]) {
    all.sort_by_key(|w| order::key(m, w));
}

/// A request that is there.
pub fn of_request(m: &Moment, r: &Request) -> Waiting {
    let needs = m.facts.needs.get(&r.id);
    Waiting {
        id: r.id,
        ask: r.ask.clone(),
        age: r.custom.or(m.history.age(r.id)).unwrap_or(r.created),
        created: r.created,
        last_declined: r.last_declined,
        needs: needs
            .into_iter()
            .flatten()
            .map(|(_, n)| n.clone())
            .collect(),
        dropping_since: r.custom.or(m.history.ready(r.id)).unwrap_or(r.created),
        drop_s: r.drop_s.filter(|_| r.is_ready), // R13
    }
}

/// An offer that was accepted at once: the request is gone, its values are in the work.
fn of_offer(m: &Moment, step: &Step, work: &Work) -> Option<Waiting> {
    let id = work.request?;
    let before = step.requests.iter().filter_map(|(was, _)| was.as_ref());
    let was = before.into_iter().find(|r| r.id == id);
    let age = work.requested.unwrap_or(m.now);
    let skills = m.facts.work_skills.get(&work.id).into_iter().flatten();
    let (needs, drop_s) = match was {
        Some(r) => (skills.map(|(need, _)| need.clone()).collect(), r.drop_s),
        // made and accepted in one batch: nobody saw the request, what was dropped must be believed
        None => (
            skills
                .filter(|(_, d)| !d)
                .map(|(need, _)| need.clone())
                .collect(),
            None,
        ),
    };
    let custom = was.and_then(|r| r.custom);
    let ready_now = was.is_some_and(|r| !r.is_ready).then_some(m.now); // R13
    let ready = ready_now.or(m.history.ready(id));
    Some(Waiting {
        id,
        ask: work.ask.clone(),
        age,
        created: was.map_or(m.now, |r| r.created),
        last_declined: m.history.last_decliner(id),
        needs,
        dropping_since: custom.or(ready).unwrap_or(age),
        drop_s,
    })
}
