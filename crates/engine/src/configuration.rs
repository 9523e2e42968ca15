//! From configuration rows to what routing knows: channels, statuses, queues, agents.
//!
//! Rows tell [`Configured::note`] that they changed; [`Engine::refresh`] then works out the pieces that
//! may differ and gives routing only those that do.
//!
//! Invariant: after a refresh everything here is a function of the configuration rows alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Millis, ObjectIx, Record, RecordId, Value};
use routing::{Configuration, PresenceConfig, Units};

use crate::access::{Directory, RightsMaker, UserEntry};
use crate::engine::Engine;
use crate::membership::Membership;

/// What was worked out, and what must be worked out anew.
#[derive(Default)]
pub(crate) struct Configured {
    pub membership: Membership,
    /// Channel of an object.
    pub channel_of: BTreeMap<ObjectIx, RecordId>,
    /// Objects that a queue may own.
    pub queue_objects: BTreeMap<RecordId, BTreeSet<ObjectIx>>,
    /// Closed values of Case.Status, in lower case.
    pub closed_statuses: BTreeSet<String>,
    agents: BTreeMap<RecordId, routing::Agent>,
    presence: BTreeMap<RecordId, Arc<PresenceConfig>>,
    user_config: BTreeMap<RecordId, RecordId>,
    profile_config: BTreeMap<RecordId, RecordId>,
    centers_of: BTreeMap<RecordId, BTreeSet<(RecordId, RecordId)>>,
    stale: Stale,
}

#[derive(Default)]
struct Stale {
    channels: BTreeSet<RecordId>,
    statuses: BTreeSet<RecordId>,
    queues: BTreeSet<RecordId>,
    presence: BTreeSet<RecordId>,
    users: BTreeSet<RecordId>,
    resources: BTreeSet<RecordId>,
    all_users: bool,
    settings: bool,
    roles: bool,
    is_any: bool,
}

impl Configured {
    pub fn fingerprint(&self) -> Vec<String> {
        let mut lines = vec![
            format!("channel of {:?}", self.channel_of),
            format!("queue objects {:?}", self.queue_objects),
            format!("closed {:?}", self.closed_statuses),
        ];
        lines.extend(
            self.agents
                .iter()
                .map(|(id, a)| format!("agent {id} {a:?}")),
        );
        lines.extend(self.membership.fingerprint());
        lines
    }
}

fn ids(
    before: Option<&Record>,
    after: Option<&Record>,
    field: model::FieldIx,
) -> impl Iterator<Item = RecordId> {
    let id = move |row: Option<&Record>| row.and_then(|r| r.get(field).as_id());
    [id(before), id(after)].into_iter().flatten()
}

