//! Explanations: why an item went where it would go now, why it waits, why an agent gets nothing.
//!
//! The very code that decides answers, with a listening [`Recorder`]; what it cannot hear of (agents
//! who stand nowhere because they are offline, busy or full) is added from the configuration.

use std::collections::BTreeMap;

use model::{Millis, RecordId};

use crate::backlog::{ClassKey, Stuck};
use crate::capacity::{Cost, Pool};
use crate::members::{Recorder, Tie, Why};
use crate::order::Key;
pub use crate::pass::ChosenBy;
use crate::pass::is_last_decliner;
use crate::rest::Rest;
use crate::rows::{PendingServiceRouting, RoutingModel, RoutingType, Status};
use crate::state::{Filter, RoutingState};
use crate::table::Slot;
use crate::units::Units;

/// The first rule that keeps an agent from an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// The request is for another agent alone (R25).
    NotTheRequiredAgent,
    /// Not a member of the queue (R55).
    NotInQueue,
    /// A required skill is missing, too low or not in force (R56).
    SkillMissing(RecordId),
    /// User inactive or without Omni-Channel (R64).
    Inactive,
    /// Not logged in (R51).
    Offline,
    /// A busy or away status (R51, R148).
    Busy,
    /// Takes nothing more: changes to another status when its work is done (option).
    NextStatus,
    /// The status does not serve the channel (R52).
    ChannelNotServed,
    /// No CallCenterRoutingMap row for the call's contact centre (R62).
    NotMapped,
    /// 100 open items (R104).
    TooManyItems,
    /// A call needs an empty primary pool (R63).
    HasPrimaryWork,
    /// Not enough free units (R54).
    NoCapacity,
    /// Declined or timed out last; not asked again before a new session (R70).
    DeclinedLast,
    /// Accepted it last and left it untouched; as the last decliner (option).
    LeftUntouched,
    /// Was asked in this round (R68).
    TriedThisRound,
    /// Was asked a moment ago (offer pacing, an extension).
    Paced,
    /// Its room is kept for a bigger item (room reservation, an extension).
    RoomKept,
    /// Got its share of the window; others come first (fair cap, an extension).
    Capped,
}

/// What an item's place in line goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Priority and what follows (R29).
    Priority,
    /// Priority and waiting time in one (ageing, an extension).
    Ageing,
    /// Its target date is near (SLA-aware order, an extension).
    TargetDate,
}

/// One agent, and what the decision says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Who.
    pub user: RecordId,
    /// Why not; `None` if eligible.
    pub exclusion: Option<Exclusion>,
    /// What the routing model compares, for eligible agents: free units (Most Available; more is
    /// better) or open work (Least Active; less is better).
    pub score: Option<f64>,
    /// Last assignment of this session (R87).
    pub last_assigned: Option<Millis>,
    /// Login of this session (R87).
    pub login: Option<Millis>,
}

/// Why a request is not offered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitReason {
    /// It is offered.
    Offered,
    /// IsReadyForRouting is false (R11).
    NotReady,
    /// Its date is not reached (R34).
    Scheduled,
    /// A partner routes it (R65).
    External,
    /// The agent it is for cannot take it (R25).
    RequiredAgent(Exclusion),
    /// Its queue has no members, or nobody has the skills (R55, R56).
    NobodyQualified,
    /// Nobody of them is logged in with a status that serves it (R51, R52, R62).
    NobodyOnline,
    /// Those who are, are full, or about to change their status (R54, R63, R104).
    NobodyFree,
    /// Everybody was asked as often as its queue or channel allows (R73).
    RoundsUsedUp,
    /// Only the last decliner could take it (R70).
    OnlyDecliner,
    /// Those who could take it have just been asked (offer pacing, an extension).
    Pacing,
    /// Those who could take it keep their room for a bigger item (room reservation, an extension).
    RoomKept,
    /// Somebody can take it: the next pass offers it.
    Next,
}

