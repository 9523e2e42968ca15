//! What no single row says and an observer knows: sessions, who was tried in this round, last offers.
//!
//! Two commands of one agent in one batch can hide from an observer of commits what came first. Then
//! the observer says so ([`History::is_unsure`]) and judges nothing that depends on it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Millis, RecordId};

use crate::facts::{Facts, Status};
use crate::step::Step;

/// An Omni-Channel session of one agent.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Session {
    /// The first presence row (R66).
    pub id: RecordId,
    pub login: Millis,
    /// Last offer of this session (R87 to R89).
    pub last_offer: Option<Millis>,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct History {
    sessions: BTreeMap<RecordId, Session>,
    /// Sessions tried in the current round, by request (R67).
    tried: BTreeMap<RecordId, BTreeSet<RecordId>>,
    /// Sessions that ever declined, by request.
    ever: BTreeMap<RecordId, BTreeSet<RecordId>>,
    /// Session that declined last, by request (R66).
    last: BTreeMap<RecordId, RecordId>,
    /// Age of requests that continue an earlier one.
    ages: BTreeMap<RecordId, Millis>,
    unsure_users: BTreeSet<RecordId>,
    unsure_requests: BTreeSet<RecordId>,
}

impl History {
    /// The session of a user who is online.
    pub fn session(&self, user: RecordId) -> Option<&Session> {
        self.sessions.get(&user)
    }

    /// True if the session was tried in this round.
    pub fn was_tried(&self, request: RecordId, session: RecordId) -> bool {
        self.tried
            .get(&request)
            .is_some_and(|t| t.contains(&session))
    }

    /// True if the session declined the request at some time.
    pub fn ever_declined(&self, request: RecordId, session: RecordId) -> bool {
        self.ever
            .get(&request)
            .is_some_and(|t| t.contains(&session))
    }

    /// The session that declined last (R66).
    pub fn last_decliner(&self, request: RecordId) -> Option<RecordId> {
        self.last.get(&request).copied()
    }

    /// True if it is not known who was tried.
    pub fn is_unsure_about(&self, request: RecordId) -> bool {
        self.unsure_requests.contains(&request)
    }

    /// True while nobody can tell what a user or a request remembers.
    pub fn is_unsure(&self) -> bool {
        !self.unsure_users.is_empty() || !self.unsure_requests.is_empty()
    }

    /// True if the session of this user is not known.
    pub fn is_unsure_of(&self, user: RecordId) -> bool {
        self.unsure_users.contains(&user)
    }

    /// An offer was made to a user.
    pub fn offered(&mut self, user: RecordId, now: Millis) {
        if let Some(session) = self.sessions.get_mut(&user) {
            session.last_offer = Some(now);
        }
    }

    /// Takes everything of a batch that came before its routing pass. `facts` are those after the batch.
    pub fn before_pass(&mut self, facts: &Facts, step: &Step, now: Millis) {
        let before = self.sessions.clone();
        let unsure_before = self.unsure_users.clone();
        let moved = self.follow_presence(facts, step);
        if step.has_reroutes {
            self.follow_reroutes(facts, step, &before);
        }
        for (was, is) in &step.works {
            let Some(work) = is else { continue };
            let Some(request) = work.request else {
                continue;
            };
            let is_new = was.is_none();
            let is_declined = matches!(
                work.status,
                Status::Declined | Status::DeclinedOnPushTimeout
            );
            let was_declined = was.as_ref().is_some_and(|w| w.status == work.status);
            if is_new && step.by_client.contains(&work.id) {
                self.note_client_offer(work.user, moved.contains(&work.user), work.status, now);
            }
            if is_declined && !was_declined {
                let is_clear = !is_new || !moved.contains(&work.user);
                let session = before.get(&work.user).or(self.sessions.get(&work.user));
                match session.filter(|_| is_clear && !unsure_before.contains(&work.user)) {
                    Some(session) => self.note_decline(request, session.id),
                    None => drop(self.unsure_requests.insert(request)),
                }
            }
        }
    }

    fn note_decline(&mut self, request: RecordId, session: RecordId) {
        self.tried.entry(request).or_default().insert(session);
        self.ever.entry(request).or_default().insert(session);
        self.last.insert(request, session);
    }

