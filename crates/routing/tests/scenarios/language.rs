//! The language of the scenarios.
//!
//! One action per line, in the words of the specification; `at` gives the time of day (2025-06-20).
//! A name stands for the same record everywhere; records are made when first named.
//!
//! ```text
//! channel Case [voice|chat] [interruptible] [status-based] [auto-accept] [Closed=completed] ...
//! status  Online Case Lead          presence status and its channels; none = busy
//! queue   Q model=MostAvailable priority=1 weight=2 timeout=10 ...
//! agent   A queues=Q capacity=6 statuses=Online,Busy [decline] [auto-accept] ...
//! login   A Online at 09:00:00      logout, status alike
//! case    1 Q at 12:00:00           a record with owner Q; `call`, `chat`, `lead` alike
//! accept  1 A at ...                decline, close alike
//! refused CODE accept 1 A at ...
//! wait    at ...
//! restart
//! expect  work 1 A Assigned | case 1 owner=A | psr 1 pushed=yes | used A 2 of 6
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Millis, RecordId, Refusal, Value};
use routing::{
    AfterWork, AgentSkill, Channel, ChannelKind, Command, Configuration, FairCap, Item, NewWork,
    PendingServiceRouting, PresenceConfig, PresenceStatus, Queue, Requirement, RoutingModel,
    Settings, SkillRequirement, Target, Units, WorkState,
};

use crate::words::Words;
use crate::world::World;

/// The common setting of section 12.
const COMMON: &str = "
    channel Case
    channel Lead
    status Online Case Lead
    status Busy
    queue Q model=MostAvailable priority=1 weight=2
    agent A queues=Q capacity=6 statuses=Online,Busy
    agent B queues=Q capacity=6 statuses=Online,Busy
    agent C queues=Q capacity=6 statuses=Online,Busy
";

/// Runs a scenario; panics with the line that does not hold.
pub fn check(text: &str) {
    let mut script = Script::default();
    script
        .world
        .configure(Configuration::Settings(script.settings.clone()));
    for line in text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        script.line(line);
    }
}

#[derive(Default)]
pub(crate) struct Script {
    pub world: World,
    settings: Settings,
    pub names: BTreeMap<(String, String), RecordId>,
    channels: BTreeMap<String, Channel>,
    members: BTreeMap<RecordId, Vec<RecordId>>,
    agents: BTreeMap<RecordId, routing::Agent>,
    /// Channel and secondary priority of each record.
    items: BTreeMap<RecordId, Item>,
}

impl Script {
    pub fn id(&mut self, prefix: &str, name: &str) -> RecordId {
        let key = (prefix.to_owned(), name.to_owned());
        if let Some(id) = self.names.get(&key) {
            return *id;
        }
        let id = self.world.new_id(prefix);
        self.names.insert(key, id);
        id
    }

    pub fn user(&mut self, name: &str) -> RecordId {
        self.id("005", name)
    }

    pub fn item(&mut self, name: &str) -> RecordId {
        self.id("500", name)
    }

    fn line(&mut self, line: &str) {
        let words = Words::of(line);
        match words.plain[0] {
            "common" => COMMON
                .lines()
                .map(str::trim)
                .filter(|l| !l.is_empty())
                .for_each(|l| self.line(l)),
            "settings" => self.set_settings(&words),
            "channel" => self.channel(&words),
            "status" if words.at.is_none() => self.presence_status(&words),
            "queue" => self.queue(&words),
            "agent" => self.agent(&words),
            "members" => self.set_members(&words),
            "skills" => self.skills(&words),
            "wait" => self.world.advance(words.at.expect("wait at")),
            "restart" => self.restart(),
            "down" => {
                // nothing runs until then
                self.world.now = words.at.expect("down at");
                self.restart();
                self.world.settle();
            }
            "expect" => {
                let claims = line.strip_prefix("expect").unwrap_or_default();
                claims
                    .split('|')
                    .for_each(|claim| self.expect(claim.trim(), line));
            }
            "refused" => {
                let rest = line.splitn(3, ' ').nth(2).expect("refused CODE command");
                let answer = self.act(&Words::of(rest));
                let code = answer.err().map(|r| r.code.as_str());
                assert_eq!(code, Some(words.plain[1]), "{line}");
            }
            "undone" => {
                // carried out in a draft that is given up
                let rest = line.strip_prefix("undone").expect("a command");
                let words = Words::of(rest);
                let owners = self.world.owners.clone();
                let at = words.at.expect("undone ... at");
                let commands = self.commands(&words, at);
                self.world.run_and_undo(&commands, at);
                self.world.owners = owners;
            }
            _ => self
                .act(&words)
                .unwrap_or_else(|refusal| panic!("{line}\n{refusal}")),
        }
    }