/// Everything about one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The request.
    pub request: PendingServiceRouting,
    /// Age time (R29).
    pub since: Millis,
    /// Requests before it in the order of R29, over all queues; `None` if it is not in line.
    pub before: Option<u64>,
    /// Why it waits.
    pub reason: WaitReason,
    /// What its place in line goes by.
    pub order: Order,
    /// Who would get it now.
    pub winner: Option<RecordId>,
    /// Why that agent.
    pub chosen_by: Option<ChosenBy>,
    /// Whose room is kept for it (room reservation, an extension).
    pub room_kept: Option<RecordId>,
    /// All had been tried: a new round would start (R69).
    pub is_new_round: bool,
    /// Every agent in question, by id.
    pub candidates: Vec<Candidate>,
}

/// What holds an agent's capacity.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// AgentWork.
    pub work: RecordId,
    /// The routed record.
    pub work_item: RecordId,
    /// Assigned or Opened.
    pub status: Status,
    /// Units it holds.
    pub units: Units,
    /// Of which pool.
    pub is_interruptible: bool,
    /// Paused (R120).
    pub is_paused: bool,
}

/// Items that wait alike, as one agent sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// The queue, if they wait in one.
    pub queue: Option<RecordId>,
    /// The first of them.
    pub first: RecordId,
    /// Why the agent does not get it; `None` if nothing is in the way.
    pub exclusion: Option<Exclusion>,
}

/// Everything about one agent.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentExplanation {
    /// What holds capacity, oldest first.
    pub holdings: Vec<Holding>,
    /// What waits where the agent is in question, in the order of R29.
    pub waiting: Vec<Waiting>,
    /// Why nothing at all can come.
    pub exclusion: Option<Exclusion>,
}

/// Notes what a choice says of each agent.
#[derive(Default)]
struct Protocol {
    left_out: BTreeMap<Slot, Why>,
    ranked: BTreeMap<Slot, i64>,
}

impl Recorder for Protocol {
    const LISTENS: bool = true;
    fn leave_out<'a>(&mut self, agents: impl IntoIterator<Item = &'a Tie>, why: Why) {
        self.left_out
            .extend(agents.into_iter().map(|tie| (tie.slot, why)));
    }
    fn rank<'a>(&mut self, agents: impl IntoIterator<Item = &'a Tie>, score: i64) {
        for tie in agents {
            self.left_out.remove(&tie.slot); // a new round asks again
            self.ranked.insert(tie.slot, score);
        }
    }
}

impl RoutingState {
    /// Why the request of an item goes where it would go now, or why it waits.
    pub fn explain_item(&self, item: RecordId) -> Option<Explanation> {
        let slot = *self.request_of_item.get(&item)?;
        let request = &self.requests[slot];
        let mut protocol = Protocol::default();
        let is_open = request.is_routable(self.now);
        let choice = self
            .choose_recorded(slot, &mut protocol)
            .filter(|_| is_open);
        let candidates: Vec<Candidate> = self
            .in_question(slot)
            .into_iter()
            .map(|agent| self.judge(slot, agent, &protocol))
            .collect();
        let key = self.key_of(slot);
        Some(Explanation {
            request: request.row.clone(),
            since: request.since(),
            before: request.is_placed.then(|| self.before(&key)),
            reason: self.reason_among(slot, choice.is_some(), &candidates),
            order: self.order_of(slot),
            winner: choice.map(|c| self.agents[c.agent].id),
            room_kept: self.kept_for(slot).map(|agent| self.agents[agent].id),
            chosen_by: choice.map(|c| c.by),
            is_new_round: choice.is_some_and(|c| c.is_new_round),
            candidates,
        })
    }

    fn order_of(&self, slot: Slot) -> Order {
        match (self.requests[slot].is_urgent, self.settings.ageing_s) {
            (true, _) => Order::TargetDate,
            (false, Some(_)) => Order::Ageing,
            (false, None) => Order::Priority,
        }
    }

    /// Requests in line before a key; each counted once.
    fn before(&self, key: &Key) -> u64 {
        let of_filter = |filter: &Filter| {
            let stands_here_only = |k: &&Key| *k < key && self.requests[k.slot].base.is_none();
            if filter.is_direct {
                filter.backlog.keys().filter(stands_here_only).count() as u64
            } else {
                filter.backlog.before(key)
            }
        };
        self.filters.iter().map(of_filter).sum()
    }

