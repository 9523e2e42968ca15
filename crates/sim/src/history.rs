//! What no single row says and an observer knows: sessions, who was tried in this round, last offers, which
//! work is paused.
//!
//! Two commands that touch one thing in one batch can hide from an observer of commits what came first.
//! Then the observer is unsure of it until the batch is over ([`History::is_unsure`]), judges nothing that
//! depends on it, and reads the hidden rows afterwards.

use std::collections::{BTreeMap, BTreeSet};

use model::{Millis, RecordId};

use crate::config::Progress;
use crate::facts::{Facts, Status, Work};
use crate::hidden::Hidden;
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

/// What is known of one request.
#[derive(Clone, Debug, Default)]
struct Trail {
    /// Sessions tried in the current round (R67).
    tried: BTreeSet<RecordId>,
    /// Sessions that ever declined.
    ever: BTreeSet<RecordId>,
    /// Session that declined last (R66).
    last: Option<RecordId>,
    /// When the item came first, if an earlier request did (R33).
    age: Option<Millis>,
    /// When it became ready (R13).
    ready: Option<Millis>,
    /// Rounds after the first, while they are limited (R73).
    rounds: i64,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct History {
    sessions: BTreeMap<RecordId, Session>,
    trails: BTreeMap<RecordId, Trail>,
    paused: BTreeSet<RecordId>,
    participants: BTreeSet<RecordId>,
    unsure_users: BTreeSet<RecordId>,
    unsure_requests: BTreeSet<RecordId>,
    unsure_works: BTreeSet<RecordId>,
    /// Times of what users were given last, where there is a fair cap.
    recent: BTreeMap<RecordId, Vec<Millis>>,
    /// The fair cap that they were counted under.
    cap: [Option<i64>; 2],
    is_cap_new: bool,
    /// The status that shall follow a user's work, as hidden rows say; the laws ask whether it may be so.
    wishes: BTreeMap<RecordId, RecordId>,
    /// The same before the batch.
    old_wishes: BTreeMap<RecordId, RecordId>,
    /// How often a hidden row was believed.
    believed: u64,
}

type Sessions = BTreeMap<RecordId, Session>;

impl History {
    /// The session of a user who is online.
    pub fn session(&self, user: RecordId) -> Option<&Session> {
        self.sessions.get(&user)
    }

    /// True if the session was tried in this round.
    pub fn was_tried(&self, request: RecordId, session: RecordId) -> bool {
        self.trails
            .get(&request)
            .is_some_and(|t| t.tried.contains(&session))
    }

    /// True if the session declined the request at some time.
    pub fn ever_declined(&self, request: RecordId, session: RecordId) -> bool {
        self.trails
            .get(&request)
            .is_some_and(|t| t.ever.contains(&session) || t.tried.contains(&session))
    }

    /// The session that declined last (R66).
    pub fn last_decliner(&self, request: RecordId) -> Option<RecordId> {
        self.trails.get(&request)?.last
    }

    /// When the item of a request came first, if that was before the request (R33).
    pub fn age(&self, request: RecordId) -> Option<Millis> {
        self.trails.get(&request)?.age
    }

    /// When a request became ready (R13).
    pub fn ready(&self, request: RecordId) -> Option<Millis> {
        self.trails.get(&request)?.ready
    }

    /// Rounds after the first (R73).
    pub fn rounds(&self, request: RecordId) -> i64 {
        self.trails.get(&request).map_or(0, |t| t.rounds)
    }

    /// The status that follows the work of users.
    pub fn wishes(&self) -> &BTreeMap<RecordId, RecordId> {
        &self.wishes
    }

    /// The same before the batch.
    pub fn old_wishes(&self) -> &BTreeMap<RecordId, RecordId> {
        &self.old_wishes
    }

    /// R120.
    pub fn is_paused(&self, work: RecordId) -> bool {
        self.paused.contains(&work)
    }

    /// Work of somebody who was invited (R102): the record stays with its owner.
    pub fn is_participant(&self, work: RecordId) -> bool {
        self.participants.contains(&work)
    }

    /// True if it is not known whether the work is paused.
    pub fn is_unsure_of_work(&self, work: RecordId) -> bool {
        self.unsure_works.contains(&work)
    }

    /// True if it is not known who was tried.
    pub fn is_unsure_about(&self, request: RecordId) -> bool {
        self.unsure_requests.contains(&request)
    }

    /// When a user was given work, as far as a fair cap asks.
    pub fn recent(&self, user: RecordId) -> &[Millis] {
        self.recent.get(&user).map_or(&[], Vec::as_slice)
    }

    /// A user was given work.
    pub fn count_gift(&mut self, facts: &Facts, user: RecordId, now: Millis) {
        if facts.number("fairCapOffers").is_some() {
            self.recent.entry(user).or_default().push(now);
        }
    }