impl Engine {
    /// A configuration row changed: keeps the indexes and remembers what to work out.
    pub(crate) fn note_change(
        &mut self,
        id: RecordId,
        before: Option<&Record>,
        after: Option<&Record>,
    ) {
        let Some(object) = before.or(after).map(|r| r.object) else {
            return;
        };
        let k = &self.known;
        let stale = &mut self.configured.stale;
        stale.is_any = true;
        if object == k.user.ix {
            stale.users.insert(id);
            self.configured.membership.user(k, id, before, after);
        } else if object == k.member.ix {
            self.configured.membership.member(k, before, after);
        } else if object == k.group.ix {
            stale.queues.insert(id);
            self.configured.membership.group(k, id, before, after);
        } else if object == k.role.ix {
            self.configured.membership.role(k, id, before, after);
            stale
                .users
                .extend(self.configured.membership.users_in_role(id));
        } else if object == k.queue_sobject.ix {
            for queue in ids(before, after, k.queue_sobject.queue_id) {
                stale.queues.insert(queue);
            }
            self.note_queue_sobject(before, after);
        } else if object == k.routing_config.ix {
            let field = k.group.routing_config_id;
            let queues = self.resident.table(k.group.ix).values();
            stale.queues.extend(
                queues
                    .filter(|g| g.get(field).as_id() == Some(id))
                    .map(|g| g.id),
            );
        } else if object == k.channel.ix {
            stale.channels.insert(id);
            self.note_channel(before, after);
        } else if object == k.channel_status_field.ix {
            stale
                .channels
                .extend(ids(before, after, k.channel_status_field.channel_id));
        } else if object == k.status.ix {
            stale.statuses.insert(id);
            stale.all_users |= before.is_none() != after.is_none();
        } else if object == k.channel_status.ix {
            stale
                .statuses
                .extend(ids(before, after, k.channel_status.status_id));
        } else if object == k.presence_config.ix {
            stale.presence.insert(id);
            stale.all_users = true;
        } else if object == k.config_user.ix {
            self.note_config_user(before, after);
        } else if object == k.config_profile.ix {
            self.note_config_profile(before, after);
        } else if object == k.routing_map.ix {
            self.note_routing_map(id, before, after);
        } else if object == k.resource.ix {
            stale.resources.insert(id);
            stale
                .users
                .extend(ids(before, after, k.resource.related_id));
        } else if object == k.resource_skill.ix {
            stale
                .resources
                .extend(ids(before, after, k.resource_skill.resource_id));
        } else if object == k.assignment.ix {
            stale
                .users
                .extend(ids(before, after, k.assignment.assignee_id));
        } else if [
            k.profile.ix,
            k.permission_set.ix,
            k.entity_access.ix,
            k.object_permissions.ix,
            k.field_permissions.ix,
        ]
        .contains(&object)
        {
            stale.all_users = true;
        } else if object == k.case_status.ix {
            self.note_case_status(before, after);
        } else if object == k.organization.ix {
            stale.settings = true;
        }
    }

    fn note_queue_sobject(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let k = &self.known.queue_sobject;
        for (row, is_there) in [(before, false), (after, true)] {
            let Some(row) = row else { continue };
            let (Some(queue), Some(object)) = (
                row.get(k.queue_id).as_id(),
                row.get(k.sobject_type)
                    .as_text()
                    .and_then(|n| self.catalogue.object(n)),
            ) else {
                continue;
            };
            let objects = self.configured.queue_objects.entry(queue).or_default();
            if is_there {
                objects.insert(object)
            } else {
                objects.remove(&object)
            };
            if objects.is_empty() {
                self.configured.queue_objects.remove(&queue);
            }
        }
    }

    fn note_channel(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let object = |row: Option<&Record>| {
            row.and_then(|r| r.get(self.known.channel.related_entity).as_text())
                .and_then(|n| self.catalogue.object(n))
        };
        if let Some(object) = object(before) {
            self.configured.channel_of.remove(&object);
        }
        if let (Some(object), Some(row)) = (object(after), after) {
            self.configured.channel_of.insert(object, row.id);
        }
    }

    fn note_config_user(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let k = self.known.config_user;
        let configured = &mut self.configured;
        for user in ids(before, None, k.user_id) {
            configured.user_config.remove(&user);
            configured.stale.users.insert(user);
        }
        if let Some(row) = after
            && let (Some(user), Some(config)) =
                (row.get(k.user_id).as_id(), row.get(k.config_id).as_id())
        {
            configured.user_config.insert(user, config);
            configured.stale.users.insert(user);
        }
    }

    fn note_config_profile(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let k = self.known.config_profile;
        let configured = &mut self.configured;
        configured.stale.all_users = true;
        for profile in ids(before, None, k.profile_id) {
            configured.profile_config.remove(&profile);
        }
        if let Some(row) = after
            && let (Some(profile), Some(config)) =
                (row.get(k.profile_id).as_id(), row.get(k.config_id).as_id())
        {
            configured.profile_config.insert(profile, config);
        }
    }

