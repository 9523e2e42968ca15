//! How each deliberate fault spoils what comes out of the server. Every function answers whether it
//! found something to spoil.

use crate::facts::{Facts, Model, Request, Status, Work, read_request, read_work};
use crate::history::History;
use crate::observe::Seen;
use crate::reference::eligible::is_able;
use crate::reference::{Moment, Waiting};
use crate::step::{Batch, Sent};
use model::{Code, FieldIx, KeyPrefix, ObjectIx, Record, RecordId, Refusal, Space, Value};
use std::sync::Arc;
use store::Contents;

pub(super) fn set(row: &mut Seen, field: FieldIx, value: impl Into<Value>) {
    if let Some(record) = &mut row.after {
        Arc::make_mut(record).set(field, value.into());
    }
}

pub(super) fn read<'a, T>(
    batch: &'a Batch,
    object: ObjectIx,
    read: impl Fn(&Record) -> T + 'a,
) -> impl Iterator<Item = (usize, Option<T>, Option<T>)> + 'a {
    let rows = batch
        .seen
        .iter()
        .enumerate()
        .filter(move |(_, s)| s.key.0 == object);
    rows.map(move |(at, s)| {
        (
            at,
            s.before.as_deref().map(&read),
            s.after.as_deref().map(&read),
        )
    })
}

/// New offers by the pass: place among the rows, and the work.
pub(super) fn offers(batch: &Batch, facts: &Facts) -> Vec<(usize, Work)> {
    let schema = facts.schema.clone();
    let is_quiet = !batch.seen.iter().any(|s| schema.is_config(s.key.0));
    let by_client = crate::step::Step::read(batch, facts, false).by_client;
    let all = read(batch, facts.schema.work.ix, move |r| read_work(&schema, r));
    all.filter(|(_, before, _)| before.is_none() && is_quiet)
        .filter_map(|(at, _, work)| Some((at, work?)))
        .filter(|(_, w)| w.status == Status::Assigned && !by_client.contains(&w.id))
        .collect()
}

/// Work that went from one status to another.
pub(super) fn moved(
    batch: &Batch,
    facts: &Facts,
    from: Status,
    to: Status,
) -> Option<(usize, Work)> {
    let schema = facts.schema.clone();
    let mut all = read(batch, facts.schema.work.ix, move |r| read_work(&schema, r));
    let found = all.find(|(_, before, after)| {
        before.as_ref().is_some_and(|w| w.status == from)
            && after.as_ref().is_some_and(|w| w.status == to)
    })?;
    Some((found.0, found.2?))
}

pub(super) fn place(batch: &Batch, object: ObjectIx, id: RecordId) -> Option<usize> {
    batch.seen.iter().position(|s| s.key == (object, id))
}

pub(super) fn too_heavy(batch: &mut Batch, facts: &Facts) -> bool {
    let k = &facts.schema.work;
    let all = offers(batch, facts);
    let Some((at, _)) = all.iter().find(|(_, w)| !facts.is_voice(&w.ask)) else {
        return false;
    };
    set(&mut batch.seen[*at], k.weight, 9_999.0);
    true
}

pub(super) fn offered_twice(batch: &mut Batch, facts: &Facts) -> bool {
    let Some((at, _)) = offers(batch, facts).pop() else {
        return false;
    };
    let id = RecordId::new(KeyPrefix::of("0Bz"), 9_000_000);
    let mut twin = batch.seen[at].clone();
    twin.key.1 = id;
    if let Some(record) = &mut twin.after {
        Arc::make_mut(record).id = id;
    }
    batch.seen.push(twin);
    true
}

pub(super) fn request_lost(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    let is_quiet = !batch.seen.iter().any(|row| s.is_config(row.key.0));
    let found =
        read(batch, s.request.ix, |r| read_request(&s, r)).find_map(|(at, before, after)| {
            let request = after.filter(|r| before.is_none() && !r.is_pushed && !r.ask.by_skills)?;
            place(batch, s.case.ix, request.ask.item).map(|_| at)
        });
    match found.filter(|_| is_quiet) {
        Some(at) => drop(batch.seen.remove(at)),
        None => return false,
    }
    true
}

pub(super) fn not_marked(batch: &mut Batch, facts: &Facts) -> bool {
    let k = &facts.schema.request;
    let requests = offers(batch, facts)
        .into_iter()
        .filter_map(|(_, w)| w.request);
    let Some(at) = requests.filter_map(|id| place(batch, k.ix, id)).next() else {
        return false;
    };
    set(&mut batch.seen[at], k.pushed, false);
    true
}

