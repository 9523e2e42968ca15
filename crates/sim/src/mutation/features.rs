//! Deliberate faults of single features: the offer that a wrong rule would have made, the words that a
//! wrong explanation would have said.

use engine::{ItemExplanation, Request as Asked, WorkAction};
use model::{RecordId, Value};

use super::tamper::{moved, offers, place, read, set};
use crate::facts::{Facts, Request, Status, Work, read_presence, read_request};
use crate::history::History;
use crate::reference::{Moment, Waiting, Why, eligible, waiting};
use crate::step::Batch;

/// The request of an offer as it waited.
fn waited(batch: &Batch, facts: &Facts, moment: &Moment, work: &Work) -> Option<Waiting> {
    let id = work.request?;
    let s = &facts.schema;
    let seen = &batch.seen[place(batch, s.request.ix, id)?];
    let request: Request = read_request(s, seen.before.as_deref()?);
    Some(waiting::of_request(moment, &request))
}

/// Gives an offer to somebody else.
fn give(batch: &mut Batch, facts: &Facts, at: usize, work: &Work, user: RecordId) -> bool {
    let s = facts.schema.clone();
    let Some(item) =
        place(batch, s.case.ix, work.ask.item).or_else(|| place(batch, s.call.ix, work.ask.item))
    else {
        return false;
    };
    let owner = if batch.seen[item].key.0 == s.case.ix {
        s.case.owner
    } else {
        s.call.owner
    };
    set(&mut batch.seen[at], s.work.user, user);
    set(&mut batch.seen[item], owner, user);
    true
}

/// An offer goes to an agent whom this rule keeps from it, and no other.
fn in_spite_of(batch: &mut Batch, facts: &Facts, why: Why) -> bool {
    let moment = Moment::at_rest(facts, &History::default(), batch.now);
    let is_quiet = !batch
        .seen
        .iter()
        .any(|row| row.key.0 == facts.schema.presence.ix);
    for (at, work) in offers(batch, facts) {
        let plain = Waiting::plain(work.id, work.ask.clone(), batch.now);
        let w = waited(batch, facts, &moment, &work).unwrap_or(plain);
        let mut users = facts.current.keys().copied();
        let other =
            users.find(|u| *u != work.user && eligible::why_not(&moment, *u, &w) == Some(why));
        if let Some(user) = other.filter(|_| is_quiet)
            && give(batch, facts, at, &work, user)
        {
            return true;
        }
    }
    false
}

pub(super) fn unskilled(batch: &mut Batch, facts: &Facts) -> bool {
    in_spite_of(batch, facts, Why::SkillMissing)
}

pub(super) fn no_member(batch: &mut Batch, facts: &Facts) -> bool {
    in_spite_of(batch, facts, Why::NotInQueue)
}

pub(super) fn not_serving(batch: &mut Batch, facts: &Facts) -> bool {
    in_spite_of(batch, facts, Why::ChannelNotServed)
}

pub(super) fn not_mapped(batch: &mut Batch, facts: &Facts) -> bool {
    in_spite_of(batch, facts, Why::NotMapped)
}

/// R23: somebody else who could take it.
pub(super) fn preferred_ignored(batch: &mut Batch, facts: &Facts) -> bool {
    let moment = Moment::at_rest(facts, &History::default(), batch.now);
    for (at, work) in offers(batch, facts) {
        let is_preferred = work.ask.preferred == Some(work.user) && !work.ask.is_required;
        let anybody = Waiting::plain(work.id, work.ask.clone(), batch.now);
        let mut users = facts.current.keys().copied();
        let other = users.find(|u| {
            let why = eligible::why_not(&moment, *u, &anybody);
            *u != work.user && matches!(why, None | Some(Why::NotInQueue))
        });
        if let Some(user) = other.filter(|_| is_preferred)
            && give(batch, facts, at, &work, user)
        {
            return true;
        }
    }
    false
}

/// R34: the offered request was not to be routed yet.
pub(super) fn date_ignored(batch: &mut Batch, facts: &Facts) -> bool {
    let k = facts.schema.request;
    let later = batch.now.plus_s(3_600);
    let ids = offers(batch, facts)
        .into_iter()
        .filter_map(|(_, w)| w.request);
    let Some(at) = ids
        .filter_map(|id| place(batch, k.ix, id))
        .find(|at| batch.seen[*at].after.is_some())
    else {
        return false;
    };
    set(&mut batch.seen[at], k.scheduled, Value::DateTime(later));
    true
}

/// R57, R60: an offer that dropped skills alone made possible, of a request that drops none.
pub(super) fn dropped_too_soon(batch: &mut Batch, facts: &Facts) -> bool {
    let k = facts.schema.request;
    let moment = Moment::at_rest(facts, &History::default(), batch.now);
    for (_, work) in offers(batch, facts) {
        let Some(mut w) = waited(batch, facts, &moment, &work) else {
            continue;
        };
        w.drop_s = None;
        let needs_drop = eligible::why_not(&moment, work.user, &w) == Some(Why::SkillMissing);
        let request = work.request.and_then(|id| place(batch, k.ix, id));
        let Some(at) = request.filter(|at| needs_drop && batch.seen[*at].after.is_some()) else {
            continue;
        };
        set(&mut batch.seen[at], k.drop, Value::Null);
        return true;
    }
    false
}