    /// R62: which contact centres know a user.
    fn note_routing_map(&mut self, id: RecordId, before: Option<&Record>, after: Option<&Record>) {
        let k = self.known.routing_map;
        let pair = |row: &Record| {
            Some((
                row.get(k.reference_id).as_id()?,
                row.get(k.center_id).as_id()?,
            ))
        };
        let configured = &mut self.configured;
        if let Some((user, center)) = before.and_then(pair) {
            let centers = configured.centers_of.entry(user).or_default();
            centers.remove(&(center, id));
            if centers.is_empty() {
                configured.centers_of.remove(&user);
            }
            configured.stale.users.insert(user);
        }
        if let Some((user, center)) = after.and_then(pair) {
            configured
                .centers_of
                .entry(user)
                .or_default()
                .insert((center, id));
            configured.stale.users.insert(user);
        }
    }

    /// R62.
    pub(crate) fn is_mapped(&self, user: RecordId, center: RecordId) -> bool {
        let centers = self.configured.centers_of.get(&user);
        centers.is_some_and(|all| all.iter().any(|(c, _)| *c == center))
    }

    fn note_case_status(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let k = self.known.case_status;
        let name = |row: &Record| row.get(k.api_name).as_text().map(str::to_lowercase);
        if let Some(name) = before.and_then(name) {
            self.configured.closed_statuses.remove(&name);
        }
        if let Some(row) = after.filter(|r| r.get(k.is_closed).is_true()) {
            self.configured.closed_statuses.extend(name(row));
        }
    }

    /// At start: every row is news.
    pub(crate) fn configure_all(&mut self) {
        let rows: Vec<Record> = self
            .catalogue
            .each()
            .flat_map(|(object, _)| self.resident.table(object).values())
            .cloned()
            .collect();
        for row in &rows {
            self.note_change(row.id, None, Some(row));
        }
        self.configured.stale.settings = true;
        self.configured.stale.all_users = true;
        self.refresh();
    }

    /// Settings changed.
    pub(crate) fn note_settings(&mut self) {
        self.configured.stale.settings = true;
        self.configured.stale.is_any = true;
    }

    /// Works out what the changes since the last refresh make stale, and tells routing what differs.
    pub(crate) fn refresh(&mut self) {
        if !self.configured.stale.is_any {
            return;
        }
        let stale = std::mem::take(&mut self.configured.stale);
        if stale.settings {
            self.routing
                .configure(Configuration::Settings(self.routing_settings()));
        }
        for id in &stale.channels {
            let channel = self.routing_channel(*id);
            self.routing.configure(Configuration::Channel(*id, channel));
        }
        for id in &stale.statuses {
            let status = self.routing_status(*id);
            self.routing.configure(Configuration::Status(*id, status));
        }
        for id in &stale.presence {
            match self.presence_config(*id) {
                Some(config) => self.configured.presence.insert(*id, Arc::new(config)),
                None => self.configured.presence.remove(id),
            };
        }
        for id in &stale.queues {
            let queue = self.routing_queue(*id);
            self.routing.configure(Configuration::Queue(*id, queue));
        }
        let moved = self
            .configured
            .membership
            .refresh(&self.known, &self.resident);
        for queue in moved.queues {
            let members = self.configured.membership.users_of(queue).to_vec();
            self.routing
                .configure(Configuration::QueueMembers(queue, members));
        }
        let mut users = stale.users;
        users.extend(moved.users);
        if stale.all_users {
            users.extend(self.resident.table(self.known.user.ix).keys());
        }
        self.refresh_skills(&stale.resources);
        self.refresh_people(&users, stale.settings || stale.roles);
    }

    fn refresh_people(&mut self, users: &BTreeSet<RecordId>, others: bool) {
        if users.is_empty() && !others {
            return;
        }
        let entries = self.entries_of(users);
        let mut directory = Directory::clone(&self.directory);
        for (id, entry) in entries {
            if let Some(old) = directory.users.remove(&id) {
                directory.by_username.remove(&old.username.to_lowercase());
            }
            if let Some(entry) = &entry {
                directory
                    .by_username
                    .insert(entry.username.to_lowercase(), id);
                directory.users.insert(id, entry.clone());
            }
            self.refresh_agent(id, entry.as_deref());
        }
        (directory.public_read, directory.public_edit) = self.organization_defaults();
        let roles = self.resident.table(self.known.role.ix).values();
        let parent = |r: &Record| Some((r.id, r.get(self.known.role.parent_id).as_id()?));
        directory.role_parents = roles.filter_map(parent).collect();
        self.directory = Arc::new(directory);
        self.batch.directory_changed = true;
    }

