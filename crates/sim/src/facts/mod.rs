//! The org as its committed rows tell it: requests, work, presence, items. Plain values in plain maps.

mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Catalogue, Millis, ObjectIx, Record, RecordId};

use crate::config::{Channel, Config, Progress, Rows};
use crate::observe::{Key, Seen};
use crate::schema::Schema;
use crate::units;

pub(crate) use read::{
    item as read_item, presence as read_presence, request as read_request, work as read_work,
};

/// AgentWork.Status (R105).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Status {
    Assigned,
    Unavailable,
    Declined,
    Opened,
    Closed,
    DeclinedOnPushTimeout,
    Canceled,
    Transferred,
    /// A text that is no status.
    Wrong,
}

impl Status {
    fn parse(text: Option<&str>) -> Self {
        match text {
            Some("Assigned") => Self::Assigned,
            Some("Unavailable") => Self::Unavailable,
            Some("Declined") => Self::Declined,
            Some("Opened") => Self::Opened,
            Some("Closed") => Self::Closed,
            Some("DeclinedOnPushTimeout") => Self::DeclinedOnPushTimeout,
            Some("Canceled") => Self::Canceled,
            Some("Transferred") => Self::Transferred,
            _ => Self::Wrong,
        }
    }

    /// Its agent declined it or did not answer.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::Declined | Self::DeclinedOnPushTimeout)
    }

    /// R106.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Assigned | Self::Opened)
    }
}

/// How an agent is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Model {
    LeastActive,
    MostAvailable,
    External,
}

impl Model {
    pub(crate) fn parse(text: Option<&str>) -> Self {
        match text {
            Some("LeastActive") => Self::LeastActive,
            Some("ExternalRouting") => Self::External,
            _ => Self::MostAvailable,
        }
    }
}

/// One skill that a request asks for (R56, R57).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Need {
    pub skill: RecordId,
    pub level: i64,
    pub is_additional: bool,
    pub priority: Option<i64>,
}

/// What a request asks of an agent; work that is active holds the same.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Ask {
    pub item: RecordId,
    pub channel: RecordId,
    pub queue: Option<RecordId>,
    pub by_skills: bool,
    pub model: Model,
    pub priority: Option<i64>,
    pub secondary: Option<i64>,
    pub target: Option<Millis>,
    pub weight: Option<i64>,
    pub percentage: Option<i64>,
    /// Weight or percentage while the item is paused.
    pub paused: [Option<i64>; 2],
    pub is_interruptible: bool,
    pub preferred: Option<RecordId>,
    pub is_required: bool,
    pub timeout_s: Option<i64>,
}

/// A PendingServiceRouting.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Request {
    pub id: RecordId,
    pub ask: Ask,
    pub custom: Option<Millis>,
    pub created: Millis,
    pub scheduled: Option<Millis>,
    pub is_ready: bool,
    pub is_pushed: bool,
    pub is_push_attempted: bool,
    pub last_declined: Option<RecordId>,
    pub serial: i64,
    pub is_transfer: bool,
    /// Seconds after which a group of additional skills is dropped (R57).
    pub drop_s: Option<i64>,
}

/// An AgentWork.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Work {
    pub id: RecordId,
    pub user: RecordId,
    pub request: Option<RecordId>,
    pub ask: Ask,
    pub status: Status,
    pub is_forced: bool,
    pub is_status_based: bool,
    pub requested: Option<Millis>,
    pub assigned: Option<Millis>,
    pub accepted: Option<Millis>,
    pub closed: Option<Millis>,
    pub declined: Option<Millis>,
    pub timed_out: Option<Millis>,
    pub canceled: Option<Millis>,
    pub answer_s: Option<i64>,
    pub handle_s: Option<i64>,
    pub focus_s: Option<i64>,
    pub after_work_s: Option<i64>,
    pub extensions: Option<i64>,
}

/// A UserServicePresence.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Presence {
    pub id: RecordId,
    pub user: RecordId,
    pub status: RecordId,
    pub is_current: bool,
    pub start: Millis,
    pub end: Option<Millis>,
    pub duration_s: Option<i64>,
    pub idle_s: Option<i64>,
    pub full_s: Option<i64>,
    /// Mean of the used primary units.
    pub average: Option<i64>,
    pub configured: [Option<i64>; 2],
}

/// A record that can be routed.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Item {
    pub id: RecordId,
    pub object: ObjectIx,
    pub owner: Option<RecordId>,
    pub is_deleted: bool,
    /// What the workload called it.
    pub tag: Option<Arc<str>>,
    /// Contact centre of a call.
    pub center: Option<RecordId>,
    /// Case.Priority.
    pub priority: Option<Arc<str>>,
    /// Case.Status.
    pub status: Option<Arc<str>>,
    /// The row itself, for rules over any field.
    pub row: Arc<Record>,
}

