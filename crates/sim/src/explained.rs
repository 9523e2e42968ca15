//! Explanations are judged: what the engine says of an item or of an agent must be what the reference finds,
//! and the winner that it names must be the one who is offered the item next.

use std::collections::BTreeSet;

use engine::{CandidateView, Engine, ItemExplanation, WhyAgent};
use model::{Millis, RecordId};

use crate::facts::{Facts, Request};
use crate::history::History;
use crate::laws::{Law, Verdict, broken};
use crate::reference::load::cost_of;
use crate::reference::{Moment, Waiting, Why, eligible, options, waiting};
use crate::rng::Rng;

/// Requests and agents that are asked about at one time.
const ASKED: usize = 3;

/// What is known between two batches.
pub struct Truth<'a> {
    moment: Moment<'a>,
    /// Everybody in line, in the order of R29.
    line: Vec<Waiting>,
}

impl<'a> Truth<'a> {
    /// After a batch.
    pub fn at(facts: &'a Facts, history: &History, now: Millis) -> Self {
        let moment = Moment::at_rest(facts, history, now);
        let line = waiting::at_rest(&moment);
        Self { moment, line }
    }

    /// The first item in line that somebody could take, and who.
    pub fn next(&self) -> Option<(RecordId, RecordId)> {
        let mut all = self.line.iter();
        all.find_map(|w| Some((w.ask.item, self.moment.choose(w)?)))
    }

    /// Asks the engine about a few items and agents; answers how many.
    ///
    /// # Errors
    /// [`Law::Explained`].
    pub fn check(
        &self,
        engine: &Engine,
        rng: &mut Rng,
        spoil: &mut dyn FnMut(&mut ItemExplanation),
    ) -> Result<u64, crate::laws::Breach> {
        let facts = self.moment.facts;
        let requests: Vec<&Request> = facts.requests.values().collect();
        let users: Vec<RecordId> = facts.config.people.keys().copied().collect();
        let mut asked = 0;
        for _ in 0..ASKED {
            if let Some(request) = rng.pick(&requests) {
                let item = request.ask.item;
                let mut said = engine.explain_item(item, self.moment.now, None);
                spoil(&mut said);
                self.check_item(request, &said)?;
                asked += 1;
            }
            if let Some(user) = rng.pick(&users)
                && let Some(said) = engine.explain_agent(user)
            {
                self.check_agent(user, &said)?;
                asked += 1;
            }
        }
        Ok(asked)
    }

    fn check_item(&self, request: &Request, said: &ItemExplanation) -> Verdict {
        let id = request.id;
        let Some(found) = &said.waiting else {
            return wrong(format!("{id} waits, the explanation does not know it"));
        };
        let place = self.line.iter().position(|w| w.id == id);
        let wanted = place.map(|at| at as u64 + 1);
        if found.position != wanted {
            let is = found.position;
            return wrong(format!("{id} stands at {wanted:?}, explained as {is:?}"));
        }
        let w = waiting::of_request(&self.moment, request);
        let winner = self.moment.choose(&w).filter(|_| place.is_some());
        let named = found.winner.as_ref().map(|n| n.id);
        if named != winner {
            return wrong(format!("{id} goes to {winner:?}, explained as {named:?}"));
        }
        let listed: Vec<&CandidateView> = found.eligible.iter().chain(&found.excluded).collect();
        for candidate in &listed {
            self.check_candidate(&w, candidate)?;
        }
        let known: BTreeSet<RecordId> = listed.iter().map(|c| c.user_id).collect();
        let is_whole = listed.len() < 100;
        let missing = self.users().find(|u| {
            let why = eligible::why_not(&self.moment, *u, &w);
            !known.contains(u) && !why.is_some_and(is_no_candidate)
        });
        if let Some(user) = missing.filter(|_| is_whole) {
            return wrong(format!("{id}: nothing is said of {user}"));
        }
        let reason = self.reason(request, &w, winner.is_some());
        if found.item.reason.code != reason {
            let is = found.item.reason.code;
            return wrong(format!("{id} waits: {reason}, explained as {is}"));
        }
        Ok(())
    }

    fn users(&self) -> impl Iterator<Item = RecordId> {
        self.moment.facts.config.people.keys().copied()
    }

    fn check_candidate(&self, w: &Waiting, said: &CandidateView) -> Verdict {
        let why = eligible::why_not(&self.moment, said.user_id, w);
        let wanted = why.map(Why::code);
        let is = said.reason.as_ref().map(|r| r.code);
        // before a new round those who were tried are candidates again (R69)
        let may_be_asked = why == Some(Why::TriedThisRound) && is.is_none();
        if wanted != is && !may_be_asked && !self.comes_late(said.user_id, why, is) {
            let (id, user) = (w.id, said.user_id);
            return wrong(format!("{id}, {user}: {wanted:?}, explained as {is:?}"));
        }
        Ok(())
    }

