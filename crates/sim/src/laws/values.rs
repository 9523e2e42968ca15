//! Laws over what new rows say, and over what must not be refused.

use engine::{PresenceRequest, Request as Asked, Supervision, WorkAction};
use model::RecordId;

use super::{Law, Scene, Verdict, broken};
use crate::config::Routing;
use crate::facts::{Ask, Request, Status, Work};

/// R4, R30: a new request of a queue is a snapshot. R5: it never changes afterwards.
pub(super) fn requests(scene: &Scene) -> Verdict {
    for (before, after) in &scene.step.requests {
        let Some(request) = after else { continue };
        match before {
            Some(before) if !scene.step.touched.contains(&request.id) => {
                if before.ask != request.ask || before.created != request.created {
                    let (id, was, is) = (request.id, &before.ask, &request.ask);
                    return broken(Law::Values, format!("{id} changed from {was:?} to {is:?}"));
                }
            }
            Some(_) => {}
            None if scene.step.is_config_new || scene.step.has_reroutes => {}
            None => snapshot(scene, request)?,
        }
    }
    Ok(())
}

fn snapshot(scene: &Scene, request: &Request) -> Verdict {
    let (facts, ask) = (scene.facts, &request.ask);
    let Some(queue) = ask.queue else {
        return Ok(());
    };
    let config = facts.config.queues.get(&queue).and_then(|q| q.config);
    let Some(wanted) = config.and_then(|c| facts.config.routing.get(&c)) else {
        return Ok(());
    };
    let wanted = Routing {
        priority: kept_priority(scene, request).unwrap_or(wanted.priority),
        ..wanted.clone()
    };
    let found = Routing {
        model: ask.model,
        priority: ask.priority,
        weight: ask.weight,
        percentage: ask.percentage,
        paused: ask.paused,
        timeout_s: ask.timeout_s,
        by_skills: ask.by_skills,
        drop_s: request.drop_s,
    };
    if found != wanted {
        return broken(
            Law::Values,
            format!("{} has {found:?}, its queue {wanted:?}", request.id),
        );
    }
    let value = facts.items.get(&ask.item).and_then(|i| i.priority.clone());
    let key = value.map(|v| (ask.channel, v.to_lowercase()));
    let secondary = key.and_then(|k| facts.config.secondary.get(&k).copied());
    let is_kept = scene.step.reassigned.contains_key(&ask.item) && request.is_transfer;
    if ask.secondary != secondary && !is_kept {
        let (id, is) = (request.id, ask.secondary);
        return broken(
            Law::Values,
            format!("{id} has the second priority {is:?}, not {secondary:?}"),
        );
    }
    Ok(())
}

/// R45: what somebody else sends elsewhere keeps its priority; so does a request that waited.
fn kept_priority(scene: &Scene, request: &Request) -> Option<Option<i64>> {
    let (step, item) = (scene.step, request.ask.item);
    let by_other = |w: &Work| {
        let by = step.hand_ons.get(&w.id).or(step.reassigned.get(&item));
        by.is_some_and(|by| *by != w.user)
    };
    let ended = step
        .works
        .iter()
        .filter_map(|(was, is)| was.as_ref().zip(is.as_ref()));
    let mut ended = ended.filter(|(was, is)| was.status.is_active() && !is.status.is_active());
    let work = ended.find(|(_, is)| is.ask.item == item && by_other(is));
    let gone = step.requests.iter().filter(|(_, is)| is.is_none());
    let mut gone = gone.filter_map(|(was, _)| was.as_ref());
    let waited = gone.find(|was| was.ask.item == item && step.reassigned.contains_key(&item));
    let priority = work.map(|(_, is)| is.ask.priority);
    let kept = priority.or(waited.map(|was| was.ask.priority));
    kept.filter(|_| request.is_transfer)
}

/// R26, R81, R110: an offer repeats its request; calls ring at most 20 seconds.
pub(super) fn offers(scene: &Scene) -> Verdict {
    for work in scene.step.offers() {
        let request = work.request.and_then(|id| scene.facts.requests.get(&id));
        let Some(request) = request else { continue };
        let wanted = Ask {
            timeout_s: timeout(scene, &request.ask),
            ..request.ask.clone()
        };
        let found = Ask {
            timeout_s: work.ask.timeout_s.filter(|s| *s > 0),
            ..work.ask.clone()
        };
        if found != wanted {
            return broken(
                Law::Values,
                format!("{} is {found:?}, its request {wanted:?}", work.id),
            );
        }
        let since = request
            .custom
            .or(scene.history.age(request.id))
            .unwrap_or(request.created);
        if work.requested != Some(since) && !scene.history.is_unsure_about(request.id) {
            let (id, is) = (work.id, work.requested);
            return broken(
                Law::Values,
                format!("{id} was requested at {is:?}, not at {since:?}"),
            );
        }
    }
    Ok(())
}

