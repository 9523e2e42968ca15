//! Administrators change the configuration while work goes on (R37).

use engine::{Request as Asked, SaveOp};
use model::{FieldIx, ObjectIx, RecordId, Value};

use super::{Made, Workload, show};
use crate::config::Link;
use crate::facts::Facts;
use crate::setup::create;

fn update(object: ObjectIx, id: RecordId, values: Vec<(FieldIx, Value)>) -> SaveOp {
    SaveOp::Update { object, id, values }
}

impl Workload {
    pub(super) fn edit_capacity(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.presence_config;
        let id = self.rng.pick(&facts.config.presence_configs)?;
        let capacity = self.rng.between(0, 9);
        let op = update(s.ix, id, vec![(s.capacity, Value::Int(capacity))]);
        self.save(vec![op], format!("capacity of {id} becomes {capacity}"))
    }

    pub(super) fn edit_options(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.presence_config;
        let id = self.rng.pick(&facts.config.presence_configs)?;
        let statuses: Vec<RecordId> = facts.config.statuses.keys().copied().collect();
        let on_timeout = self.rng.pick(&statuses).filter(|_| self.rng.percent(50));
        let (auto, decline) = self
            .rng
            .pick(&[(true, false), (false, true), (false, false)])?;
        let values = vec![
            (s.auto_accept, auto.into()),
            (s.decline, decline.into()),
            (s.on_decline, Value::Null),
            (s.on_timeout, on_timeout.into()),
        ];
        let words = format!("options of {id}: auto-accept {auto}, decline {decline}");
        self.save(vec![update(s.ix, id, values)], words)
    }

    pub(super) fn edit_membership(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.member;
        let (group, of) = (self.queue(facts)?, self.agent(facts)?);
        let new = create(s.ix, &[(s.group, group.into()), (s.of, of.into())]);
        self.link(&facts.config.memberships, s.ix, new, "membership")
    }

    /// Which channels a status serves (R52).
    pub(super) fn edit_status(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.channel_status;
        let statuses: Vec<RecordId> = facts.config.statuses.keys().copied().collect();
        let channels: Vec<RecordId> = facts.config.channels.keys().copied().collect();
        let (status, channel) = (self.rng.pick(&statuses)?, self.rng.pick(&channels)?);
        let new = create(
            s.ix,
            &[(s.status, status.into()), (s.channel, channel.into())],
        );
        self.link(
            &facts.config.channel_statuses,
            s.ix,
            new,
            "channel of a status",
        )
    }

    /// Which contact centres know an agent (R62).
    pub(super) fn edit_mapping(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.routing_map;
        let (user, center) = (self.agent(facts)?, self.rng.pick(&facts.config.centers)?);
        let name = self.tag().replace(' ', "_");
        let new = create(
            s.ix,
            &[
                (s.center, center.into()),
                (s.reference, user.into()),
                (s.external, Value::from(name.clone())),
                (s.name, Value::from(name.clone())),
                (s.label, Value::from(name)),
            ],
        );
        self.link(&facts.config.mappings, s.ix, new, "mapping of a user")
    }

    /// Which presence configuration a user has (R76).
    pub(super) fn edit_assignment(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.config_user;
        let (user, config) = (
            self.agent(facts)?,
            self.rng.pick(&facts.config.presence_configs)?,
        );
        let new = create(s.ix, &[(s.user, user.into()), (s.config, config.into())]);
        self.link(
            &facts.config.config_users,
            s.ix,
            new,
            "presence configuration of a user",
        )
    }

    /// Takes one of the links away, or adds the new one.
    fn link(&mut self, links: &[Link], object: ObjectIx, new: SaveOp, what: &str) -> Made {
        if self.rng.percent(50) {
            let (id, one, other) = self.rng.pick(links)?;
            let op = SaveOp::Delete { object, id };
            return self.save(vec![op], format!("delete {what}: {one}, {other}"));
        }
        let words = format!("add {what}: {}", ids(&new));
        self.save(vec![new], words)
    }

