//! Laws over answers and news: what was said must be so, and stay so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::{
    CallReply, EventKind, PresenceRequest, Reply, Request as Asked, SaveOp, Submission, WorkAction,
};
use model::{Millis, RecordId, Refusal};

use super::{Law, Scene, Verdict, broken};
use crate::facts::{Facts, Status};
use crate::step::Step;

/// What an answer promised.
#[derive(Clone, Debug, PartialEq)]
enum Claim {
    Exists(RecordId),
    Accepted(RecordId),
    Is(RecordId, Status),
    InStatus(RecordId, RecordId, Millis),
}

impl Claim {
    fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Exists(id) => facts.items.contains_key(id) || facts.works.contains_key(id),
            Self::Accepted(work) => facts.works.get(work).is_some_and(|w| w.accepted.is_some()),
            Self::Is(work, status) => facts.works.get(work).is_some_and(|w| w.status == *status),
            Self::InStatus(user, status, at) => facts.presences.values().any(|p| {
                p.user == *user
                    && p.status == *status
                    && p.start <= *at
                    && p.end.is_none_or(|end| end >= *at)
            }),
        }
    }
}

/// Sender and id of a command.
type CommandKey = (RecordId, String);

/// Everything that was answered.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    claims: Vec<Claim>,
    /// What made each item.
    tags: BTreeMap<Arc<str>, RecordId>,
    sent: BTreeSet<CommandKey>,
    answered: BTreeMap<CommandKey, (Millis, Reply)>,
    /// AgentWork that a client removed.
    removed: BTreeSet<RecordId>,
}

/// Replies are kept this long.
const KEPT_S: i64 = 24 * 3_600;

fn key_of(submission: &Submission) -> Option<CommandKey> {
    submission
        .command_id
        .clone()
        .map(|id| (submission.caller.user, id))
}

impl Ledger {
    /// Takes a batch that was committed: nothing twice, refused commands left nothing.
    ///
    /// # Errors
    /// The law that did not hold.
    pub fn enter(&mut self, scene: &Scene) -> Verdict {
        self.enter_items(scene.step)?;
        let removed = scene.step.works.iter().filter(|(_, after)| after.is_none());
        self.removed.extend(
            removed
                .filter_map(|(before, _)| before.as_ref())
                .map(|w| w.id),
        );
        let first_new = self.claims.len();
        for (at, sent) in scene.batch.sent.iter().enumerate() {
            let key = key_of(&sent.submission);
            let was_sent = key.clone().is_some_and(|k| !self.sent.insert(k));
            let Some(replies) = &scene.batch.replies else {
                continue;
            };
            let Some(reply) = replies.get(at) else {
                return broken(Law::Answer, format!("no answer to: {}", sent.words));
            };
            self.enter_refusals(&sent.submission, reply)?;
            let Ok(reply) = reply else { continue };
            if let Some(key) = key {
                if let Some((when, first)) = self.answered.get(&key)
                    && scene.batch.now < when.plus_s(KEPT_S)
                {
                    if first != reply {
                        return broken(
                            Law::Twice,
                            format!("{first:?} became {reply:?}: {}", sent.words),
                        );
                    }
                    continue;
                }
                self.answered.insert(key, (scene.batch.now, reply.clone()));
            }
            self.claim(scene, &sent.submission, reply, was_sent);
        }
        self.check(scene.facts, &self.claims[first_new..])
    }

    /// A tag names one command of the workload.
    fn enter_items(&mut self, step: &Step) -> Verdict {
        for (before, after) in &step.items {
            let (None, Some(item)) = (before, after) else {
                continue;
            };
            let Some(tag) = &item.tag else { continue };
            if let Some(other) = self.tags.insert(tag.clone(), item.id) {
                return broken(Law::Twice, format!("{tag} made {other} and {}", item.id));
            }
        }
        Ok(())
    }

    fn enter_refusals(&self, submission: &Submission, reply: &Result<Reply, Refusal>) -> Verdict {
        let Asked::Save { ops, all_or_none } = &submission.request else {
            return Ok(());
        };
        let results = match reply {
            Ok(Reply::Saved(results)) => Some(results),
            _ => None,
        };
        let refused = |at: usize| results.is_none_or(|r| r.get(at).is_none_or(Result::is_err));
        let count = (0..ops.len()).filter(|at| refused(*at)).count();
        if *all_or_none && count > 0 && count < ops.len() {
            return broken(Law::Refusal, "all or none saved some".to_owned());
        }
        for (at, op) in ops.iter().enumerate() {
            let SaveOp::Create { values, .. } = op else {
                continue;
            };
            let texts = values.iter().filter_map(|(_, v)| v.as_text());
            if let Some(tag) = texts.into_iter().find(|t| self.tags.contains_key(*t))
                && refused(at)
            {
                return broken(Law::Refusal, format!("{tag} was refused and is there"));
            }
        }
        Ok(())
    }