    fn entries_of(&self, users: &BTreeSet<RecordId>) -> Vec<(RecordId, Option<Arc<UserEntry>>)> {
        let k = &self.known.user;
        let mut maker = RightsMaker::new(self);
        let mut entry = |id: RecordId| {
            let row = self.resident.get(k.ix, id)?;
            let text = |field| row.get(field).as_text().unwrap_or_default().to_owned();
            Some(Arc::new(UserEntry {
                id,
                username: text(k.username),
                name: text(k.name),
                email: text(k.email),
                profile: row.get(k.profile_id).as_id(),
                time_zone: text(k.time_zone),
                language: text(k.language),
                locale: text(k.locale),
                is_active: row.get(k.is_active).is_true(),
                role: row.get(k.user_role_id).as_id(),
                queues: self.configured.membership.queues_of(id),
                rights: maker.of(row),
            }))
        };
        users.iter().map(|id| (*id, entry(*id))).collect()
    }

    fn refresh_agent(&mut self, id: RecordId, entry: Option<&UserEntry>) {
        let agent = entry.map(|e| self.routing_agent(e));
        if self.configured.agents.get(&id) == agent.as_ref() {
            return;
        }
        match &agent {
            Some(a) => self.configured.agents.insert(id, a.clone()),
            None => self.configured.agents.remove(&id),
        };
        self.routing.configure(Configuration::Agent(id, agent));
    }

    fn routing_agent(&self, entry: &UserEntry) -> routing::Agent {
        let shared = entry
            .profile
            .and_then(|p| self.configured.profile_config.get(&p));
        let config = self
            .configured
            .user_config
            .get(&entry.id)
            .or(shared)
            .copied()
            .or_else(|| self.default_config());
        let centers = self
            .configured
            .centers_of
            .get(&entry.id)
            .into_iter()
            .flatten();
        let mut call_centers: Vec<RecordId> = centers.map(|(center, _)| *center).collect();
        call_centers.dedup();
        routing::Agent {
            is_active: entry.is_active,
            presence: config
                .and_then(|c| self.configured.presence.get(&c))
                .cloned()
                .unwrap_or_default(),
            statuses: self.statuses_allowed(entry),
            call_centers: call_centers.into(),
        }
    }

    /// R53. An administrator may use every status (rest-api.md 14).
    pub(crate) fn statuses_allowed(&self, entry: &UserEntry) -> Arc<[RecordId]> {
        let table = self.resident.table(self.known.status.ix);
        let all = entry.rights.has("CustomizeApplication");
        table
            .keys()
            .filter(|s| all || entry.rights.statuses.contains(s))
            .copied()
            .collect()
    }

    /// R76: the presence configuration of those who have no other.
    pub(crate) fn default_config(&self) -> Option<RecordId> {
        let k = &self.known.presence_config;
        let named = self.resident.find(
            k.ix,
            k.developer_name,
            &Value::from("Default_Presence_Configuration"),
        );
        named.map(|r| r.id)
    }

    /// The presence configuration of a user (R76).
    pub(crate) fn config_of(&self, user: RecordId) -> Option<&Record> {
        let profile = self.directory.user(user).and_then(|u| u.profile);
        let shared = profile.and_then(|p| self.configured.profile_config.get(&p));
        let id = self
            .configured
            .user_config
            .get(&user)
            .or(shared)
            .copied()
            .or_else(|| self.default_config())?;
        self.resident.get(self.known.presence_config.ix, id)
    }

