//! The org of a seed: queues, nested groups, roles, configurations, agents. Made by ordinary commands,
//! in four stages, because the later rows name the earlier ones.

use engine::SaveOp;
use model::{FieldIx, Millis, ObjectIx, RecordId, Value};

use crate::facts::Facts;
use crate::features::Features;
use crate::rng::Rng;
use crate::schema::Schema;

/// What a seed decides about its org beyond the rows.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Size {
    pub agents: u64,
    pub queues: u64,
    pub features: Features,
}

impl Size {
    /// Of a seed.
    pub fn roll(rng: &mut Rng) -> Self {
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
            features: Features::roll(rng),
        }
    }
}

/// Stages of [`stage`].
pub const STAGES: usize = 4;

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
        2 => maker.links(rng),
        _ => maker.skills_of_agents(rng),
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
        entities.extend(self.size.features.leads.then_some("Lead"));
        entities.extend(self.size.features.calls.then_some("VoiceCall"));
        entities.extend(self.size.features.chats.then_some("LiveChatTranscript"));
        for name in entities {
            let mut values = vec![
                (s.channel.name, text(format!("{name}_Channel"))),
                (s.channel.label, text(name)),
                (s.channel.entity, text(name)),
            ];
            if rng.percent(10) {
                values.push((s.channel.auto_accept, true.into()));
            }
            if name == "Case" && self.size.features.status_based {
                values.push((s.channel.capacity, text("StatusBased")));
                values.push((s.channel.status_field, text("Status")));
                values.push((s.channel.check_owner, rng.percent(50).into()));
                values.push((s.channel.check_status, rng.percent(50).into()));
            }
            if name == "Case" && self.size.features.secondary {
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
        if self.size.features.calls {
            for at in 0..1 + rng.below(2) {
                let name = text(format!("Center{at}"));
                let values = [
                    (s.call_center.name, name.clone()),
                    (s.call_center.internal, name),
                ];
                ops.push(create(s.call_center.ix, &values));
            }
        }
        ops.extend(self.skills_and_rules(rng));
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
        let models: &[&str] = if self.size.features.external {
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
        if self.size.features.skill_rules && rng.percent(60) {
            values.push((s.by_attributes, true.into()));
            let seconds = [5, 10, 30, 300];
            let drop = rng.pick(&seconds).filter(|_| rng.percent(70));
            values.push((s.drop, drop.map_or(Value::Null, Value::Int)));
        }
        if self.size.features.status_based {
            values.push((
                s.paused_weight,
                Value::Double(rng.pick(&[0.0, 0.5, 1.0]).unwrap_or(0.0)),
            ));
        }
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
            if self.size.features.status_based {
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
        ops.extend(self.rules(rng));
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

    /// Skills, permission sets, visitors; the set of skills-based rules (R16).
    fn skills_and_rules(&self, rng: &mut Rng) -> Vec<SaveOp> {
        let (s, has) = (&self.facts.schema, &self.size.features);
        let named = |at: u64, what: &str| text(format!("{what}_{at}"));
        let mut ops = Vec::new();
        if has.skills || has.skill_rules {
            for at in 0..2 + rng.below(3) {
                let k = &s.skill;
                let name = named(at, "Skill");
                ops.push(create(k.ix, &[(k.name, name.clone()), (k.label, name)]));
            }
        }
        if has.skill_rules {
            let k = &s.rule_set;
            let name = text("Case_Rules");
            let values = [
                (k.name, name.clone()),
                (k.label, name),
                (k.entity, text("Case")),
                (k.active, true.into()),
            ];
            ops.push(create(k.ix, &values));
        }
        if has.grants {
            let k = &s.permission_set;
            ops.push(create(
                k.ix,
                &[(k.name, text("Extra")), (k.label, text("Extra"))],
            ));
        }
        if has.chats {
            ops.push(create(s.visitor.ix, &[]));
        }
        ops
    }

    /// Which values of a case ask for which skill.
    fn rules(&self, rng: &mut Rng) -> Vec<SaveOp> {
        let (s, config) = (&self.facts.schema, &self.facts.config);
        let mut ops = Vec::new();
        for set in &config.rule_sets {
            for value in ["High", "Medium", "Low"] {
                for skill in rng.some_of(&config.skills) {
                    ops.push(rule(s, *set, value, skill, rng));
                }
            }
        }
        ops
    }

    /// R56: levels and dates, some of which begin or end while the seed runs.
    fn skills_of_agents(&self, rng: &mut Rng) -> Vec<SaveOp> {
        let config = &self.facts.config;
        let mut ops = Vec::new();
        for (resource, _) in &config.resources {
            for skill in &config.skills {
                if rng.percent(70) {
                    ops.push(skill_of_agent(self.facts, *resource, *skill, START, rng));
                }
            }
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
        if self.size.features.after_work && rng.percent(60) {
            values.push((s.after_work, true.into()));
            values.push((s.after_max, Value::Int(rng.between(10, 90))));
            if rng.percent(50) {
                values.push((s.extends, true.into()));
                values.push((s.extension, Value::Int(rng.between(10, 40))));
                values.push((
                    s.extensions,
                    text(rng.pick(&["1", "2", "3"]).unwrap_or("1")),
                ));
            }
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
                (s.chat.ix, "LiveChatTranscript"),
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
            let other = rng
                .pick(&config.permission_sets)
                .filter(|_| rng.percent(30));
            let parent = other.unwrap_or(self.genesis.permission_set);
            ops.push(create(
                k.ix,
                &[(k.parent, parent.into()), (k.entity, (*status).into())],
            ));
        }
        for set in &config.permission_sets {
            for agent in agents.iter().filter(|_| rng.percent(60)) {
                let k = &s.assignment;
                ops.push(create(
                    k.ix,
                    &[(k.set, (*set).into()), (k.assignee, (*agent).into())],
                ));
            }
        }
        if !config.skills.is_empty() {
            let k = &s.resource;
            for (at, agent) in agents.iter().enumerate() {
                let values = [
                    (k.name, text(format!("Resource {at}"))),
                    (k.related, (*agent).into()),
                    (k.kind, text("A")),
                    (k.active, true.into()),
                ];
                ops.push(create(k.ix, &values));
            }
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

/// A value of Case.Priority that asks for a skill (R16).
pub fn rule(s: &Schema, set: RecordId, value: &str, skill: RecordId, rng: &mut Rng) -> SaveOp {
    let k = &s.rule;
    let priority = rng
        .pick(&[Value::Null, Value::Int(0), Value::Int(1), Value::Int(2)].each_ref())
        .cloned();
    create(
        k.ix,
        &[
            (k.set, set.into()),
            (k.entity, text("Case")),
            (k.field, text("Priority")),
            (k.value, text(value)),
            (k.skill, text(skill.to_string())),
            (k.level, Value::Double(rng.between(0, 6) as f64)),
            (k.additional, rng.percent(50).into()),
            (k.priority, priority.unwrap_or(Value::Null)),
        ],
    )
}

/// A skill of an agent, in force for a while (R56).
pub fn skill_of_agent(
    facts: &Facts,
    resource: RecordId,
    skill: RecordId,
    now: Millis,
    rng: &mut Rng,
) -> SaveOp {
    let k = &facts.schema.resource_skill;
    let from = rng.pick(&[-86_400, -1, 0, 30, 600]).unwrap_or(0);
    let to = rng
        .pick(&[10, 120, 3_600, 90_000])
        .filter(|_| rng.percent(40));
    let level = rng.between(0, 1_000) as f64 / 100.0;
    create(
        k.ix,
        &[
            (k.resource, resource.into()),
            (k.skill, skill.into()),
            (k.level, Value::Double(level)),
            (k.start, Value::DateTime(now.plus_s(from))),
            (
                k.end,
                to.map_or(Value::Null, |to| {
                    Value::DateTime(now.plus_s(from.max(0) + to))
                }),
            ),
        ],
    )
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