pub(super) fn request_stays(batch: &mut Batch, facts: &Facts) -> bool {
    let Some((_, work)) = moved(batch, facts, Status::Assigned, Status::Opened) else {
        return false;
    };
    let request = work
        .request
        .and_then(|id| place(batch, facts.schema.request.ix, id));
    let Some(at) = request.filter(|at| batch.seen[*at].after.is_none()) else {
        return false;
    };
    batch.seen.remove(at);
    true
}

pub(super) fn owner_stays(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    for (_, work) in offers(batch, facts) {
        let (Some(at), Some(queue)) = (place(batch, s.case.ix, work.ask.item), work.ask.queue)
        else {
            continue;
        };
        set(&mut batch.seen[at], s.case.owner, queue);
        return true;
    }
    false
}

/// An offered request looks less urgent than one of the same kind that still waits.
pub(super) fn order_ignored(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    for (at, work) in offers(batch, facts) {
        let is_alike = |r: &&Request| {
            let (ask, own) = (&r.ask, &work.ask);
            let is_same = (ask.queue, ask.channel, ask.weight, ask.percentage)
                == (own.queue, own.channel, own.weight, own.percentage);
            let is_free = r.is_ready && !r.is_pushed && r.ask.preferred.is_none();
            is_same && is_free && ask.queue.is_some() && ask.model != Model::External
        };
        let is_untouched =
            |r: &&Request| place(batch, s.request.ix, r.id).is_none() && r.last_declined.is_none();
        let rival = facts.requests.values().filter(is_alike).find(is_untouched);
        let request = work.request.and_then(|id| place(batch, s.request.ix, id));
        let (Some(_), Some(request)) = (rival, request) else {
            continue;
        };
        set(&mut batch.seen[request], s.request.priority, Value::Int(99));
        set(&mut batch.seen[at], s.work.priority, Value::Int(99));
        return true;
    }
    false
}

pub(super) fn offer_not_made(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    for (at, work) in offers(batch, facts) {
        let item = place(batch, s.case.ix, work.ask.item);
        let request = work.request.and_then(|id| place(batch, s.request.ix, id));
        let (Some(item), Some(request), Some(queue)) = (item, request, work.ask.queue) else {
            continue;
        };
        let serial = batch.seen[request]
            .after
            .as_ref()
            .and_then(|r| r.get(s.request.serial).as_int());
        set(&mut batch.seen[item], s.case.owner, queue);
        set(&mut batch.seen[request], s.request.pushed, false);
        set(
            &mut batch.seen[request],
            s.request.serial,
            serial.unwrap_or(2) - 1,
        );
        if batch.seen[request].before.is_some() {
            batch.seen.remove(request);
            let at = place(batch, s.work.ix, work.id).unwrap_or(at);
            batch.seen.remove(at);
        } else {
            batch.seen.remove(at);
        }
        return true;
    }
    false
}

pub(super) fn decliner_forgotten(batch: &mut Batch, facts: &Facts) -> bool {
    let k = &facts.schema.request;
    let Some((_, work)) = moved(batch, facts, Status::Assigned, Status::Declined) else {
        return false;
    };
    let Some(at) = work.request.and_then(|id| place(batch, k.ix, id)) else {
        return false;
    };
    if batch.seen[at].after.is_none() {
        return false;
    }
    set(&mut batch.seen[at], k.last_declined, Value::Null);
    true
}

pub(super) fn serial_stays(batch: &mut Batch, facts: &Facts) -> bool {
    let k = &facts.schema.request;
    let found = batch
        .seen
        .iter_mut()
        .find(|s| s.key.0 == k.ix && s.before.is_some() && s.after.is_some());
    let Some(row) = found else { return false };
    let serial = row
        .before
        .as_ref()
        .map_or(Value::Null, |r| r.get(k.serial).clone());
    set(row, k.serial, serial);
    true
}

pub(super) fn open_declined(batch: &mut Batch, facts: &Facts) -> bool {
    let Some((at, _)) = moved(batch, facts, Status::Opened, Status::Closed) else {
        return false;
    };
    set(&mut batch.seen[at], facts.schema.work.status, "Declined");
    true
}

pub(super) fn close_without_time(batch: &mut Batch, facts: &Facts) -> bool {
    let Some((at, _)) = moved(batch, facts, Status::Opened, Status::Closed) else {
        return false;
    };
    set(&mut batch.seen[at], facts.schema.work.closed, Value::Null);
    true
}

