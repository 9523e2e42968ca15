//! The org of a seed: queues, nested groups, roles, configurations, agents. Made by ordinary commands,
//! in three stages, because the later rows name the earlier ones.

use engine::SaveOp;
use model::{FieldIx, Millis, ObjectIx, RecordId, Value};

use crate::facts::Facts;
use crate::rng::Rng;

/// What a seed decides about its org beyond the rows.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Size {
    pub agents: u64,
    pub queues: u64,
    pub has_leads: bool,
    pub has_calls: bool,
    pub has_external: bool,
    /// Also the rules beyond the first set.
    pub is_wide: bool,
}

impl Size {
    /// Of a seed.
    pub fn roll(rng: &mut Rng, is_wide: bool) -> Self {
        Self {
            agents: if rng.percent(10) {
                25
            } else {
                1 + rng.below(8)
            },
            queues: if rng.percent(10) {
                12
            } else {
                1 + rng.below(5)
            },
            has_leads: rng.percent(50),
            has_calls: rng.percent(60),
            has_external: rng.percent(40),
            is_wide,
        }
    }
}

/// Stages of [`stage`].
pub const STAGES: usize = 3;

/// A new row.
pub fn create(object: ObjectIx, values: &[(FieldIx, Value)]) -> SaveOp {
    SaveOp::Create {
        object,
        values: values.to_vec(),
    }
}

/// The rows of one stage; `facts` know those of the stages before.
pub fn stage(
    at: usize,
    size: &Size,
    facts: &Facts,
    rng: &mut Rng,
    genesis: &Genesis,
) -> Vec<SaveOp> {
    let maker = Maker {
        size,
        facts,
        genesis,
    };
    match at {
        0 => maker.plain_rows(rng),
        1 => maker.people_and_queues(rng),
        _ => maker.links(rng),
    }
}

/// Rows of the first batch that the setup needs.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Genesis {
    pub profile: RecordId,
    pub permission_set: RecordId,
}

struct Maker<'a> {
    size: &'a Size,
    facts: &'a Facts,
    genesis: &'a Genesis,
}

fn text(value: impl Into<String>) -> Value {
    Value::from(value.into())
}

