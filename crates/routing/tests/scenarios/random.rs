//! A random walk: whatever is asked in whatever order, memory equals rows, indexes equal memory, nobody
//! who could take work is left idle, and what is undone leaves no trace.

use std::sync::Arc;

use model::{KeyPrefix, Millis, RecordId, Value};
use routing::{
    AfterWork, AgentSkill, Channel, ChannelKind, Command, Configuration, FairCap, Item, NewWork,
    PendingServiceRouting, PresenceConfig, PresenceStatus, Queue, RequestField, Requirement,
    RoutingModel, RoutingType, Settings, SkillRequirement, Status, Target, Units, WorkState,
};

use crate::world::World;

/// Walks; `TRUNKLINE_WALKS` asks for another number (mutation testing walks hundreds of times).
const SEEDS: u64 = 150;
const STEPS: usize = 150;
const AGENTS: u64 = 6;
const QUEUES: u64 = 5;
const ITEMS: u64 = 14;
const CHANNELS: u64 = 4;
const STATUSES: u64 = 4;
const SKILLS: u64 = 3;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
    fn chance(&mut self, one_in: u64) -> bool {
        self.roll(one_in) == 0
    }
    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len() as u64) as usize].clone()
    }
    fn maybe<T>(&mut self, value: T) -> Option<T> {
        self.chance(2).then_some(value)
    }
}

fn id(prefix: &str, number: u64) -> RecordId {
    RecordId::new(KeyPrefix::parse(prefix).unwrap(), 1_000_000 + number)
}

struct Walk {
    dice: Dice,
    world: World,
}

#[test]
fn memory_equals_rows_and_nobody_waits_in_vain() {
    let asked = std::env::var("TRUNKLINE_WALKS").ok();
    let seeds = asked.and_then(|n| n.parse().ok()).unwrap_or(SEEDS);
    for seed in 1..=seeds {
        let dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut walk = Walk {
            dice,
            world: World::default(),
        };
        walk.set_up();
        for _ in 0..STEPS {
            walk.step();
        }
    }
}

impl Walk {
    fn user(&mut self) -> RecordId {
        id("005", self.dice.roll(AGENTS))
    }

    fn set_up(&mut self) {
        self.world.now = Millis(1_750_000_000_000);
        self.set_settings();
        let kinds = [
            ChannelKind::Record,
            ChannelKind::Voice,
            ChannelKind::Chat,
            ChannelKind::Record,
        ];
        for (number, kind) in kinds.into_iter().enumerate() {
            let channel = Channel {
                kind,
                is_status_based: number == 3,
                is_interruptible: self.dice.chance(2),
                auto_accept: self.dice.chance(5),
                check_capacity_on_owner_change: self.dice.chance(2),
                check_capacity_on_status_change: self.dice.chance(2),
                status_values: vec![
                    (Arc::from("Waiting"), WorkState::Paused),
                    (Arc::from("Done"), WorkState::Completed),
                ],
                after_work: self.dice.chance(3).then_some(AfterWork {
                    max_s: 30,
                    extension_s: 10,
                    extensions_max: 2,
                }),
            };
            self.world.configure(Configuration::Channel(
                id("0N9", number as u64),
                Some(channel),
            ));
        }
        for number in 0..STATUSES {
            self.set_status(number);
        }
        (0..QUEUES).for_each(|number| self.set_queue(number));
        (0..AGENTS).for_each(|number| self.set_agent(number));
        (0..QUEUES).for_each(|number| self.set_members(number));
        self.world.settle();
    }

    fn set_settings(&mut self) {
        let mut settings = Settings {
            pending_max: 12,
            ..Settings::default()
        };
        settings.secondary_priority = self.dice.chance(2);
        settings.least_active_units = self.dice.chance(3);
        settings.voice_rounds_max = self.dice.pick(&[None, None, Some(1), Some(2)]);
        self.roll_options(&mut settings);
        settings.queued_per_hour_max = self.dice.pick(&[u32::MAX, 20]);
        self.world.configure(Configuration::Settings(settings));
    }

