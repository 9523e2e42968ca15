//! R72: each session is asked at most once for a chat; when nobody is left, the chat is canceled.

use model::RecordId;

use super::{Law, Scene, Verdict, broken};
use crate::facts::{Request, Status, Work};
use crate::reference::{Moment, Waiting, eligible, waiting};

/// Chats whose offer was declined or timed out in this batch.
pub(super) fn returned<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a Work> {
    let facts = scene.facts;
    let moved = scene.step.works.iter().filter_map(|(was, is)| {
        let is = is.as_ref()?;
        let is_moved = was.as_ref().is_none_or(|w| w.status != is.status);
        (is_moved && facts.is_chat(&is.ask)).then_some(is)
    });
    moved.filter(|w| matches!(w.status, Status::Declined | Status::DeclinedOnPushTimeout))
}

/// Requests of chats that ended in this batch after somebody had refused them.
pub(super) fn canceled<'a>(scene: &'a Scene<'a>) -> impl Iterator<Item = &'a Request> {
    let ended = scene.step.requests.iter().filter_map(|(was, is)| {
        let was = was.as_ref().filter(|_| is.is_none())?;
        scene.facts.is_chat(&was.ask).then_some(was)
    });
    ended.filter(|request| {
        let just = returned(scene).any(|w| w.request == Some(request.id));
        just || request.last_declined.is_some()
    })
}

pub(super) fn rounds(scene: &Scene) -> Verdict {
    let step = scene.step;
    let has_moved = step.is_config_new || !step.presences.is_empty();
    let is_alone = step.works.len() == 1 && !has_moved;
    if !is_alone || scene.history.is_unsure() {
        return Ok(());
    }
    let moment = Moment::at_rest(scene.facts, scene.history, scene.batch.now);
    // what a client deletes in the same batch ends for another reason
    let is_asked_for = |w: &&Work| !step.touched.contains(&w.ask.item);
    for work in returned(scene).filter(is_asked_for) {
        let Some(mut request) = work.request.and_then(|id| before(scene, &moment, id)) else {
            continue;
        };
        // its skills are gone with a request that is canceled; the offer still has them (R103)
        let skills = scene.facts.work_skills.get(&work.id);
        request.needs = skills
            .into_iter()
            .flatten()
            .map(|(need, _)| need.clone())
            .collect();
        let waits = scene.facts.requests.contains_key(&request.id);
        let users = scene.facts.current.keys().copied();
        let left = users.into_iter().find(|user| {
            let was_tried = eligible::tried_this_round(&moment, *user, &request).is_some();
            !was_tried && eligible::serves(&moment, *user, &request)
        });
        let id = request.id;
        match (waits, left) {
            (true, None) => return broken(Law::Chat, format!("{id} waits and nobody is left")),
            (false, Some(user)) => {
                return broken(Law::Chat, format!("{id} is canceled, {user} was not asked"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn before(scene: &Scene, moment: &Moment, id: RecordId) -> Option<Waiting> {
    let rows = scene
        .step
        .requests
        .iter()
        .filter_map(|(was, _)| was.as_ref());
    let row = rows.into_iter().find(|r| r.id == id)?;
    Some(waiting::of_request(moment, row))
}
