//! One routing pass (R38): who is offered what, until no further push is possible.
//!
//! Before a pass nothing that waits can be placed, except in classes that were touched since: a request
//! was added, or an agent who serves the class became able to do more. Pushing only takes ability away.
//! So it is enough to walk the touched classes, always taking the smallest key (R29) of all of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use model::Millis;

use crate::api::Output;
use crate::backlog::{Bucket, ClassKey, Stuck};
use crate::members::{LaneKey, Measure, Recorder, Silent, Wish};
use crate::order::Key;
use crate::request::Request;
use crate::rest::Rest;
use crate::rows::Session;
use crate::state::RoutingState;
use crate::table::Slot;

/// What decided who gets an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// R23.
    Preference,
    /// R84, R85.
    Model,
    /// The last agent of the customer (sticky agent, an extension).
    Customer,
    /// The agent whose room was kept for its line (room reservation, an extension).
    KeptRoom,
    /// The routing model; nobody else could take it, so the fair cap did not count.
    ModelDespiteCap,
}

/// Who gets an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub agent: Slot,
    /// Everybody eligible had been tried (R69).
    pub is_new_round: bool,
    pub by: ChosenBy,
}

/// A class of the backlog that the next pass looks at (R36, R37).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Touch {
    pub filter: u32,
    pub class: ClassKey,
    /// The one agent who became able to do more, if nothing else happened: nobody else can take
    /// anything of the class.
    pub by: Option<Slot>,
}

impl Touch {
    /// Something happened to a class of a filter; anybody may be the one who takes an item of it.
    pub fn of((filter, class): (u32, ClassKey)) -> Self {
        Self {
            filter,
            class,
            by: None,
        }
    }
}

/// The first item of a touched class, the number of the touch, and the item's bucket.
type Head = (Key, usize, Option<Bucket>);

impl RoutingState {
    /// Matches until nothing more fits. Room that is no longer kept may serve others.
    pub(crate) fn pass(&mut self, now: Millis, out: &mut Output) {
        self.match_touched(now, out);
        while self.settings.room_reservation_s.is_some()
            && !(self.touched.is_empty() && self.freed.is_empty())
        {
            self.match_touched(now, out);
        }
    }

    fn match_touched(&mut self, now: Millis, out: &mut Output) {
        self.touch_classes_of_freed_agents();
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup_by(|later, first| {
            let is_same = (later.filter, later.class) == (first.filter, first.class);
            if is_same && later.by != first.by {
                first.by = None;
            }
            is_same
        });
        self.walk(&touched, now, out);
        touched.clear();
        if self.touched.is_empty() {
            self.touched = touched; // its room serves the next pass
        }
    }

    /// Takes the first item of all touched classes again and again.
    fn walk(&mut self, touched: &[Touch], now: Millis, out: &mut Output) {
        let mut stuck: BTreeMap<usize, Stuck> = BTreeMap::new();
        let none = Stuck::default();
        let mut heads: BinaryHeap<Reverse<Head>> = (0..touched.len())
            .filter_map(|at| self.head(touched, at, &none).map(Reverse))
            .collect();
        while let Some(Reverse((key, at, bucket))) = heads.pop() {
            if !self.is_still_open(&touched[at]) {
                continue;
            }
            let skip = stuck.get(&at).unwrap_or(&none);
            let current = self.head(touched, at, skip);
            if current != Some((key, at, bucket)) {
                heads.extend(current.map(Reverse)); // another filter of the same request was faster
                continue;
            }
            match self.choose(key.slot) {
                Some(choice) => self.push(key.slot, choice, now, out),
                None => {
                    if self.settings.room_reservation_s.is_some() {
                        let Touch { filter, class, .. } = touched[at];
                        self.keep_room((filter, class), key.slot, now);
                    }
                    let Some(bucket) = bucket else { continue }; // nobody for the whole class
                    let skip = stuck.entry(at).or_default();
                    skip.add(key, bucket);
                    if skip.is_everything() {
                        continue;
                    }
                }
            }
            if self.is_still_open(&touched[at]) {
                let skip = stuck.get(&at).unwrap_or(&none);
                heads.extend(self.head(touched, at, skip).map(Reverse));
            }
        }
    }

    /// Is there somebody who might take an item of the class? Saves the look at items that are cold;
    /// where room is kept, each first item must be looked at.
    fn is_still_open(&self, touch: &Touch) -> bool {
        let keeps_room = self.settings.room_reservation_s.is_some();
        keeps_room
            || touch
                .by
                .is_none_or(|agent| self.can_take(agent, &touch.class))
    }

    fn head(&self, touched: &[Touch], at: usize, stuck: &Stuck) -> Option<Head> {
        let Touch { filter, class, .. } = touched[at];
        let (key, bucket) = self.filters[filter as usize]
            .backlog
            .class(class)?
            .first(stuck)?;
        Some((key, at, bucket))
    }

    /// Classes that a freed agent could take something from.
    fn touch_classes_of_freed_agents(&mut self) {
        self.freed.sort_unstable();
        self.freed.dedup();
        for at in 0..self.freed.len() {
            let slot = self.freed[at];
            let agent = &self.agents[slot];
            let Some(position) = agent.position else {
                continue;
            };
            if let Some(owner) = agent.kept_for {
                self.touched.extend(self.line_of(owner).map(Touch::of));
            }
            let may_keep_room = self.settings.room_reservation_s.is_some();
            for filter in agent.filters.iter().copied().chain(agent.direct) {
                for (class, _) in self.filters[filter as usize].backlog.classes() {
                    let profile = &position.profile;
                    let fits = profile.fits(class.cost, class.pool)
                        || may_keep_room && profile.could_fit(class.cost, class.pool);
                    if fits && self.serves(position.lane, &class) {
                        self.touched.push(Touch {
                            filter,
                            class,
                            by: Some(slot),
                        });
                    }
                }
            }
        }
        self.freed.clear();
    }

