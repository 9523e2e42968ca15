//! Configuration as plain facts, read anew from rows whenever one of them changed.
//!
//! Written apart from the engine: no index, no cache, every question answered by looking.

mod people;
mod queues;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Catalogue, FieldIx, Millis, ObjectIx, Record, RecordId};

use crate::facts::Model;
use crate::observe::Key;
use crate::schema::Schema;
use crate::units;

pub use rules::SkillRule;

/// Rows of configuration objects.
#[derive(Clone, Debug, Default)]
pub struct Rows(BTreeMap<ObjectIx, BTreeMap<RecordId, Arc<Record>>>);

impl Rows {
    /// A row is new, changed or gone.
    pub fn put(&mut self, (object, id): Key, row: Option<&Arc<Record>>) {
        let rows = self.0.entry(object).or_default();
        match row {
            Some(row) => drop(rows.insert(id, row.clone())),
            None => drop(rows.remove(&id)),
        }
    }
}

/// A row that links two others.
pub type Link = (RecordId, RecordId, RecordId);

/// A user as far as routing goes.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Person {
    pub is_active: bool,
    pub profile: Option<RecordId>,
    pub role: Option<RecordId>,
    /// Units of the primary and the interruptible pool (R77).
    pub capacity: [i64; 2],
    pub auto_accept: bool,
    pub can_decline: bool,
    pub on_decline: Option<RecordId>,
    pub on_timeout: Option<RecordId>,
    pub after_work: Option<AfterWork>,
    /// Contact centres that know the user (R62).
    pub centers: BTreeSet<RecordId>,
    /// Statuses that the user may choose (R53).
    pub statuses: BTreeSet<RecordId>,
    pub skills: Vec<Skill>,
}

/// After-conversation work (R150, R151).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct AfterWork {
    pub max_s: i64,
    pub extension_s: i64,
    pub extensions_max: i64,
}

/// A skill of a user, with the time in which it counts (R56).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Skill {
    pub skill: RecordId,
    pub level: i64,
    pub from: Millis,
    pub to: Option<Millis>,
}

/// A queue.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Queue {
    pub config: Option<RecordId>,
    pub is_external: bool,
    pub objects: BTreeSet<ObjectIx>,
    /// R55.
    pub members: BTreeSet<RecordId>,
}

/// What a value of the status field means for work (R93).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Progress {
    InProgress,
    Paused,
    Completed,
}

/// A service channel.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Channel {
    pub object: ObjectIx,
    pub is_voice: bool,
    pub is_chat: bool,
    pub auto_accept: bool,
    /// By its row; the org can switch it off (R92).
    pub is_status_based: bool,
    /// Field whose value says whether work goes on (R93).
    pub has_status_field: bool,
    pub checks_owner_change: bool,
    pub checks_status_change: bool,
    /// Values of that field in lower case.
    pub progress: BTreeMap<String, Progress>,
}

/// What a routing configuration gives to a request (R4).
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Routing {
    pub model: Model,
    pub priority: Option<i64>,
    pub weight: Option<i64>,
    pub percentage: Option<i64>,
    pub paused: [Option<i64>; 2],
    pub timeout_s: Option<i64>,
    pub by_skills: bool,
    pub drop_s: Option<i64>,
}