    /// Extensions, each on in one walk of four.
    fn roll_options(&mut self, settings: &mut Settings) {
        let dice = &mut self.dice;
        settings.ageing_s = dice.chance(4).then_some(30);
        settings.sla_window_s = dice.chance(4).then_some(60);
        settings.fair_cap = dice.chance(4).then(|| FairCap {
            offers: dice.pick(&[1, 2, 5]),
            window_s: dice.pick(&[20, 120]),
        });
        settings.offer_pacing_s = dice.chance(4).then(|| dice.pick(&[5, 25]));
        settings.sticky_hours = dice.chance(4).then_some(1);
        settings.room_reservation_s = dice.chance(3).then(|| dice.pick(&[1, 10]));
        settings.next_status = dice.chance(2);
        settings.withdraw_offers = dice.chance(2);
        settings.return_s = dice.pick(&[None, None, Some(30)]);
    }

    fn set_status(&mut self, number: u64) {
        let channels = (0..CHANNELS).filter(|_| number > 0 && !self.dice.chance(3));
        let channels = channels.map(|c| id("0N9", c)).collect();
        let status = PresenceStatus {
            channels,
            is_away: self.dice.chance(8),
        };
        self.world
            .configure(Configuration::Status(id("0N5", number), Some(status)));
    }

    fn set_queue(&mut self, number: u64) {
        let models = [
            RoutingModel::LeastActive,
            RoutingModel::MostAvailable,
            RoutingModel::ExternalRouting,
        ];
        let in_units = self.dice.chance(2);
        let queue = Queue {
            model: models[self.dice.pick(&[0, 1, 0, 1, 2])],
            priority: self.dice.pick(&[None, Some(1), Some(2)]),
            weight: in_units.then(|| Units::whole(self.dice.pick(&[0, 1, 2, 3]))),
            percentage: (!in_units).then(|| Units::whole(self.dice.pick(&[10, 25, 50, 100]))),
            paused_weight: in_units.then(|| Units::from_f64(0.5)),
            paused_percentage: (!in_units).then(|| Units::whole(5)),
            push_timeout_s: self.dice.pick(&[None, Some(0), Some(15), Some(40)]),
            is_interruptible: self.dice.pick(&[None, Some(true), Some(false)]),
            is_attribute_based: number == 4,
            drop_timeout_s: self.dice.pick(&[None, Some(20)]),
            overflow_assignee: self.dice.maybe(id("005", 0)),
            rounds_max: self.dice.pick(&[None, None, Some(1), Some(2)]),
            alternative: self.dice.pick(&[None, None, Some(id("00G", number / 2))]),
            return_s: self.dice.pick(&[None, None, Some(0), Some(10)]),
        };
        let config = (!self.dice.chance(10)).then_some(queue);
        self.world
            .configure(Configuration::Queue(id("00G", number), config));
    }

    fn set_members(&mut self, number: u64) {
        let users = (0..AGENTS)
            .filter(|_| self.dice.chance(2))
            .map(|n| id("005", n))
            .collect();
        self.world
            .configure(Configuration::QueueMembers(id("00G", number), users));
    }

