//! Records and routing rows: customers, administrators, external routers.

use engine::{Request as Asked, SaveOp};
use model::{FieldIx, KeyPrefix, ObjectIx, RecordId, Value};

use super::{Made, SAVES, Workload, show};
use crate::facts::{Facts, Model};
use crate::setup::create;

/// Two of these are more than 100 open items (R104).
const CROWD: u64 = 60;

impl Workload {
    pub(super) fn owner_for(&mut self, facts: &Facts, object: ObjectIx) -> Option<RecordId> {
        let fitting: Vec<RecordId> = facts
            .config
            .queues
            .iter()
            .filter(|(_, q)| q.objects.contains(&object))
            .map(|(id, _)| *id)
            .collect();
        match self.rng.below(20) {
            0 => self.queue(facts),
            1 => self.agent(facts),
            2 => None,
            _ => self.rng.pick(&fitting),
        }
    }

    pub(super) fn new_item(&mut self, facts: &Facts) -> (SaveOp, String) {
        let s = facts.schema.clone();
        let tag = self.tag();
        let is_lead = facts.config.channel_of(s.lead.ix).is_some() && self.rng.percent(30);
        let object = if is_lead { s.lead.ix } else { s.case.ix };
        let owner = self.owner_for(facts, object);
        let words = format!("{tag} for {}", show(owner));
        let mut values = if is_lead {
            let mut values = vec![(s.lead.company, Value::from(tag))];
            if !self.rng.percent(5) {
                values.push((s.lead.last_name, Value::from("Customer")));
            }
            values
        } else {
            let mut values = vec![(s.case.subject, Value::from(tag))];
            if let Some(priority) = self
                .rng
                .pick(&["High", "Medium", "Low", ""])
                .filter(|p| !p.is_empty())
            {
                values.push((s.case.priority, Value::from(priority)));
            }
            values
        };
        let owner_field = if is_lead { s.lead.owner } else { s.case.owner };
        if let Some(owner) = owner {
            values.push((owner_field, owner.into()));
        }
        (create(object, &values), words)
    }

    pub(super) fn create_item(&mut self, facts: &Facts) -> Made {
        let (op, words) = self.new_item(facts);
        self.save(vec![op], format!("create {words}"))
    }

    pub(super) fn create_many(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.clone();
        let (mut ops, mut all) = (Vec::new(), Vec::new());
        for _ in 0..2 + self.rng.below(5) {
            let (op, words) = self.new_item(facts);
            ops.push(op);
            all.push(words);
        }
        if self.rng.percent(40) {
            let wrong = RecordId::new(KeyPrefix::of("005"), 999_999);
            let tag = self.tag();
            let values = [
                (s.case.subject, Value::from(tag)),
                (s.case.owner, wrong.into()),
            ];
            let at = self.rng.below(ops.len() as u64 + 1) as usize;
            ops.insert(at, create(s.case.ix, &values));
            all.push("one that fails".to_owned());
        }
        if self.rng.percent(30)
            && let Some(item) = self.item(facts, |i| i.object == s.case.ix)
        {
            all.push(format!("delete {}", item.id));
            ops.push(SaveOp::Delete {
                object: item.object,
                id: item.id,
            });
        }
        let all_or_none = self.rng.percent(50);
        let how = if all_or_none {
            "all or none"
        } else {
            "what fits"
        };
        let words = format!("create, {how}: {}", all.join("; "));
        Some((self.admin(), Asked::Save { ops, all_or_none }, words))
    }

    pub(super) fn change_owner(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.clone();
        let item = self.item(facts, |i| i.object != s.call.ix)?;
        let owner = match self.rng.below(10) {
            0..=5 => self.owner_for(facts, item.object)?,
            6 => item.owner?,
            _ => self.agent(facts)?,
        };
        let field = if item.object == s.case.ix {
            s.case.owner
        } else if item.object == s.chat.ix {
            s.chat.owner
        } else {
            s.lead.owner
        };
        let op = SaveOp::Update {
            object: item.object,
            id: item.id,
            values: vec![(field, owner.into())],
        };
        self.save(vec![op], format!("give {} to {owner}", item.id))
    }

