//! Laws over what one batch changed.

use model::{Millis, RecordId};

use super::{Law, Scene, Verdict, broken};
use crate::facts::{Presence, Status, Work};
use crate::reference::Loads;
use crate::reference::load::pool;
use crate::units;

/// What happens in a batch happens at its instant.
pub(super) fn times(scene: &Scene) -> Verdict {
    let now = scene.batch.now;
    for (before, after) in &scene.step.works {
        let Some(after) = after else { continue };
        if before.is_none() && after.assigned != Some(now) {
            return broken(
                Law::Numbering,
                format!("{} is new and was assigned at another time", after.id),
            );
        }
        let was = before.as_ref().map(marked).unwrap_or_default();
        for (is, was) in marked(after).into_iter().zip(was) {
            if is != was && is != Some(now) {
                return broken(
                    Law::Numbering,
                    format!("{} has a time that is not the batch's", after.id),
                );
            }
        }
    }
    Ok(())
}

/// The times that transitions leave.
fn marked(work: &Work) -> [Option<Millis>; 5] {
    [
        work.accepted,
        work.declined,
        work.closed,
        work.canceled,
        work.timed_out,
    ]
}

/// R106, R110 to R129.
pub(super) fn life_cycle(scene: &Scene) -> Verdict {
    use Status as S;
    for (before, after) in &scene.step.works {
        let was = before.as_ref().map(|w| w.status);
        let Some(after) = after else {
            let id = before.as_ref().map_or_else(crate::facts::no_id, |w| w.id);
            if !scene.step.touched.contains(&id) || was.is_some_and(S::is_active) {
                return broken(Law::Final, format!("{id} was {was:?} and its row is gone"));
            }
            continue;
        };
        let is_legal = match was {
            None | Some(S::Assigned) => after.status != S::Wrong,
            Some(S::Opened) => matches!(after.status, S::Opened | S::Closed | S::Transferred),
            Some(final_one) => after.status == final_one,
        };
        if !is_legal {
            return broken(
                Law::Final,
                format!("{} went from {was:?} to {:?}", after.id, after.status),
            );
        }
        marks(after)?;
    }
    Ok(())
}

/// Each status has its time.
fn marks(work: &Work) -> Verdict {
    use Status as S;
    let is_marked = match work.status {
        S::Assigned => work.accepted.is_none() && work.closed.is_none(),
        S::Opened => work.accepted.is_some() && work.closed.is_none(),
        S::Closed | S::Transferred => work.accepted.is_some() && work.closed.is_some(),
        S::Declined => work.declined.is_some() && work.accepted.is_none(),
        S::DeclinedOnPushTimeout => work.timed_out.is_some() && work.declined.is_none(),
        S::Canceled => work.canceled.is_some() && work.accepted.is_none(),
        S::Unavailable => work.accepted.is_none(),
        S::Wrong => false,
    };
    if !is_marked {
        return broken(
            Law::Final,
            format!("{} is {:?} with the wrong times", work.id, work.status),
        );
    }
    handled(work)?;
    if let (Some(accepted), Some(requested)) = (work.accepted, work.requested)
        && work.answer_s != Some(accepted.seconds_since(requested))
    {
        let wanted = accepted.seconds_since(requested);
        return broken(
            Law::Final,
            format!(
                "{} has SpeedToAnswer {:?}, not {wanted}",
                work.id, work.answer_s
            ),
        );
    }
    Ok(())
}

/// R130: without after-work HandleTime runs to the close, with it not further than that.
fn handled(work: &Work) -> Verdict {
    let Some((closed, accepted)) = work.closed.zip(work.accepted) else {
        return Ok(());
    };
    let whole = closed.seconds_since(accepted);
    let fits = match (work.handle_s, work.after_work_s) {
        (Some(handled), None) => handled == whole,
        (Some(handled), Some(after)) => (after..=whole).contains(&handled),
        (None, _) => false,
    };
    if !fits {
        let (id, is) = (work.id, work.handle_s);
        return broken(Law::Sums, format!("{id} has HandleTime {is:?} of {whole}"));
    }
    Ok(())
}

/// R143 to R145.
pub(super) fn presence(scene: &Scene) -> Verdict {
    let now = scene.batch.now;
    for (before, after) in &scene.step.presences {
        let Some(after) = after else {
            return broken(Law::Presence, "a presence row is gone".to_owned());
        };
        let was_current = before.as_ref().is_some_and(|p| p.is_current);
        if before.is_some() && !was_current {
            return broken(Law::Presence, format!("{} had ended and changed", after.id));
        }
        if before.is_none() && after.start != now {
            return broken(
                Law::Presence,
                format!("{} is new and starts at another time", after.id),
            );
        }
        if !is_whole(after, now) {
            return broken(
                Law::Presence,
                format!("{} does not end as it should: {after:?}", after.id),
            );
        }
        if let Some(other) = overlap(scene, after) {
            return broken(
                Law::Presence,
                format!("{} and {other} are both current", after.id),
            );
        }
    }
    Ok(())
}