/// All of it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Facts {
    pub schema: Arc<Schema>,
    pub catalogue: Arc<Catalogue>,
    pub config: Config,
    /// Settings of the org.
    pub settings: BTreeMap<String, String>,
    pub requests: BTreeMap<RecordId, Request>,
    /// SkillRequirement rows by request and id.
    pub needs: BTreeMap<RecordId, BTreeMap<RecordId, Need>>,
    /// AgentWorkSkill rows by work, with the mark of dropped ones (R103).
    pub work_skills: BTreeMap<RecordId, Vec<(Need, bool)>>,
    pub works: BTreeMap<RecordId, Work>,
    /// Ids of active works by user.
    pub active: BTreeMap<RecordId, Vec<RecordId>>,
    pub presences: BTreeMap<RecordId, Presence>,
    /// Ids of current presence rows by user.
    pub current: BTreeMap<RecordId, Vec<RecordId>>,
    pub items: BTreeMap<RecordId, Item>,
    rows: Rows,
}

/// The id of nothing.
pub fn no_id() -> RecordId {
    RecordId::new(model::KeyPrefix::of("000"), 0)
}

impl Default for Ask {
    /// Asks for nothing of anybody.
    fn default() -> Self {
        Self {
            item: no_id(),
            channel: no_id(),
            queue: None,
            by_skills: false,
            model: Model::MostAvailable,
            priority: None,
            secondary: None,
            target: None,
            weight: None,
            percentage: None,
            paused: [None; 2],
            is_interruptible: false,
            preferred: None,
            is_required: false,
            timeout_s: None,
        }
    }
}

impl Facts {
    /// An empty org.
    pub fn new(schema: Arc<Schema>, catalogue: Arc<Catalogue>) -> Self {
        Self {
            schema,
            catalogue,
            config: Config::default(),
            settings: BTreeMap::new(),
            requests: BTreeMap::new(),
            needs: BTreeMap::new(),
            work_skills: BTreeMap::new(),
            works: BTreeMap::new(),
            active: BTreeMap::new(),
            presences: BTreeMap::new(),
            current: BTreeMap::new(),
            items: BTreeMap::new(),
            rows: Rows::default(),
        }
    }

    /// Takes what a commit changed; true if configuration is among it.
    pub fn apply(&mut self, seen: &[Seen]) -> bool {
        let mut is_config_new = false;
        for row in seen {
            is_config_new |= self.apply_row(row.key, row.after.as_ref());
        }
        if is_config_new {
            self.config = Config::read(&self.schema, &self.catalogue, &self.rows);
        }
        is_config_new
    }

    /// True if the row is configuration.
    fn apply_row(&mut self, (object, id): Key, row: Option<&Arc<Record>>) -> bool {
        let s = self.schema.clone();
        let live = row.filter(|r| !r.is_deleted).map(|r| &**r);
        if object == s.request.ix {
            put(&mut self.requests, id, live.map(|r| read::request(&s, r)));
        } else if object == s.work.ix {
            // work in the recycle bin stays what it is
            self.put_work(id, row.map(|r| read::work(&s, r)));
        } else if object == s.presence.ix {
            self.put_presence(id, live.map(|r| read::presence(&s, r)));
        } else if s.is_item(object) {
            put(&mut self.items, id, row.map(|r| read::item(&s, r)));
        } else if object == s.requirement.ix {
            self.put_need(id, live);
        } else if object == s.work_skill.ix {
            self.put_work_skill(live);
        } else if s.is_config(object) {
            self.rows.put((object, id), row);
            return true;
        }
        false
    }

    fn put_need(&mut self, id: RecordId, row: Option<&Record>) {
        let k = self.schema.requirement;
        match row.and_then(|r| Some((r.get(k.related).as_id()?, r))) {
            Some((request, row)) => {
                let need = read::need(&self.schema, row);
                self.needs.entry(request).or_default().insert(id, need);
            }
            None => {
                for of_request in self.needs.values_mut() {
                    of_request.remove(&id);
                }
                self.needs.retain(|_, of| !of.is_empty());
            }
        }
    }

    fn put_work_skill(&mut self, row: Option<&Record>) {
        let k = self.schema.work_skill;
        if let Some((work, row)) = row.and_then(|r| Some((r.get(k.work).as_id()?, r))) {
            let skill = (
                read::work_skill(&self.schema, row),
                row.get(k.dropped).is_true(),
            );
            self.work_skills.entry(work).or_default().push(skill);
        }
    }