    fn set_agent(&mut self, number: u64) {
        let status = |dice: &mut Dice| dice.chance(4).then(|| id("0N5", dice.roll(STATUSES)));
        let presence = PresenceConfig {
            capacity: self.dice.pick(&[0, 2, 4, 5, 6]),
            interruptible_capacity: self.dice.pick(&[None, Some(0), Some(3)]),
            auto_accept: self.dice.chance(4),
            can_decline: !self.dice.chance(4),
            decline_reasons: self.dice.chance(2),
            status_on_decline: status(&mut self.dice),
            status_on_push_timeout: status(&mut self.dice),
            after_work: None,
        };
        let statuses: Vec<_> = (0..STATUSES)
            .filter(|_| !self.dice.chance(5))
            .map(|n| id("0N5", n))
            .collect();
        let centers: Vec<_> = (0..2)
            .filter(|_| self.dice.chance(2))
            .map(|n| id("04v", n))
            .collect();
        let agent = routing::Agent {
            is_active: !self.dice.chance(10),
            presence: Arc::new(presence),
            statuses: statuses.into(),
            call_centers: centers.into(),
        };
        let user = id("005", number);
        self.world
            .configure(Configuration::Agent(user, Some(agent)));
        let mut skills = Vec::new();
        for skill in 0..SKILLS {
            if self.dice.chance(3) {
                continue;
            }
            let soon = Millis(self.world.now.0 + 1_000 * self.dice.roll(300) as i64);
            skills.push(AgentSkill {
                skill: id("0C5", skill),
                level: Units::whole(self.dice.roll(4) as i64),
                from: if self.dice.chance(4) { soon } else { Millis(0) },
                to: if self.dice.chance(4) {
                    Some(soon)
                } else {
                    None
                },
            });
        }
        self.world.configure(Configuration::Skills(user, skills));
    }

    fn item(&mut self) -> Item {
        let number = self.dice.roll(ITEMS);
        Item {
            id: id("500", number),
            channel: id("0N9", number % CHANNELS),
            secondary_priority: self.dice.pick(&[None, Some(0), Some(1)]),
            call_center: (number % CHANNELS == 1)
                .then(|| {
                    self.dice
                        .pick(&[Some(id("04v", 0)), Some(id("04v", 1)), None])
                })
                .flatten(),
            status: self
                .dice
                .pick(&[None, Some(Arc::from("waiting")), Some(Arc::from("Done"))]),
            customer: self.dice.maybe(id("003", number % 3)),
            requirements: self.requirements(),
        }
    }

    fn requirements(&mut self) -> Vec<Requirement> {
        let count = self.dice.roll(4);
        let each = |_| Requirement {
            skill: id("0C5", self.dice.roll(SKILLS)),
            level: Units::whole(self.dice.roll(4) as i64),
            is_additional: self.dice.chance(2),
            priority: self.dice.pick(&[None, Some(0), Some(1)]),
        };
        (0..count).map(each).collect()
    }

    fn target(&mut self) -> Target {
        match self.dice.roll(3) {
            0 => Target::Queue(id("00G", self.dice.roll(QUEUES))),
            1 => Target::User {
                user: self.user(),
                required: self.dice.chance(2),
                fallback: self
                    .dice
                    .chance(2)
                    .then(|| id("00G", self.dice.roll(QUEUES))),
            },
            _ => Target::Skills(self.requirements()),
        }
    }

    /// Active work, and who holds it.
    fn work(&mut self) -> Option<(RecordId, RecordId, RecordId)> {
        let works = self.world.works.values().filter(|w| w.status.is_active());
        let works: Vec<_> = works.map(|w| (w.id, w.user, w.work_item)).collect();
        (!works.is_empty()).then(|| self.dice.pick(&works))
    }

    fn request(&mut self) -> Option<PendingServiceRouting> {
        let rows: Vec<_> = self.world.requests.values().cloned().collect();
        (!rows.is_empty()).then(|| self.dice.pick(&rows))
    }

    fn last_work(&self, item: RecordId) -> Option<Box<routing::AgentWork>> {
        let mut works = self.world.works.values().rev();
        works
            .find(|w| w.work_item == item)
            .map(|w| Box::new(w.clone()))
    }