    fn restart(&mut self) {
        self.world.restart();
        self.world.settle();
    }

    fn set_settings(&mut self, words: &Words) {
        let settings = &mut self.settings;
        settings.secondary_priority = !words.has("no-secondary");
        settings.skills_routing = !words.has("no-skills");
        settings.least_active_units = words.has("least-active-units");
        if let Some(max) = words.int("pending-max") {
            settings.pending_max = max as u32;
        }
        settings.voice_rounds_max = words.int("voice-rounds").map(|max| max as u32);
        let seconds = |key: &str| words.int(key).map(|s| s as u32);
        settings.ageing_s = seconds("ageing");
        settings.sla_window_s = seconds("sla");
        settings.fair_cap = seconds("fair-cap").map(|offers| FairCap {
            offers,
            window_s: seconds("cap-window").unwrap_or(3_600),
        });
        settings.offer_pacing_s = seconds("pacing");
        settings.sticky_hours = seconds("sticky");
        settings.room_reservation_s = seconds("reserve");
        if let Some(max) = words.int("hourly-max") {
            settings.queued_per_hour_max = max as u32;
        }
        settings.next_status = words.has("next-status");
        settings.withdraw_offers = words.has("withdraw-offers");
        settings.return_s = words.int("return").map(|s| s as u32);
        let settings = settings.clone();
        self.world.configure(Configuration::Settings(settings));
        self.world.settle();
    }

    fn channel(&mut self, words: &Words) {
        let kind = match () {
            () if words.has("voice") => ChannelKind::Voice,
            () if words.has("chat") => ChannelKind::Chat,
            () => ChannelKind::Record,
        };
        let state = |name: &str| match name {
            "paused" => Some(WorkState::Paused),
            "completed" => Some(WorkState::Completed),
            "in-progress" => Some(WorkState::InProgress),
            _ => None,
        };
        let values = words
            .pairs
            .iter()
            .filter_map(|(k, v)| Some((Arc::from(*k), state(v)?)));
        let channel = Channel {
            kind,
            is_status_based: words.has("status-based"),
            is_interruptible: words.has("interruptible"),
            auto_accept: words.has("auto-accept"),
            check_capacity_on_owner_change: words.has("check-owner"),
            check_capacity_on_status_change: words.has("check-status"),
            status_values: values.collect(),
            after_work: after_work(words),
        };
        let id = self.id("0N9", words.plain[1]);
        self.channels
            .insert(words.plain[1].to_owned(), channel.clone());
        self.world
            .configure(Configuration::Channel(id, Some(channel)));
    }

    fn presence_status(&mut self, words: &Words) {
        let names = words.plain[2..].iter().filter(|w| **w != "away");
        let channels = names.map(|name| self.id("0N9", name)).collect();
        let id = self.id("0N5", words.plain[1]);
        let status = PresenceStatus {
            channels,
            is_away: words.has("away"),
        };
        self.world
            .configure(Configuration::Status(id, Some(status)));
    }