pub(super) fn two_presences(batch: &mut Batch, facts: &Facts) -> bool {
    let k = &facts.schema.presence;
    let user = |s: &Seen| s.after.as_ref().and_then(|r| r.get(k.user).as_id());
    let new: Vec<Option<RecordId>> = batch
        .seen
        .iter()
        .filter(|s| s.key.0 == k.ix && s.before.is_none())
        .filter(|s| s.after.as_ref().is_some_and(|r| r.get(k.current).is_true()))
        .map(user)
        .collect();
    let is_end = |s: &Seen| s.key.0 == k.ix && s.before.is_some() && new.contains(&user(s));
    let Some(at) = batch.seen.iter().position(is_end) else {
        return false;
    };
    batch.seen.remove(at);
    true
}

pub(super) fn presence_gap(batch: &mut Batch, facts: &Facts) -> bool {
    let k = &facts.schema.presence;
    let later = batch.now.plus_s(1);
    let Some(row) = batch
        .seen
        .iter_mut()
        .find(|s| s.key.0 == k.ix && s.before.is_none())
    else {
        return false;
    };
    set(row, k.start, later);
    true
}

/// Takes back everything that happened to an offer and its request.
fn undo(batch: &mut Batch, facts: &Facts, work: &Work) -> bool {
    let s = facts.schema.clone();
    let of_item = |r: &Record| r.get(s.work.item).as_id() == Some(work.ask.item);
    let is_offered_again = batch.seen.iter().any(|row| {
        row.key.0 == s.work.ix && row.before.is_none() && row.after.as_deref().is_some_and(of_item)
    });
    let was_there =
        |object, id| place(batch, object, id).is_some_and(|at| batch.seen[at].after.is_some());
    let Some(request) = work
        .request
        .filter(|r| was_there(s.request.ix, *r) && !is_offered_again)
    else {
        return false;
    };
    let ids = [work.id, request, work.ask.item];
    batch.seen.retain(|row| !ids.contains(&row.key.1));
    true
}

pub(super) fn timeout_missed(batch: &mut Batch, facts: &Facts) -> bool {
    let found = moved(
        batch,
        facts,
        Status::Assigned,
        Status::DeclinedOnPushTimeout,
    );
    found.is_some_and(|(_, work)| undo(batch, facts, &work))
}

pub(super) fn offer_outlives(batch: &mut Batch, facts: &Facts) -> bool {
    let found = moved(batch, facts, Status::Assigned, Status::Unavailable);
    found.is_some_and(|(_, work)| undo(batch, facts, &work))
}

pub(super) fn record_lost(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    if batch.replies.is_none() {
        return false;
    }
    let waits = |id: RecordId| {
        let of = |r: &Record| {
            r.get(s.request.item).as_id() == Some(id) || r.get(s.work.item).as_id() == Some(id)
        };
        batch
            .seen
            .iter()
            .any(|row| row.after.as_deref().is_some_and(of))
    };
    let is_new = |row: &&Seen| row.key.0 == s.case.ix && row.before.is_none();
    let Some(key) = batch
        .seen
        .iter()
        .filter(is_new)
        .map(|r| r.key)
        .find(|k| !waits(k.1))
    else {
        return false;
    };
    batch.seen.retain(|row| row.key != key);
    true
}

pub(super) fn commit_lost(batch: &mut Batch, facts: &Facts) -> bool {
    let is_new = |row: &Seen| facts.schema.is_item(row.key.0) && row.before.is_none();
    if batch.replies.is_none() || !batch.seen.iter().any(is_new) {
        return false;
    }
    batch.seen.clear();
    batch.events.clear();
    true
}

pub(super) fn refused_and_done(batch: &mut Batch, facts: &Facts) -> bool {
    let is_new = |row: &Seen| row.key.0 == facts.schema.case.ix && row.before.is_none();
    let is_plain = batch.seen.len() == 1 && batch.seen.iter().all(is_new);
    let Some(replies) = batch.replies.as_mut().filter(|r| r.len() == 1 && is_plain) else {
        return false;
    };
    replies[0] = Err(Refusal::new(Code::InvalidInput, "no"));
    true
}

pub(super) fn second_best(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    let moment = Moment::at_rest(facts, &History::default(), batch.now);
    let is_quiet = !batch.seen.iter().any(|row| row.key.0 == s.presence.ix);
    for (at, work) in offers(batch, facts) {
        let others = facts.current.keys().filter(|u| **u != work.user);
        let plain = Waiting::plain(work.id, work.ask.clone(), batch.now);
        let mut others = others.filter(|u| is_able(&moment, **u, &plain));
        let Some(item) = place(batch, s.case.ix, work.ask.item).filter(|_| is_quiet) else {
            continue;
        };
        let Some(user) = others.next().copied() else {
            continue;
        };
        set(&mut batch.seen[at], s.work.user, user);
        set(&mut batch.seen[item], s.case.owner, user);
        return true;
    }
    false
}