    fn step(&mut self) {
        let at = Millis(self.world.now.0 + self.dice.pick(&[0, 0, 137, 1_000, 4_321, 20_000]));
        match self.dice.roll(40) {
            0 => self.reconfigure(),
            1 => {
                self.world.advance(at);
                self.world.restart();
                self.world.settle();
            }
            2..=4 => {
                let commands: Vec<_> = (0..4).filter_map(|_| self.command()).collect();
                self.world.run_and_undo(&commands, at);
            }
            5..=6 => {
                let commands: Vec<_> = (0..4).filter_map(|_| self.command()).collect();
                self.world.run_draft(&commands, at);
            }
            7..=10 => {
                let commands: Vec<_> = (0..6).filter_map(|_| self.command()).collect();
                self.world.run_batch(&commands, at);
            }
            _ => {
                if let Some(command) = self.command() {
                    let _ = self.world.run(&command, at);
                }
            }
        }
    }

    fn reconfigure(&mut self) {
        match self.dice.roll(6) {
            5 => self.set_settings(),
            0 => {
                let number = self.dice.roll(STATUSES);
                self.set_status(number);
            }
            1 => {
                let number = self.dice.roll(QUEUES);
                self.set_queue(number);
            }
            2 => {
                let number = self.dice.roll(QUEUES);
                self.set_members(number);
            }
            3 => {
                let user = self.user();
                self.world.configure(Configuration::Agent(user, None));
            }
            _ => {
                let number = self.dice.roll(AGENTS);
                self.set_agent(number);
            }
        }
        self.world.settle();
    }

    fn command(&mut self) -> Option<Command> {
        Some(match self.dice.roll(32) {
            30 => Command::SetNextStatus {
                user: self.user(),
                status: id("0N5", self.dice.roll(STATUSES)),
            },
            31 => {
                let (_, user, item) = self.work()?;
                Command::Touch { item, user }
            }
            0..=5 => self.own(),
            6..=8 => Command::SetStatus {
                user: self.user(),
                status: id("0N5", self.dice.roll(STATUSES)),
            },
            9 => Command::Logout { user: self.user() },
            10..=13 => {
                let (work, user, _) = self.work()?;
                Command::Accept { work, user }
            }
            14..=16 => {
                let (work, user, _) = self.work()?;
                Command::Decline {
                    work,
                    user,
                    reason: Some(Arc::from("Lunch")),
                }
            }
            17..=18 => {
                let (work, user, _) = self.work()?;
                Command::Close {
                    work,
                    user,
                    active_s: Some(3),
                }
            }
            19 => self.item_event(),
            20 => {
                let item = self.item();
                let target = self.target();
                if self.dice.chance(3) {
                    let requester = self.user();
                    return Some(Command::Reassign {
                        item,
                        target,
                        requester,
                    });
                }
                Command::Route {
                    item,
                    target,
                    requested: None,
                    accept_by: None,
                }
            }
            21 => {
                let (work, user, id) = self.work()?;
                let item = Item { id, ..self.item() };
                let channel = self.world.works[&work].channel;
                let item = Item { channel, ..item };
                let requester = self.dice.pick(&[user, id]);
                Command::Transfer {
                    work,
                    item,
                    target: self.target(),
                    requester,
                }
            }
            22 => {
                let (work, user, _) = self.work()?;
                let other = self.user();
                self.dice.pick(&[
                    Command::Extend { work, user },
                    Command::Join { work, user: other },
                ])
            }
            23..=24 => self.insert_request(),
            25 => self.require()?,
            26..=27 => {
                let request = self.request()?.id;
                let ready = (RequestField::IsReadyForRouting, Value::Bool(true));
                let priority = (RequestField::RoutingPriority, Value::Int(1));
                let sets = self
                    .dice
                    .pick(&[vec![ready.clone()], vec![priority, ready]]);
                self.dice.pick(&[
                    Command::UpdateRequest {
                        request,
                        sets: sets.clone(),
                    },
                    Command::UpdateRequest { request, sets },
                    Command::DeleteRequest { request },
                ])
            }
            28 => {
                let item = self.item();
                let owner = self.world.owners.get(&item.id).copied()?;
                let last_work = self.last_work(item.id);
                Command::ItemStatus {
                    item,
                    owner,
                    last_work,
                }
            }
            _ => self.insert_work()?,
        })
    }