    /// Members of the queue, or holders of some asked skill, and the preferred agent; by id.
    pub(crate) fn in_question(&self, slot: Slot) -> Vec<Slot> {
        let request = &self.requests[slot];
        let mut slots: Vec<Slot> = match (request.row.routing_type, request.row.queue) {
            _ if request.row.is_preferred_required => Vec::new(),
            (RoutingType::QueueBased, Some(queue)) => self
                .queues
                .find(queue)
                .map(|q| q.members.clone())
                .unwrap_or_default(),
            (RoutingType::QueueBased, None) => Vec::new(),
            (RoutingType::SkillsBased, _) => self.skilled(request),
        };
        slots.extend(
            request
                .row
                .preferred_user
                .and_then(|user| self.agents.slot(user)),
        );
        slots.sort_unstable_by_key(|slot| self.agents[*slot].id);
        slots.dedup();
        slots
    }

    /// One agent, by the protocol of the choice or by the rule that keeps it out of every index.
    fn judge(&self, slot: Slot, agent: Slot, protocol: &Protocol) -> Candidate {
        let entry = &self.agents[agent];
        let score =
            protocol
                .ranked
                .get(&agent)
                .map(|score| match self.requests[slot].row.routing_model {
                    RoutingModel::MostAvailable => Units(-score).to_f64(),
                    RoutingModel::LeastActive if self.settings.least_active_units => {
                        Units(*score).to_f64()
                    }
                    RoutingModel::LeastActive | RoutingModel::ExternalRouting => *score as f64,
                });
        let exclusion = match score {
            Some(_) => None,
            None => self.exclusion(slot, agent),
        };
        debug_assert!(
            !protocol.left_out.contains_key(&agent) || exclusion.is_some(),
            "left out without a reason"
        );
        Candidate {
            user: entry.id,
            exclusion,
            score,
            last_assigned: entry.online.as_ref().and_then(|o| o.last_assigned),
            login: entry.online.as_ref().map(|o| o.login),
        }
    }

    /// The first rule that excludes an agent from a request.
    pub(crate) fn exclusion(&self, slot: Slot, agent: Slot) -> Option<Exclusion> {
        let request = &self.requests[slot];
        let entry = &self.agents[agent];
        let class = self.class_of(slot);
        let is_preferred = request.row.preferred_user == Some(entry.id);
        if request.row.is_preferred_required && !is_preferred {
            return Some(Exclusion::NotTheRequiredAgent);
        }
        if !is_preferred {
            let is_member = request.base.is_some_and(|f| entry.filters.contains(&f));
            if !is_member {
                return Some(match self.missing_skill(request, entry) {
                    Some(skill) => Exclusion::SkillMissing(skill),
                    None => Exclusion::NotInQueue,
                });
            }
        }
        if let Some(exclusion) = self.not_able(agent, &class) {
            return Some(exclusion);
        }
        if self.is_kept_from(agent, slot) {
            return Some(Exclusion::RoomKept);
        }
        if entry.rest == Rest::Paced {
            return Some(Exclusion::Paced);
        }
        let session = entry.session()?;
        if is_last_decliner(request, session) {
            return Some(if request.is_returned {
                Exclusion::LeftUntouched
            } else {
                Exclusion::DeclinedLast
            });
        }
        if request.was_tried(session) {
            return Some(Exclusion::TriedThisRound);
        }
        (entry.rest == Rest::Capped && !is_preferred).then_some(Exclusion::Capped)
    }

    /// Presence, channel, call centre, capacity: what an item of this class meets first.
    fn not_able(&self, agent: Slot, class: &ClassKey) -> Option<Exclusion> {
        if let Some(exclusion) = self.not_working(agent) {
            return Some(exclusion);
        }
        let entry = &self.agents[agent];
        let online = entry.online.as_ref()?;
        if !self.statuses[online.status]
            .channels
            .contains(&class.channel)
        {
            return Some(Exclusion::ChannelNotServed);
        }
        if !self.centers.meets(entry.centers, class.center) {
            return Some(Exclusion::NotMapped);
        }
        if entry.fits(class.cost, class.pool) {
            return None;
        }
        let is_busy_for_calls = class.cost == Cost::Whole && entry.used[0] > Units::ZERO;
        Some(if is_busy_for_calls {
            Exclusion::HasPrimaryWork
        } else {
            Exclusion::NoCapacity
        })
    }