    pub(super) fn delete_item(&mut self, facts: &Facts) -> Made {
        let call = facts.schema.call.ix;
        let item = self.item(facts, |i| !i.is_deleted || i.object != call)?;
        let op = SaveOp::Delete {
            object: item.object,
            id: item.id,
        };
        self.save(vec![op], format!("delete {}", item.id))
    }

    pub(super) fn undelete_item(&mut self, facts: &Facts) -> Made {
        let id = self.item(facts, |i| i.is_deleted)?.id;
        self.save(vec![SaveOp::Undelete { id }], format!("undelete {id}"))
    }

    pub(super) fn delete_request(&mut self, facts: &Facts) -> Made {
        let all: Vec<RecordId> = facts.requests.keys().copied().collect();
        let id = self.rng.pick(&all)?;
        let object = facts.schema.request.ix;
        self.save(
            vec![SaveOp::Delete { object, id }],
            format!("delete request {id}"),
        )
    }

    /// A visitor comes to a chat (R72).
    pub(super) fn create_chat(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.clone();
        let tag = self.tag();
        let owner = self.owner_for(facts, s.chat.ix)?;
        let visitor = self.rng.pick(&facts.config.visitors)?;
        let values = [
            (s.chat.key, Value::from(tag.clone())),
            (s.chat.owner, owner.into()),
            (s.chat.visitor, visitor.into()),
        ];
        self.save(
            vec![create(s.chat.ix, &values)],
            format!("chat {tag} for {owner}"),
        )
    }

    /// More than an agent may hold (R104).
    pub(super) fn create_crowd(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.case;
        let owner = self.owner_for(facts, s.ix)?;
        let mut ops = Vec::new();
        for _ in 0..CROWD {
            let values = [
                (s.subject, Value::from(self.tag())),
                (s.owner, owner.into()),
            ];
            ops.push(create(s.ix, &values));
        }
        self.save(ops, format!("a crowd of {CROWD} for {owner}"))
    }

    /// R10: a client routes a record to an agent, to holders of skills, or to everybody.
    pub(super) fn insert_request(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.clone();
        let item = self.item(facts, |i| i.object == s.case.ix)?;
        let (k, channel) = (&s.request, facts.config.channel_of(item.object)?);
        let model = self.rng.pick(&["LeastActive", "MostAvailable"])?;
        let is_ready = self.rng.percent(if self.features.skills { 30 } else { 90 });
        let mut values = vec![
            (k.item, item.id.into()),
            (k.channel, channel.into()),
            (k.kind, Value::from("SkillsBased")),
            (k.model, Value::from(model)),
            (k.ready, is_ready.into()),
        ];
        if self.rng.percent(80) {
            values.push((k.weight, Value::Double(self.rng.between(0, 4) as f64)));
        }
        if self.rng.percent(70) {
            values.push((k.priority, Value::Int(self.rng.between(0, 3))));
        }
        if self.features.pools {
            values.push((k.interruptible, self.rng.percent(50).into()));
        }
        let odds = if self.features.direct { 60 } else { 0 };
        let user = self.agent(facts).filter(|_| self.rng.percent(odds));
        if let Some(user) = user {
            values.push((k.preferred, user.into()));
            values.push((k.required, self.rng.percent(50).into()));
        }
        values.extend(self.dates_of_request(facts));
        self.save(
            vec![create(k.ix, &values)],
            format!("request {} for {}", item.id, show(user)),
        )
    }

