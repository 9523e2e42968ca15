//! One configuration row as routing knows it: channels, statuses, queues, agents, settings. Pure
//! functions of the rows in memory; [`crate::configuration`] says when they are asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Millis, Record, RecordId, Value};
use routing::{PresenceConfig, Units};

use crate::access::{Directory, UserEntry};
use crate::engine::Engine;

impl Engine {
    pub(crate) fn routing_agent(&self, entry: &UserEntry) -> routing::Agent {
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

    pub(crate) fn routing_channel(&self, id: RecordId) -> Option<routing::Channel> {
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
            is_interruptible: self.pool_of_channel(id),
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

    pub(crate) fn routing_status(&self, id: RecordId) -> Option<routing::PresenceStatus> {
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

    pub(crate) fn routing_queue(&self, id: RecordId) -> Option<routing::Queue> {
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
            is_interruptible: self.pool_of_config(config),
            is_attribute_based: row.get(k.is_attribute_based).is_true(),
            drop_timeout_s: row.get(k.drop_timeout).as_int(),
            overflow_assignee: row.get(k.overflow_id).as_id(),
            rounds_max: self.number_of_config(config, "maxRounds"),
            alternative: self.alternative_of_config(config),
            return_s: self.number_of_config(config, "returnSeconds"),
        })
    }

    pub(crate) fn presence_config(&self, id: RecordId) -> Option<PresenceConfig> {
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

    /// Skills of users: of the active agent resource of each (R56). Two scans, however many users.
    pub(crate) fn skills_of(
        &self,
        users: &BTreeSet<RecordId>,
    ) -> BTreeMap<RecordId, Vec<routing::AgentSkill>> {
        let (k, s) = (&self.known.resource, &self.known.resource_skill);
        let mut user_of = BTreeMap::new();
        for row in self.resident.table(k.ix).values() {
            let user = row.get(k.related_id).as_id().filter(|u| users.contains(u));
            let is_agent = row.get(k.is_active).is_true() && row.get(k.kind).as_text() == Some("A");
            if let (Some(user), true) = (user, is_agent) {
                user_of.insert(row.id, user);
            }
        }
        let mut skills: BTreeMap<RecordId, Vec<routing::AgentSkill>> =
            users.iter().map(|user| (*user, Vec::new())).collect();
        for row in self.resident.table(s.ix).values() {
            let user = row.get(s.resource_id).as_id().and_then(|r| user_of.get(&r));
            if let (Some(user), Some(skill)) = (user, row.get(s.skill_id).as_id()) {
                skills.entry(*user).or_default().push(routing::AgentSkill {
                    skill,
                    level: Units::from_f64(row.get(s.level).as_double().unwrap_or(0.0)),
                    from: row.get(s.start).as_millis().unwrap_or(Millis(0)),
                    to: row.get(s.end).as_millis(),
                });
            }
        }
        skills
    }

    /// OmniChannelSettings and limits, by name; what is not set has its default.
    pub(crate) fn routing_settings(&self) -> routing::Settings {
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
            ageing_s: number("ageingSeconds"),
            sla_window_s: number("slaWindowSeconds"),
            fair_cap: number("fairCapOffers").map(|offers| routing::FairCap {
                offers,
                window_s: number("fairCapWindowSeconds").unwrap_or(3_600),
            }),
            offer_pacing_s: number("offerPacingSeconds"),
            sticky_hours: number("stickyHours"),
            room_reservation_s: number("roomReservationSeconds"),
            next_status: flag("enableNextStatus", base.next_status),
            withdraw_offers: flag("withdrawOffersWhenBusy", base.withdraw_offers),
            return_s: number("returnSeconds"),
        }
    }

    /// Organization-wide defaults: objects whose rows all may read, and all may edit.
    pub(crate) fn organization_defaults(&self, directory: &mut Directory) {
        let mut read = BTreeSet::new();
        let mut edit = BTreeSet::new();
        let mut transfer = BTreeSet::new();
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
                Some(level @ ("Edit" | "ReadEditTransfer" | "All")) => {
                    read.insert(object);
                    edit.insert(object);
                    if level != "Edit" {
                        transfer.insert(object);
                    }
                }
                Some("Read") => drop(read.insert(object)),
                _ => {}
            }
        }
        directory.public_read = read;
        directory.public_edit = edit;
        directory.public_transfer = transfer;
    }
}