fn is_whole(row: &Presence, now: Millis) -> bool {
    if row.is_current {
        return row.end.is_none() && row.duration_s.is_none();
    }
    row.end == Some(now) && row.duration_s == Some(now.seconds_since(row.start))
}

fn overlap(scene: &Scene, row: &Presence) -> Option<RecordId> {
    let current = scene.facts.current.get(&row.user)?;
    current
        .iter()
        .find(|id| **id != row.id && row.is_current)
        .copied()
}

/// A request is there until its item is accepted, moved, deleted or cleared.
pub(super) fn vanished(scene: &Scene) -> Verdict {
    let step = scene.step;
    for (before, after) in &step.requests {
        let (Some(request), None) = (before, after) else {
            continue;
        };
        let item = request.ask.item;
        let was_accepted = step.works.iter().any(|(_, w)| {
            w.as_ref()
                .is_some_and(|w| w.request == Some(request.id) && w.accepted.is_some())
        });
        let is_named = step.touched.contains(&request.id) || step.touched.contains(&item);
        let is_call = scene.facts.is_voice(&request.ask) && step.has_call_commands;
        let is_canceled = super::chats::canceled(scene).any(|r| r.id == request.id); // R72
        if !is_canceled && !was_accepted && !is_named && !is_call && !step.is_config_new {
            return broken(
                Law::OneRequest,
                format!("the request {} of {item} vanished", request.id),
            );
        }
    }
    Ok(())
}

/// R166: one for the row itself, one for each push, one for each return.
pub(super) fn serial(scene: &Scene) -> Verdict {
    for (before, after) in &scene.step.requests {
        let Some(after) = after else { continue };
        let works = scene
            .step
            .works
            .iter()
            .filter_map(|(was, is)| Some((was.as_ref(), is.as_ref()?)));
        let of_request = works.filter(|(_, w)| w.request == Some(after.id));
        let changes: i64 = of_request
            .map(|(was, is)| i64::from(was.is_none()) + returned(was, is))
            .sum();
        let from = before.as_ref().map_or(1, |b| b.serial);
        let (grown, is_edited) = (after.serial - from, scene.step.touched.contains(&after.id));
        let is_changed = before.as_ref().is_some_and(|b| b != after);
        let fits = if is_edited {
            grown >= changes
        } else {
            grown == changes
        };
        let fits = fits && (grown > 0 || !is_changed);
        if !fits {
            let id = after.id;
            return broken(
                Law::Serial,
                format!("{id} changed {changes} times, Serial grew by {grown}"),
            );
        }
    }
    Ok(())
}

/// 1 if an offer came back to its request.
fn returned(was: Option<&Work>, is: &Work) -> i64 {
    use Status as S;
    let is_back = |s: S| matches!(s, S::Declined | S::DeclinedOnPushTimeout | S::Unavailable);
    i64::from(is_back(is.status) && was.is_none_or(|w| w.status == S::Assigned))
}

/// R98: each new offer had room beside what the agent held by then; R172 lets some exceed it.
pub(super) fn capacity(scene: &Scene) -> Verdict {
    if scene.step.is_config_new {
        return Ok(()); // the capacity at that moment is not known
    }
    let facts = scene.facts;
    let new = scene
        .step
        .works
        .iter()
        .filter(|(was, _)| was.is_none())
        .filter_map(|(_, w)| w.as_ref());
    let is_asked = |w: &&Work| !w.is_forced && !scene.history.is_participant(w.id); // R102, R172
    for work in new.filter(|w| w.status.is_active()).filter(is_asked) {
        let mut active = facts.active_of(work.user);
        if active.any(|w| scene.history.is_unsure_of_work(w.id)) {
            continue; // paused or not
        }
        let held = facts.active_of(work.user).filter(|w| w.id <= work.id);
        let load = Loads::of(facts, scene.history, held).get(work.user);
        let pool = pool(facts, &work.ask);
        let (used, room) = (load.used[pool], facts.capacity(work.user, pool == 1));
        let cost = facts.cost(&work.ask, work.user);
        if cost > 0 && used > room {
            let (used, room) = (units::show(used), units::show(room));
            return broken(
                Law::Capacity,
                format!("{} makes {} hold {used} of {room}", work.id, work.user),
            );
        }
        if load.items > 100 {
            return broken(
                Law::Capacity,
                format!("{} is item {} of {}", work.id, load.items, work.user),
            );
        }
    }
    Ok(())
}