    /// True while nobody can tell what a user or a request remembers.
    pub fn is_unsure(&self) -> bool {
        !self.unsure_users.is_empty()
            || !self.unsure_requests.is_empty()
            || !self.unsure_works.is_empty()
            || self.is_cap_new
    }

    /// True if the session of this user is not known.
    pub fn is_unsure_of(&self, user: RecordId) -> bool {
        self.unsure_users.contains(&user)
    }

    /// How often a hidden row was believed.
    pub fn believed(&self) -> u64 {
        self.believed
    }

    /// An offer was made to a user.
    pub fn offered(&mut self, user: RecordId, now: Millis) {
        if let Some(session) = self.sessions.get_mut(&user) {
            session.last_offer = Some(now);
        }
    }

    /// Takes everything of a batch that came before its routing pass. `facts` are those after the batch.
    pub fn before_pass(&mut self, facts: &Facts, step: &Step, hidden: &Hidden, now: Millis) {
        let users = facts.current.keys();
        let wishes = users.filter_map(|user| Some((*user, hidden.wish(*user)?)));
        self.old_wishes = std::mem::replace(&mut self.wishes, wishes.collect());
        let cap = ["fairCapOffers", "fairCapWindowSeconds"].map(|name| facts.number(name));
        self.is_cap_new = std::mem::replace(&mut self.cap, cap) != cap;
        let before = self.sessions.clone();
        let moved = self.follow_presence(facts, step);
        self.follow_readiness(step, now);
        self.follow_hand_ons(facts, step, &before);
        for (was, is) in &step.works {
            let Some(work) = is else { continue };
            let is_declined = matches!(
                work.status,
                Status::Declined | Status::DeclinedOnPushTimeout
            );
            let was_declined = was.as_ref().is_some_and(|w| w.status == work.status);
            let is_invited = step.invited.contains(&(work.ask.item, work.user));
            if was.is_none() && work.request.is_none() && is_invited {
                self.participants.insert(work.id);
            }
            if was.is_none() && !step.is_offer(work) {
                self.count_gift(facts, work.user, now);
                self.note_gift(work.user, moved.contains(&work.user), work.status, now);
            }
            if is_declined && !was_declined {
                let is_clear = was.is_some() || !moved.contains(&work.user);
                self.follow_decline(work, before.get(&work.user).filter(|_| is_clear));
            }
        }
        self.follow_statuses(facts, step);
    }

    fn follow_decline(&mut self, work: &Work, session: Option<&Session>) {
        let Some(request) = work.request else { return };
        match session {
            Some(session) => {
                let trail = self.trails.entry(request).or_default();
                trail.tried.insert(session.id);
                trail.ever.insert(session.id);
                trail.last = Some(session.id);
            }
            None => drop(self.unsure_requests.insert(request)),
        }
    }

    /// R13.
    fn follow_readiness(&mut self, step: &Step, now: Millis) {
        for (was, is) in &step.requests {
            let Some(is) = is else { continue };
            let was_ready = was.as_ref().is_some_and(|r| r.is_ready);
            if is.is_ready && !was_ready {
                self.trails.entry(is.id).or_default().ready = Some(now);
            }
        }
    }

    /// R44, R128: who hands an item on counts as tried; its age is kept where the rules say so (R33).
    fn follow_hand_ons(&mut self, facts: &Facts, step: &Step, before: &Sessions) {
        for (was, is) in &step.works {
            let (Some(was), Some(is)) = (was, is) else {
                continue;
            };
            let has_ended = was.status.is_active() && !is.status.is_active();
            let waits = facts.requests.values().find(|r| r.ask.item == is.ask.item);
            let offered = step.offers().find(|w| w.ask.item == is.ask.item);
            let request = waits.map(|r| r.id).or(offered.and_then(|w| w.request));
            let is_new = |id: RecordId| step.requests.iter().all(|(old, _)| !is_row(old, id));
            let Some(request) = request.filter(|id| has_ended && is_new(*id)) else {
                continue;
            };
            let is_rerouted = step.has_reroutes && is.status == Status::Closed;
            let requester = step
                .hand_ons
                .get(&is.id)
                .or(step.reassigned.get(&is.ask.item));
            let is_handed_on = is.status == Status::Transferred
                && (step.has_call_commands && facts.is_voice(&is.ask)
                    || step.by_client.contains(&request));
            if requester.is_none() && !is_rerouted && !is_handed_on {
                continue;
            }
            if step.commands != 1 {
                self.unsure_requests.insert(request);
                continue;
            }
            let trail = self.trails.entry(request).or_default();
            trail.tried.extend(before.get(&is.user).map(|s| s.id));
            let keeps_age = is_rerouted || requester.is_some_and(|r| *r != is.user);
            trail.age = is.requested.filter(|_| keeps_age).or(trail.age);
        }
        // R42: nobody kept it after a failed hand-over; who did not take it is not asked again at once
        for (was, is) in &step.requests {
            if let (None, Some(request)) = (was, is)
                && request.is_transfer
                && request.last_declined.is_some()
                && request.ask.queue.is_none()
            {
                self.trails.entry(request.id).or_default().last = request.last_declined;
            }
        }
    }

