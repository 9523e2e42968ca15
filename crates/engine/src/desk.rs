//! What the supervisor desk shows (R179, R186 to R190): agents, queues, skills, work in progress and what
//! waits, from memory. Plain values that print themselves as JSON.

use std::collections::{BTreeMap, BTreeSet};

use model::{Millis, RecordId, Value};
use routing::{AgentWork, PendingServiceRouting};
use serde::Serialize;

use crate::engine::Engine;
use crate::explain::{Reason, WaitingBy};
use crate::request::{CapacityView, PresenceView, WorkView};
use crate::views::text;

/// An id with the name that people know it by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[allow(missing_docs)]
pub struct Named {
    pub id: RecordId,
    pub name: String,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Only of this queue.
    pub queue: Option<RecordId>,
    /// Agents who are logged out, too; for waiting items: those that are held, instead.
    pub rest: bool,
    /// After this id.
    pub after: Option<RecordId>,
    /// At most so many.
    pub limit: usize,
}

/// One agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentView {
    /// User.
    pub user_id: RecordId,
    /// Name.
    pub name: String,
    /// Status now; `null` when logged out.
    pub presence: Option<DeskPresence>,
    /// Units of both pools.
    pub capacity: CapacityView,
    /// Offers and open work, oldest first.
    pub works: Vec<WorkView>,
    /// Queues of the agent.
    pub queues: Vec<Named>,
    /// Skills in force.
    pub skills: Vec<SkillLevel>,
}

/// Presence of an agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct DeskPresence {
    pub status_id: RecordId,
    pub status_name: String,
    pub status_api_name: String,
    pub kind: &'static str,
    pub channels: Vec<Named>,
    pub since: Millis,
    /// Log-in of the session.
    pub login_at: Millis,
    /// Last offer of the session (R88).
    pub last_assigned_at: Option<Millis>,
    /// The status that follows the agent's work (option `enableNextStatus`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_status: Option<Named>,
}

/// A skill of an agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct SkillLevel {
    pub skill_id: RecordId,
    pub name: String,
    pub level: f64,
}

/// One queue that routes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueView {
    /// Group.
    pub queue_id: RecordId,
    /// Name.
    pub name: String,
    /// LeastActive, MostAvailable or ExternalRouting.
    pub routing_model: String,
    /// RoutingPriority.
    pub priority: Option<i64>,
    /// Items in line.
    pub waiting: u64,
    /// They, by the reason why they wait; the most first.
    pub waiting_by: Vec<WaitingBy>,
    /// Age time of the first in line.
    pub first_since: Option<Millis>,
    /// Seconds it has waited.
    pub longest_wait: Option<i64>,
    /// Members.
    pub agents: u64,
    /// Of them, logged in with a status that serves some channel.
    pub online_agents: u64,
    /// Expected wait of a new item, seconds; `null` without data (R186).
    pub estimated_wait: Option<i64>,
}

/// One skill.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SkillView {
    /// Skill.
    pub skill_id: RecordId,
    /// Name.
    pub name: String,
    /// Agents who have it.
    pub agents: u64,
    /// Of them, logged in.
    pub online_agents: u64,
    /// Items in line that ask for it.
    pub waiting: u64,
    /// Expected wait of a new item that asks for it alone, seconds (R187).
    pub estimated_wait: Option<i64>,
}

/// Work in progress and its agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskWork {
    /// Agent.
    pub user_id: RecordId,
    /// Its name.
    pub user_name: String,
    /// Assigned or Opened.
    pub status: &'static str,
    /// Seconds from request to acceptance.
    pub speed_to_answer: Option<i64>,
    /// Who sent it there (R45).
    pub transfer_requester_id: Option<RecordId>,
    /// The work.
    #[serde(flatten)]
    pub work: WorkView,
}