/// R100.
pub(super) fn wrong_pool(batch: &mut Batch, facts: &Facts) -> bool {
    let k = facts.schema.work;
    let Some((at, work)) = offers(batch, facts).pop() else {
        return false;
    };
    set(
        &mut batch.seen[at],
        k.interruptible,
        !work.ask.is_interruptible,
    );
    true
}

/// R120: what is paused weighs so much that the next offer to its agent has no room.
pub(super) fn paused_counts(batch: &mut Batch, facts: &Facts) -> bool {
    let k = facts.schema.work;
    let is = |r: &model::Record, status| r.get(k.status).as_text() == Some(status);
    let at = batch.seen.iter().position(|row| {
        let was_offered = row.before.as_ref().is_some_and(|r| is(r, "Assigned"));
        let is_kept = |r: &model::Record| r.get(k.capacity).as_text() == Some("StatusBased");
        let is_open = row
            .after
            .as_ref()
            .is_some_and(|r| is(r, "Opened") && is_kept(r));
        row.key.0 == k.ix && was_offered && is_open
    });
    let Some(at) = at else { return false };
    set(&mut batch.seen[at], k.paused_weight, 500.0);
    false // again and again: which of them will be paused is not known yet
}

/// R72.
pub(super) fn chat_goes_on(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    let gone = read(batch, s.request.ix, |r| read_request(&s, r));
    let gone: Vec<(usize, Request)> = gone
        .filter_map(|(at, before, after)| Some((at, before.filter(|_| after.is_none())?)))
        .collect();
    let found = moved(batch, facts, Status::Assigned, Status::Declined);
    let Some((at, request)) = found.and_then(|(_, work)| {
        let of = gone.into_iter().find(|(_, r)| Some(r.id) == work.request);
        of.filter(|_| facts.is_chat(&work.ask))
    }) else {
        return false;
    };
    let Some(session) = facts.current.values().flatten().next().copied() else {
        return false;
    };
    let (k, row) = (&s.request, &mut batch.seen[at]);
    row.after.clone_from(&row.before);
    set(row, k.pushed, false);
    set(row, k.serial, Value::Int(request.serial + 1));
    set(row, k.last_declined, session.to_string());
    true
}

pub(super) fn idle_too_long(batch: &mut Batch, facts: &Facts) -> bool {
    let k = facts.schema.presence;
    let ended = batch.seen.iter_mut().find(|row| {
        let is_over = row
            .after
            .as_ref()
            .is_some_and(|r| !r.get(k.current).is_true());
        row.key.0 == k.ix && row.before.is_some() && is_over
    });
    let Some(row) = ended else { return false };
    let idle = row.after.as_ref().and_then(|r| r.get(k.idle).as_int());
    set(row, k.idle, Value::Int(idle.unwrap_or(0) + 1));
    true
}

pub(super) fn handled_too_long(batch: &mut Batch, facts: &Facts) -> bool {
    let Some((at, work)) = moved(batch, facts, Status::Opened, Status::Closed) else {
        return false;
    };
    let seconds = work.handle_s.unwrap_or(0) + 1;
    set(
        &mut batch.seen[at],
        facts.schema.work.handle,
        Value::Int(seconds),
    );
    true
}

pub(super) fn wrong_reason(said: &mut ItemExplanation) -> bool {
    let Some(reason) = said.waiting.as_mut().and_then(|w| {
        let reasons = w.excluded.iter_mut().filter_map(|c| c.reason.as_mut());
        reasons.into_iter().find(|r| r.code != "noCapacity")
    }) else {
        return false;
    };
    reason.code = "noCapacity";
    true
}

pub(super) fn wrong_place(said: &mut ItemExplanation) -> bool {
    let position = said.waiting.as_mut().and_then(|w| w.position.as_mut());
    position.map(|at| *at += 1).is_some()
}

pub(super) fn wrong_winner(said: &mut ItemExplanation) -> bool {
    let Some(waiting) = &mut said.waiting else {
        return false;
    };
    let Some(other) = waiting.excluded.first() else {
        return false;
    };
    let (id, name) = (other.user_id, other.name.clone());
    waiting.winner = Some(engine::Named { id, name });
    true
}

/// Somebody closed the last work, and another status came than the one that was chosen for then.
pub(super) fn wrong_next_status(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    let closes = |request: &Asked| {
        let action = WorkAction::Close;
        matches!(request, Asked::Work { action: found, .. } if *found == action)
    };
    let is_plain = batch
        .sent
        .iter()
        .all(|sent| closes(&sent.submission.request));
    let found = read(batch, s.presence.ix, |r| read_presence(&s, r))
        .find_map(|(at, was, is)| Some((at, is.filter(|_| was.is_none())?.status)));
    let Some((at, status)) = found.filter(|_| is_plain && !batch.has_deadline) else {
        return false;
    };
    let mut others = facts.config.statuses.keys();
    let Some(other) = others.find(|other| **other != status).copied() else {
        return false;
    };
    set(&mut batch.seen[at], s.presence.status, other);
    true
}

/// An offer that was canceled is said to have gone because its agent went.
pub(super) fn taken_away(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    let is_quiet = !batch
        .seen
        .iter()
        .any(|row| row.key.0 == s.presence.ix || s.is_config(row.key.0));
    let canceled = moved(batch, facts, Status::Assigned, Status::Canceled);
    let Some((at, _)) = canceled.filter(|_| is_quiet) else {
        return false;
    };
    set(&mut batch.seen[at], s.work.status, "Unavailable");
    true
}
