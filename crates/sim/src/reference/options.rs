//! Extensions that change order and choice (docs/routing-extensions.md); each is off while its setting is
//! not made.

use model::{Millis, RecordId};

use super::{Moment, Waiting, Why};

/// What an item without priority ages from.
const NO_PRIORITY: i64 = 100;
/// Seconds of a fair cap whose window nobody set.
const CAP_WINDOW_S: i64 = 3_600;

fn later(at: Millis, seconds: i64) -> i64 {
    at.0 + seconds * 1_000
}

/// What stands in the place of the priority: near target dates first, then priority, or waiting time and
/// priority together.
pub fn rank(m: &Moment, w: &Waiting) -> (u8, i64) {
    if let (Some(window_s), Some(target)) = (m.facts.number("slaWindowSeconds"), w.ask.target)
        && later(target, -window_s) <= m.now.0
    {
        return (0, target.0);
    }
    match m.facts.number("ageingSeconds") {
        Some(step_s) => {
            let priority = w.ask.priority.unwrap_or(NO_PRIORITY);
            (1, later(w.age, step_s * priority))
        }
        None => (1, w.ask.priority.unwrap_or(i64::MAX)),
    }
}

/// Offer pacing.
pub fn is_paced(m: &Moment, user: RecordId, _w: &Waiting) -> Option<Why> {
    let pause_s = m.facts.number("offerPacingSeconds")?;
    let last = m.history.session(user)?.last_offer?;
    (later(last, pause_s) > m.now.0).then_some(Why::Paced)
}

/// Next status: nothing more comes until the work is done.
pub fn is_leaving(m: &Moment, user: RecordId, _w: &Waiting) -> Option<Why> {
    m.history.wishes().get(&user).map(|_| Why::NextStatus)
}

/// Fair cap: got so many pieces of work within the window.
pub fn is_capped(m: &Moment, user: RecordId) -> bool {
    let Some(cap) = m.facts.number("fairCapOffers") else {
        return false;
    };
    let window_s = m.facts.number("fairCapWindowSeconds");
    let window_s = window_s.unwrap_or(CAP_WINDOW_S);
    let recent = m.history.recent(user).iter();
    let counting = recent.filter(|at| later(**at, window_s) > m.now.0);
    counting.count() as i64 >= cap
}
