//! From configuration rows to what routing knows: channels, statuses, queues, agents.
//!
//! Rows tell [`Configured::note`] that they changed; [`Engine::refresh`] then works out the pieces that
//! may differ and gives routing only those that do.
//!
//! Invariant: after a refresh everything here is a function of the configuration rows alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{ObjectIx, Record, RecordId};
use routing::{Configuration, PresenceConfig};

use crate::access::{Directory, RecordRules, Rights, RightsKey, RightsMaker, UserEntry};
use crate::engine::Engine;
use crate::membership::Membership;
use crate::settings::{Holder, OfRecord};

/// Origins that may call the API.
const CORS: &str = "CorsWhitelistEntry";

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
    /// Rights by profile and permission sets, as long as neither changes.
    rights: BTreeMap<RightsKey, Arc<Rights>>,
    /// Lists that many agents have, each kept once.
    lists: BTreeSet<Arc<[RecordId]>>,
    pub presence: BTreeMap<RecordId, Arc<PresenceConfig>>,
    pub user_config: BTreeMap<RecordId, RecordId>,
    pub profile_config: BTreeMap<RecordId, RecordId>,
    pub centers_of: BTreeMap<RecordId, BTreeSet<(RecordId, RecordId)>>,
    /// Users with a UserLogin row, and whether it freezes them.
    pub logins: BTreeMap<RecordId, bool>,
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
    skilled: BTreeSet<RecordId>,
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
            if before.is_none() != after.is_none() {
                self.note_named_queue(id);
            }
        } else if object == k.role.ix {
            self.configured.membership.role(k, id, before, after);
            stale.roles = true;
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
            stale
                .skilled
                .extend(ids(before, after, k.resource.related_id));
        } else if object == k.user_login.ix {
            self.note_user_login(before, after);
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
            self.configured.rights.clear();
        } else if object == k.case_status.ix {
            self.note_case_status(before, after);
        } else if object == k.organization.ix || self.catalogue.object(CORS) == Some(object) {
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

    fn note_user_login(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let k = self.known.user_login;
        let configured = &mut self.configured;
        for user in ids(before, None, k.user_id) {
            configured.logins.remove(&user);
            configured.stale.users.insert(user);
        }
        if let Some(row) = after
            && let Some(user) = row.get(k.user_id).as_id()
        {
            configured
                .logins
                .insert(user, row.get(k.is_frozen).is_true());
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

    /// A queue that settings name has come or gone.
    fn note_named_queue(&mut self, queue: RecordId) {
        let configs = self.configs_that_name(queue);
        let k = self.known.group;
        let is_of = |g: &&Record| {
            let config = g.get(k.routing_config_id).as_id();
            config.is_some_and(|config| configs.contains(&config))
        };
        let queues = self.resident.table(k.ix).values().filter(is_of);
        self.configured.stale.queues.extend(queues.map(|g| g.id));
    }

    /// A setting changed.
    pub(crate) fn note_setting(&mut self, name: &str) {
        let k = self.known.group;
        let stale = &mut self.configured.stale;
        stale.settings = true;
        stale.is_any = true;
        let Some(setting) = OfRecord::parse(name) else {
            return;
        };
        match setting.holder {
            Holder::Channel => drop(stale.channels.insert(setting.id)),
            Holder::Config => {
                let queues = self.resident.table(k.ix).values();
                let is_of = |g: &&Record| g.get(k.routing_config_id).as_id() == Some(setting.id);
                stale.queues.extend(queues.filter(is_of).map(|g| g.id));
            }
        }
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
            self.configured.lists.clear();
            users.extend(self.resident.table(self.known.user.ix).keys());
        }
        self.refresh_skills(&stale.resources, stale.skilled);
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
        self.organization_defaults(&mut directory);
        if directory.rules.is_empty() {
            directory.rules = Arc::new(RecordRules::of(&self.catalogue));
            directory.role_field = Some((self.known.user.ix, self.known.user.user_role_id));
        }
        let roles = self.resident.table(self.known.role.ix).values();
        let parent = |r: &Record| Some((r.id, r.get(self.known.role.parent_id).as_id()?));
        directory.role_parents = roles.filter_map(parent).collect();
        directory.cors_origins = self.cors_origins();
        self.directory = Arc::new(directory);
        self.batch.directory_changed = true;
    }

    /// Origins of [`CORS`], as they are compared.
    fn cors_origins(&self) -> BTreeSet<String> {
        let Some((object, def)) = self.catalogue.find(CORS) else {
            return BTreeSet::new();
        };
        let Some(pattern) = def.field("UrlPattern") else {
            return BTreeSet::new();
        };
        let rows = self.resident.table(object).values();
        rows.filter_map(|row| row.get(pattern).as_text())
            .map(|text| text.trim_end_matches('/').to_ascii_lowercase())
            .collect()
    }

    fn entries_of(
        &mut self,
        users: &BTreeSet<RecordId>,
    ) -> Vec<(RecordId, Option<Arc<UserEntry>>)> {
        let known = std::mem::take(&mut self.configured.rights);
        let k = &self.known.user;
        let mut maker = RightsMaker::new(self, known);
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
                is_frozen: self.configured.logins.get(&id) == Some(&true),
                role: row.get(k.user_role_id).as_id(),
                queues: self.configured.membership.queues_of(id),
                groups: self.configured.membership.groups_of(id),
                rights: maker.of(row),
            }))
        };
        let entries = users.iter().map(|id| (*id, entry(*id))).collect();
        self.configured.rights = maker.into_known();
        entries
    }

    fn refresh_skills(&mut self, resources: &BTreeSet<RecordId>, mut users: BTreeSet<RecordId>) {
        let k = self.known.resource;
        let user_of = |r: &RecordId| self.resident.get(k.ix, *r)?.get(k.related_id).as_id();
        users.extend(resources.iter().filter_map(user_of));
        if users.is_empty() {
            return;
        }
        for (user, skills) in self.skills_of(&users) {
            self.routing.configure(Configuration::Skills(user, skills));
        }
    }

    fn refresh_agent(&mut self, id: RecordId, entry: Option<&UserEntry>) {
        let mut agent = entry.map(|e| self.routing_agent(e));
        if let Some(agent) = &mut agent {
            for list in [&mut agent.statuses, &mut agent.call_centers] {
                match self.configured.lists.get(list) {
                    Some(known) => *list = known.clone(),
                    None => drop(self.configured.lists.insert(list.clone())),
                }
            }
        }
        if self.configured.agents.get(&id) == agent.as_ref() {
            return;
        }
        match &agent {
            Some(a) => self.configured.agents.insert(id, a.clone()),
            None => self.configured.agents.remove(&id),
        };
        self.routing.configure(Configuration::Agent(id, agent));
    }
}
