//! May this agent take this item (R50 to R64, R98 to R104)? Each rule says no, or nothing. The first that
//! says no is the reason that an explanation must give.

use model::RecordId;

use super::load::pool;
use super::options;
use super::skills;
use super::{Moment, Waiting};
use crate::config::Person;

/// Open items above which an agent gets nothing more (R104).
const OPEN_ITEMS_MAX: usize = 100;

macro_rules! whys {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// Why not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Why { $($(#[$doc])* $name,)* }

        impl Why {
            /// As explanations name it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

whys! {
    /// R25.
    NotTheRequiredAgent = "notTheRequiredAgent",
    /// R55.
    NotInQueue = "notInQueue",
    /// R56.
    SkillMissing = "skillMissing",
    /// R64.
    Inactive = "inactive",
    /// R51.
    Offline = "offline",
    /// R51.
    Busy = "busy",
    /// Waits for the end of the work to change the status.
    NextStatus = "nextStatus",
    /// R104.
    TooManyItems = "tooManyItems",
    /// R52.
    ChannelNotServed = "channelNotServed",
    /// R62.
    NotMapped = "notMapped",
    /// R63.
    HasPrimaryWork = "hasPrimaryWork",
    /// R54.
    NoCapacity = "noCapacity",
    /// R70.
    DeclinedLast = "declinedLast",
    /// R68.
    TriedThisRound = "triedThisRound",
    /// Offer pacing.
    Paced = "paced",
}

/// One rule.
pub type Rule = fn(&Moment, RecordId, &Waiting) -> Option<Why>;

/// What an agent must be able to do, in the order in which reasons are given.
const ABILITY: &[Rule] = &[
    is_for_another,
    does_not_belong,
    is_inactive,
    is_offline,
    is_busy,
    options::is_leaving,
    has_too_many_items,
    does_not_serve,
    is_not_mapped,
    has_no_room,
];

/// Who is not asked now.
const PAUSE: &[Rule] = &[options::is_paced];

/// Who is not asked again at once.
const ROUND: &[Rule] = &[declined_last, tried_this_round];

/// The first rule that keeps an agent from an item.
pub fn why_not(m: &Moment, user: RecordId, w: &Waiting) -> Option<Why> {
    let rules = ABILITY.iter().chain(PAUSE).chain(ROUND);
    rules.into_iter().find_map(|rule| rule(m, user, w))
}

/// What keeps an agent from every item.
pub fn blocked(m: &Moment, user: RecordId) -> Option<Why> {
    let nothing = Waiting::plain(user, crate::facts::Ask::default(), m.now);
    let rules: &[Rule] = &[
        is_inactive,
        is_offline,
        is_busy,
        options::is_leaving,
        has_too_many_items,
    ];
    rules.iter().find_map(|rule| rule(m, user, &nothing))
}

/// Could take it, whoever was asked before.
pub fn is_able(m: &Moment, user: RecordId, w: &Waiting) -> bool {
    let mut rules = ABILITY.iter().chain(PAUSE);
    rules.all(|rule| rule(m, user, w).is_none())
}

/// Belongs to those whom the request is for, and serves it; has no room, perhaps.
pub fn serves(m: &Moment, user: RecordId, w: &Waiting) -> bool {
    let but_room = &ABILITY[..ABILITY.len() - 1];
    but_room.iter().all(|rule| rule(m, user, w).is_none())
}

fn person<'a>(m: &'a Moment, user: RecordId) -> Option<&'a Person> {
    m.facts.config.people.get(&user)
}

/// R25.
fn is_for_another(_m: &Moment, user: RecordId, w: &Waiting) -> Option<Why> {
    let is_other = w.ask.is_required && w.ask.preferred != Some(user);
    is_other.then_some(Why::NotTheRequiredAgent)
}

