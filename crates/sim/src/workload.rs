//! Random commands: what customers, agents, administrators, routers and telephony do, and what they
//! should not do but try.

use std::collections::VecDeque;

use engine::{
    CallRef, CallRequest, Caller, PresenceRequest, Request as Asked, SaveOp, Submission, WorkAction,
};
use model::{KeyPrefix, Millis, ObjectIx, RecordId, Value};

use crate::facts::{Facts, Item, Model, Status, Work};
use crate::rng::Rng;
use crate::setup::{Genesis, agents, create};
use crate::step::Sent;

/// Who a command comes from.
pub trait Callers {
    /// The caller for a user.
    fn caller(&self, user: RecordId) -> Option<Caller>;
}

/// Commands that can be sent again under their id.
const RECENT_MAX: usize = 40;
/// Replies are kept a day; a repetition comes well before.
const REPEAT_WITHIN_S: i64 = 20 * 3_600;

/// The source of commands.
#[derive(Clone, Debug)]
pub struct Workload {
    rng: Rng,
    genesis: Genesis,
    count: u64,
    recent: VecDeque<(Millis, Sent)>,
    /// Odds of the kinds, different for each seed.
    odds: Vec<u64>,
}

type Made = Option<(RecordId, Asked, String)>;
type Kind = fn(&mut Workload, &Facts) -> Made;

/// Kinds with their usual odds.
const KINDS: &[(u64, Kind)] = &[
    (16, Workload::create_item),
    (6, Workload::create_many),
    (7, Workload::change_owner),
    (3, Workload::delete_item),
    (2, Workload::undelete_item),
    (2, Workload::delete_request),
    (2, Workload::insert_request),
    (5, Workload::insert_work),
    (18, Workload::set_status),
    (5, Workload::log_out),
    (20, Workload::accept),
    (8, Workload::decline),
    (14, Workload::close),
    (4, Workload::intrude),
    (4, Workload::create_call),
    (6, Workload::route_call),
    (2, Workload::clear_call),
    (2, Workload::end_call),
    (1, Workload::reroute_call),
    (2, Workload::edit_capacity),
    (2, Workload::edit_membership),
    (1, Workload::edit_config),
    (1, Workload::edit_user),
    (1, Workload::delete_work),
];

impl Workload {
    /// Of a seed.
    pub fn new(mut rng: Rng, genesis: Genesis) -> Self {
        let odds = KINDS
            .iter()
            .map(|(odds, _)| (odds * rng.below(9)).div_ceil(4))
            .collect();
        Self {
            rng,
            genesis,
            count: 0,
            recent: VecDeque::new(),
            odds,
        }
    }

    /// The next batch: mostly one command, sometimes several, sometimes none.
    pub fn batch(&mut self, facts: &Facts, callers: &dyn Callers, now: Millis) -> Vec<Sent> {
        let size = match self.rng.below(20) {
            0 => 0,
            1..=12 => 1,
            13..=17 => 2 + self.rng.below(2),
            _ => 4 + self.rng.below(8),
        };
        (0..size)
            .filter_map(|_| self.command(facts, callers, now))
            .collect()
    }

    fn command(&mut self, facts: &Facts, callers: &dyn Callers, now: Millis) -> Option<Sent> {
        if self.rng.percent(4)
            && let Some(sent) = self.repeat(now)
        {
            return Some(sent);
        }
        let kind = self.rng.weighted(&self.odds);
        let (user, request, words) = KINDS[kind].1(self, facts)?;
        self.count += 1;
        let command_id = self.rng.percent(60).then(|| format!("c{}", self.count));
        let words = match &command_id {
            Some(id) => format!("[{id}] {words}"),
            None => words,
        };
        let caller = callers.caller(user)?;
        let sent = Sent {
            submission: Submission {
                caller,
                command_id,
                request,
            },
            words,
            is_repeat: false,
        };
        if sent.submission.command_id.is_some() {
            self.recent.push_back((now, sent.clone()));
            if self.recent.len() > RECENT_MAX {
                self.recent.pop_front();
            }
        }
        Some(sent)
    }

