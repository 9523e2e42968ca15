//! Laws of the options that hang on a change of status: next status, withdrawal of offers.

use model::RecordId;

use super::{Law, Scene, Verdict, broken};
use crate::facts::{Presence, Status, Work};

/// The presence row that a user got in this batch and has now.
fn new_row<'a>(scene: &Scene<'a>, user: RecordId) -> Option<&'a Presence> {
    let mut rows = scene.step.presences.iter();
    rows.find_map(|(was, is)| {
        let is = is.as_ref().filter(|p| p.user == user && p.is_current)?;
        was.is_none().then_some(is)
    })
}

/// Who waits for a status asked for it, and has work.
pub(super) fn wishes(scene: &Scene) -> Verdict {
    for (user, status) in scene.history.wishes() {
        let is_old = scene.history.old_wishes().get(user) == Some(status);
        let is_asked = is_old || scene.step.wished.contains(&(*user, *status));
        if !is_asked || !scene.facts.is_on("enableNextStatus") {
            let text = format!("{user} waits for {status}, which nobody may have asked for");
            return broken(Law::NextStatus, text);
        }
        if scene.facts.active_of(*user).next().is_none() {
            return broken(
                Law::NextStatus,
                format!("{user} has no work and waits for {status}"),
            );
        }
    }
    Ok(())
}

/// A wish ends with its status, unless something else set one.
pub(super) fn granted(scene: &Scene) -> Verdict {
    if scene.step.is_config_new {
        return Ok(()); // statuses that were taken away, the setting itself
    }
    for (user, status) in scene.history.old_wishes() {
        let is_kept = scene.history.wishes().contains_key(user);
        let is_online = scene.facts.current(*user).is_some();
        let has_lost_offer = scene.step.works.iter().any(|(_, is)| {
            is.as_ref()
                .is_some_and(|w| w.user == *user && w.status.is_refused())
        });
        if is_kept || !is_online || has_lost_offer || scene.step.ordered.contains(user) {
            continue; // R77, R83
        }
        let is = new_row(scene, *user).map(|p| p.status);
        if is != Some(*status) {
            return broken(
                Law::NextStatus,
                format!("{user} was to change to {status}, got {is:?}"),
            );
        }
    }
    Ok(())
}

/// A routed offer of an agent with a new status is served by it.
pub(super) fn withdrawn(scene: &Scene) -> Verdict {
    if scene.step.is_config_new || !scene.facts.is_on("withdrawOffersWhenBusy") {
        return Ok(());
    }
    let offers = scene.facts.all_active();
    let offers = offers.filter(|w| w.status == Status::Assigned && w.request.is_some());
    for work in offers {
        let Some(row) = new_row(scene, work.user) else {
            continue;
        };
        let channels = scene.facts.config.statuses.get(&row.status);
        if !channels.is_some_and(|c| c.contains(&work.ask.channel)) {
            let (id, user) = (work.id, work.user);
            return broken(
                Law::Withdrawn,
                format!("{id} stays with {user}, whose status does not serve it"),
            );
        }
    }
    Ok(())
}

/// R115: an offer becomes Unavailable with a log-out, or with a new status where the org says so.
pub(super) fn unavailable(scene: &Scene) -> Verdict {
    if scene.step.is_config_new {
        return Ok(()); // R157
    }
    for (was, is) in &scene.step.works {
        let is_gone = |w: &&Work| w.status == Status::Unavailable;
        let Some(work) = is.as_ref().filter(is_gone) else {
            continue;
        };
        let was_gone = was.as_ref().is_some_and(|w| is_gone(&w));
        let user = work.user;
        let step = scene.step;
        let may_have_left = step.logged_out.contains(&user)
            || step.maybe_logged_out.contains(&user)
            || scene.facts.current(user).is_none();
        let has_moved =
            scene.facts.is_on("withdrawOffersWhenBusy") && new_row(scene, user).is_some();
        if !was_gone && !may_have_left && !has_moved {
            return broken(
                Law::Withdrawn,
                format!("{} was taken from {user}, who did not go", work.id),
            );
        }
    }
    Ok(())
}