impl Maker<'_> {
    fn plain_rows(&self, rng: &mut Rng) -> Vec<SaveOp> {
        let s = &self.facts.schema;
        let mut ops = Vec::new();
        let mut entities = vec!["Case"];
        entities.extend(self.size.has_leads.then_some("Lead"));
        entities.extend(self.size.has_calls.then_some("VoiceCall"));
        for name in entities {
            let mut values = vec![
                (s.channel.name, text(format!("{name}_Channel"))),
                (s.channel.label, text(name)),
                (s.channel.entity, text(name)),
            ];
            if rng.percent(10) {
                values.push((s.channel.auto_accept, true.into()));
            }
            if name == "Case" && self.size.is_wide && rng.percent(70) {
                values.push((s.channel.capacity, text("StatusBased")));
                values.push((s.channel.status_field, text("Status")));
                values.push((s.channel.check_owner, rng.percent(50).into()));
                values.push((s.channel.check_status, rng.percent(50).into()));
            }
            if name == "Case" && rng.percent(50) {
                values.push((s.channel.secondary, text("Priority")));
            }
            ops.push(create(s.channel.ix, &values));
        }
        for at in 0..2 + rng.below(3) {
            let name = text(format!("Status_{at}"));
            ops.push(create(
                s.status.ix,
                &[(s.status.name, name.clone()), (s.status.label, name)],
            ));
        }
        if self.size.has_calls {
            for at in 0..1 + rng.below(2) {
                let name = text(format!("Center{at}"));
                let values = [
                    (s.call_center.name, name.clone()),
                    (s.call_center.internal, name),
                ];
                ops.push(create(s.call_center.ix, &values));
            }
        }
        for at in 0..1 + rng.below(4) {
            ops.push(self.routing_config(at, rng));
        }
        for at in 0..3 {
            ops.push(create(
                s.role.ix,
                &[
                    (s.role.name, text(format!("Role {at}"))),
                    (s.role.opportunity, text("Edit")),
                ],
            ));
        }
        ops
    }

    fn routing_config(&self, at: u64, rng: &mut Rng) -> SaveOp {
        let s = &self.facts.schema.routing_config;
        let models: &[&str] = if self.size.has_external {
            &["LeastActive", "MostAvailable", "ExternalRouting"]
        } else {
            &["LeastActive", "MostAvailable"]
        };
        let mut values = vec![
            (s.name, text(format!("Config_{at}"))),
            (s.label, text(format!("Config {at}"))),
            (s.model, text(rng.pick(models).unwrap_or("LeastActive"))),
            (s.priority, Value::Int(rng.between(0, 3))),
        ];
        if rng.percent(70) {
            let weights = [0.0, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0, 2.75, 7.0];
            values.push((s.weight, Value::Double(rng.pick(&weights).unwrap_or(1.0))));
        } else {
            let percentages = [10.0, 25.0, 33.33, 50.0, 100.0, 0.0];
            values.push((
                s.percentage,
                Value::Double(rng.pick(&percentages).unwrap_or(25.0)),
            ));
        }
        if rng.percent(60) {
            let seconds = [0, 1, 5, 10, 30, 45, 120];
            values.push((s.timeout, Value::Int(rng.pick(&seconds).unwrap_or(10))));
        }
        create(self.facts.schema.routing_config.ix, &values)
    }

    fn people_and_queues(&self, rng: &mut Rng) -> Vec<SaveOp> {
        let (s, config) = (&self.facts.schema, &self.facts.config);
        let mut ops = Vec::new();
        for at in 0..self.size.agents {
            ops.push(self.user(at, rng.pick(&config.roles).filter(|_| rng.percent(60))));
        }
        for at in 0..self.size.queues {
            let name = format!("Queue{at}");
            let mut values = vec![(s.group.name, text(name)), (s.group.kind, text("Queue"))];
            if let Some(id) = rng
                .pick(&config.routing_configs)
                .filter(|_| rng.percent(85))
            {
                values.push((s.group.config, id.into()));
            }
            ops.push(create(s.group.ix, &values));
        }
        for at in 0..3 {
            let values = [
                (s.group.name, text(format!("Group{at}"))),
                (s.group.kind, text("Regular")),
            ];
            ops.push(create(s.group.ix, &values));
        }
        let channels: Vec<RecordId> = config.channels.keys().copied().collect();
        let statuses: Vec<RecordId> = config.statuses.keys().copied().collect();
        for (at, status) in statuses.iter().enumerate() {
            // the first status serves everything, the last one is busy
            let serves = match at {
                0 => channels.clone(),
                _ if at + 1 == statuses.len() => Vec::new(),
                _ => rng.some_of(&channels),
            };
            for channel in serves {
                let k = &s.channel_status;
                let values = [(k.channel, channel.into()), (k.status, (*status).into())];
                ops.push(create(k.ix, &values));
            }
        }
        for channel in config
            .channels
            .iter()
            .filter(|(_, c)| c.object == s.case.ix)
            .map(|(id, _)| *id)
        {
            if self.size.is_wide {
                let k = &s.status_value;
                for (value, kind) in [("Escalated", "Paused"), ("Closed", "Completed")] {
                    let of = (k.channel, channel.into());
                    ops.push(create(
                        k.ix,
                        &[of, (k.value, text(value)), (k.kind, text(kind))],
                    ));
                }
            }
            let k = &s.channel_priority;
            for (value, priority) in [("High", 0), ("Medium", 1), ("Low", 5)] {
                ops.push(create(
                    k.ix,
                    &[
                        (k.channel, channel.into()),
                        (k.value, text(value)),
                        (k.priority, Value::Int(priority)),
                    ],
                ));
            }
        }
        for at in 0..1 + rng.below(3) {
            ops.push(self.presence_config(at, &statuses, rng));
        }
        for pair in config.roles.windows(2) {
            let values = vec![(s.role.parent, pair[0].into())];
            ops.push(SaveOp::Update {
                object: s.role.ix,
                id: pair[1],
                values,
            });
        }
        ops
    }

    fn user(&self, at: u64, role: Option<RecordId>) -> SaveOp {
        let s = &self.facts.schema.user;
        let name = format!("agent{at}@sim.example.com");
        create(
            s.ix,
            &[
                (s.username, text(name.clone())),
                (s.email, text(name)),
                (s.last_name, text(format!("Agent {at}"))),
                (s.alias, text(format!("agent{at}"))),
                (s.nickname, text(format!("agent{at}"))),
                (s.profile, self.genesis.profile.into()),
                (s.role, role.into()),
                (s.time_zone, text("Europe/London")),
                (s.locale, text("en_US")),
                (s.language, text("en_US")),
                (s.encoding, text("UTF-8")),
                (s.is_active, true.into()),
            ],
        )
    }

    fn presence_config(&self, at: u64, statuses: &[RecordId], rng: &mut Rng) -> SaveOp {
        let s = &self.facts.schema.presence_config;
        let mut values = vec![
            (s.name, text(format!("Presence_{at}"))),
            (s.label, text(format!("Presence {at}"))),
            (
                s.capacity,
                Value::Int(rng.pick(&[0, 1, 2, 4, 5, 6, 6, 10]).unwrap_or(6)),
            ),
        ];
        if self.size.is_wide && rng.percent(50) {
            values.push((s.after_work, true.into()));
            values.push((s.after_max, Value::Int(rng.between(10, 90))));
        }
        match rng.below(4) {
            0 => values.push((s.auto_accept, true.into())),
            1 => {}
            _ => {
                values.push((s.decline, true.into()));
                if rng.percent(30) {
                    values.push((s.on_decline, rng.pick(statuses).into()));
                }
            }
        }
        if rng.percent(30) {
            values.push((s.on_timeout, rng.pick(statuses).into()));
        }
        create(s.ix, &values)
    }

    fn links(&self, rng: &mut Rng) -> Vec<SaveOp> {
        let (s, config) = (&self.facts.schema, &self.facts.config);
        let mut ops = Vec::new();
        let agents: Vec<RecordId> = agents(self.facts, self.genesis);
        let of_kind = |kind: &str| -> Vec<RecordId> {
            config
                .groups
                .iter()
                .filter(|(_, k)| k == kind)
                .map(|(id, _)| *id)
                .collect()
        };
        let (queues, groups) = (of_kind("Queue"), of_kind("Regular"));
        let roles = [of_kind("Role"), of_kind("RoleAndSubordinates")].concat();
        let member = |group: RecordId, of: RecordId| {
            create(
                s.member.ix,
                &[(s.member.group, group.into()), (s.member.of, of.into())],
            )
        };
        for queue in &queues {
            for agent in &agents {
                if rng.percent(45) {
                    ops.push(member(*queue, *agent));
                }
            }
            let nested: Vec<RecordId> = rng.some_of(&groups);
            ops.extend(
                nested
                    .into_iter()
                    .filter(|_| rng.percent(50))
                    .map(|g| member(*queue, g)),
            );
            ops.extend(
                rng.pick(&roles)
                    .filter(|_| rng.percent(40))
                    .map(|r| member(*queue, r)),
            );
            for (object, name) in [
                (s.case.ix, "Case"),
                (s.lead.ix, "Lead"),
                (s.call.ix, "VoiceCall"),
            ] {
                if object == s.case.ix || (rng.percent(70) && config.channel_of(object).is_some()) {
                    let k = &s.queue_sobject;
                    let values = [(k.queue, (*queue).into()), (k.sobject, text(name))];
                    ops.push(create(k.ix, &values));
                }
            }
        }
        for (at, group) in groups.iter().enumerate() {
            ops.extend(rng.pick(&agents).map(|a| member(*group, a)));
            let next = groups[(at + 1) % groups.len()]; // a cycle, now and then
            if rng.percent(60) {
                ops.push(member(*group, next));
            }
        }
        self.link_agents(&agents, &mut ops, rng);
        ops
    }

    fn link_agents(&self, agents: &[RecordId], ops: &mut Vec<SaveOp>, rng: &mut Rng) {
        let (s, config) = (&self.facts.schema, &self.facts.config);
        for status in config.statuses.keys() {
            let k = &s.entity_access;
            let parent = self.genesis.permission_set;
            ops.push(create(
                k.ix,
                &[(k.parent, parent.into()), (k.entity, (*status).into())],
            ));
        }
        let centers = &config.centers;
        for (at, agent) in agents.iter().enumerate() {
            if let Some(presence) = rng
                .pick(&config.presence_configs)
                .filter(|_| rng.percent(70))
            {
                let k = &s.config_user;
                ops.push(create(
                    k.ix,
                    &[(k.config, presence.into()), (k.user, (*agent).into())],
                ));
            }
            for center in rng.some_of(centers) {
                let k = &s.routing_map;
                ops.push(create(
                    k.ix,
                    &[
                        (k.center, center.into()),
                        (k.reference, (*agent).into()),
                        (k.external, text(format!("ext-{at}"))),
                        (
                            k.name,
                            text(format!("Map_{at}_{}", center.number().unwrap_or(0))),
                        ),
                        (k.label, text(format!("Map {at}"))),
                    ],
                ));
            }
        }
        if let Some(presence) = rng
            .pick(&config.presence_configs)
            .filter(|_| rng.percent(40))
        {
            let k = &s.config_profile;
            let profile = self.genesis.profile;
            ops.push(create(
                k.ix,
                &[(k.config, presence.into()), (k.profile, profile.into())],
            ));
        }
    }
}

/// Users with the agents' profile.
pub fn agents(facts: &Facts, genesis: &Genesis) -> Vec<RecordId> {
    let people = facts.config.people.iter();
    people
        .filter(|(_, p)| p.profile == Some(genesis.profile))
        .map(|(id, _)| *id)
        .collect()
}

/// When every seed begins: a Monday morning.
pub const START: Millis = Millis(1_750_000_000_000);