    /// R128: a call that was accepted waits again, with its age; the agent counts as tried.
    fn follow_reroutes(
        &mut self,
        facts: &Facts,
        step: &Step,
        before: &BTreeMap<RecordId, Session>,
    ) {
        for (was, is) in &step.works {
            let (Some(was), Some(is)) = (was, is) else {
                continue;
            };
            if !was.status.is_active() || is.status != Status::Closed {
                continue;
            }
            let waits = facts.requests.values().find(|r| r.ask.item == is.ask.item);
            let offered = step.offers().find(|w| w.ask.item == is.ask.item);
            let Some(request) = waits.map(|r| r.id).or(offered.and_then(|w| w.request)) else {
                continue;
            };
            // the agent may have closed it, and the call may have been routed as a new one
            let is_clear = step.commands == 1 && before.contains_key(&is.user);
            if !is_clear || self.unsure_users.contains(&is.user) {
                self.unsure_requests.insert(request);
            } else if let Some(session) = before.get(&is.user) {
                self.tried.entry(request).or_default().insert(session.id);
                self.ages.extend(is.requested.map(|at| (request, at)));
            }
        }
    }

    /// When the item of a request came first, if that was before the request (R33).
    pub fn age(&self, request: RecordId) -> Option<Millis> {
        self.ages.get(&request).copied()
    }

    fn note_client_offer(&mut self, user: RecordId, has_moved: bool, status: Status, now: Millis) {
        if has_moved && !status.is_active() {
            self.unsure_users.insert(user);
        } else if let Some(session) = self.sessions.get_mut(&user) {
            session.last_offer = Some(now);
        }
    }

    /// Sessions that began or ended; returns the users they belong to.
    fn follow_presence(&mut self, facts: &Facts, step: &Step) -> BTreeSet<RecordId> {
        let users: BTreeSet<RecordId> = step
            .presences
            .iter()
            .flat_map(|(a, b)| a.iter().chain(b))
            .map(|p| p.user)
            .collect();
        let mut moved = BTreeSet::new();
        for user in users {
            let mut new: Vec<_> = step
                .presences
                .iter()
                .filter(|(was, _)| was.is_none())
                .filter_map(|(_, is)| is.as_ref())
                .filter(|p| p.user == user)
                .collect();
            new.sort_unstable_by_key(|p| p.id);
            let has_left = step.logged_out.contains(&user);
            let may_have_left = has_left || step.maybe_logged_out.contains(&user);
            let was_online = self.sessions.contains_key(&user);
            if facts.current(user).is_none() {
                self.sessions.remove(&user);
                self.unsure_users.remove(&user);
                moved.insert(user);
            } else if may_have_left || !was_online {
                let Some(first) = new.first() else { continue };
                moved.insert(user);
                let session = Session {
                    id: first.id,
                    login: first.start,
                    last_offer: None,
                };
                self.sessions.insert(user, session);
                let is_clear = !may_have_left || (new.len() == 1 && (has_left || !was_online));
                if !is_clear {
                    self.unsure_users.insert(user);
                } else {
                    self.unsure_users.remove(&user);
                }
            }
        }
        moved
    }

    /// Takes what the pass did.
    pub fn after_pass(&mut self, facts: &Facts, step: &Step, now: Millis) {
        for offer in step.offers() {
            if let Some(session) = self.sessions.get_mut(&offer.user) {
                session.last_offer = Some(now);
                let id = session.id;
                if let Some(request) = offer.request
                    && self.was_tried(request, id)
                {
                    self.start_round(facts, request);
                }
            }
        }
        self.forget(facts);
    }

    /// R69: only the last decliner counts as tried.
    fn start_round(&mut self, facts: &Facts, request: RecordId) {
        let last = facts.requests.get(&request).and_then(|r| r.last_declined);
        self.tried.insert(request, last.into_iter().collect());
    }

    fn forget(&mut self, facts: &Facts) {
        self.tried.retain(|id, _| facts.requests.contains_key(id));
        self.ever.retain(|id, _| facts.requests.contains_key(id));
        self.ages.retain(|id, _| facts.requests.contains_key(id));
        self.last.retain(|id, _| facts.requests.contains_key(id));
        self.unsure_requests
            .retain(|id| facts.requests.contains_key(id));
    }
}