/// One item that waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct WaitingItem {
    pub work_item_id: RecordId,
    pub work_item_type: String,
    /// PendingServiceRouting.
    pub request_id: RecordId,
    pub queue_id: Option<RecordId>,
    pub queue_name: Option<String>,
    pub channel_id: RecordId,
    pub routing_type: &'static str,
    pub routing_model: &'static str,
    /// Order of R29.
    pub priority: Option<i64>,
    pub secondary_priority: Option<i64>,
    pub target_accept_at: Option<Millis>,
    pub since: Millis,
    pub created_at: Millis,
    /// Seconds since `since`.
    pub wait: i64,
    pub capacity_weight: Option<f64>,
    pub capacity_percentage: Option<f64>,
    pub is_interruptible: bool,
    pub is_transfer: bool,
    pub preferred_user_id: Option<RecordId>,
    pub is_preferred_user_required: bool,
    pub transfer_requester_id: Option<RecordId>,
    pub skills: Vec<AskedSkill>,
    /// Why it waits.
    pub reason: Reason,
}

/// A skill that an item asks for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct AskedSkill {
    pub skill_id: RecordId,
    pub name: String,
    pub level: f64,
    pub is_additional: bool,
    pub priority: Option<i64>,
    /// Dropped by now (R57).
    pub is_dropped: bool,
}

impl Engine {
    /// Agents in the order of their ids: who is logged in or has work, or all who may be agents.
    pub fn desk_agents(&self, page: &Page) -> Vec<AgentView> {
        let is_after = |id: &RecordId| page.after.is_none_or(|after| *id > after);
        let is_shown = |id: &RecordId| {
            let is_there = self.routing.presence_of(*id).is_some();
            is_there || !self.routing.works_of(*id).is_empty() || page.rest && self.is_agent(*id)
        };
        let users: BTreeSet<RecordId> = match page.queue {
            Some(queue) => {
                let members = self.configured.membership.users_of(queue).iter().copied();
                members
                    .filter(is_after)
                    .filter(is_shown)
                    .take(page.limit)
                    .collect()
            }
            None => {
                let all = self.directory.users.keys().copied();
                all.filter(is_after)
                    .filter(is_shown)
                    .take(page.limit)
                    .collect()
            }
        };
        self.agent_views(&users)
    }

    /// One agent, logged in or not.
    pub fn desk_agent(&self, user: RecordId) -> Option<AgentView> {
        self.directory.user(user)?;
        self.agent_views(&BTreeSet::from([user])).pop()
    }

    fn is_agent(&self, user: RecordId) -> bool {
        let entry = self.directory.user(user);
        entry
            .is_some_and(|u| u.is_active && (!u.rights.statuses.is_empty() || !u.queues.is_empty()))
    }

    fn agent_views(&self, users: &BTreeSet<RecordId>) -> Vec<AgentView> {
        let mut skills = self.skills_of(users);
        let view = |user: &RecordId| {
            let entry = self.directory.user(*user)?;
            let queues = entry.queues.iter().map(|q| self.queue_named(*q));
            Some(AgentView {
                user_id: *user,
                name: entry.name.clone(),
                presence: self.desk_presence(*user),
                capacity: self.capacity_of(*user),
                works: self.works_of(*user),
                queues: queues.collect(),
                skills: self.skill_levels(&skills.remove(user).unwrap_or_default()),
            })
        };
        users.iter().filter_map(view).collect()
    }

    fn skill_levels(&self, rows: &[routing::AgentSkill]) -> Vec<SkillLevel> {
        let now = self.now;
        let counts = |s: &&routing::AgentSkill| s.from <= now && s.to.is_none_or(|to| now <= to);
        let level = |s: &routing::AgentSkill| SkillLevel {
            skill_id: s.skill,
            name: self.skill_name(s.skill),
            level: s.level.to_f64(),
        };
        rows.iter().filter(counts).map(level).collect()
    }

    fn desk_presence(&self, user: RecordId) -> Option<DeskPresence> {
        let presence = self.routing.presence_of(user)?;
        let PresenceView {
            status_id,
            status_name,
            status_api_name,
            channels,
            since,
            next,
        } = self.presence_view(presence.status, presence.since, presence.next);
        let named = |(id, name): (RecordId, String)| Named { id, name };
        Some(DeskPresence {
            status_id,
            status_name,
            status_api_name,
            kind: if channels.is_empty() {
                "busy"
            } else {
                "online"
            },
            channels: channels.into_iter().map(named).collect(),
            since,
            login_at: presence.login,
            last_assigned_at: self.routing.last_assigned(user),
            next_status: next.map(|next| Named {
                id: next.status_id,
                name: next.status_name,
            }),
        })
    }