    fn routing_channel(&self, id: RecordId) -> Option<routing::Channel> {
        let k = &self.known.channel;
        let row = self.resident.get(k.ix, id)?;
        let kind = match row.get(k.related_entity).as_text() {
            Some("VoiceCall") => routing::ChannelKind::Voice,
            Some("LiveChatTranscript") => routing::ChannelKind::Chat,
            _ => routing::ChannelKind::Record,
        };
        Some(routing::Channel {
            kind,
            is_status_based: row.get(k.capacity_model).as_text() == Some("StatusBased"),
            is_interruptible: self.flag(row, "IsInterruptible"),
            auto_accept: row.get(k.auto_accept).is_true(),
            check_capacity_on_owner_change: row.get(k.check_owner).is_true(),
            check_capacity_on_status_change: row.get(k.check_status).is_true(),
            status_values: self.status_values(id),
            after_work: self.after_work(row),
        })
    }

    /// A boolean that not every catalogue has.
    fn flag(&self, row: &Record, name: &str) -> bool {
        self.catalogue
            .def(row.object)
            .field(name)
            .is_some_and(|f| row.get(f).is_true())
    }

    fn after_work(&self, row: &Record) -> Option<routing::AfterWork> {
        let int = |name: &str| {
            let value = row.get(self.catalogue.def(row.object).field(name)?);
            value.as_int().or_else(|| value.as_text()?.parse().ok())
        };
        if !self.flag(row, "HasAfterConvoWorkTimer") {
            return None;
        }
        let extends = self.flag(row, "HasAcwExtensionEnabled");
        Some(routing::AfterWork {
            max_s: int("AfterConvoWorkMaxTime")?,
            extension_s: if extends {
                int("AcwExtensionDuration").unwrap_or(0)
            } else {
                0
            },
            extensions_max: if extends {
                int("MaxExtensions").unwrap_or(0)
            } else {
                0
            },
        })
    }

    fn status_values(&self, channel: RecordId) -> Vec<(Arc<str>, routing::WorkState)> {
        let k = &self.known.channel_status_field;
        let meaning = |row: &Record| match row.get(k.kind).as_text() {
            Some("Completed") => routing::WorkState::Completed,
            Some("Paused") => routing::WorkState::Paused,
            _ => routing::WorkState::InProgress,
        };
        let rows = self.resident.table(k.ix).values();
        rows.filter(|r| r.get(k.channel_id).as_id() == Some(channel))
            .filter_map(|r| Some((Arc::from(r.get(k.value).as_text()?), meaning(r))))
            .collect()
    }

    fn routing_status(&self, id: RecordId) -> Option<routing::PresenceStatus> {
        self.resident.get(self.known.status.ix, id)?;
        let channels = self.channels_of(id);
        Some(routing::PresenceStatus {
            is_away: channels.is_empty(),
            channels,
        })
    }

    /// Channels that a presence status serves (R52).
    pub(crate) fn channels_of(&self, status: RecordId) -> Vec<RecordId> {
        let k = &self.known.channel_status;
        let rows = self.resident.table(k.ix).values();
        rows.filter(|r| r.get(k.status_id).as_id() == Some(status))
            .filter_map(|r| r.get(k.channel_id).as_id())
            .collect()
    }

    fn routing_queue(&self, id: RecordId) -> Option<routing::Queue> {
        let k = &self.known;
        let group = self.resident.get(k.group.ix, id)?;
        let config = group.get(k.group.routing_config_id).as_id()?;
        let row = self.resident.get(k.routing_config.ix, config)?;
        let k = &k.routing_config;
        let units = |field| row.get(field).as_double().map(Units::from_f64);
        Some(routing::Queue {
            model: row
                .get(k.model)
                .as_text()
                .and_then(routing::RoutingModel::parse)?,
            priority: row.get(k.priority).as_int(),
            weight: units(k.weight),
            percentage: units(k.percentage),
            paused_weight: units(k.paused_weight),
            paused_percentage: units(k.paused_percentage),
            push_timeout_s: row.get(k.push_timeout).as_int(),
            is_interruptible: None,
            is_attribute_based: row.get(k.is_attribute_based).is_true(),
            drop_timeout_s: row.get(k.drop_timeout).as_int(),
            overflow_assignee: row.get(k.overflow_id).as_id(),
        })
    }