    /// A client that did not hear the answer sends the command again.
    fn repeat(&mut self, now: Millis) -> Option<Sent> {
        self.recent
            .retain(|(at, _)| now < at.plus_s(REPEAT_WITHIN_S));
        let at = self.rng.below(self.recent.len() as u64) as usize;
        let mut sent = self.recent.get(at)?.1.clone();
        sent.words = format!("again: {}", sent.words);
        sent.is_repeat = true;
        Some(sent)
    }

    fn tag(&mut self) -> String {
        self.count += 1;
        format!("item {}", self.count)
    }

    fn agent(&mut self, facts: &Facts) -> Option<RecordId> {
        let all = agents(facts, &self.genesis);
        self.rng.pick(&all)
    }

    fn queue(&mut self, facts: &Facts) -> Option<RecordId> {
        let all: Vec<RecordId> = facts.config.queues.keys().copied().collect();
        self.rng.pick(&all)
    }

    fn item(&mut self, facts: &Facts, fits: impl Fn(&Item) -> bool) -> Option<Item> {
        let all: Vec<&Item> = facts.items.values().filter(|i| fits(i)).collect();
        // mostly a recent one
        let from = if self.rng.percent(70) {
            all.len().saturating_sub(12)
        } else {
            0
        };
        self.rng.pick(&all[from..]).cloned()
    }

    fn admin(&self) -> RecordId {
        engine::administrator()
    }

    fn save(&self, ops: Vec<SaveOp>, words: String) -> Made {
        Some((
            self.admin(),
            Asked::Save {
                ops,
                all_or_none: false,
            },
            words,
        ))
    }