/// R15, R17, R23, R24, R55, R56.
fn does_not_belong(m: &Moment, user: RecordId, w: &Waiting) -> Option<Why> {
    if w.ask.preferred == Some(user) {
        return None;
    }
    if w.ask.by_skills {
        if w.needs.is_empty() && w.ask.preferred.is_some() {
            return Some(Why::NotInQueue); // a direct request asks nobody else
        }
        let has = person(m, user).is_some_and(|p| skills::meets(p, &skills::asked(m, w), m.now));
        return (!has).then_some(Why::SkillMissing);
    }
    let queue = w.ask.queue.and_then(|q| m.facts.config.queues.get(&q));
    let is_member = queue.is_some_and(|q| q.members.contains(&user));
    (!is_member).then_some(Why::NotInQueue)
}

/// R64.
fn is_inactive(m: &Moment, user: RecordId, _w: &Waiting) -> Option<Why> {
    let is_active = person(m, user).is_some_and(|p| p.is_active);
    (!is_active).then_some(Why::Inactive)
}

/// R51.
fn is_offline(m: &Moment, user: RecordId, _w: &Waiting) -> Option<Why> {
    m.facts.current(user).is_none().then_some(Why::Offline)
}

/// R51: a busy status serves no channel.
fn is_busy(m: &Moment, user: RecordId, _w: &Waiting) -> Option<Why> {
    let status = m.facts.current(user)?.status;
    let channels = m.facts.config.statuses.get(&status);
    channels.is_none_or(|c| c.is_empty()).then_some(Why::Busy)
}

/// R104.
fn has_too_many_items(m: &Moment, user: RecordId, _w: &Waiting) -> Option<Why> {
    (m.loads.get(user).items >= OPEN_ITEMS_MAX).then_some(Why::TooManyItems)
}

/// R52.
fn does_not_serve(m: &Moment, user: RecordId, w: &Waiting) -> Option<Why> {
    let status = m.facts.current(user)?.status;
    let channels = m.facts.config.statuses.get(&status);
    let serves = channels.is_some_and(|c| c.contains(&w.ask.channel));
    (!serves).then_some(Why::ChannelNotServed)
}

/// R62.
fn is_not_mapped(m: &Moment, user: RecordId, w: &Waiting) -> Option<Why> {
    if !m.facts.is_voice(&w.ask) {
        return None;
    }
    let center = m.facts.items.get(&w.ask.item).and_then(|i| i.center);
    let is_mapped = person(m, user).is_some_and(|p| match center {
        Some(center) => p.centers.contains(&center),
        None => !p.centers.is_empty(),
    });
    (!is_mapped).then_some(Why::NotMapped)
}

/// R54, R63, R98, R99, R100.
fn has_no_room(m: &Moment, user: RecordId, w: &Waiting) -> Option<Why> {
    let pool = pool(m.facts, &w.ask);
    let used = m.loads.get(user).used;
    let configured = m.facts.capacity(user, pool == 1);
    if m.facts.is_voice(&w.ask) {
        return match used[0] > 0 {
            true => Some(Why::HasPrimaryWork),
            false => (configured == 0).then_some(Why::NoCapacity),
        };
    }
    let cost = m.facts.cost(&w.ask, user);
    let fits = cost == 0 || used[pool] + cost <= configured;
    (!fits).then_some(Why::NoCapacity)
}

/// R70.
pub fn declined_last(m: &Moment, user: RecordId, w: &Waiting) -> Option<Why> {
    let session = m.history.session(user).map(|s| s.id);
    let is_last = session.is_some() && session == w.last_declined;
    is_last.then_some(Why::DeclinedLast)
}

/// R68.
pub fn tried_this_round(m: &Moment, user: RecordId, w: &Waiting) -> Option<Why> {
    let session = m.history.session(user).map(|s| s.id);
    let was_tried = session.is_some_and(|s| m.history.was_tried(w.id, s));
    was_tried.then_some(Why::TriedThisRound)
}

/// R69; a chat has one round (R72), a call as many as the org allows (R73).
pub fn may_start_round(m: &Moment, w: &Waiting) -> bool {
    if m.facts.is_chat(&w.ask) {
        return false;
    }
    let max = m.facts.number("voiceRoundsMax");
    let is_limited = m.facts.is_voice(&w.ask);
    !is_limited || max.is_none_or(|max| m.history.rounds(w.id) + 1 < max)
}