    /// Queues that route, in the order of their names.
    pub fn desk_queues(&self, now: Millis) -> Vec<QueueView> {
        let k = &self.known.group;
        let groups = self.resident.table(k.ix).values();
        let routed = groups.filter(|g| !g.get(k.routing_config_id).is_null());
        let mut views: Vec<QueueView> = routed.map(|g| self.queue_view(g, now)).collect();
        views.sort_by(|a, b| (&a.name, a.queue_id).cmp(&(&b.name, b.queue_id)));
        views
    }

    /// One queue; `None` if there is no such queue.
    pub fn desk_queue(&self, queue: RecordId, now: Millis) -> Option<QueueView> {
        let k = &self.known.group;
        let row = self.resident.get(k.ix, queue)?;
        let is_queue = row.get(k.kind).as_text() == Some("Queue");
        is_queue.then(|| self.queue_view(row, now))
    }

    fn queue_view(&self, group: &model::Record, now: Millis) -> QueueView {
        let k = &self.known;
        let config = group.get(k.group.routing_config_id).as_id();
        let config = config.and_then(|c| self.resident.get(k.routing_config.ix, c));
        let stats = self.routing.queue_stats(group.id);
        QueueView {
            queue_id: group.id,
            name: text(group.get(k.group.name)),
            routing_model: config
                .map(|c| text(c.get(k.routing_config.model)))
                .unwrap_or_default(),
            priority: config.and_then(|c| c.get(k.routing_config.priority).as_int()),
            waiting: stats.waiting,
            waiting_by: self.waiting_by(group.id),
            first_since: stats.first_since,
            longest_wait: stats.first_since.map(|since| now.seconds_since(since)),
            agents: self.configured.membership.users_of(group.id).len() as u64,
            online_agents: stats.online,
            estimated_wait: self.routing.estimated_wait_of_queue(group.id, now),
        }
    }

    /// Skills in the order of their names.
    pub fn desk_skills(&self, now: Millis) -> Vec<SkillView> {
        let users: BTreeSet<RecordId> = self.directory.users.keys().copied().collect();
        let mut agents: BTreeMap<RecordId, (u64, u64)> = BTreeMap::new();
        for (user, rows) in self.skills_of(&users) {
            let is_online = self.routing.presence_of(user).is_some();
            let distinct: BTreeSet<RecordId> = rows.iter().map(|row| row.skill).collect();
            for skill in distinct {
                let count = agents.entry(skill).or_default();
                count.0 += 1;
                count.1 += u64::from(is_online);
            }
        }
        let waiting = self.routing.waiting_by_skill();
        let k = &self.known.skill;
        let view = |row: &model::Record| {
            let (all, online) = agents.get(&row.id).copied().unwrap_or_default();
            let alone = BTreeSet::from([row.id]);
            SkillView {
                skill_id: row.id,
                name: text(row.get(k.label)),
                agents: all,
                online_agents: online,
                waiting: waiting.get(&row.id).copied().unwrap_or(0),
                estimated_wait: self.routing.estimated_wait_of_skills(&alone, now),
            }
        };
        let mut views: Vec<SkillView> = self.resident.table(k.ix).values().map(view).collect();
        views.sort_by(|a, b| (&a.name, a.skill_id).cmp(&(&b.name, b.skill_id)));
        views
    }

    /// Offers and open work of everybody, by AgentWork id.
    pub fn desk_works(&self, page: &Page) -> Vec<DeskWork> {
        let works = self.routing.active_works().into_iter();
        let works = works
            .filter(|w| page.after.is_none_or(|after| w.id > after))
            .filter(|w| page.queue.is_none() || w.original_queue == page.queue);
        works.take(page.limit).map(|w| self.desk_work(w)).collect()
    }

    pub(crate) fn desk_work(&self, work: &AgentWork) -> DeskWork {
        DeskWork {
            user_id: work.user,
            user_name: self.user_name(work.user),
            status: work.status.as_str(),
            speed_to_answer: work.speed_to_answer,
            transfer_requester_id: work.transfer_requester,
            work: self.work_view(work),
        }
    }