    fn claim(&mut self, scene: &Scene, submission: &Submission, reply: &Reply, was_sent: bool) {
        let (user, now) = (submission.caller.user, scene.batch.now);
        match (&submission.request, reply) {
            (Asked::Save { ops, .. }, Reply::Saved(results)) => {
                let schema = &scene.facts.schema;
                for (op, result) in ops.iter().zip(results) {
                    if let (SaveOp::Create { object, .. }, Ok(saved)) = (op, result)
                        && (schema.is_item(*object) || *object == schema.work.ix)
                    {
                        self.claims.push(Claim::Exists(saved.id));
                    }
                }
            }
            (Asked::Work { work, action }, Reply::Work) => match action {
                WorkAction::Accept => self.claims.push(Claim::Accepted(*work)),
                WorkAction::Decline { .. } => {
                    self.claims.push(Claim::Is(*work, Status::Declined));
                }
                WorkAction::Close => self.claims.push(Claim::Is(*work, Status::Closed)),
                _ => {}
            },
            (Asked::Presence(PresenceRequest::SetStatus(status)), _) if !was_sent => {
                self.claims.push(Claim::InStatus(user, *status, now));
            }
            (Asked::Call(_), Reply::Call(CallReply::Created { id, .. })) => {
                self.claims.push(Claim::Exists(*id));
            }
            _ => {}
        }
    }

    fn check(&self, facts: &Facts, claims: &[Claim]) -> Verdict {
        let is_removed = |claim: &Claim| match claim {
            Claim::Exists(id) | Claim::Accepted(id) | Claim::Is(id, _) => self.removed.contains(id),
            Claim::InStatus(..) => false,
        };
        match claims.iter().find(|c| !c.holds(facts) && !is_removed(c)) {
            Some(claim) => broken(Law::Lost, format!("acknowledged and not so: {claim:?}")),
            None => Ok(()),
        }
    }

    /// Everything that was ever acknowledged is still so.
    ///
    /// # Errors
    /// [`Law::Lost`].
    pub fn audit(&self, facts: &Facts) -> Verdict {
        self.check(facts, &self.claims)
    }

    /// How many promises.
    pub fn len(&self) -> usize {
        self.claims.len()
    }

    /// No promise yet.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }
}

/// A batch in which everything was refused changes no row, unless a deadline fell due.
///
/// # Errors
/// [`Law::Refusal`].
pub(super) fn refusals(scene: &Scene) -> Verdict {
    let Some(replies) = &scene.batch.replies else {
        return Ok(());
    };
    let is_all_refused = !replies.is_empty() && replies.iter().all(Result::is_err);
    match scene.batch.seen.first() {
        Some(row) if is_all_refused && !scene.batch.has_deadline => broken(
            Law::Refusal,
            format!("all was refused and {} changed", row.key.1),
        ),
        _ => Ok(()),
    }
}

/// R142: consoles hear of each offer and of its end.
///
/// # Errors
/// [`Law::News`].
pub(super) fn news(scene: &Scene) -> Verdict {
    if scene.batch.replies.is_none() {
        return Ok(());
    }
    let (mut offered, mut gone) = (BTreeSet::new(), BTreeSet::new());
    for event in &scene.batch.events {
        match &event.kind {
            EventKind::WorkAssigned(view) => drop(offered.insert((event.user, view.work))),
            EventKind::WorkGone { work, .. } => drop(gone.insert((event.user, *work))),
            _ => {}
        }
    }
    for (before, after) in &scene.step.works {
        let Some(after) = after else { continue };
        let was_active = before.as_ref().is_some_and(|w| w.status.is_active());
        let is_new = before.is_none() && after.status == Status::Assigned;
        if is_new && !offered.contains(&(after.user, after.id)) {
            return broken(
                Law::News,
                format!("{} did not hear of {}", after.user, after.id),
            );
        }
        if was_active && !after.status.is_active() && !gone.contains(&(after.user, after.id)) {
            return broken(
                Law::News,
                format!("{} did not hear that {} is over", after.user, after.id),
            );
        }
    }
    Ok(())
}
