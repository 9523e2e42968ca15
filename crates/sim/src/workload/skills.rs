//! Skills: what requests ask for, what agents have, which fields of a record ask for what.

use engine::{Request as Asked, SaveOp, Supervision};
use model::{RecordId, Value};

use super::{Made, Workload};
use crate::facts::Facts;
use crate::setup::{self, create};

impl Workload {
    /// R11: a skill for a request that is not ready; sometimes for one that is.
    pub(super) fn add_requirement(&mut self, facts: &Facts) -> Made {
        let k = facts.schema.requirement;
        let is_odd = self.rng.percent(8);
        let fits = facts.requests.values().filter(|r| is_odd || !r.is_ready);
        let all: Vec<RecordId> = fits.map(|r| r.id).collect();
        let request = self.rng.pick(&all)?;
        let skill = self.rng.pick(&facts.config.skills)?;
        let mut values = vec![
            (k.related, request.into()),
            (k.skill, skill.into()),
            (
                k.level,
                Value::Double(self.rng.between(0, 700) as f64 / 100.0),
            ),
        ];
        if self.rng.percent(50) {
            values.push((k.additional, true.into()));
            let priority = self.rng.between(0, 3);
            values.extend((priority < 3).then_some((k.priority, Value::Int(priority))));
        }
        self.save(
            vec![create(k.ix, &values)],
            format!("request {request} asks for {skill}"),
        )
    }

    /// A skill of an agent comes, goes, or counts for less.
    pub(super) fn edit_skill(&mut self, facts: &Facts) -> Made {
        let (s, config) = (facts.schema.clone(), &facts.config);
        let (resource, user) = self.rng.pick(&config.resources)?;
        let skill = self.rng.pick(&config.skills)?;
        let row = self.rng.pick(&config.resource_skills).map(|(id, _, _)| id);
        let op = match self.rng.below(6) {
            0 | 1 => setup::skill_of_agent(facts, resource, skill, self.now, &mut self.rng),
            2 => SaveOp::Delete {
                object: s.resource_skill.ix,
                id: row?,
            },
            3 => SaveOp::Update {
                object: s.resource_skill.ix,
                id: row?,
                values: vec![(
                    s.resource_skill.level,
                    Value::Double(self.rng.between(0, 9) as f64),
                )],
            },
            4 => {
                let what = Supervision::Skills {
                    user,
                    set: vec![(skill, self.rng.between(0, 9) as f64)],
                    remove: Vec::new(),
                };
                let words = format!("supervisor: {what:?}");
                return Some((self.admin(), Asked::Supervise(what), words));
            }
            _ => SaveOp::Update {
                object: s.resource.ix,
                id: resource,
                values: vec![(s.resource.active, self.rng.percent(70).into())],
            },
        };
        self.save(vec![op], format!("skills of {user}: {skill}"))
    }

    /// R16: which value asks for which skill.
    pub(super) fn edit_rule(&mut self, facts: &Facts) -> Made {
        let (s, config) = (facts.schema.clone(), &facts.config);
        let set = self.rng.pick(&config.rule_sets)?;
        let op = match self.rng.below(3) {
            0 => SaveOp::Update {
                object: s.rule_set.ix,
                id: set,
                values: vec![(s.rule_set.active, self.rng.percent(75).into())],
            },
            1 => SaveOp::Delete {
                object: s.rule.ix,
                id: self.rng.pick(&config.rules)?,
            },
            _ => {
                let skill = self.rng.pick(&config.skills)?;
                let value = self.rng.pick(&["High", "Medium", "Low"])?;
                setup::rule(&s, set, value, skill, &mut self.rng)
            }
        };
        self.save(vec![op], format!("rules of {set}"))
    }
}