    fn queue(&mut self, words: &Words) {
        let id = self.id("00G", words.plain[1]);
        let model = words.get("model").and_then(RoutingModel::parse);
        let overflow = words.get("overflow").map(|name| self.user(name));
        let alternative = words.get("alternative").map(|name| self.id("00G", name));
        let queue = Queue {
            model: model.unwrap_or(RoutingModel::MostAvailable),
            priority: words.int("priority"),
            weight: words.units("weight"),
            percentage: words.units("percent"),
            paused_weight: words.units("paused"),
            paused_percentage: words.units("paused-percent"),
            push_timeout_s: words.int("timeout"),
            is_interruptible: words.has("interruptible").then_some(true),
            is_attribute_based: words.has("attribute-based"),
            drop_timeout_s: words.int("drop"),
            overflow_assignee: overflow,
            rounds_max: words.int("rounds").map(|max| max as u16),
            alternative,
            return_s: words.int("return").map(|s| s as u32),
        };
        let config = (!words.has("no-config")).then_some(queue);
        self.world.configure(Configuration::Queue(id, config));
    }

    fn agent(&mut self, words: &Words) {
        let user = self.user(words.plain[1]);
        let mut status = |key: &str| words.get(key).map(|name| self.id("0N5", name));
        let presence = PresenceConfig {
            capacity: words.int("capacity").unwrap_or(6),
            interruptible_capacity: words.int("interruptible"),
            auto_accept: words.has("auto-accept"),
            can_decline: words.has("decline"),
            decline_reasons: words.has("reasons"),
            status_on_decline: status("decline-status"),
            status_on_push_timeout: status("timeout-status"),
            after_work: after_work(words),
        };
        let statuses: Vec<_> = words
            .list("statuses")
            .iter()
            .map(|s| self.id("0N5", s))
            .collect();
        let centers: Vec<_> = words
            .list("centers")
            .iter()
            .map(|s| self.id("04v", s))
            .collect();
        let agent = routing::Agent {
            is_active: !words.has("inactive"),
            presence: Arc::new(presence),
            statuses: statuses.into(),
            call_centers: centers.into(),
        };
        self.agents.insert(user, agent.clone());
        self.world
            .configure(Configuration::Agent(user, Some(agent)));
        for queue in words.list("queues") {
            let queue = self.id("00G", queue);
            let members = self.members.entry(queue).or_default();
            if !members.contains(&user) {
                members.push(user);
            }
            let members = members.clone();
            self.world
                .configure(Configuration::QueueMembers(queue, members));
        }
        self.world.settle();
    }

    /// `members Q A B`: exactly these.
    fn set_members(&mut self, words: &Words) {
        let queue = self.id("00G", words.plain[1]);
        let users: Vec<_> = words.plain[2..]
            .iter()
            .map(|name| self.user(name))
            .collect();
        self.members.insert(queue, users.clone());
        self.world
            .configure(Configuration::QueueMembers(queue, users));
        self.world.settle();
    }

    /// `skills A French=7 Hardware=9..2025-06-19`: level and optional last day.
    fn skills(&mut self, words: &Words) {
        let user = self.user(words.plain[1]);
        let mut skills = Vec::new();
        for (name, value) in &words.pairs {
            let (level, to) = value.split_once("..").unwrap_or((value, ""));
            skills.push(AgentSkill {
                skill: self.id("0C5", name),
                level: Units::from_f64(level.parse().expect("a level")),
                from: Millis(0),
                to: Millis::parse(&format!("{to}T23:59:59Z")),
            });
        }
        self.world.configure(Configuration::Skills(user, skills));
        self.world.settle();
    }

    fn act(&mut self, words: &Words) -> Result<(), Refusal> {
        let at = words.at.unwrap_or(self.world.now);
        let commands = self.commands(words, at);
        for command in commands {
            let answer = self.world.run(&command, at);
            if let (Err(_), Command::InsertRequirement(row)) = (&answer, &command) {
                self.world.requirements.remove(&row.id);
            }
            answer?;
        }
        Ok(())
    }