/// Everything.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Config {
    pub people: BTreeMap<RecordId, Person>,
    pub queues: BTreeMap<RecordId, Queue>,
    pub channels: BTreeMap<RecordId, Channel>,
    /// Status to the channels that it serves (R52).
    pub statuses: BTreeMap<RecordId, BTreeSet<RecordId>>,
    pub presence_configs: Vec<RecordId>,
    pub routing_configs: Vec<RecordId>,
    pub routing: BTreeMap<RecordId, Routing>,
    /// Overflow assignee of a routing configuration (R158).
    pub overflow: BTreeMap<RecordId, RecordId>,
    /// Channel and field value in lower case to the second priority (R30).
    pub secondary: BTreeMap<(RecordId, String), i64>,
    /// Skills-based rules that are in force (R16).
    pub skill_rules: Vec<SkillRule>,
    pub skills: Vec<RecordId>,
    pub resources: Vec<(RecordId, RecordId)>,
    pub resource_skills: Vec<Link>,
    pub centers: Vec<RecordId>,
    /// Groups and their kind.
    pub groups: Vec<(RecordId, String)>,
    pub roles: Vec<RecordId>,
    /// GroupMember: row, group, member.
    pub memberships: Vec<Link>,
    /// ServiceChannelStatus: row, status, channel.
    pub channel_statuses: Vec<Link>,
    /// CallCenterRoutingMap: row, user, centre.
    pub mappings: Vec<Link>,
    /// PresenceUserConfigUser: row, user, configuration.
    pub config_users: Vec<Link>,
    /// PresenceUserConfigProfile: row, profile, configuration.
    pub config_profiles: Vec<Link>,
    /// PermissionSetAssignment: row, user, permission set.
    pub assignments: Vec<Link>,
    /// SetupEntityAccess: row, permission set, presence status (R53).
    pub grants: Vec<Link>,
    /// Permission sets of no profile.
    pub permission_sets: Vec<RecordId>,
    /// Visitors of chats.
    pub visitors: Vec<RecordId>,
    /// WorkSkillRouting and WorkSkillRoutingAttribute rows.
    pub rule_sets: Vec<RecordId>,
    pub rules: Vec<RecordId>,
    /// QueueSobject rows with their queue.
    pub queue_objects: Vec<(RecordId, RecordId)>,
}

struct Reader<'a> {
    rows: &'a Rows,
}

impl<'a> Reader<'a> {
    fn of(&self, object: ObjectIx) -> impl Iterator<Item = &'a Record> + use<'a> {
        let all = self.rows.0.get(&object).into_iter().flatten();
        all.map(|(_, row)| &**row).filter(|row| !row.is_deleted)
    }

    fn ids(&self, object: ObjectIx) -> Vec<RecordId> {
        self.of(object).map(|row| row.id).collect()
    }

    fn links(&self, object: ObjectIx, a: FieldIx, b: FieldIx) -> Vec<Link> {
        let link = |r: &Record| Some((r.id, r.get(a).as_id()?, r.get(b).as_id()?));
        self.of(object).filter_map(link).collect()
    }
}

impl Config {
    /// Reads every row.
    pub fn read(schema: &Schema, catalogue: &Catalogue, rows: &Rows) -> Self {
        let (r, s) = (Reader { rows }, schema);
        let mut config = Self::default();
        config.read_lists(s, &r);
        config.read_statuses(s, &r);
        config.read_channels(s, catalogue, &r);
        config.read_routing(s, &r);
        config.read_skill_rules(s, catalogue, &r);
        config.read_people(s, &r);
        config.read_queues(s, catalogue, &r);
        config
    }

    fn read_lists(&mut self, s: &Schema, r: &Reader) {
        self.presence_configs = r.ids(s.presence_config.ix);
        self.routing_configs = r.ids(s.routing_config.ix);
        self.centers = r.ids(s.call_center.ix);
        self.roles = r.ids(s.role.ix);
        self.skills = r.ids(s.skill.ix);
        self.visitors = r.ids(s.visitor.ix);
        self.rule_sets = r.ids(s.rule_set.ix);
        self.rules = r.ids(s.rule.ix);
        let kind = |row: &Record| row.get(s.group.kind).as_text().map(str::to_owned);
        let named = |row: &Record| (row.id, kind(row).unwrap_or_default());
        self.groups = r.of(s.group.ix).map(named).collect();
        self.memberships = r.links(s.member.ix, s.member.group, s.member.of);
        let k = &s.channel_status;
        self.channel_statuses = r.links(k.ix, k.status, k.channel);
        let k = &s.routing_map;
        self.mappings = r.links(k.ix, k.reference, k.center);
        self.config_users = r.links(s.config_user.ix, s.config_user.user, s.config_user.config);
        let k = &s.config_profile;
        self.config_profiles = r.links(k.ix, k.profile, k.config);
        self.assignments = r.links(s.assignment.ix, s.assignment.assignee, s.assignment.set);
        self.grants = r.links(
            s.entity_access.ix,
            s.entity_access.parent,
            s.entity_access.entity,
        );
        let k = &s.resource_skill;
        self.resource_skills = r.links(k.ix, k.resource, k.skill);
        let k = &s.resource;
        let user = |row: &Record| Some((row.id, row.get(k.related).as_id()?));
        self.resources = r.of(k.ix).filter_map(user).collect();
        let queue = |row: &Record| Some((row.id, row.get(s.queue_sobject.queue).as_id()?));
        self.queue_objects = r.of(s.queue_sobject.ix).filter_map(queue).collect();
        let own = r
            .of(s.permission_set.ix)
            .filter(|row| row.get(s.permission_set.profile).is_null());
        self.permission_sets = own.map(|row| row.id).collect();
    }