    /// R13, R20, R29, R34, R57.
    fn dates_of_request(&mut self, facts: &Facts) -> Vec<(FieldIx, Value)> {
        let k = facts.schema.request;
        let mut values = Vec::new();
        if self.features.skills {
            let seconds = self
                .rng
                .pick(&[5, 10, 30, 600])
                .filter(|_| self.rng.percent(75));
            values.push((k.drop, seconds.map_or(Value::Null, Value::Int)));
        }
        if self.features.dates {
            for (field, from, to) in [(k.custom, -900, 30), (k.scheduled, -60, 300)] {
                if self.rng.percent(40) {
                    let at = self.now.plus_s(self.rng.between(from, to));
                    values.push((field, Value::DateTime(at)));
                }
            }
        }
        values
    }

    /// R170 to R173: an external router offers work, sometimes what it may not.
    pub(super) fn insert_work(&mut self, facts: &Facts) -> Made {
        let k = facts.schema.work;
        let is_odd = self.rng.percent(15);
        let all: Vec<RecordId> = facts
            .requests
            .values()
            .filter(|r| is_odd || (r.ask.model == Model::External && !r.is_pushed))
            .map(|r| r.id)
            .collect();
        let request = facts.requests.get(&self.rng.pick(&all)?)?;
        let user = self.agent(facts)?;
        let is_forced = self.rng.percent(15);
        let mut values = vec![
            (k.item, request.ask.item.into()),
            (k.channel, request.ask.channel.into()),
            (k.user, user.into()),
            (k.request, request.id.into()),
        ];
        match self.rng.below(4) {
            0 => values.push((k.weight, Value::Double(self.rng.between(0, 3) as f64))),
            1 => values.push((k.percentage, Value::Double(25.0))),
            _ => {}
        }
        if is_forced {
            values.push((k.skip, true.into()));
        }
        let how = if is_forced {
            " whatever the capacity"
        } else {
            ""
        };
        self.save(
            vec![create(k.ix, &values)],
            format!("router offers {} to {user}{how}", request.id),
        )
    }

    pub(super) fn delete_work(&mut self, facts: &Facts) -> Made {
        let all: Vec<RecordId> = facts.works.keys().copied().collect();
        let id = self.rng.pick(&all)?;
        let object = facts.schema.work.ix;
        self.save(
            vec![SaveOp::Delete { object, id }],
            format!("delete work {id}"),
        )
    }

    /// R11, R12: a request that is not ready becomes so; a ready one may not be touched.
    pub(super) fn update_request(&mut self, facts: &Facts) -> Made {
        let k = facts.schema.request;
        let is_odd = self.rng.percent(20);
        let fits = facts.requests.values().filter(|r| is_odd || !r.is_ready);
        let all: Vec<RecordId> = fits.map(|r| r.id).collect();
        let id = self.rng.pick(&all)?;
        let values = match self.rng.below(6) {
            0 => vec![(k.priority, Value::Int(self.rng.between(0, 3)))],
            2 => self.dates_of_request(facts),
            1 => vec![(k.preferred, self.agent(facts).into())],
            _ => vec![(k.ready, true.into())],
        };
        let words = format!("request {id} becomes {values:?}");
        let op = SaveOp::Update {
            object: k.ix,
            id,
            values,
        };
        self.save(vec![op], words)
    }

    /// Operations of several kinds in one save, whole or as far as they go.
    pub(super) fn mixed_save(&mut self, facts: &Facts) -> Made {
        let (mut ops, mut all) = (Vec::new(), Vec::new());
        for _ in 0..2 + self.rng.below(5) {
            let kind = self.rng.pick(SAVES)?;
            let Some((_, Asked::Save { ops: more, .. }, words)) = kind(self, facts) else {
                continue;
            };
            ops.extend(more);
            all.push(words);
        }
        let all_or_none = self.rng.percent(50);
        let how = if all_or_none {
            "all or none"
        } else {
            "what fits"
        };
        let words = format!("in one save, {how}: {}", all.join("; "));
        let request = Asked::Save { ops, all_or_none };
        Some((self.admin(), request, words)).filter(|_| !all.is_empty())
    }
}