    fn own(&mut self) -> Command {
        let item = self.item();
        let to_user = self.dice.chance(5);
        let owner = if to_user {
            self.user()
        } else {
            id("00G", self.dice.roll(QUEUES))
        };
        let last_work = self.last_work(item.id);
        self.world.owners.insert(item.id, owner);
        Command::Owner {
            item,
            owner,
            last_work,
        }
    }

    fn item_event(&mut self) -> Command {
        let item = self.item();
        let id = item.id;
        self.dice.pick(&[
            Command::ItemDeleted { item: id },
            Command::CustomerLeft { item: id },
            Command::EndConversation { item: id },
            Command::EndConversation { item: id },
            Command::Reroute { item },
        ])
    }

    fn insert_request(&mut self) -> Command {
        let item = self.item();
        let soon = Millis(self.world.now.0 + self.dice.pick(&[-60_000, 5_000, 60_000]));
        let row = PendingServiceRouting {
            work_item: item.id,
            channel: item.channel,
            routing_type: RoutingType::SkillsBased,
            routing_model: self
                .dice
                .pick(&[RoutingModel::LeastActive, RoutingModel::MostAvailable]),
            priority: self.dice.maybe(2),
            weight: self.dice.maybe(Units::whole(2)),
            push_timeout: self.dice.maybe(15),
            drop_timeout: self.dice.maybe(10),
            is_ready: self.dice.chance(2),
            is_interruptible: self.dice.chance(3),
            preferred_user: self
                .dice
                .chance(3)
                .then(|| id("005", self.dice.roll(AGENTS))),
            custom_requested: self.dice.maybe(soon),
            target_accept: self.dice.maybe(soon),
            scheduled: self.dice.chance(4).then_some(soon),
            ..PendingServiceRouting::empty(self.world.new_id("0JR"))
        };
        let is_preferred_required = row.preferred_user.is_some() && self.dice.chance(2);
        let row = Box::new(PendingServiceRouting {
            is_preferred_required,
            ..row
        });
        Command::InsertRequest {
            row,
            call_center: item.call_center,
            customer: item.customer,
        }
    }

    /// The engine writes the row only if the command is accepted.
    fn require(&mut self) -> Option<Command> {
        let request = self.request()?;
        let rows: Vec<_> = self.world.requirements.values().cloned().collect();
        let of_request = rows.iter().find(|r| r.related == request.id);
        if request.is_ready {
            return None;
        }
        if let Some(row) = of_request.filter(|_| self.dice.chance(3)) {
            let requirement = row.id;
            let command = Command::DeleteRequirement {
                requirement,
                request: request.id,
            };
            self.world.requirements.remove(&requirement);
            self.world.run(&command, self.world.now).ok()?;
            return None;
        }
        let row = SkillRequirement {
            id: self.world.new_id("0Hx"),
            related: request.id,
            skill: id("0C5", self.dice.roll(SKILLS)),
            level: self.dice.maybe(Units::whole(1)),
            is_additional: self.dice.chance(2),
            priority: self.dice.maybe(1),
        };
        self.world.requirements.insert(row.id, row.clone());
        self.world
            .run(&Command::InsertRequirement(row), self.world.now)
            .ok()?;
        None
    }

    fn insert_work(&mut self) -> Option<Command> {
        let request = self.request()?;
        let works = self.world.works.values();
        let status = works.filter(|w| w.status == Status::Assigned).count();
        Some(Command::InsertWork(NewWork {
            id: self.world.new_id("0Bz"),
            user: self.user(),
            work_item: request.work_item,
            channel: request.channel,
            request: request.id,
            weight: self.dice.maybe(Units::whole(1)),
            percentage: None,
            skip_capacity_check: status % 3 == 0,
        }))
    }
}
