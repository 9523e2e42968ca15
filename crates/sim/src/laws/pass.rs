//! Laws over the routing pass of a batch: who was offered what, and who was not.

use model::RecordId;

use super::{Law, Scene, Verdict, broken};
use crate::facts::Work;
use crate::reference::{self, Moment, Offer, Waiting, eligible, order as line, waiting};

fn offers<'a>(scene: &Scene<'a>) -> Vec<&'a Work> {
    let mut offers: Vec<&Work> = scene.step.offers().collect();
    offers.sort_unstable_by_key(|w| w.id);
    offers
}

fn before<'a>(scene: &Scene<'a>) -> Moment<'a> {
    Moment::before_pass(scene.facts, scene.history, scene.step, scene.batch.now)
}

fn session(scene: &Scene, user: RecordId) -> Option<RecordId> {
    scene.history.session(user).map(|s| s.id)
}

/// R66, R70, R75.
pub(super) fn decliner(scene: &Scene) -> Verdict {
    for offer in offers(scene) {
        let Some(request) = offer.request else {
            continue;
        };
        let last = scene.history.last_decliner(request);
        if last.is_some() && last == session(scene, offer.user) && !scene.history.is_unsure() {
            let user = offer.user;
            return broken(
                Law::Decliner,
                format!("{request} is offered to {user}, who declined it last"),
            );
        }
    }
    for (_, after) in &scene.step.requests {
        let Some(request) = after else { continue };
        let last = scene.history.last_decliner(request.id);
        if !scene.history.is_unsure_about(request.id) && request.last_declined != last {
            let (id, says) = (request.id, request.last_declined);
            return broken(
                Law::Decliner,
                format!("{id} says {says:?} declined last, it was {last:?}"),
            );
        }
    }
    Ok(())
}

/// R29, R35: at each offer, nothing earlier fitted this agent.
pub(super) fn order(scene: &Scene) -> Verdict {
    if scene.history.is_unsure() {
        return Ok(());
    }
    let mut moment = before(scene);
    let waiting = waiting::before_pass(&moment, scene.step);
    let mut open: Vec<&Waiting> = waiting.iter().collect();
    let at_start = moment.clone();
    let key = |w: &Waiting| line::key(&at_start, w);
    for offer in offers(scene) {
        let Some(own) = open.iter().find(|w| Some(w.id) == offer.request).copied() else {
            continue;
        };
        let me = session(scene, offer.user);
        for earlier in open.iter().take_while(|w| key(w) < key(own)) {
            let may = eligible::is_able(&moment, offer.user, earlier);
            let declined = me.is_none_or(|s| scene.history.ever_declined(earlier.id, s));
            // it may have gone to somebody else in this pass, before or after
            let goes_elsewhere = goes_to(scene, earlier.id).is_some_and(|user| user != offer.user);
            if may && !declined && !goes_elsewhere {
                return late(earlier, own, offer);
            }
        }
        open.retain(|w| Some(w.id) != offer.request);
        moment.loads.add(scene.facts, offer.user, &offer.ask);
    }
    Ok(())
}

fn late(earlier: &Waiting, own: &Waiting, offer: &Work) -> Verdict {
    let (first, second, user) = (earlier.id, own.id, offer.user);
    broken(
        Law::Order,
        format!("{user} is offered {second} while {first}, which is earlier, waits"),
    )
}

fn goes_to(scene: &Scene, request: RecordId) -> Option<RecordId> {
    scene
        .step
        .offers()
        .find(|w| w.request == Some(request))
        .map(|w| w.user)
}

/// R36 to R39, R69: whoever has room and did not decline last would have been asked.
pub(super) fn stranded(scene: &Scene) -> Verdict {
    let before = before(scene);
    let mut after = Moment::at_rest(scene.facts, scene.history, scene.batch.now);
    for offer in scene.step.offers() {
        after.history.offered(offer.user, scene.batch.now);
    }
    let waiting = waiting::before_pass(&before, scene.step);
    for request in waiting.iter().filter(|w| goes_to(scene, w.id).is_none()) {
        if scene.history.is_unsure_about(request.id) {
            continue;
        }
        for user in scene.facts.current.keys().copied() {
            let me = session(scene, user);
            let knows = me.is_some() && !scene.history.is_unsure_of(user);
            let is_last = me == request.last_declined;
            let has_own_list = !eligible::may_start_round(&after, request); // R72, R73
            let is_out = has_own_list && me.is_some_and(|s| scene.history.was_tried(request.id, s));
            if knows && !is_last && !is_out && eligible::is_able(&after, user, request) {
                return broken(
                    Law::Stranded,
                    format!("{} waits while {user} has room", request.id),
                );
            }
        }
    }
    Ok(())
}

/// Every offer, in order, as predicted.
pub(super) fn reference(scene: &Scene) -> Verdict {
    if scene.history.is_unsure() {
        return Ok(());
    }
    let wanted = reference::predict(scene.facts, scene.history, scene.step, scene.batch.now);
    let made: Vec<Offer> = offers(scene)
        .into_iter()
        .filter_map(|w| {
            Some(Offer {
                request: w.request?,
                user: w.user,
            })
        })
        .collect();
    if wanted == made {
        return Ok(());
    }
    let show = |offers: &[Offer]| {
        let all: Vec<String> = offers
            .iter()
            .map(|o| format!("{} to {}", o.request, o.user))
            .collect();
        if all.is_empty() {
            "nothing".to_owned()
        } else {
            all.join(", ")
        }
    };
    broken(
        Law::Reference,
        format!(
            "expected {}; the engine made {}",
            show(&wanted),
            show(&made)
        ),
    )
}
