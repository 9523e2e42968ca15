//! Why an item waits or where it would go, and what keeps work from an agent: routing's own answer in
//! words, each with the rule it follows (routing.md).

use std::collections::BTreeMap;

use model::{Millis, RecordId};
use routing::{
    AgentExplanation, Candidate, ChosenBy, Exclusion, Order, RoutingModel, Status, WaitReason,
};
use serde::Serialize;

use crate::desk::{DeskPresence, DeskWork, Named, WaitingItem};
use crate::engine::Engine;
use crate::request::CapacityView;

/// Agents listed by name in one explanation; the others are counted.
const LISTED_MAX: usize = 100;

/// Columns of AgentWork that tell the history of a record's offers.
pub const OFFER_COLUMNS: &[&str] = &[
    "Id",
    "UserId",
    "Status",
    "OriginalQueueId",
    "RoutingType",
    "RoutingModel",
    "RoutingPriority",
    "RequestDateTime",
    "AssignedDateTime",
    "AcceptDateTime",
    "DeclineDateTime",
    "DeclineReason",
    "PushTimeoutDateTime",
    "CancelDateTime",
    "CloseDateTime",
    "SpeedToAnswer",
    "HandleTime",
    "TransferRequesterId",
];

/// A reason as a code for programs, the rule it follows and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[allow(missing_docs)]
pub struct Reason {
    pub code: &'static str,
    pub rule: &'static str,
    pub text: String,
}

/// Why one record is where it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemExplanation {
    /// The record.
    pub work_item_id: RecordId,
    /// API name of its object.
    pub work_item_type: String,
    /// `waiting`, `offered`, `open` or `notRouted`.
    pub state: &'static str,
    /// In a sentence.
    pub text: String,
    /// Its request, while there is one.
    pub waiting: Option<WaitExplanation>,
    /// Offers and open work now, oldest first.
    pub works: Vec<DeskWork>,
}

/// Why one request waits, and who would get it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitExplanation {
    /// The request and its reason.
    #[serde(flatten)]
    pub item: WaitingItem,
    /// Place in line over all queues, from 1 (R31); `null` if it is not in line.
    pub position: Option<u64>,
    /// An extension that its place in line goes by; left out where that is R29.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Reason>,
    /// Who would get it now.
    pub winner: Option<Named>,
    /// An extension that chose the winner; left out where the rules did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen_by: Option<Reason>,
    /// Whose room is kept for it (roomReservationSeconds).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_kept: Option<Named>,
    /// All had been tried: a new round would start (R69).
    pub is_new_round: bool,
    /// Agents who could take it, the best first; at most 100.
    pub eligible: Vec<CandidateView>,
    /// Agents who could not, by id; at most 100.
    pub excluded: Vec<CandidateView>,
    /// How many agents each reason keeps out.
    pub excluded_by: Vec<ExcludedBy>,
}

/// One agent in question.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CandidateView {
    /// User.
    pub user_id: RecordId,
    /// Name.
    pub name: String,
    /// The first rule that keeps the agent out; `null` if eligible.
    pub reason: Option<Reason>,
    /// What the routing model compares: free units (R84) or open work (R85).
    pub score: Option<f64>,
    /// Last offer of the session (R88).
    pub last_assigned_at: Option<Millis>,
    /// Log-in of the session (R87).
    pub login_at: Option<Millis>,
}

/// A reason and how many agents it keeps out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct ExcludedBy {
    #[serde(flatten)]
    pub reason: Reason,
    pub agents: u64,
}

/// A reason and how many items of a queue wait for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct WaitingBy {
    #[serde(flatten)]
    pub reason: Reason,
    pub items: u64,
}

/// What one agent holds, and what waits for the agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WhyAgent {
    /// User.
    pub user_id: RecordId,
    /// Name.
    pub name: String,
    /// In a sentence.
    pub text: String,
    /// Presence; `null` when logged out.
    pub presence: Option<DeskPresence>,
    /// Units of both pools.
    pub capacity: CapacityView,
    /// Why nothing at all can come.
    pub blocked: Option<Reason>,
    /// What holds the units.
    pub holdings: Vec<HoldingView>,
    /// Per line, the first item and why the agent does not get it, in the order of R29.
    pub waiting: Vec<LineView>,
}

/// One piece of work that holds units.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct HoldingView {
    pub work_id: RecordId,
    pub work_item_id: RecordId,
    pub work_item_type: String,
    pub status: &'static str,
    pub units: f64,
    pub is_interruptible: bool,
    pub is_paused: bool,
}

