//! Configuration as plain facts, read anew from rows whenever one of them changed.
//!
//! Written apart from the engine: no index, no cache, every question answered by looking.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Catalogue, FieldIx, ObjectIx, Record, RecordId};

use crate::facts::Model;
use crate::observe::Key;
use crate::schema::Schema;
use crate::units;

/// Rows of configuration objects.
pub type Rows = BTreeMap<Key, Arc<Record>>;

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
    /// Contact centres that know the user (R62).
    pub centers: BTreeSet<RecordId>,
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

/// A service channel.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Channel {
    pub object: ObjectIx,
    pub is_voice: bool,
    pub auto_accept: bool,
}

/// What a routing configuration gives to a request (R4).
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Routing {
    pub model: Model,
    pub priority: Option<i64>,
    pub weight: Option<i64>,
    pub percentage: Option<i64>,
    pub timeout_s: Option<i64>,
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
    /// Channel and field value in lower case to the second priority (R30).
    pub secondary: BTreeMap<(RecordId, String), i64>,
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
    /// QueueSobject rows with their queue.
    pub queue_objects: Vec<(RecordId, RecordId)>,
}

struct Reader<'a> {
    rows: &'a Rows,
}

impl Reader<'_> {
    fn of(&self, object: ObjectIx) -> impl Iterator<Item = &Record> {
        let all = self.rows.iter().filter(move |((of, _), _)| *of == object);
        all.map(|(_, row)| &**row).filter(|row| !row.is_deleted)
    }

    fn pairs(&self, object: ObjectIx, a: FieldIx, b: FieldIx) -> Vec<(RecordId, RecordId)> {
        let pair = |r: &Record| Some((r.get(a).as_id()?, r.get(b).as_id()?));
        self.of(object).filter_map(pair).collect()
    }
}

impl Reader<'_> {
    fn links(&self, object: ObjectIx, a: FieldIx, b: FieldIx) -> Vec<Link> {
        let link = |r: &Record| Some((r.id, r.get(a).as_id()?, r.get(b).as_id()?));
        self.of(object).filter_map(link).collect()
    }
}

impl Config {
    /// Reads every row.
    pub fn read(schema: &Schema, catalogue: &Catalogue, rows: &Rows) -> Self {
        let r = Reader { rows };
        let s = schema;
        let mut config = Self::default();
        for row in r.of(s.status.ix) {
            config.statuses.insert(row.id, BTreeSet::new());
        }
        let serves = r.pairs(
            s.channel_status.ix,
            s.channel_status.status,
            s.channel_status.channel,
        );
        for (status, channel) in serves {
            config.statuses.entry(status).or_default().insert(channel);
        }
        for row in r.of(s.channel.ix) {
            let entity = row.get(s.channel.entity).as_text();
            if let Some(object) = entity.and_then(|name| catalogue.object(name)) {
                let auto_accept = row.get(s.channel.auto_accept).is_true();
                let channel = Channel {
                    object,
                    is_voice: object == s.call.ix,
                    auto_accept,
                };
                config.channels.insert(row.id, channel);
            }
        }
        config.presence_configs = r.of(s.presence_config.ix).map(|row| row.id).collect();
        config.routing_configs = r.of(s.routing_config.ix).map(|row| row.id).collect();
        config.centers = r.of(s.call_center.ix).map(|row| row.id).collect();
        let kind = |row: &Record| {
            row.get(s.group.kind)
                .as_text()
                .unwrap_or_default()
                .to_owned()
        };
        config.groups = r.of(s.group.ix).map(|row| (row.id, kind(row))).collect();
        config.roles = r.of(s.role.ix).map(|row| row.id).collect();
        config.memberships = r.links(s.member.ix, s.member.group, s.member.of);
        let k = &s.channel_status;
        config.channel_statuses = r.links(k.ix, k.status, k.channel);
        config.mappings = r.links(
            s.routing_map.ix,
            s.routing_map.reference,
            s.routing_map.center,
        );
        config.config_users = r.links(s.config_user.ix, s.config_user.user, s.config_user.config);
        let queue = |row: &Record| Some((row.id, row.get(s.queue_sobject.queue).as_id()?));
        config.queue_objects = r.of(s.queue_sobject.ix).filter_map(queue).collect();
        config.read_routing(s, &r);
        config.read_people(s, &r);
        config.read_queues(s, catalogue, &r);
        config
    }