    fn put_presence(&mut self, id: RecordId, presence: Option<Presence>) {
        if let Some(old) = self.presences.get(&id)
            && let Some(current) = self.current.get_mut(&old.user)
        {
            current.retain(|p| *p != id);
        }
        if let Some(new) = presence.as_ref().filter(|p| p.is_current) {
            self.current.entry(new.user).or_default().push(id);
        }
        put(&mut self.presences, id, presence);
    }

    fn put_work(&mut self, id: RecordId, work: Option<Work>) {
        if let Some(old) = self.works.get(&id)
            && let Some(active) = self.active.get_mut(&old.user)
        {
            active.retain(|w| *w != id);
        }
        if let Some(new) = work.as_ref().filter(|w| w.status.is_active()) {
            let active = self.active.entry(new.user).or_default();
            active.push(id);
            active.sort_unstable();
        }
        put(&mut self.works, id, work);
    }

    /// Active works of a user, in order of id.
    pub fn active_of(&self, user: RecordId) -> impl Iterator<Item = &Work> {
        self.active
            .get(&user)
            .into_iter()
            .flatten()
            .filter_map(|id| self.works.get(id))
    }

    /// Every active work.
    pub fn all_active(&self) -> impl Iterator<Item = &Work> {
        self.active
            .values()
            .flatten()
            .filter_map(|id| self.works.get(id))
    }

    /// The current presence row of a user.
    pub fn current(&self, user: RecordId) -> Option<&Presence> {
        self.presences.get(self.current.get(&user)?.last()?)
    }

    /// What a request costs of an agent's pool, and work that is not paused.
    pub fn cost(&self, ask: &Ask, user: RecordId) -> i64 {
        if self.is_voice(ask) {
            return self.capacity(user, false); // R99
        }
        self.units([ask.weight, ask.percentage], ask, user)
    }

    /// What paused work holds (R120).
    pub fn paused_cost(&self, ask: &Ask, user: RecordId) -> i64 {
        self.units(ask.paused, ask, user)
    }

    fn units(&self, cost: [Option<i64>; 2], ask: &Ask, user: RecordId) -> i64 {
        match cost {
            [Some(weight), _] => weight.max(0),
            [None, Some(percentage)] => {
                let capacity = self.capacity(user, ask.is_interruptible && !self.is_voice(ask));
                units::percent_of(percentage.max(0), capacity) // R97
            }
            [None, None] => 0, // R173
        }
    }

    /// The channel of a request or of work.
    pub fn channel(&self, ask: &Ask) -> Option<&Channel> {
        self.config.channels.get(&ask.channel)
    }

    /// What the status of a record means for work on it (R93).
    pub fn progress(&self, item: &Item, channel: RecordId) -> Progress {
        let status = item.status.as_ref().map(|s| s.to_lowercase());
        let channel = self.config.channels.get(&channel);
        channel
            .zip(status)
            .and_then(|(c, status)| c.progress.get(&status).copied())
            .unwrap_or(Progress::InProgress)
    }

    /// Status-based capacity counts for a channel (R92).
    pub fn is_status_based(&self, channel: RecordId) -> bool {
        let says = self.config.channels.get(&channel);
        says.is_some_and(|c| c.is_status_based) && self.is_on_by_default("enableOmniStatusCapModel")
    }

    /// A setting that is on unless it is switched off.
    pub fn is_on_by_default(&self, setting: &str) -> bool {
        self.settings.get(setting).is_none_or(|v| v == "true")
    }

    /// A number among the settings.
    pub fn number(&self, setting: &str) -> Option<i64> {
        self.settings.get(setting)?.parse().ok()
    }

    /// A setting of the org is on.
    pub fn is_on(&self, setting: &str) -> bool {
        self.settings
            .get(setting)
            .is_some_and(|value| value == "true")
    }

    /// Units of a pool.
    pub fn capacity(&self, user: RecordId, is_interruptible: bool) -> i64 {
        let person = self.config.people.get(&user);
        person.map_or(0, |p| p.capacity[usize::from(is_interruptible)])
    }

    /// A routed call.
    pub fn is_voice(&self, ask: &Ask) -> bool {
        self.channel(ask).is_some_and(|c| c.is_voice)
    }

    /// A routed chat (R72).
    pub fn is_chat(&self, ask: &Ask) -> bool {
        self.channel(ask).is_some_and(|c| c.is_chat)
    }
}

fn put<T>(map: &mut BTreeMap<RecordId, T>, id: RecordId, value: Option<T>) {
    match value {
        Some(value) => drop(map.insert(id, value)),
        None => drop(map.remove(&id)),
    }
}