pub(super) fn number_skipped(batch: &mut Batch, _facts: &Facts) -> bool {
    batch.seq += 1;
    true
}

pub(super) fn time_runs_back(batch: &mut Batch, _facts: &Facts) -> bool {
    batch.now = batch.now.plus_s(-86_400 * 30);
    true
}

pub(super) fn news_lost(batch: &mut Batch, facts: &Facts) -> bool {
    if batch.replies.is_none() || offers(batch, facts).is_empty() {
        return false;
    }
    batch.events.clear();
    true
}

pub(super) fn wrong_priority(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    let is_quiet = !batch.seen.iter().any(|row| s.is_config(row.key.0));
    let found =
        read(batch, s.request.ix, |r| read_request(&s, r)).find_map(|(at, before, after)| {
            let is_new =
                after.is_some_and(|r| before.is_none() && !r.is_pushed && !r.ask.by_skills);
            is_new.then_some(at)
        });
    let Some(at) = found.filter(|_| is_quiet) else {
        return false;
    };
    set(&mut batch.seen[at], s.request.priority, Value::Int(77));
    true
}

pub(super) fn cheap_offer(batch: &mut Batch, facts: &Facts) -> bool {
    let k = &facts.schema.work;
    let heavy = |w: &Work| w.ask.weight.is_some_and(|w| w > 0) && !facts.is_voice(&w.ask);
    let Some((at, _)) = offers(batch, facts).into_iter().find(|(_, w)| heavy(w)) else {
        return false;
    };
    set(&mut batch.seen[at], k.weight, 0.0);
    true
}

/// A time-out without the presence rows of its agent.
pub(super) fn status_stays(batch: &mut Batch, facts: &Facts) -> bool {
    let s = facts.schema.clone();
    let is_quiet = !batch.seen.iter().any(|row| s.is_config(row.key.0));
    let Some((_, work)) = moved(
        batch,
        facts,
        Status::Assigned,
        Status::DeclinedOnPushTimeout,
    ) else {
        return false;
    };
    let mine = |r: &Record| r.get(s.presence.user).as_id() == Some(work.user);
    let is_mine = |row: &Seen| row.key.0 == s.presence.ix && row.after.as_deref().is_some_and(mine);
    let moves = batch
        .sent
        .iter()
        .any(|sent| sent.submission.caller.user == work.user);
    let has_new = batch
        .seen
        .iter()
        .any(|row| is_mine(row) && row.before.is_none());
    if !is_quiet || moves || !has_new {
        return false;
    }
    batch.seen.retain(|row| !is_mine(row));
    true
}

pub(super) fn accept_refused(batch: &mut Batch, facts: &Facts) -> bool {
    use engine::{Request as Asked, WorkAction};
    let [sent] = batch.sent.as_slice() else {
        return false;
    };
    let Asked::Work {
        work,
        action: WorkAction::Accept,
    } = &sent.submission.request
    else {
        return false;
    };
    let work = facts
        .works
        .get(work)
        .filter(|w| w.user == sent.submission.caller.user);
    let is_fit = work.is_some_and(|w| w.status == Status::Assigned) && !sent.is_repeat;
    let was_done = matches!(batch.replies.as_deref(), Some([Ok(_)]));
    if !is_fit || !was_done {
        return false;
    }
    batch.replies = Some(vec![Err(Refusal::new(Code::WorkNotAssigned, "no"))]);
    batch.seen.clear();
    batch.events.clear();
    true
}

pub(super) fn answer_missing(batch: &mut Batch, _facts: &Facts) -> bool {
    batch.replies.as_mut().is_some_and(|r| r.pop().is_some())
}

pub(super) fn drop_note(contents: &mut Contents, space: Space) -> bool {
    let Some(key) = contents.notes.keys().find(|(of, _)| *of == space).cloned() else {
        return false;
    };
    Arc::make_mut(&mut contents.notes).remove(&key);
    true
}

pub(super) fn drop_row(contents: &mut Contents, object: ObjectIx) -> bool {
    let Some(key) = contents.of(object).next().map(|r| (object, r.id)) else {
        return false;
    };
    Arc::make_mut(&mut contents.rows).remove(&key);
    true
}

pub(super) fn twice(commands: &mut Vec<Sent>) -> bool {
    use engine::{Request as Asked, SaveOp};
    let is_plain = |sent: &&Sent| match &sent.submission.request {
        Asked::Save { ops, .. } => ops.len() == 1 && matches!(ops[0], SaveOp::Create { .. }),
        _ => false,
    };
    let Some(mut again) = commands.iter().find(is_plain).cloned() else {
        return false;
    };
    again.submission.command_id = None;
    commands.push(again);
    true
}