    fn presence_config(&self, id: RecordId) -> Option<PresenceConfig> {
        let k = &self.known.presence_config;
        let row = self.resident.get(k.ix, id)?;
        Some(PresenceConfig {
            capacity: row.get(k.capacity).as_int().unwrap_or(0),
            interruptible_capacity: row.get(k.interruptible).as_int(),
            auto_accept: row.get(k.auto_accept).is_true(),
            can_decline: row.get(k.decline).is_true(),
            decline_reasons: row.get(k.decline_reason).is_true(),
            status_on_decline: row.get(k.on_decline).as_id(),
            status_on_push_timeout: row.get(k.on_timeout).as_id(),
            after_work: self.after_work(row),
        })
    }

    fn refresh_skills(&mut self, resources: &BTreeSet<RecordId>) {
        let k = self.known.resource;
        let users: BTreeSet<RecordId> = resources
            .iter()
            .filter_map(|r| self.resident.get(k.ix, *r)?.get(k.related_id).as_id())
            .collect();
        for user in users {
            let skills = self.skills_of(user);
            self.routing.configure(Configuration::Skills(user, skills));
        }
    }

    fn skills_of(&self, user: RecordId) -> Vec<routing::AgentSkill> {
        let (k, s) = (&self.known.resource, &self.known.resource_skill);
        let is_agent = |r: &&Record| {
            r.get(k.related_id).as_id() == Some(user)
                && r.get(k.is_active).is_true()
                && r.get(k.kind).as_text() == Some("A")
        };
        let Some(resource) = self.resident.table(k.ix).values().find(is_agent) else {
            return Vec::new();
        };
        let rows = self.resident.table(s.ix).values();
        rows.filter(|r| r.get(s.resource_id).as_id() == Some(resource.id))
            .filter_map(|r| {
                Some(routing::AgentSkill {
                    skill: r.get(s.skill_id).as_id()?,
                    level: Units::from_f64(r.get(s.level).as_double().unwrap_or(0.0)),
                    from: r.get(s.start).as_millis().unwrap_or(Millis(0)),
                    to: r.get(s.end).as_millis(),
                })
            })
            .collect()
    }

    /// OmniChannelSettings and limits, by name; what is not set has its default.
    fn routing_settings(&self) -> routing::Settings {
        let text = |name: &str| self.settings.get(name).map(String::as_str);
        let flag = |name: &str, otherwise: bool| text(name).map_or(otherwise, |v| v == "true");
        let number = |name: &str| text(name).and_then(|v| v.parse::<u32>().ok());
        let base = routing::Settings::default();
        routing::Settings {
            skills_routing: flag("enableOmniSkillsRouting", base.skills_routing),
            secondary_priority: flag(
                "enableOmniSecondaryRoutingPriority",
                base.secondary_priority,
            ),
            status_capacity: flag("enableOmniStatusCapModel", base.status_capacity),
            pending_max: number("pendingRequestsMax").unwrap_or(base.pending_max),
            queued_per_hour_max: number("queuedPerHourMax").unwrap_or(base.queued_per_hour_max),
            least_active_units: text("leastActiveMetric") == Some("units"),
            voice_rounds_max: number("voiceRoundsMax"),
        }
    }

    /// Organization-wide defaults: objects whose rows all may read, and all may edit.
    fn organization_defaults(&self) -> (BTreeSet<ObjectIx>, BTreeSet<ObjectIx>) {
        let (mut read, mut edit) = (BTreeSet::new(), BTreeSet::new());
        let row = self.resident.get(self.known.organization.ix, self.org);
        for name in ["Account", "Contact", "Case", "Lead"] {
            let field = self
                .catalogue
                .def(self.known.organization.ix)
                .field(&format!("Default{name}Access"));
            let access = row.zip(field).and_then(|(r, f)| r.get(f).as_text());
            let Some(object) = self.catalogue.object(name) else {
                continue;
            };
            match access {
                Some("Edit" | "ReadEditTransfer" | "All") => {
                    read.insert(object);
                    edit.insert(object);
                }
                Some("Read") => drop(read.insert(object)),
                _ => {}
            }
        }
        (read, edit)
    }
}
