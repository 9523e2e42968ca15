//! The org as its committed rows tell it: requests, work, presence, items. Plain values in plain maps.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Catalogue, FieldIx, Millis, ObjectIx, Record, RecordId};

use crate::config::{Config, Rows};
use crate::observe::{Key, Seen};
use crate::schema::Schema;
use crate::units;

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
    pub requested: Option<Millis>,
    pub assigned: Option<Millis>,
    pub accepted: Option<Millis>,
    pub closed: Option<Millis>,
    pub declined: Option<Millis>,
    pub timed_out: Option<Millis>,
    pub canceled: Option<Millis>,
    pub answer_s: Option<i64>,
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
    pub works: BTreeMap<RecordId, Work>,
    /// Ids of active works by user.
    pub active: BTreeMap<RecordId, Vec<RecordId>>,
    pub presences: BTreeMap<RecordId, Presence>,
    /// Ids of current presence rows by user.
    pub current: BTreeMap<RecordId, Vec<RecordId>>,
    pub items: BTreeMap<RecordId, Item>,
    rows: Rows,
}

struct Fields<'a>(&'a Record);

impl Fields<'_> {
    fn id(&self, field: FieldIx) -> Option<RecordId> {
        self.0.get(field).as_id()
    }
    fn id_or_none(&self, field: FieldIx) -> RecordId {
        self.id(field).unwrap_or_else(no_id)
    }
    fn text(&self, field: FieldIx) -> Option<&str> {
        self.0.get(field).as_text()
    }
    fn is(&self, field: FieldIx) -> bool {
        self.0.get(field).is_true()
    }
    fn int(&self, field: FieldIx) -> Option<i64> {
        self.0.get(field).as_int()
    }
    fn at(&self, field: FieldIx) -> Option<Millis> {
        self.0.get(field).as_millis()
    }
    fn units(&self, field: FieldIx) -> Option<i64> {
        units::of(self.0.get(field))
    }
}

/// The id of nothing.
pub fn no_id() -> RecordId {
    RecordId::new(model::KeyPrefix::of("000"), 0)
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
            works: BTreeMap::new(),
            active: BTreeMap::new(),
            presences: BTreeMap::new(),
            current: BTreeMap::new(),
            items: BTreeMap::new(),
            rows: Rows::new(),
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
            put(&mut self.requests, id, live.map(|r| read_request(&s, r)));
        } else if object == s.work.ix {
            // work in the recycle bin stays what it is
            self.put_work(id, row.map(|r| read_work(&s, r)));
        } else if object == s.presence.ix {
            self.put_presence(id, live.map(|r| read_presence(&s, r)));
        } else if [s.case.ix, s.lead.ix, s.call.ix].contains(&object) {
            put(&mut self.items, id, row.map(|r| read_item(&s, r)));
        } else if s.is_config(object) {
            match row {
                Some(row) => self.rows.insert((object, id), row.clone()),
                None => self.rows.remove(&(object, id)),
            };
            return true;
        }
        false
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

    /// What work or a request costs of an agent's pool.
    pub fn cost(&self, ask: &Ask, user: RecordId) -> i64 {
        let capacity = self.capacity(user, ask.is_interruptible);
        let is_voice = self
            .config
            .channels
            .get(&ask.channel)
            .is_some_and(|c| c.is_voice);
        match (ask.weight, ask.percentage) {
            _ if is_voice => self.capacity(user, false), // R99
            (Some(weight), _) => weight,
            (None, Some(percentage)) => units::percent_of(percentage, capacity), // R97
            (None, None) => 0,                                                   // R173
        }
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
        self.config
            .channels
            .get(&ask.channel)
            .is_some_and(|c| c.is_voice)
    }
}

fn put<T>(map: &mut BTreeMap<RecordId, T>, id: RecordId, value: Option<T>) {
    match value {
        Some(value) => drop(map.insert(id, value)),
        None => drop(map.remove(&id)),
    }
}

pub(crate) fn read_request(s: &Schema, row: &Record) -> Request {
    let (k, f) = (&s.request, Fields(row));
    Request {
        id: row.id,
        ask: Ask {
            item: f.id_or_none(k.item),
            channel: f.id_or_none(k.channel),
            queue: f.id(k.queue),
            by_skills: f.text(k.kind) == Some("SkillsBased"),
            model: Model::parse(f.text(k.model)),
            priority: f.int(k.priority),
            secondary: f.int(k.secondary),
            target: f.at(k.target),
            weight: f.units(k.weight),
            percentage: f.units(k.percentage),
            is_interruptible: f.is(k.interruptible),
            preferred: f.id(k.preferred),
            is_required: f.is(k.required),
            timeout_s: f.int(k.timeout),
        },
        custom: f.at(k.custom),
        created: f.at(k.created).unwrap_or_default(),
        scheduled: f.at(k.scheduled),
        is_ready: f.is(k.ready),
        is_pushed: f.is(k.pushed),
        is_push_attempted: f.is(k.attempted),
        last_declined: f
            .text(k.last_declined)
            .and_then(|t| RecordId::parse(t).ok()),
        serial: f.int(k.serial).unwrap_or(0),
    }
}

pub(crate) fn read_work(s: &Schema, row: &Record) -> Work {
    let (k, f) = (&s.work, Fields(row));
    Work {
        id: row.id,
        user: f.id_or_none(k.user),
        request: f.id(k.request),
        ask: Ask {
            item: f.id_or_none(k.item),
            channel: f.id_or_none(k.channel),
            queue: f.id(k.queue),
            by_skills: f.text(k.kind) == Some("SkillsBased"),
            model: Model::parse(f.text(k.model)),
            priority: f.int(k.priority),
            secondary: f.int(k.secondary),
            target: f.at(k.target),
            weight: f.units(k.weight),
            percentage: f.units(k.percentage),
            is_interruptible: f.is(k.interruptible),
            preferred: f.id(k.preferred),
            is_required: f.is(k.required),
            timeout_s: f.int(k.timeout),
        },
        status: Status::parse(f.text(k.status)),
        is_forced: f.is(k.skip),
        requested: f.at(k.requested),
        assigned: f.at(k.assigned),
        accepted: f.at(k.accepted),
        closed: f.at(k.closed),
        declined: f.at(k.declined),
        timed_out: f.at(k.timed_out),
        canceled: f.at(k.canceled),
        answer_s: f.int(k.answer),
    }
}

pub(crate) fn read_presence(s: &Schema, row: &Record) -> Presence {
    let (k, f) = (&s.presence, Fields(row));
    Presence {
        id: row.id,
        user: f.id_or_none(k.user),
        status: f.id_or_none(k.status),
        is_current: f.is(k.current),
        start: f.at(k.start).unwrap_or_default(),
        end: f.at(k.end),
        duration_s: f.int(k.duration),
    }
}

pub(crate) fn read_item(s: &Schema, row: &Record) -> Item {
    let f = Fields(row);
    let (owner, tag, center) = if row.object == s.case.ix {
        (s.case.owner, s.case.subject, None)
    } else if row.object == s.lead.ix {
        (s.lead.owner, s.lead.company, None)
    } else {
        (s.call.owner, s.call.from, f.id(s.call.center))
    };
    Item {
        id: row.id,
        object: row.object,
        owner: f.id(owner),
        is_deleted: row.is_deleted,
        tag: f.text(tag).map(Arc::from),
        center,
        priority: Some(s.case.priority)
            .filter(|_| row.object == s.case.ix)
            .and_then(|field| f.text(field))
            .map(Arc::from),
    }
}