    /// Fair cap: an agent who had enough is asked when nobody else can.
    fn comes_late(&self, user: RecordId, why: Option<Why>, said: Option<&str>) -> bool {
        why.is_none() && said == Some("capped") && options::is_capped(&self.moment, user)
    }

    /// Why it waits, in a word.
    fn reason(&self, request: &Request, w: &Waiting, has_winner: bool) -> &'static str {
        let whys: BTreeSet<Why> = self
            .users()
            .filter_map(|u| eligible::why_not(&self.moment, u, w))
            .collect();
        let has = |any: &[Why]| any.iter().any(|why| whys.contains(why));
        match () {
            () if request.is_pushed => "offered",
            () if !request.is_ready => "notReady",
            () if request.ask.model == crate::facts::Model::External => "external",
            () if !waiting::may_route(request, self.moment.now) => "scheduled",
            () if has_winner => "next",
            () if request.ask.is_required && request.ask.preferred.is_some() => "requiredAgent",
            () if self.is_used_up(w) => "roundsUsedUp",
            () if has(&[Why::Paced]) => "pacing",
            () if has(&[Why::DeclinedLast, Why::TriedThisRound]) => "onlyDecliner",
            () if has(&[
                Why::NoCapacity,
                Why::HasPrimaryWork,
                Why::TooManyItems,
                Why::NextStatus,
            ]) =>
            {
                "nobodyFree"
            }
            () if self.is_anybody_qualified(w) => "nobodyOnline",
            () => "nobodyQualified",
        }
    }

    /// R73: everybody was asked in the last round.
    fn is_used_up(&self, w: &Waiting) -> bool {
        let m = &self.moment;
        let is_left = |user: RecordId| {
            eligible::serves(m, user, w) && eligible::tried_this_round(m, user, w).is_none()
        };
        let may_go_on = eligible::may_start_round(m, w) || self.users().any(is_left);
        w.last_declined.is_some() && !may_go_on
    }

    /// R55, R56: somebody belongs to those whom it is for. Who holds one of several skills is in question,
    /// but not qualified.
    fn is_anybody_qualified(&self, w: &Waiting) -> bool {
        self.users()
            .any(|u| eligible::why_not(&self.moment, u, w).is_some_and(|why| !is_no_candidate(why)))
    }

    fn check_agent(&self, user: RecordId, said: &WhyAgent) -> Verdict {
        let (m, facts) = (&self.moment, self.moment.facts);
        let held: BTreeSet<RecordId> = facts.active_of(user).map(|w| w.id).collect();
        let named: BTreeSet<RecordId> = said.holdings.iter().map(|h| h.work_id).collect();
        if held != named {
            return wrong(format!("{user} holds {held:?}, explained as {named:?}"));
        }
        for work in facts.active_of(user) {
            let units = cost_of(facts, &m.history, work);
            let is_paused = m.history.is_paused(work.id);
            let is_same = |h: &&engine::HoldingView| {
                let found = (h.units * 10_000.0).round() as i64;
                h.work_id == work.id && found == units && h.is_paused == is_paused
            };
            if !said.holdings.iter().any(|h| is_same(&h)) {
                return wrong(format!("{user}, {}: {units} in 1/10000 units", work.id));
            }
        }
        let blocked = eligible::blocked(m, user).map(Why::code);
        let is = said.blocked.as_ref().map(|r| r.code);
        if blocked != is {
            return wrong(format!(
                "{user} is kept out by {blocked:?}, explained as {is:?}"
            ));
        }
        for line in &said.waiting {
            let mut requests = facts.requests.values();
            let Some(first) = requests.find(|r| r.ask.item == line.work_item_id) else {
                return wrong(format!("{user}: {} does not wait", line.work_item_id));
            };
            let w = waiting::of_request(m, first);
            let found = eligible::why_not(m, user, &w);
            let why = found.map(Why::code);
            let is = line.reason.as_ref().map(|r| r.code);
            if why != is && !self.comes_late(user, found, is) {
                let id = first.id;
                return wrong(format!(
                    "{user} does not get {id}: {why:?}, explained as {is:?}"
                ));
            }
        }
        Ok(())
    }
}

/// Of whom an explanation need not speak.
fn is_no_candidate(why: Why) -> bool {
    matches!(
        why,
        Why::NotTheRequiredAgent | Why::NotInQueue | Why::SkillMissing
    )
}

fn wrong(what: String) -> Verdict {
    broken(Law::Explained, what)
}