/// Items that wait alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct LineView {
    pub queue: Option<Named>,
    /// The first of them.
    pub work_item_id: RecordId,
    /// `null`: the next pass offers it.
    pub reason: Option<Reason>,
}

fn reason(code: &'static str, rule: &'static str, text: impl Into<String>) -> Reason {
    Reason {
        code,
        rule,
        text: text.into(),
    }
}

fn order_words(order: Order) -> Option<Reason> {
    match order {
        Order::Priority => None,
        Order::Ageing => Some(reason(
            "ageing",
            "ageingSeconds",
            "Priority and waiting time together make its place in line.",
        )),
        Order::TargetDate => Some(reason(
            "targetDate",
            "slaWindowSeconds",
            "It is to be accepted soon, and goes before items that have more time.",
        )),
    }
}

fn chosen_words(by: ChosenBy) -> Option<Reason> {
    match by {
        ChosenBy::Preference | ChosenBy::Model => None,
        ChosenBy::Customer => Some(reason(
            "sameCustomer",
            "stickyHours",
            "Accepted work of the same customer last.",
        )),
        ChosenBy::KeptRoom => Some(reason(
            "keptRoom",
            "roomReservationSeconds",
            "Kept the room for it.",
        )),
        ChosenBy::ModelDespiteCap => Some(reason(
            "despiteCap",
            "fairCapOffers",
            "Had a fair share of the last offers, but nobody else can take it.",
        )),
    }
}

impl Engine {
    pub(crate) fn exclusion_words(&self, exclusion: Exclusion) -> Reason {
        match exclusion {
            Exclusion::NotTheRequiredAgent => reason(
                "notTheRequiredAgent",
                "R25",
                "The item is for another agent alone.",
            ),
            Exclusion::NotInQueue => reason("notInQueue", "R55", "Is no member of the queue."),
            Exclusion::SkillMissing(skill) => {
                let name = self.skill_name(skill);
                let text =
                    format!("Lacks the skill {name}, or has it at too low a level or not today.");
                reason("skillMissing", "R56", text)
            }
            Exclusion::Inactive => reason(
                "inactive",
                "R64",
                "The user is inactive or may not use Omni-Channel.",
            ),
            Exclusion::Offline => reason("offline", "R51", "Is not logged in to Omni-Channel."),
            Exclusion::Busy => reason("busy", "R51", "Has a busy status, which serves no channel."),
            Exclusion::NextStatus => reason(
                "nextStatus",
                "enableNextStatus",
                "Takes nothing more: changes to another status when its work is done.",
            ),
            Exclusion::LeftUntouched => reason(
                "leftUntouched",
                "returnSeconds",
                "Accepted it last and left it untouched; counts as the last to decline it (R70).",
            ),
            Exclusion::ChannelNotServed => reason(
                "channelNotServed",
                "R52",
                "The status does not serve the channel of the item.",
            ),
            Exclusion::NotMapped => reason(
                "notMapped",
                "R62",
                "Is not mapped to the contact center of the call.",
            ),
            Exclusion::TooManyItems => {
                reason("tooManyItems", "R104", "Has 100 open items, the most.")
            }
            Exclusion::HasPrimaryWork => reason(
                "hasPrimaryWork",
                "R63",
                "A call needs an agent without other primary work.",
            ),
            Exclusion::NoCapacity => reason("noCapacity", "R54", "Has not enough free capacity."),
            Exclusion::DeclinedLast => reason(
                "declinedLast",
                "R70",
                "Declined it last or did not answer; is asked again after a new log-in or when others had it.",
            ),
            Exclusion::TriedThisRound => reason(
                "triedThisRound",
                "R68",
                "Was asked already; others are asked first.",
            ),
            Exclusion::Paced => reason(
                "paced",
                "offerPacingSeconds",
                "Was asked a moment ago; is asked again after a pause.",
            ),
            Exclusion::RoomKept => reason(
                "roomKept",
                "roomReservationSeconds",
                "Keeps the room for a bigger item that has waited long.",
            ),
            Exclusion::Capped => reason(
                "capped",
                "fairCapOffers",
                "Got a fair share of the last offers; others are asked first.",
            ),
        }
    }