    /// R93, R120, R121: what the status of a record says about work that was open before.
    fn follow_statuses(&mut self, facts: &Facts, step: &Step) {
        for (item, edits) in &step.status_edits {
            let Some(record) = facts.items.get(item) else {
                continue;
            };
            let before = step
                .items
                .iter()
                .find_map(|(was, _)| was.as_ref().filter(|i| i.id == *item));
            let is_changed = before.is_some_and(|was| was.status != record.status);
            for work in facts.all_active().filter(|w| w.ask.item == *item) {
                if !work.is_status_based || step.is_offer(work) {
                    continue;
                }
                let is_touched = step
                    .works
                    .iter()
                    .any(|(_, is)| is.as_ref().is_some_and(|w| w.id == work.id));
                let is_open = work.status == Status::Opened;
                match (*edits, is_touched) {
                    (1, false) if is_changed && is_open => {
                        let is_paused =
                            facts.progress(record, work.ask.channel) == Progress::Paused;
                        self.set_paused(work.id, is_paused);
                    }
                    (1, false) => {}
                    _ => drop(self.unsure_works.insert(work.id)),
                }
            }
        }
    }

    fn set_paused(&mut self, work: RecordId, is_paused: bool) {
        if is_paused {
            self.paused.insert(work);
        } else {
            self.paused.remove(&work);
        }
    }

    /// Work that no pass gave: by a router, a transfer, a supervisor.
    fn note_gift(&mut self, user: RecordId, has_moved: bool, status: Status, now: Millis) {
        if has_moved && !status.is_active() {
            self.unsure_users.insert(user);
        } else {
            self.offered(user, now);
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
                }
            }
        }
        moved
    }

    /// Takes what the pass did, and looks up what could not be told.
    pub fn after_pass(&mut self, facts: &Facts, step: &Step, hidden: &Hidden, now: Millis) {
        for offer in step.offers() {
            let session = self.sessions.get(&offer.user).map(|s| s.id);
            self.offered(offer.user, now);
            self.count_gift(facts, offer.user, now);
            if let (Some(request), Some(session)) = (offer.request, session)
                && self.was_tried(request, session)
            {
                self.start_round(facts, offer, request);
            }
        }
        self.trails.retain(|id, _| facts.requests.contains_key(id));
        let is_open = |id: &RecordId| facts.works.get(id).is_some_and(|w| w.status.is_active());
        self.paused.retain(is_open);
        self.participants.retain(is_open);
        self.look_up(facts, hidden);
    }

    /// R69: only the last decliner counts as tried.
    fn start_round(&mut self, facts: &Facts, offer: &Work, request: RecordId) {
        let last = facts.requests.get(&request).and_then(|r| r.last_declined);
        let is_limited = facts.is_voice(&offer.ask) && facts.number("voiceRoundsMax").is_some();
        let trail = self.trails.entry(request).or_default();
        trail.tried = last.into_iter().collect();
        trail.rounds += i64::from(is_limited);
    }

    fn look_up(&mut self, facts: &Facts, hidden: &Hidden) {
        if std::mem::take(&mut self.is_cap_new) {
            self.believed += 1;
            self.recent = hidden.recent();
        }
        for user in std::mem::take(&mut self.unsure_users) {
            self.believed += 1;
            match hidden.session(user) {
                Some((id, login, last_offer)) => {
                    let session = Session {
                        id,
                        login,
                        last_offer,
                    };
                    self.sessions.insert(user, session);
                }
                None => drop(self.sessions.remove(&user)),
            }
        }
        for id in std::mem::take(&mut self.unsure_requests) {
            let Some(request) = facts.requests.get(&id) else {
                continue;
            };
            self.believed += 1;
            let found = hidden.request(id);
            let trail = self.trails.entry(id).or_default();
            trail.ever.extend(&found.tried);
            trail.last = request.last_declined;
            trail.tried = found.tried;
            trail.age = found.age;
            trail.ready = found.ready.or(trail.ready);
            trail.rounds = found.rounds;
        }
        for work in std::mem::take(&mut self.unsure_works) {
            self.believed += 1;
            self.set_paused(work, hidden.is_paused(work));
        }
    }
}

fn is_row(row: &Option<crate::facts::Request>, id: RecordId) -> bool {
    row.as_ref().is_some_and(|r| r.id == id)
}