    /// Chooses among the eligible agents (R23, R24, R68 to R72, R84 to R91).
    pub(crate) fn choose(&self, slot: Slot) -> Option<Choice> {
        self.choose_recorded(slot, &mut Silent)
    }

    /// As [`choose`](Self::choose), with somebody listening.
    pub(crate) fn choose_recorded(
        &self,
        slot: Slot,
        recorder: &mut impl Recorder,
    ) -> Option<Choice> {
        let request = &self.requests[slot];
        let class = self.class_of(slot);
        let untried = |agent: Slot| {
            let session = self.agents[agent].session();
            session.is_some_and(|s| !request.was_tried(s) && !is_last_decliner(request, s))
        };
        if let Some((agent, by)) = self.choose_where(slot, &class, untried, recorder) {
            return Some(Choice {
                agent,
                is_new_round: false,
                by,
            });
        }
        let may_start_round = request.may_start_round(self.settings.voice_rounds_max);
        if request.tried.is_empty() || !may_start_round {
            return None;
        }
        let not_last = |agent: Slot| {
            let session = self.agents[agent].session();
            session.is_some_and(|s| !is_last_decliner(request, s))
        };
        let (agent, by) = self.choose_where(slot, &class, not_last, recorder)?;
        Some(Choice {
            agent,
            is_new_round: true,
            by,
        })
    }

    /// The preferred agent if it can take the item, else the best of the others.
    fn choose_where(
        &self,
        slot: Slot,
        class: &ClassKey,
        allowed: impl Fn(Slot) -> bool,
        recorder: &mut impl Recorder,
    ) -> Option<(Slot, ChosenBy)> {
        let request = &self.requests[slot];
        let preferred = request
            .row
            .preferred_user
            .and_then(|user| self.agents.slot(user));
        if let Some(agent) = preferred
            && allowed(agent)
            && self.can_take(agent, class)
        {
            return Some((agent, ChosenBy::Preference));
        }
        if self.settings.sticky_hours.is_some()
            && let Some(agent) = self.sticky_agent(request)
            && allowed(agent)
            && self.can_take(agent, class)
        {
            return Some((agent, ChosenBy::Customer));
        }
        if let Some(agent) = self.kept_for(slot)
            && allowed(agent)
            && self.has_kept_room(agent, class)
        {
            return Some((agent, ChosenBy::KeptRoom));
        }
        let measure = Measure::of(request.row.routing_model, self.settings.least_active_units)?;
        let wish = Wish {
            measure,
            pool: class.pool,
            cost: class.cost,
        };
        let members = &self.filters[request.base? as usize].members;
        let rested = |lane: LaneKey| lane.rest == Rest::None && self.serves(lane, class);
        let best = members.best(&wish, rested, &allowed, recorder);
        if best.is_some() || self.settings.fair_cap.is_none() {
            return best.map(|agent| (agent, ChosenBy::Model));
        }
        let capped = |lane: LaneKey| lane.rest == Rest::Capped && self.serves(lane, class);
        let best = members.best(&wish, capped, allowed, recorder)?;
        Some((best, ChosenBy::ModelDespiteCap))
    }

    /// Presence, channel, call centre and capacity (R51, R52, R54, R62); not queue or skills (R23).
    pub(crate) fn can_take(&self, agent: Slot, class: &ClassKey) -> bool {
        self.agents[agent].position.is_some_and(|position| {
            self.serves(position.lane, class) && position.profile.fits(class.cost, class.pool)
        })
    }

    /// As [`can_take`](Self::can_take), for an agent whose room is kept for this class.
    fn has_kept_room(&self, agent: Slot, class: &ClassKey) -> bool {
        self.agents[agent].position.is_some_and(|position| {
            position.lane.rest != Rest::Paced
                && self.can_serve(position.lane, class)
                && position.profile.fits(class.cost, class.pool)
        })
    }

    /// Is there an agent who was not asked yet and may have room later (R72)?
    pub(crate) fn somebody_is_left(&self, slot: Slot) -> bool {
        let request = &self.requests[slot];
        let class = self.class_of(slot);
        let is_left = |agent: Slot| {
            let session = self.agents[agent].session();
            session.is_some_and(|s| !request.was_tried(s))
        };
        let preferred = request
            .row
            .preferred_user
            .and_then(|user| self.agents.slot(user));
        let waits_for_preferred = preferred.is_some_and(|agent| {
            let serves = |p: crate::members::Position| self.can_serve(p.lane, &class);
            is_left(agent) && self.agents[agent].position.is_some_and(serves)
        });
        let base = request
            .base
            .map(|filter| &self.filters[filter as usize].members);
        waits_for_preferred
            || base.is_some_and(|m| m.agents(|lane| self.can_serve(lane, &class)).any(is_left))
    }
}

/// R70.
pub(crate) fn is_last_decliner(request: &Request, session: Session) -> bool {
    request.row.last_declined == Some(session)
}