    fn wait_words(&self, wait: WaitReason) -> Reason {
        match wait {
            WaitReason::Offered => reason("offered", "R110", "It is offered to an agent."),
            WaitReason::NotReady => reason("notReady", "R11", "IsReadyForRouting is false."),
            WaitReason::Scheduled => {
                reason("scheduled", "R34", "Its scheduled time is not reached.")
            }
            WaitReason::External => {
                reason("external", "R65", "An external router chooses its agent.")
            }
            WaitReason::RequiredAgent(why) => {
                let text = self.exclusion_words(why).text;
                reason(
                    "requiredAgent",
                    "R25",
                    format!("It waits for one agent alone: {text}"),
                )
            }
            WaitReason::NobodyQualified => reason(
                "nobodyQualified",
                "R55",
                "Nobody belongs to its queue or has all the skills it asks for.",
            ),
            WaitReason::NobodyOnline => reason(
                "nobodyOnline",
                "R51",
                "Nobody who could take it is logged in with a status that serves it.",
            ),
            WaitReason::NobodyFree => {
                reason("nobodyFree", "R54", "Everybody who could take it is full.")
            }
            WaitReason::RoundsUsedUp => reason(
                "roundsUsedUp",
                "R73",
                "Everybody was asked as often as maxRounds or voiceRoundsMax allows; it waits for somebody new.",
            ),
            WaitReason::OnlyDecliner => reason(
                "onlyDecliner",
                "R70",
                "Only agents who have declined it could take it.",
            ),
            WaitReason::Pacing => reason(
                "pacing",
                "offerPacingSeconds",
                "Those who could take it were asked something else a moment ago.",
            ),
            WaitReason::RoomKept => reason(
                "roomKept",
                "roomReservationSeconds",
                "Those who could take it keep their room for a bigger item.",
            ),
            WaitReason::Next => reason("next", "R38", "The next routing pass offers it."),
        }
    }

    /// What is in line in a queue, counted by reason; the most first.
    pub(crate) fn waiting_by(&self, queue: RecordId) -> Vec<WaitingBy> {
        let mut counts: BTreeMap<Reason, u64> = BTreeMap::new();
        for (wait, items) in self.routing.waiting_by_reason(queue) {
            *counts.entry(self.wait_words(wait)).or_default() += items;
        }
        let counted = |(reason, items)| WaitingBy { reason, items };
        let mut all: Vec<WaitingBy> = counts.into_iter().map(counted).collect();
        all.sort_by_key(|by| std::cmp::Reverse(by.items));
        all
    }

    /// Why the request of an item waits.
    pub(crate) fn reason_of(&self, item: RecordId) -> Reason {
        let reason = self.routing.wait_reason(item);
        self.wait_words(reason.unwrap_or(WaitReason::Next))
    }

    /// Why a record is where it is; agents see nothing of other agents (`for_user`).
    pub fn explain_item(
        &self,
        item: RecordId,
        now: Millis,
        for_user: Option<RecordId>,
    ) -> ItemExplanation {
        let works = self.routing.works_of_item(item);
        let is_seen = |user: RecordId| for_user.is_none_or(|only| only == user);
        let waiting = self.explain_wait(item, now, for_user);
        let open = works.iter().any(|w| w.status == Status::Opened);
        let state = match (&waiting, works.is_empty()) {
            (_, false) if open => "open",
            (_, false) => "offered",
            (Some(_), true) => "waiting",
            (None, true) => "notRouted",
        };
        let shown = works.into_iter().filter(|w| is_seen(w.user));
        let works: Vec<DeskWork> = shown.map(|w| self.desk_work(w)).collect();
        let text = match state {
            "waiting" => waiting
                .as_ref()
                .map(|w| w.item.reason.text.clone())
                .unwrap_or_default(),
            "notRouted" => "It neither waits nor is anybody at work on it.".to_owned(),
            state => {
                let names: Vec<&str> = works.iter().map(|w| w.user_name.as_str()).collect();
                let verb = if state == "open" {
                    "at work on it"
                } else {
                    "asked to take it"
                };
                format!("Is {verb}: {}.", names.join(", "))
            }
        };
        ItemExplanation {
            work_item_id: item,
            work_item_type: self.catalogue.name_of(item).unwrap_or_default().to_owned(),
            state,
            text,
            waiting,
            works,
        }
    }