    fn owner_for(&mut self, facts: &Facts, object: ObjectIx) -> Option<RecordId> {
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

    fn new_item(&mut self, facts: &Facts) -> (SaveOp, String) {
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

    fn create_item(&mut self, facts: &Facts) -> Made {
        let (op, words) = self.new_item(facts);
        self.save(vec![op], format!("create {words}"))
    }

    fn create_many(&mut self, facts: &Facts) -> Made {
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

    fn change_owner(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.clone();
        let item = self.item(facts, |i| i.object != s.call.ix)?;
        let owner = match self.rng.below(10) {
            0..=5 => self.owner_for(facts, item.object)?,
            6 => item.owner?,
            _ => self.agent(facts)?,
        };
        let field = if item.object == s.case.ix {
            s.case.owner
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

    fn delete_item(&mut self, facts: &Facts) -> Made {
        let call = facts.schema.call.ix;
        let item = self.item(facts, |i| !i.is_deleted || i.object != call)?;
        let op = SaveOp::Delete {
            object: item.object,
            id: item.id,
        };
        self.save(vec![op], format!("delete {}", item.id))
    }

    fn undelete_item(&mut self, facts: &Facts) -> Made {
        let id = self.item(facts, |i| i.is_deleted)?.id;
        self.save(vec![SaveOp::Undelete { id }], format!("undelete {id}"))
    }

    fn delete_request(&mut self, facts: &Facts) -> Made {
        let all: Vec<RecordId> = facts.requests.keys().copied().collect();
        let id = self.rng.pick(&all)?;
        let object = facts.schema.request.ix;
        self.save(
            vec![SaveOp::Delete { object, id }],
            format!("delete request {id}"),
        )
    }

    /// R10: a client routes a record to an agent, or to everybody.
    fn insert_request(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.clone();
        let item = self.item(facts, |i| i.object == s.case.ix)?;
        let (k, channel) = (&s.request, facts.config.channel_of(item.object)?);
        let model = self.rng.pick(&["LeastActive", "MostAvailable"])?;
        let mut values = vec![
            (k.item, item.id.into()),
            (k.channel, channel.into()),
            (k.kind, Value::from("SkillsBased")),
            (k.model, Value::from(model)),
            (k.ready, self.rng.percent(90).into()),
        ];
        if self.rng.percent(80) {
            values.push((k.weight, Value::Double(self.rng.between(0, 4) as f64)));
        }
        if self.rng.percent(70) {
            values.push((k.priority, Value::Int(self.rng.between(0, 3))));
        }
        let user = self.agent(facts).filter(|_| self.rng.percent(70));
        if let Some(user) = user {
            values.push((k.preferred, user.into()));
            values.push((k.required, self.rng.percent(60).into()));
        }
        self.save(
            vec![create(k.ix, &values)],
            format!("request {} for {}", item.id, show(user)),
        )
    }

    /// R170 to R173: an external router offers work, sometimes what it may not.
    fn insert_work(&mut self, facts: &Facts) -> Made {
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

    fn set_status(&mut self, facts: &Facts) -> Made {
        let user = self.agent(facts)?;
        let all: Vec<RecordId> = facts.config.statuses.keys().copied().collect();
        let is_plain = self.rng.percent(60);
        let status = if is_plain {
            *all.first()?
        } else {
            self.rng.pick(&all)?
        };
        let request = Asked::Presence(PresenceRequest::SetStatus(status));
        Some((user, request, format!("{user} goes to status {status}")))
    }

    fn log_out(&mut self, facts: &Facts) -> Made {
        let user = self.agent(facts)?;
        let (request, words) = if self.rng.percent(70) {
            (PresenceRequest::Logout, "logs out")
        } else {
            (PresenceRequest::ConnectionLost, "loses the connection")
        };
        Some((user, Asked::Presence(request), format!("{user} {words}")))
    }

    fn work(&mut self, facts: &Facts, status: Status) -> Option<Work> {
        let all: Vec<&Work> = facts.all_active().filter(|w| w.status == status).collect();
        self.rng.pick(&all).cloned()
    }

    fn accept(&mut self, facts: &Facts) -> Made {
        let work = self.work(facts, Status::Assigned)?;
        let request = Asked::Work {
            work: work.id,
            action: WorkAction::Accept,
        };
        Some((
            work.user,
            request,
            format!("{} accepts {}", work.user, work.id),
        ))
    }

    fn decline(&mut self, facts: &Facts) -> Made {
        let work = self.work(facts, Status::Assigned)?;
        let reason = self.rng.percent(50).then(|| "Lunch".to_owned());
        let request = Asked::Work {
            work: work.id,
            action: WorkAction::Decline { reason },
        };
        Some((
            work.user,
            request,
            format!("{} declines {}", work.user, work.id),
        ))
    }

    fn close(&mut self, facts: &Facts) -> Made {
        let work = self.work(facts, Status::Opened)?;
        let request = Asked::Work {
            work: work.id,
            action: WorkAction::Close,
        };
        Some((
            work.user,
            request,
            format!("{} closes {}", work.user, work.id),
        ))
    }

    /// Somebody else's work, finished work, work that never was; a status that is none.
    fn intrude(&mut self, facts: &Facts) -> Made {
        let user = self.agent(facts)?;
        if self.rng.percent(10) {
            let status = RecordId::new(KeyPrefix::of("0N5"), 4_711);
            let request = Asked::Presence(PresenceRequest::SetStatus(status));
            return Some((
                user,
                request,
                format!("{user} goes to a status that does not exist"),
            ));
        }
        let all: Vec<RecordId> = facts.works.keys().copied().collect();
        let none = RecordId::new(KeyPrefix::of("0Bz"), 8_000_000);
        let work = self
            .rng
            .pick(&all)
            .filter(|_| self.rng.percent(90))
            .unwrap_or(none);
        let action = match self.rng.below(3) {
            0 => WorkAction::Accept,
            1 => WorkAction::Decline { reason: None },
            _ => WorkAction::Close,
        };
        let words = format!("{user} tries {action:?} on {work}");
        Some((user, Asked::Work { work, action }, words))
    }

    fn edit_capacity(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.presence_config;
        let id = self.rng.pick(&facts.config.presence_configs)?;
        let capacity = self.rng.between(0, 9);
        let values = vec![(s.capacity, Value::Int(capacity))];
        let op = SaveOp::Update {
            object: s.ix,
            id,
            values,
        };
        self.save(vec![op], format!("capacity of {id} becomes {capacity}"))
    }

    fn edit_membership(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.member;
        if self.rng.percent(50) {
            let (id, group, of) = self.rng.pick(&facts.config.memberships)?;
            let op = SaveOp::Delete { object: s.ix, id };
            return self.save(vec![op], format!("{of} leaves {group}"));
        }
        let (group, of) = (self.queue(facts)?, self.agent(facts)?);
        let op = create(s.ix, &[(s.group, group.into()), (s.of, of.into())]);
        self.save(vec![op], format!("{of} joins {group}"))
    }

    fn edit_config(&mut self, facts: &Facts) -> Made {
        let s = facts.schema.clone();
        if self.rng.percent(50) {
            let id = self.rng.pick(&facts.config.routing_configs)?;
            let priority = self.rng.between(0, 3);
            let values = vec![(s.routing_config.priority, Value::Int(priority))];
            let op = SaveOp::Update {
                object: s.routing_config.ix,
                id,
                values,
            };
            return self.save(vec![op], format!("priority of {id} becomes {priority}"));
        }
        let queue = self.queue(facts)?;
        let config = self
            .rng
            .pick(&facts.config.routing_configs)
            .filter(|_| self.rng.percent(80));
        let values = vec![(s.group.config, config.into())];
        let op = SaveOp::Update {
            object: s.group.ix,
            id: queue,
            values,
        };
        self.save(
            vec![op],
            format!("configuration of {queue} becomes {}", show(config)),
        )
    }

    fn edit_user(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.user;
        let id = self.agent(facts)?;
        let is_active = self.rng.percent(70);
        let values = vec![(s.is_active, is_active.into())];
        let op = SaveOp::Update {
            object: s.ix,
            id,
            values,
        };
        self.save(vec![op], format!("{id} becomes active: {is_active}"))
    }

    fn delete_work(&mut self, facts: &Facts) -> Made {
        let all: Vec<RecordId> = facts.works.keys().copied().collect();
        let id = self.rng.pick(&all)?;
        let object = facts.schema.work.ix;
        self.save(
            vec![SaveOp::Delete { object, id }],
            format!("delete work {id}"),
        )
    }

    fn center(&mut self, facts: &Facts) -> Option<RecordId> {
        self.rng.pick(&facts.config.centers)
    }

    fn create_call(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.call;
        let center = self.center(facts)?;
        let tag = self.tag();
        let values = vec![
            (s.from, Value::from(tag.clone())),
            (s.to, Value::from("+44100")),
            (s.kind, Value::from("Inbound")),
        ];
        let request = CallRequest::Create {
            center,
            values,
            vendor_call_key: tag.clone(),
            parent: None,
            queue: None,
            attribute_errors: Vec::new(),
        };
        Some((
            self.admin(),
            Asked::Call(request),
            format!("call {tag} at {center}"),
        ))
    }

    fn call(&mut self, facts: &Facts) -> Option<(RecordId, CallRef, RecordId)> {
        let voice = facts.schema.call.ix;
        let item = self.item(facts, |i| i.object == voice)?;
        let call = match item.tag.filter(|_| self.rng.percent(50)) {
            Some(key) => CallRef::Key(key.to_string()),
            None => CallRef::Id(item.id),
        };
        Some((item.center?, call, item.id))
    }

    fn route_call(&mut self, facts: &Facts) -> Made {
        let (center, call, id) = self.call(facts)?;
        let to_queue = self.rng.percent(60);
        let target = if to_queue {
            self.queue(facts)?
        } else {
            self.agent(facts)?
        };
        let fallback = self
            .queue(facts)
            .filter(|_| !to_queue && self.rng.percent(60));
        let words = format!("route call {id} to {target}, else {}", show(fallback));
        let request = CallRequest::Route {
            center,
            call,
            target: target.to_string(),
            fallback_queue: fallback.map(|q| q.to_string()),
        };
        Some((self.admin(), Asked::Call(request), words))
    }

    fn clear_call(&mut self, facts: &Facts) -> Made {
        let (center, call, id) = self.call(facts)?;
        let request = CallRequest::ClearRouting { center, call };
        Some((
            self.admin(),
            Asked::Call(request),
            format!("clear routing of {id}"),
        ))
    }

    fn end_call(&mut self, facts: &Facts) -> Made {
        let (center, call, id) = self.call(facts)?;
        let request = CallRequest::Update {
            center,
            call,
            values: Vec::new(),
            is_active: false,
        };
        Some((
            self.admin(),
            Asked::Call(request),
            format!("call {id} ends"),
        ))
    }

    fn reroute_call(&mut self, facts: &Facts) -> Made {
        let (center, call, id) = self.call(facts)?;
        let request = CallRequest::Reroute { center, call };
        Some((
            self.admin(),
            Asked::Call(request),
            format!("reroute call {id}"),
        ))
    }
}

fn show(id: Option<RecordId>) -> String {
    id.map_or_else(|| "nobody".to_owned(), |id| id.to_string())
}