fn timeout(scene: &Scene, ask: &Ask) -> Option<i64> {
    let seconds = ask.timeout_s.filter(|s| *s > 0 && !ask.is_required)?;
    Some(if scene.facts.is_voice(ask) {
        seconds.min(20)
    } else {
        seconds
    })
}

/// Whom a supervisor moves.
fn moved_by_supervisor(request: &Asked) -> Option<RecordId> {
    match request {
        Asked::Supervise(Supervision::Logout { user } | Supervision::SetStatus { user, .. }) => {
            Some(*user)
        }
        _ => None,
    }
}

/// R77, R82, R83: in a batch in which nothing else moves the agent.
pub(super) fn consequences(scene: &Scene) -> Verdict {
    if scene.step.is_config_new {
        return Ok(());
    }
    for work in returned(scene) {
        let user = work.user;
        let Some(person) = scene.facts.config.people.get(&user) else {
            continue;
        };
        let moves = scene.batch.sent.iter().any(|sent| {
            let is_presence = matches!(sent.submission.request, Asked::Presence(_));
            sent.submission.caller.user == user && is_presence
                || moved_by_supervisor(&sent.submission.request) == Some(user)
        });
        let is_mixed = returned(scene).any(|w| w.user == user && w.status != work.status);
        let wanted = match work.status {
            Status::Declined => person.on_decline,
            _ => person.on_timeout,
        };
        let Some(wanted) = wanted.filter(|_| !moves && !is_mixed) else {
            continue;
        };
        let status = scene.facts.current(user).map(|p| p.status);
        if status != Some(wanted) {
            let how = work.status;
            return broken(
                Law::Consequence,
                format!("{user}: {how:?}, status {status:?}, not {wanted}"),
            );
        }
    }
    Ok(())
}

/// Offers that were declined or timed out in this batch.
fn returned<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a Work> {
    let moved = scene.step.works.iter().filter_map(|(was, is)| {
        let is = is.as_ref()?;
        was.as_ref()
            .is_none_or(|w| w.status != is.status)
            .then_some(is)
    });
    moved.filter(|w| matches!(w.status, Status::Declined | Status::DeclinedOnPushTimeout))
}

/// A batch of one new command that nothing speaks against.
pub(super) fn welcome(scene: &Scene) -> Verdict {
    let ([sent], Some([Err(refusal)])) =
        (scene.batch.sent.as_slice(), scene.batch.replies.as_deref())
    else {
        return Ok(());
    };
    if sent.is_repeat || !scene.batch.seen.is_empty() {
        return Ok(());
    }
    let user = sent.submission.caller.user;
    let is_allowed = match &sent.submission.request {
        Asked::Presence(PresenceRequest::SetStatus(status)) => may_choose(scene, user, *status),
        Asked::Presence(PresenceRequest::SetNextStatus(_)) => false,
        Asked::Presence(_) => true,
        Asked::Work { work, action } => may_do(scene, user, *work, action),
        _ => false,
    };
    if is_allowed {
        return broken(
            Law::Answer,
            format!("refused with {refusal}: {}", sent.words),
        );
    }
    Ok(())
}

fn may_choose(scene: &Scene, user: RecordId, status: RecordId) -> bool {
    let config = &scene.facts.config;
    let person = config.people.get(&user);
    person.is_some_and(|p| p.is_active && p.statuses.contains(&status)) // R53, R64
}

fn may_do(scene: &Scene, user: RecordId, work: RecordId, action: &WorkAction) -> bool {
    let person = scene.facts.config.people.get(&user);
    let work = scene.facts.works.get(&work).filter(|w| w.user == user);
    match action {
        WorkAction::Accept => work.is_some_and(|w| w.status == Status::Assigned),
        WorkAction::Decline { .. } => {
            let may = person.is_some_and(|p| p.can_decline && !p.auto_accept);
            may && work.is_some_and(|w| w.status == Status::Assigned)
        }
        WorkAction::Close => work.is_some_and(|w| w.status == Status::Opened && !w.is_status_based),
        _ => false,
    }
}