    fn explain_wait(
        &self,
        item: RecordId,
        now: Millis,
        for_user: Option<RecordId>,
    ) -> Option<WaitExplanation> {
        let explained = self.routing.explain_item(item)?;
        let mut row = self.waiting_view(&explained.request, now);
        row.reason = self.wait_words(explained.reason);
        let is_seen = |c: &&Candidate| for_user.is_none_or(|only| only == c.user);
        let view = |c: &Candidate| self.candidate_view(c);
        let (mut eligible, excluded): (Vec<&Candidate>, Vec<&Candidate>) = explained
            .candidates
            .iter()
            .partition(|c| c.exclusion.is_none());
        let is_more_better = explained.request.routing_model == RoutingModel::MostAvailable;
        let rank = |c: &Candidate| c.score.map(|s| if is_more_better { -s } else { s });
        eligible.sort_by(|a, b| {
            let winner = |c: &Candidate| Some(c.user) != explained.winner;
            winner(a)
                .cmp(&winner(b))
                .then(rank(a).unwrap_or(0.0).total_cmp(&rank(b).unwrap_or(0.0)))
                .then((a.last_assigned, a.login, a.user).cmp(&(b.last_assigned, b.login, b.user)))
        });
        let mut counts: BTreeMap<Exclusion, u64> = BTreeMap::new();
        for exclusion in excluded.iter().filter_map(|c| c.exclusion) {
            *counts.entry(exclusion).or_default() += 1;
        }
        let counted = |(exclusion, agents)| ExcludedBy {
            reason: self.exclusion_words(exclusion),
            agents,
        };
        let named = |user: RecordId| Named {
            id: user,
            name: self.user_name(user),
        };
        Some(WaitExplanation {
            item: row,
            position: explained.before.map(|n| n + 1),
            winner: explained
                .winner
                .filter(|w| for_user.is_none_or(|u| u == *w))
                .map(named),
            room_kept: explained
                .room_kept
                .filter(|a| for_user.is_none_or(|u| u == *a))
                .map(named),
            order: order_words(explained.order),
            chosen_by: explained.chosen_by.and_then(chosen_words),
            is_new_round: explained.is_new_round,
            eligible: eligible
                .into_iter()
                .filter(is_seen)
                .take(LISTED_MAX)
                .map(view)
                .collect(),
            excluded: excluded
                .into_iter()
                .filter(is_seen)
                .take(LISTED_MAX)
                .map(view)
                .collect(),
            excluded_by: counts.into_iter().map(counted).collect(),
        })
    }

    fn candidate_view(&self, candidate: &Candidate) -> CandidateView {
        CandidateView {
            user_id: candidate.user,
            name: self.user_name(candidate.user),
            reason: candidate.exclusion.map(|e| self.exclusion_words(e)),
            score: candidate.score,
            last_assigned_at: candidate.last_assigned,
            login_at: candidate.login,
        }
    }

    /// What an agent holds and why no work comes; `None` if there is no such user.
    pub fn explain_agent(&self, user: RecordId) -> Option<WhyAgent> {
        let view = self.desk_agent(user)?;
        let explained = self
            .routing
            .explain_agent(user)
            .unwrap_or(AgentExplanation {
                holdings: Vec::new(),
                waiting: Vec::new(),
                exclusion: Some(Exclusion::Offline),
            });
        let blocked = explained.exclusion.map(|e| self.exclusion_words(e));
        let text = match &blocked {
            Some(reason) => reason.text.clone(),
            None if explained.waiting.is_empty() => {
                "Could take work, but nothing waits where the agent is in question.".to_owned()
            }
            None => {
                "Could take work; each line below says why its first item does not come.".to_owned()
            }
        };
        let holding = |h: &routing::Holding| HoldingView {
            work_id: h.work,
            work_item_id: h.work_item,
            work_item_type: self
                .catalogue
                .name_of(h.work_item)
                .unwrap_or_default()
                .to_owned(),
            status: h.status.as_str(),
            units: h.units.to_f64(),
            is_interruptible: h.is_interruptible,
            is_paused: h.is_paused,
        };
        let line = |w: &routing::Waiting| LineView {
            queue: w.queue.map(|q| self.queue_named(q)),
            work_item_id: w.first,
            reason: w.exclusion.map(|e| self.exclusion_words(e)),
        };
        Some(WhyAgent {
            user_id: user,
            name: view.name,
            text,
            presence: view.presence,
            capacity: view.capacity,
            blocked,
            holdings: explained.holdings.iter().map(holding).collect(),
            waiting: explained.waiting.iter().map(line).collect(),
        })
    }
}