    fn commands(&mut self, words: &Words, at: Millis) -> Vec<Command> {
        let (verb, names) = (words.plain[0], &words.plain[1..]);
        self.world.advance(at);
        let command = match verb {
            "login" | "status" => {
                let (user, status) = (self.user(names[0]), self.id("0N5", names[1]));
                Command::SetStatus { user, status }
            }
            "next" => {
                let (user, status) = (self.user(names[0]), self.id("0N5", names[1]));
                Command::SetNextStatus { user, status }
            }
            "logout" => Command::Logout {
                user: self.user(names[0]),
            },
            "case" | "lead" | "call" | "chat" | "owner" => return vec![self.own(words)],
            "delete" => Command::ItemDeleted {
                item: self.item(names[0]),
            },
            "hang-up" => Command::CustomerLeft {
                item: self.item(names[0]),
            },
            "end" => Command::EndConversation {
                item: self.item(names[0]),
            },
            "set" => self.set_status_field(words),
            "route" => self.route(words),
            "reassign" => {
                let id = self.item(names[0]);
                Command::Reassign {
                    item: self.items[&id].clone(),
                    target: self.target(words),
                    requester: self.user(words.get("by").expect("by=")),
                }
            }
            "reroute" => {
                let id = self.item(names[0]);
                Command::Reroute {
                    item: self.items[&id].clone(),
                }
            }
            "accept" | "decline" | "close" | "extend" | "join" | "transfer" => self.work(words),
            "touch" => Command::Touch {
                item: self.item(names[0]),
                user: self.user(names[1]),
            },
            "insert-psr" => self.insert_request(words),
            "require" => self.require(words),
            "unrequire" => self.unrequire(words),
            "edit-psr" => self.edit_request(words),
            "delete-psr" => Command::DeleteRequest {
                request: self.request_id(names[0]),
            },
            "insert-work" => self.insert_work(words),
            "edit-work" => self.edit_work(words),
            _ => panic!("what is {verb}?"),
        };
        vec![command]
    }

    /// `case 1 Q` or `owner 1 A`: the record gets this owner by hand.
    fn own(&mut self, words: &Words) -> Command {
        let (name, owner) = (words.plain[1], words.plain[2]);
        let id = self.item(name);
        let channel = match words.plain[0] {
            "lead" => "Lead",
            "call" => "Voice",
            "chat" => "Chat",
            _ => "Case",
        };
        let center = words.get("center").map(|c| self.id("04v", c));
        let customer = words.get("of").map(|c| self.id("003", c));
        let fresh = Item {
            id,
            channel: self.id("0N9", channel),
            secondary_priority: words.int("secondary"),
            call_center: center,
            status: None,
            customer,
            requirements: self.requirements(words),
        };
        let item = self.items.entry(id).or_insert(fresh).clone();
        let owner = self.owner_id(owner);
        self.world.owners.insert(id, owner);
        let last_work = self.last_work(id);
        Command::Owner {
            item,
            owner,
            last_work,
        }
    }

    fn last_work(&self, item: RecordId) -> Option<Box<routing::AgentWork>> {
        let works = self.world.works.values().rev();
        works
            .filter(|w| w.work_item == item)
            .map(|w| Box::new(w.clone()))
            .next()
    }

    fn owner_id(&mut self, name: &str) -> RecordId {
        let queue = ("00G".to_owned(), name.to_owned());
        self.names
            .get(&queue)
            .copied()
            .unwrap_or_else(|| self.user(name))
    }

    /// `skill:French=5` is required, `drop1:Product=0` is additional with priority 1.
    fn requirements(&mut self, words: &Words) -> Vec<Requirement> {
        let mut requirements = Vec::new();
        for (key, value) in &words.pairs {
            let Some((kind, skill)) = key.split_once(':') else {
                continue;
            };
            requirements.push(Requirement {
                skill: self.id("0C5", skill),
                level: Units::from_f64(value.parse().expect("a level")),
                is_additional: kind.starts_with("drop"),
                priority: kind.strip_prefix("drop").and_then(|p| p.parse().ok()),
            });
        }
        requirements
    }