    fn read_statuses(&mut self, s: &Schema, r: &Reader) {
        let ids = r.ids(s.status.ix).into_iter();
        self.statuses = ids.map(|id| (id, BTreeSet::new())).collect();
        for (_, status, channel) in &self.channel_statuses {
            self.statuses.entry(*status).or_default().insert(*channel);
        }
    }

    fn read_channels(&mut self, s: &Schema, catalogue: &Catalogue, r: &Reader) {
        let k = &s.channel;
        for row in r.of(k.ix) {
            let entity = row.get(k.entity).as_text();
            let Some(object) = entity.and_then(|name| catalogue.object(name)) else {
                continue;
            };
            let is_status_based = row.get(k.capacity).as_text() == Some("StatusBased");
            let channel = Channel {
                object,
                is_voice: object == s.call.ix,
                is_chat: object == s.chat.ix,
                auto_accept: row.get(k.auto_accept).is_true(),
                is_status_based,
                has_status_field: is_status_based && !row.get(k.status_field).is_null(),
                checks_owner_change: row.get(k.check_owner).is_true(),
                checks_status_change: row.get(k.check_status).is_true(),
                progress: progress_of(s, r, row.id),
            };
            self.channels.insert(row.id, channel);
        }
    }

    fn read_routing(&mut self, s: &Schema, r: &Reader) {
        let k = &s.routing_config;
        for row in r.of(k.ix) {
            let routing = Routing {
                model: Model::parse(row.get(k.model).as_text()),
                priority: row.get(k.priority).as_int(),
                weight: units::of(row.get(k.weight)),
                percentage: units::of(row.get(k.percentage)),
                paused: [k.paused_weight, k.paused_percentage].map(|f| units::of(row.get(f))),
                timeout_s: row.get(k.timeout).as_int(),
                by_skills: row.get(k.by_attributes).is_true(),
                drop_s: row.get(k.drop).as_int(),
            };
            self.routing.insert(row.id, routing);
            let overflow = row.get(k.overflow).as_id();
            self.overflow.extend(overflow.map(|to| (row.id, to)));
        }
        let with_field = |row: &&Record| !row.get(s.channel.secondary).is_null();
        let channels: Vec<RecordId> = r
            .of(s.channel.ix)
            .filter(with_field)
            .map(|c| c.id)
            .collect();
        let k = &s.channel_priority;
        for row in r.of(k.ix) {
            let channel = row.get(k.channel).as_id().filter(|c| channels.contains(c));
            if let (Some(channel), Some(value)) = (channel, row.get(k.value).as_text())
                && let Some(priority) = row.get(k.priority).as_int()
            {
                self.secondary
                    .insert((channel, value.to_lowercase()), priority);
            }
        }
    }

    /// The channel of an object.
    pub fn channel_of(&self, object: ObjectIx) -> Option<RecordId> {
        self.channels
            .iter()
            .find(|(_, c)| c.object == object)
            .map(|(id, _)| *id)
    }

    /// A queue that routes this object (R1).
    pub fn routes(&self, queue: RecordId, object: ObjectIx) -> bool {
        let with_config = |q: &Queue| q.config.is_some() && q.objects.contains(&object);
        self.queues.get(&queue).is_some_and(with_config) && self.channel_of(object).is_some()
    }

    /// The configuration of a queue.
    pub fn routing_of(&self, queue: RecordId) -> Option<&Routing> {
        self.routing.get(&self.queues.get(&queue)?.config?)
    }
}

/// R93.
fn progress_of(s: &Schema, r: &Reader, channel: RecordId) -> BTreeMap<String, Progress> {
    let k = &s.status_value;
    let rows = r
        .of(k.ix)
        .filter(|row| row.get(k.channel).as_id() == Some(channel));
    rows.filter_map(|row| {
        let kind = match row.get(k.kind).as_text() {
            Some("Completed") => Progress::Completed,
            Some("Paused") => Progress::Paused,
            _ => Progress::InProgress,
        };
        Some((row.get(k.value).as_text()?.to_lowercase(), kind))
    })
    .collect()
}