    pub(super) fn edit_queue_objects(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.clone();
        let k = &s.queue_sobject;
        if self.rng.percent(40) {
            let (id, queue) = self.rng.pick(&facts.config.queue_objects)?;
            let op = SaveOp::Delete { object: k.ix, id };
            return self.save(vec![op], format!("{queue} gives up an object"));
        }
        let queue = self.queue(facts)?;
        let object = self
            .rng
            .pick(&["Case", "Lead", "VoiceCall", "LiveChatTranscript"])?;
        let op = create(
            k.ix,
            &[(k.queue, queue.into()), (k.sobject, Value::from(object))],
        );
        self.save(vec![op], format!("{queue} takes {object}"))
    }

    pub(super) fn edit_config(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.clone();
        let config = self.rng.pick(&facts.config.routing_configs);
        if self.rng.percent(50) {
            let id = config?;
            let values = match self.rng.below(3) {
                0 => vec![(
                    s.routing_config.priority,
                    Value::Int(self.rng.between(0, 3)),
                )],
                1 => vec![(
                    s.routing_config.timeout,
                    Value::Int(self.rng.between(0, 60)),
                )],
                _ => vec![(s.routing_config.overflow, self.agent(facts).into())],
            };
            let words = format!("{id} becomes {values:?}");
            return self.save(vec![update(s.routing_config.ix, id, values)], words);
        }
        let queue = self.queue(facts)?;
        let config = config.filter(|_| self.rng.percent(80));
        let op = update(s.group.ix, queue, vec![(s.group.config, config.into())]);
        self.save(
            vec![op],
            format!("configuration of {queue} becomes {}", show(config)),
        )
    }

    pub(super) fn edit_channel(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.channel;
        let all: Vec<RecordId> = facts.config.channels.keys().copied().collect();
        let id = self.rng.pick(&all)?;
        let auto = self.rng.percent(30);
        let op = update(s.ix, id, vec![(s.auto_accept, auto.into())]);
        self.save(vec![op], format!("channel {id} accepts by itself: {auto}"))
    }

    pub(super) fn edit_user(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.user;
        let id = self.agent(facts)?;
        let role = self.rng.pick(&facts.config.roles);
        let (field, value) = match self.rng.below(3) {
            0 => (s.role, Value::from(role)),
            1 => (s.is_active, false.into()),
            _ => (s.is_active, true.into()),
        };
        let words = format!("user {id} becomes {value:?}");
        self.save(vec![update(s.ix, id, vec![(field, value)])], words)
    }

    pub(super) fn edit_role(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.role;
        let (id, parent) = (
            self.rng.pick(&facts.config.roles)?,
            self.rng.pick(&facts.config.roles),
        );
        let parent = parent.filter(|_| self.rng.percent(70));
        let op = update(s.ix, id, vec![(s.parent, parent.into())]);
        self.save(vec![op], format!("role {id} comes under {}", show(parent)))
    }

    /// Which presence configuration a profile has (R76).
    pub(super) fn edit_profile(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.config_profile;
        let config = self.rng.pick(&facts.config.presence_configs)?;
        let new = create(
            s.ix,
            &[
                (s.profile, self.genesis.profile.into()),
                (s.config, config.into()),
            ],
        );
        let what = "presence configuration of a profile";
        self.link(&facts.config.config_profiles, s.ix, new, what)
    }

    /// R53: a status is granted or taken away, by permission set or by assignment of one.
    pub(super) fn edit_grant(&mut self, facts: &Facts) -> Made {
        let (s, config) = (facts.schema.clone(), &facts.config);
        let statuses: Vec<RecordId> = config.statuses.keys().copied().collect();
        let extra = self.rng.pick(&config.permission_sets)?;
        if self.rng.percent(50) {
            let (k, user) = (&s.assignment, self.agent(facts)?);
            let new = create(k.ix, &[(k.set, extra.into()), (k.assignee, user.into())]);
            let mine = config
                .assignments
                .iter()
                .filter(|(_, _, set)| *set == extra);
            let mine: Vec<Link> = mine.copied().collect();
            return self.link(&mine, k.ix, new, "permission set of a user");
        }
        let (k, status) = (&s.entity_access, self.rng.pick(&statuses)?);
        let new = create(k.ix, &[(k.parent, extra.into()), (k.entity, status.into())]);
        let of = config
            .grants
            .iter()
            .filter(|(_, _, entity)| statuses.contains(entity));
        let of: Vec<Link> = of.copied().collect();
        self.link(&of, k.ix, new, "grant of a status")
    }