    fn read_routing(&mut self, s: &Schema, r: &Reader) {
        let k = &s.routing_config;
        for row in r.of(k.ix) {
            let routing = Routing {
                model: Model::parse(row.get(k.model).as_text()),
                priority: row.get(k.priority).as_int(),
                weight: units::of(row.get(k.weight)),
                percentage: units::of(row.get(k.percentage)),
                timeout_s: row.get(k.timeout).as_int(),
            };
            self.routing.insert(row.id, routing);
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

    fn read_people(&mut self, s: &Schema, r: &Reader) {
        let by_user = r.pairs(s.config_user.ix, s.config_user.user, s.config_user.config);
        let by_profile = r.pairs(
            s.config_profile.ix,
            s.config_profile.profile,
            s.config_profile.config,
        );
        let is_default = |row: &&Record| {
            row.get(s.presence_config.name).as_text() == Some("Default_Presence_Configuration")
        };
        let default = r
            .of(s.presence_config.ix)
            .find(is_default)
            .map(|row| row.id);
        for row in r.of(s.user.ix) {
            let profile = row.get(s.user.profile).as_id();
            let own = by_user.iter().find(|(user, _)| *user == row.id);
            let shared = by_profile.iter().find(|(of, _)| Some(*of) == profile);
            let config = own.or(shared).map(|(_, config)| *config).or(default); // R76
            let mut person = Person {
                is_active: row.get(s.user.is_active).is_true(),
                profile,
                role: row.get(s.user.role).as_id(),
                ..Person::default()
            };
            if let Some(config) = r.of(s.presence_config.ix).find(|c| Some(c.id) == config) {
                person.configure(s, config);
            }
            self.people.insert(row.id, person);
        }
        for (user, center) in r.pairs(
            s.routing_map.ix,
            s.routing_map.reference,
            s.routing_map.center,
        ) {
            if let Some(person) = self.people.get_mut(&user) {
                person.centers.insert(center);
            }
        }
    }

    fn read_queues(&mut self, s: &Schema, catalogue: &Catalogue, r: &Reader) {
        let external: BTreeSet<RecordId> = r
            .of(s.routing_config.ix)
            .filter(|c| c.get(s.routing_config.model).as_text() == Some("ExternalRouting"))
            .map(|c| c.id)
            .collect();
        let queues = r
            .of(s.group.ix)
            .filter(|g| g.get(s.group.kind).as_text() == Some("Queue"));
        for row in queues {
            let config = row.get(s.group.config).as_id();
            let objects = r
                .of(s.queue_sobject.ix)
                .filter(|q| q.get(s.queue_sobject.queue).as_id() == Some(row.id))
                .filter_map(|q| catalogue.object(q.get(s.queue_sobject.sobject).as_text()?))
                .collect();
            let is_external = config.is_some_and(|c| external.contains(&c));
            let members = self.members_of(s, r, row.id);
            self.queues.insert(
                row.id,
                Queue {
                    config,
                    is_external,
                    objects,
                    members,
                },
            );
        }
    }

    /// R55: everybody below a group, cycles included.
    fn members_of(&self, s: &Schema, r: &Reader, queue: RecordId) -> BTreeSet<RecordId> {
        let mut below = BTreeSet::from([queue]);
        loop {
            let before = below.len();
            for (_, group, of) in &self.memberships {
                if below.contains(group) {
                    below.insert(*of);
                }
            }
            for row in r
                .of(s.group.ix)
                .filter(|g| below.contains(&g.id))
                .collect::<Vec<_>>()
            {
                let Some(role) = row.get(s.group.related).as_id() else {
                    continue;
                };
                match row.get(s.group.kind).as_text() {
                    Some("Role") => below.extend(self.users_in(&BTreeSet::from([role]))),
                    Some("RoleAndSubordinates" | "RoleAndSubordinatesInternal") => {
                        below.extend(self.users_in(&roles_under(s, r, role)));
                    }
                    _ => {}
                }
            }
            if below.len() == before {
                break;
            }
        }
        below
            .into_iter()
            .filter(|id| self.people.contains_key(id))
            .collect()
    }

    fn users_in(&self, roles: &BTreeSet<RecordId>) -> Vec<RecordId> {
        let is_in = |p: &Person| p.role.is_some_and(|role| roles.contains(&role));
        self.people
            .iter()
            .filter(|(_, p)| is_in(p))
            .map(|(id, _)| *id)
            .collect()
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
}

fn roles_under(s: &Schema, r: &Reader, role: RecordId) -> BTreeSet<RecordId> {
    let mut under = BTreeSet::from([role]);
    loop {
        let before = under.len();
        for row in r.of(s.role.ix) {
            if row
                .get(s.role.parent)
                .as_id()
                .is_some_and(|parent| under.contains(&parent))
            {
                under.insert(row.id);
            }
        }
        if under.len() == before {
            return under;
        }
    }
}

impl Person {
    fn configure(&mut self, s: &Schema, config: &Record) {
        let c = &s.presence_config;
        let capacity = config.get(c.capacity).as_int().unwrap_or(0).max(0);
        let interruptible = config
            .get(c.interruptible)
            .as_int()
            .unwrap_or(capacity)
            .max(0);
        self.capacity = [units::whole(capacity), units::whole(interruptible)];
        self.auto_accept = config.get(c.auto_accept).is_true();
        self.can_decline = config.get(c.decline).is_true();
        self.on_decline = config.get(c.on_decline).as_id();
        self.on_timeout = config.get(c.on_timeout).as_id();
    }
}
