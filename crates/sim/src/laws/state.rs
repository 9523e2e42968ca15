//! Laws over all rows as they stand after a batch.

use std::collections::BTreeMap;

use model::RecordId;

use super::{Law, Scene, Verdict, broken};
use crate::facts::{Status, Work};

fn assigned<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a Work> {
    scene
        .facts
        .all_active()
        .filter(|w| w.status == Status::Assigned)
}

pub(super) fn one_offer(scene: &Scene) -> Verdict {
    let mut offers: BTreeMap<RecordId, RecordId> = BTreeMap::new();
    for work in assigned(scene) {
        if let Some(other) = offers.insert(work.ask.item, work.id) {
            let item = work.ask.item;
            return broken(
                Law::OneOffer,
                format!("{item} is offered by {other} and {}", work.id),
            );
        }
    }
    Ok(())
}

/// R1, R3, R7, R8.
pub(super) fn one_request(scene: &Scene) -> Verdict {
    let facts = scene.facts;
    let mut requests: BTreeMap<RecordId, RecordId> = BTreeMap::new();
    for request in facts.requests.values() {
        let item = request.ask.item;
        if let Some(other) = requests.insert(item, request.id) {
            return broken(
                Law::OneRequest,
                format!("{item} waits as {other} and {}", request.id),
            );
        }
        if facts.items.get(&item).is_none_or(|i| i.is_deleted) {
            return broken(
                Law::OneRequest,
                format!("{} waits for {item}, which is gone", request.id),
            );
        }
    }
    for (before, after) in &scene.step.items {
        let Some(item) = after.as_ref().filter(|i| !i.is_deleted) else {
            continue;
        };
        let Some(queue) = item.owner else { continue };
        let has_moved = before.as_ref().is_none_or(|b| b.owner != item.owner);
        let was_binned = scene.step.binned.contains(&item.id);
        let is_chat = super::chats::canceled(scene).any(|r| r.ask.item == item.id); // R72
        let is_call = item.object == facts.schema.call.ix || is_chat;
        let was_withdrawn = scene.step.requests.iter().any(|(was, is)| {
            let of_item = was
                .as_ref()
                .filter(|r| is.is_none() && r.ask.item == item.id);
            of_item.is_some_and(|r| scene.step.touched.contains(&r.id)) // R47
        });
        let has_ended = scene.step.ended.contains(&item.id); // in the same batch
        let was_withdrawn = was_withdrawn || has_ended;
        let is_clear = !scene.step.is_config_new && !was_binned && !is_call && !was_withdrawn;
        if has_moved
            && is_clear
            && facts.config.routes(queue, item.object)
            && !requests.contains_key(&item.id)
        {
            return broken(
                Law::OneRequest,
                format!("{} came to queue {queue} and has no request", item.id),
            );
        }
    }
    Ok(())
}

pub(super) fn pushed(scene: &Scene) -> Verdict {
    let mut offers: BTreeMap<RecordId, u32> = BTreeMap::new();
    for work in assigned(scene) {
        let Some(request) = work.request else {
            continue;
        };
        *offers.entry(request).or_default() += 1;
        if !scene.facts.requests.contains_key(&request) {
            return broken(
                Law::Pushed,
                format!("{} is Assigned, its request {request} is gone", work.id),
            );
        }
    }
    for request in scene.facts.requests.values() {
        let count = offers.get(&request.id).copied().unwrap_or(0);
        if count != u32::from(request.is_pushed) {
            let (id, pushed) = (request.id, request.is_pushed);
            return broken(
                Law::Pushed,
                format!("{id} has IsPushed {pushed} and {count} Assigned works"),
            );
        }
        if request.is_pushed && !request.is_push_attempted {
            return broken(
                Law::Pushed,
                format!("{} is pushed without IsPushAttempted", request.id),
            );
        }
    }
    Ok(())
}

pub(super) fn opened(scene: &Scene) -> Verdict {
    for work in scene
        .facts
        .all_active()
        .filter(|w| w.status == Status::Opened)
    {
        let left = work
            .request
            .filter(|r| scene.facts.requests.contains_key(r));
        if let Some(request) = left {
            return broken(
                Law::Opened,
                format!("{} is Opened and request {request} still there", work.id),
            );
        }
    }
    Ok(())
}

pub(super) fn owner(scene: &Scene) -> Verdict {
    for work in assigned(scene).filter(|w| !scene.history.is_participant(w.id)) {
        let owner = scene.facts.items.get(&work.ask.item).and_then(|i| i.owner);
        if owner != Some(work.user) {
            let (id, user, item) = (work.id, work.user, work.ask.item);
            let owner = owner.map_or("nobody".to_owned(), |o| o.to_string());
            return broken(
                Law::Owner,
                format!("{id} offers {item} to {user}, its owner is {owner}"),
            );
        }
    }
    Ok(())
}

/// No offer outlives its time-out.
pub(super) fn timer(scene: &Scene) -> Verdict {
    for work in assigned(scene) {
        let (Some(seconds), Some(at)) = (work.ask.timeout_s.filter(|s| *s > 0), work.assigned)
        else {
            continue;
        };
        if at.plus_s(seconds) <= scene.batch.now {
            return broken(
                Law::Timer,
                format!("{} was due {seconds} s after {}", work.id, at.0),
            );
        }
    }
    for (before, after) in &scene.step.works {
        let Some(after) = after
            .as_ref()
            .filter(|w| w.status == Status::DeclinedOnPushTimeout)
        else {
            continue;
        };
        if before.as_ref().is_some_and(|b| b.status == after.status) {
            continue;
        }
        let due = after
            .assigned
            .zip(after.ask.timeout_s.filter(|s| *s > 0))
            .map(|(at, s)| at.plus_s(s));
        if due.is_none_or(|due| due > scene.batch.now) || after.timed_out != Some(scene.batch.now) {
            return broken(
                Law::Timer,
                format!("{} timed out at the wrong time", after.id),
            );
        }
    }
    Ok(())
}

pub(super) fn offline(scene: &Scene) -> Verdict {
    for (user, rows) in &scene.facts.current {
        let person = scene.facts.config.people.get(user);
        if !rows.is_empty() && person.is_none_or(|p| !p.is_active) {
            return broken(Law::Offline, format!("{user} is switched off and online")); // R157
        }
    }
    for work in scene.facts.all_active() {
        let is_kept = work.is_status_based && work.status == Status::Opened; // R127
        if scene.facts.current(work.user).is_none() && !is_kept {
            let (id, status, user) = (work.id, work.status, work.user);
            return broken(
                Law::Offline,
                format!("{id} is {status:?} and {user} is offline"),
            );
        }
    }
    Ok(())
}