    fn set_status_field(&mut self, words: &Words) -> Command {
        let id = self.item(words.plain[1]);
        let item = self.items.get_mut(&id).expect("a known record");
        item.status = words.plain.get(2).map(|s| Arc::from(*s));
        let item = item.clone();
        let owner = self.world.owners[&id];
        Command::ItemStatus {
            item,
            owner,
            last_work: self.last_work(id),
        }
    }

    fn target(&mut self, words: &Words) -> Target {
        if let Some(user) = words.get("user") {
            let fallback = words.get("fallback").map(|q| self.id("00G", q));
            return Target::User {
                user: self.user(user),
                required: words.has("required"),
                fallback,
            };
        }
        match words.get("queue") {
            Some(queue) => Target::Queue(self.id("00G", queue)),
            None => Target::Skills(self.requirements(words)),
        }
    }

    /// `route 1 queue=Q` or `user=A [required] [fallback=Q]` or skills.
    fn route(&mut self, words: &Words) -> Command {
        let id = self.item(words.plain[1]);
        let target = self.target(words);
        let item = self.items[&id].clone();
        let (requested, accept_by) = (words.time("requested"), words.time("accept-by"));
        Command::Route {
            item,
            target,
            requested,
            accept_by,
        }
    }

    fn work(&mut self, words: &Words) -> Command {
        let (item, user) = (self.item(words.plain[1]), self.user(words.plain[2]));
        let rows = self.world.works.values().rev();
        let of_both = rows
            .filter(|w| w.work_item == item && w.user == user)
            .map(|w| w.id);
        let work = of_both
            .into_iter()
            .next()
            .unwrap_or_else(|| self.world.new_id("0Bz"));
        match words.plain[0] {
            "accept" => Command::Accept { work, user },
            "decline" => Command::Decline {
                work,
                user,
                reason: words.get("reason").map(Arc::from),
            },
            "close" => Command::Close {
                work,
                user,
                active_s: words.int("active"),
            },
            "extend" => Command::Extend { work, user },
            "join" => Command::Join {
                work,
                user: self.user(words.plain[3]),
            },
            _ => {
                let requester = words.get("by").map_or(user, |name| self.user(name));
                let target = self.target(words);
                Command::Transfer {
                    work,
                    item: self.items[&item].clone(),
                    target,
                    requester,
                }
            }
        }
    }

    fn request_id(&mut self, item: &str) -> RecordId {
        let item = self.item(item);
        let found = self.world.requests.values().find(|r| r.work_item == item);
        found.expect("a request").id
    }

    /// `insert-psr 1 [ready] weight=2 priority=1 user=A [required] drop=30 custom=... target=...`
    fn insert_request(&mut self, words: &Words) -> Command {
        let item = self.item(words.plain[1]);
        let id = self.world.new_id("0JR");
        let channel = self.id("0N9", words.get("channel").unwrap_or("Case"));
        let user = words.get("user").map(|name| self.user(name));
        let fresh = Item {
            id: item,
            channel,
            secondary_priority: None,
            call_center: None,
            status: None,
            customer: None,
            requirements: Vec::new(),
        };
        self.items.entry(item).or_insert(fresh);
        let model = words.get("model").and_then(RoutingModel::parse);
        let row = PendingServiceRouting {
            work_item: item,
            channel,
            routing_type: if words.has("queue-based") {
                routing::RoutingType::QueueBased
            } else {
                routing::RoutingType::SkillsBased
            },
            routing_model: model.unwrap_or(RoutingModel::MostAvailable),
            priority: words.int("priority"),
            weight: words.units("weight"),
            push_timeout: words.int("timeout"),
            drop_timeout: words.int("drop"),
            is_ready: words.has("ready"),
            is_pushed: words.has("pushed"),
            is_push_attempted: words.has("pushed"),
            is_interruptible: words.has("interruptible"),
            preferred_user: user,
            is_preferred_required: words.has("required"),
            custom_requested: words.time("custom"),
            target_accept: words.time("target"),
            scheduled: words.time("scheduled"),
            ..PendingServiceRouting::empty(id)
        };
        Command::InsertRequest {
            row: Box::new(row),
            call_center: None,
            customer: words.get("of").map(|c| self.id("003", c)),
        }
    }

