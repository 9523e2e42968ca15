//! Which agent is best (R23, R84 to R89).

use model::{Millis, RecordId};

use super::load::pool;
use super::{Moment, Waiting, options};
use crate::facts::Model;

/// The best of these.
pub fn best(m: &Moment, w: &Waiting, among: &[RecordId]) -> Option<RecordId> {
    let preferred = w.ask.preferred.filter(|u| among.contains(u)); // R23
    let best_of = |among: &[RecordId]| {
        let each = among.iter().copied();
        each.min_by_key(|u| (measure(m, w, *u), tie(m, *u)))
    };
    let under_cap: Vec<RecordId> = among
        .iter()
        .copied()
        .filter(|u| !options::is_capped(m, *u))
        .collect();
    preferred
        .or_else(|| best_of(&under_cap))
        .or_else(|| best_of(among))
}

/// R84 to R86; smaller is better.
pub fn measure(m: &Moment, w: &Waiting, user: RecordId) -> i64 {
    let load = m.loads.get(user);
    let by_units = m
        .facts
        .settings
        .get("leastActiveMetric")
        .is_some_and(|v| v == "units");
    match w.ask.model {
        Model::MostAvailable => {
            let pool = pool(m.facts, &w.ask);
            load.used[pool] - m.facts.capacity(user, pool == 1)
        }
        Model::LeastActive if by_units => load.used[0] + load.used[1],
        Model::LeastActive | Model::External => load.items as i64,
    }
}

/// R87 to R89: nothing received since login, then the longest ago, then the smaller id.
fn tie(m: &Moment, user: RecordId) -> (bool, Option<Millis>, RecordId) {
    let session = m.history.session(user);
    let offered = session.and_then(|s| s.last_offer);
    let since = offered.or(session.map(|s| s.login));
    (offered.is_some(), since, user)
}