    /// Why an agent can take nothing at all.
    fn not_working(&self, agent: Slot) -> Option<Exclusion> {
        let entry = &self.agents[agent];
        if !entry.is_active() {
            return Some(Exclusion::Inactive);
        }
        let Some(online) = &entry.online else {
            return Some(Exclusion::Offline);
        };
        if self.statuses[online.status].channels.is_empty() {
            return Some(Exclusion::Busy);
        }
        if online.next.is_some() {
            return Some(Exclusion::NextStatus);
        }
        (entry.position.is_none()).then_some(Exclusion::TooManyItems)
    }

    fn reason_among(&self, slot: Slot, has_winner: bool, candidates: &[Candidate]) -> WaitReason {
        let request = &self.requests[slot];
        let row = &request.row;
        let has = |kinds: &[Exclusion]| {
            candidates
                .iter()
                .any(|c| c.exclusion.is_some_and(|e| kinds.contains(&e)))
        };
        match () {
            () if row.is_pushed => WaitReason::Offered,
            () if !row.is_ready => WaitReason::NotReady,
            () if row.routing_model == RoutingModel::ExternalRouting => WaitReason::External,
            () if request.waits_until(self.now).is_some() => WaitReason::Scheduled,
            () if has_winner => WaitReason::Next,
            () if row.is_preferred_required => {
                let only = candidates.first().and_then(|c| c.exclusion);
                only.map_or(WaitReason::NobodyQualified, WaitReason::RequiredAgent)
            }
            () if self.is_used_up(slot) => WaitReason::RoundsUsedUp,
            () if has(&[Exclusion::Paced]) => WaitReason::Pacing,
            () if has(&[Exclusion::RoomKept]) => WaitReason::RoomKept,
            () if has(&[
                Exclusion::DeclinedLast,
                Exclusion::LeftUntouched,
                Exclusion::TriedThisRound,
            ]) =>
            {
                WaitReason::OnlyDecliner
            }
            () if has(&[
                Exclusion::NoCapacity,
                Exclusion::HasPrimaryWork,
                Exclusion::TooManyItems,
                Exclusion::NextStatus,
            ]) =>
            {
                WaitReason::NobodyFree
            }
            () if has(&[
                Exclusion::Offline,
                Exclusion::Busy,
                Exclusion::ChannelNotServed,
                Exclusion::NotMapped,
                Exclusion::Inactive,
            ]) =>
            {
                WaitReason::NobodyOnline
            }
            () => WaitReason::NobodyQualified,
        }
    }

    /// What holds an agent's capacity, what waits for it, and why it does not come.
    pub fn explain_agent(&self, user: RecordId) -> Option<AgentExplanation> {
        let slot = self.agents.slot(user)?;
        let agent = &self.agents[slot];
        let configured = agent.configured();
        let holdings = agent
            .works
            .iter()
            .map(|work| &self.works[*work])
            .map(|work| Holding {
                work: work.row.id,
                work_item: work.row.work_item,
                status: work.row.status,
                units: work.cost.units(configured[work.pool as usize]),
                is_interruptible: work.pool == Pool::Interruptible,
                is_paused: work.is_paused(),
            });
        let mut waiting: Vec<(Key, Waiting)> = Vec::new();
        for filter in agent.filters.iter().copied().chain(agent.direct) {
            for (_, class) in self.filters[filter as usize].backlog.classes() {
                let Some((key, _)) = class.first(&Stuck::default()) else {
                    continue;
                };
                let row = &self.requests[key.slot].row;
                let exclusion = self.exclusion(key.slot, slot);
                waiting.push((
                    key,
                    Waiting {
                        queue: row.queue,
                        first: row.work_item,
                        exclusion,
                    },
                ));
            }
        }
        waiting.sort_unstable_by_key(|(key, _)| *key);
        waiting.dedup_by_key(|(key, _)| *key);
        Some(AgentExplanation {
            holdings: holdings.collect(),
            waiting: waiting.into_iter().map(|(_, waiting)| waiting).collect(),
            exclusion: self.not_working(slot),
        })
    }
}