    /// `require 1 French=5 [additional=2]`
    fn require(&mut self, words: &Words) -> Command {
        let related = self.request_id(words.plain[1]);
        let (skill, level) = words.pairs[0];
        let row = SkillRequirement {
            id: self.world.new_id("0Hx"),
            related,
            skill: self.id("0C5", skill),
            level: Some(Units::from_f64(level.parse().expect("a level"))),
            is_additional: words.get("additional").is_some(),
            priority: words.int("additional"),
        };
        self.world.requirements.insert(row.id, row.clone());
        Command::InsertRequirement(row)
    }

    /// `unrequire 1 French`
    fn unrequire(&mut self, words: &Words) -> Command {
        let request = self.request_id(words.plain[1]);
        let skill = self.id("0C5", words.plain[2]);
        let mut rows = self.world.requirements.values();
        let row = rows.find(|r| r.related == request && r.skill == skill);
        let requirement = row.expect("a requirement").id;
        self.world.requirements.remove(&requirement);
        Command::DeleteRequirement {
            requirement,
            request,
        }
    }

    fn edit_request(&mut self, words: &Words) -> Command {
        let request = self.request_id(words.plain[1]);
        let field = |name: &str| {
            let all = routing::RequestField::ALL;
            *all.iter().find(|f| f.as_str() == name).expect("a column")
        };
        let value = |text: &str| match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            number => Value::Int(number.parse().expect("a number")),
        };
        let sets = words
            .pairs
            .iter()
            .map(|(k, v)| (field(k), value(v)))
            .collect();
        Command::UpdateRequest { request, sets }
    }

    /// `edit-work 1 A PausedCapacityWeight=2`
    fn edit_work(&mut self, words: &Words) -> Command {
        let (item, user) = (self.item(words.plain[1]), self.user(words.plain[2]));
        let mut works = self.world.works.values().rev();
        let work = works.find(|w| w.work_item == item && w.user == user);
        let field = |name: &str| {
            let all = routing::WorkField::ALL;
            *all.iter().find(|f| f.as_str() == name).expect("a column")
        };
        let number = |text: &str| Value::Double(text.parse().expect("a number"));
        Command::UpdateWork {
            work: work.expect("work").id,
            sets: words
                .pairs
                .iter()
                .map(|(k, v)| (field(k), number(v)))
                .collect(),
        }
    }

    /// `insert-work 1 A weight=2 [skip]`
    fn insert_work(&mut self, words: &Words) -> Command {
        let item = self.item(words.plain[1]);
        let found = self
            .world
            .requests
            .values()
            .find(|r| r.work_item == item)
            .map(|r| r.id);
        Command::InsertWork(NewWork {
            id: self.world.new_id("0Bz"),
            user: self.user(words.plain[2]),
            work_item: item,
            channel: self.id("0N9", words.get("channel").unwrap_or("Case")),
            request: found.unwrap_or_else(|| self.world.new_id("0JR")),
            weight: words.units("weight"),
            percentage: words.units("percent"),
            skip_capacity_check: words.has("skip"),
        })
    }
}

fn after_work(words: &Words) -> Option<AfterWork> {
    Some(AfterWork {
        max_s: words.int("after-work")?,
        extension_s: words.int("extension").unwrap_or(0),
        extensions_max: words.int("extensions").unwrap_or(0),
    })
}