    /// R100: which pool work goes to.
    pub(super) fn edit_pool(&mut self, facts: &Facts) -> Made {
        let channels: Vec<RecordId> = facts.config.channels.keys().copied().collect();
        let (key, value) = if self.rng.percent(50) {
            let id = self.rng.pick(&channels)?;
            let value = self.rng.pick(&["true", "false"])?;
            (format!("ServiceChannel.{id}.isInterruptible"), value)
        } else {
            let id = self.rng.pick(&facts.config.routing_configs)?;
            let kinds = ["INHERITED", "INTERRUPTIBLE", "NOT_INTERRUPTIBLE"];
            let value = self.rng.pick(&kinds)?;
            (format!("QueueRoutingConfig.{id}.capacityType"), value)
        };
        self.set(key, value)
    }

    /// R158 to R161.
    pub(super) fn edit_limit(&mut self, _facts: &Facts) -> Made {
        let (key, values) = if self.rng.percent(60) {
            ("pendingRequestsMax", ["3", "20", "1000000"])
        } else {
            ("queuedPerHourMax", ["2", "15", "1000000000"])
        };
        let value = self.rng.pick(&values)?;
        self.set(key.to_owned(), value)
    }

    /// Switches of the org (R18, R29, R73, R85, R92).
    pub(super) fn edit_setting(&mut self, _facts: &Facts) -> Made {
        let (key, value) = match self.rng.below(5) {
            0 => (
                "enableOmniSecondaryRoutingPriority",
                self.rng.pick(&["true", "false"])?,
            ),
            1 => ("leastActiveMetric", self.rng.pick(&["items", "units"])?),
            2 => (
                "enableOmniSkillsRouting",
                self.rng.pick(&["true", "true", "false"])?,
            ),
            3 => ("voiceRoundsMax", self.rng.pick(&["1", "2", "1000"])?),
            _ => (
                "enableOmniStatusCapModel",
                self.rng.pick(&["true", "true", "false"])?,
            ),
        };
        self.set(key.to_owned(), value)
    }

    /// Extensions of routing (docs/routing-extensions.md); one time in three one is switched off.
    pub(super) fn edit_option(&mut self, _facts: &Facts) -> Made {
        let (key, values) = self.rng.pick(&[
            ("ageingSeconds", ["1", "60", "3600"]),
            ("slaWindowSeconds", ["10", "600", "86400"]),
            ("fairCapOffers", ["1", "2", "5"]),
            ("fairCapWindowSeconds", ["5", "60", "3600"]),
            ("offerPacingSeconds", ["1", "10", "120"]),
        ])?;
        if self.rng.percent(33) {
            let words = format!("setting {key} is taken away");
            let settings = vec![(key.to_owned(), None)];
            return Some((self.admin(), Asked::Settings(settings), words));
        }
        let value = self.rng.pick(&values)?;
        self.set(key.to_owned(), value)
    }

    /// Extensions that hang on a change of status.
    pub(super) fn edit_status_option(&mut self, _facts: &Facts) -> Made {
        let keys = ["enableNextStatus", "withdrawOffersWhenBusy"];
        let key = self.rng.pick(&keys)?;
        let value = self.rng.pick(&["true", "true", "true", "false"])?;
        self.set(key.to_owned(), value)
    }

    fn set(&self, key: String, value: &str) -> Made {
        let words = format!("setting {key} becomes {value}");
        let settings = vec![(key, Some(value.to_owned()))];
        Some((self.admin(), Asked::Settings(settings), words))
    }
}

fn ids(op: &SaveOp) -> String {
    let SaveOp::Create { values, .. } = op else {
        return String::new();
    };
    let all: Vec<String> = values
        .iter()
        .filter_map(|(_, v)| v.as_id())
        .map(|id| id.to_string())
        .collect();
    all.join(", ")
}