    /// What waits, in the order of R29; or what is held back (not ready, scheduled, external), by id.
    pub fn desk_backlog(&self, page: &Page, now: Millis) -> Vec<WaitingItem> {
        let rows = if page.rest {
            self.routing.held(page.queue, page.limit)
        } else {
            self.routing.in_line(page.queue, page.limit)
        };
        let mut known = BTreeMap::new();
        rows.into_iter()
            .map(|row| self.waiting_item(row, now, &mut known))
            .collect()
    }

    fn waiting_item(
        &self,
        row: &PendingServiceRouting,
        now: Millis,
        known: &mut BTreeMap<Alike, Reason>,
    ) -> WaitingItem {
        let reason = match Alike::of(row) {
            Some(alike) => {
                let reason = known.entry(alike);
                reason
                    .or_insert_with(|| self.reason_of(row.work_item))
                    .clone()
            }
            None => self.reason_of(row.work_item),
        };
        let waiting = self.routing.waiting(row.work_item);
        let since = waiting.map_or(row.created, |w| w.since);
        WaitingItem {
            work_item_id: row.work_item,
            work_item_type: self
                .catalogue
                .name_of(row.work_item)
                .unwrap_or_default()
                .to_owned(),
            request_id: row.id,
            queue_id: row.queue,
            queue_name: row.queue.map(|q| self.queue_named(q).name),
            channel_id: row.channel,
            routing_type: row.routing_type.as_str(),
            routing_model: row.routing_model.as_str(),
            priority: row.priority,
            secondary_priority: row.secondary_priority,
            target_accept_at: row.target_accept,
            since,
            created_at: row.created,
            wait: now.seconds_since(since),
            capacity_weight: row.weight.map(|u| u.to_f64()),
            capacity_percentage: row.percentage.map(|u| u.to_f64()),
            is_interruptible: row.is_interruptible,
            is_transfer: row.is_transfer,
            preferred_user_id: row.preferred_user,
            is_preferred_user_required: row.is_preferred_required,
            transfer_requester_id: row.transfer_requester,
            skills: self.asked_skills(row.id),
            reason,
        }
    }

    /// One request as the desk shows it.
    pub(crate) fn waiting_view(&self, row: &PendingServiceRouting, now: Millis) -> WaitingItem {
        self.waiting_item(row, now, &mut BTreeMap::new())
    }

    fn asked_skills(&self, request: RecordId) -> Vec<AskedSkill> {
        let rows = self.routing.skills_of_request(request).into_iter();
        let asked = |(row, is_dropped): (&routing::SkillRequirement, bool)| AskedSkill {
            skill_id: row.skill,
            name: self.skill_name(row.skill),
            level: row.level.unwrap_or_default().to_f64(),
            is_additional: row.is_additional,
            priority: row.priority,
            is_dropped,
        };
        rows.map(asked).collect()
    }

    pub(crate) fn user_name(&self, user: RecordId) -> String {
        self.directory
            .user(user)
            .map(|u| u.name.clone())
            .unwrap_or_default()
    }

    pub(crate) fn queue_named(&self, queue: RecordId) -> Named {
        let k = &self.known.group;
        let row = self.resident.get(k.ix, queue);
        let name = row.map_or(&Value::Null, |r| r.get(k.name));
        Named {
            id: queue,
            name: text(name),
        }
    }

    pub(crate) fn skill_name(&self, skill: RecordId) -> String {
        let k = &self.known.skill;
        self.resident
            .get(k.ix, skill)
            .map(|r| text(r.get(k.label)))
            .unwrap_or_default()
    }
}

/// Requests that are alike in this wait for the same reason, so it is worked out once.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    queue: RecordId,
    channel: RecordId,
    cost: (Option<i64>, Option<i64>),
    is_interruptible: bool,
}

impl Alike {
    fn of(row: &PendingServiceRouting) -> Option<Self> {
        let is_plain = row.routing_type == routing::RoutingType::QueueBased
            && row.routing_model != routing::RoutingModel::ExternalRouting
            && row.preferred_user.is_none()
            && row.last_declined.is_none()
            && !row.is_transfer
            && row.scheduled.is_none();
        let is_call = row.work_item.prefix() == model::KeyPrefix::of("0LQ");
        let queue = row.queue.filter(|_| is_plain && !is_call)?;
        Some(Self {
            queue,
            channel: row.channel,
            cost: (row.weight.map(|u| u.0), row.percentage.map(|u| u.0)),
            is_interruptible: row.is_interruptible,
        })
    }
}
