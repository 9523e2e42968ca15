//! Nanoseconds per command at three sizes, queue-based and skills-based, and bytes per waiting item and
//! per agent.
//!
//! Every command is measured in a world that stays the same size: full agents, a long backlog. One
//! sample is one command with its `settle`, so a batch of one; batches only get cheaper. Each world has
//! a process of its own, so that no world grows into memory that another one left.
#![allow(clippy::disallowed_methods)] // a benchmark reads the clock

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use model::{KeyPrefix, Millis, RecordId};
use routing::{
    AgentSkill, Channel, Command, Configuration, Item, Output, PresenceConfig, PresenceStatus,
    Queue, Requirement, RoutingModel, RoutingState, Units,
};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ITEMS_PER_AGENT: u64 = 3;
/// Queues of the one agent whose log-in is measured by itself.
const MANY_QUEUES: u64 = 50;

fn id(prefix: &str, number: u64) -> RecordId {
    RecordId::new(KeyPrefix::parse(prefix).unwrap(), number)
}

#[derive(Clone, Copy)]
enum Kind {
    Queues,
    /// So many skills in the org; requests ask for 1 to 5 of them.
    Skills(u64),
}

struct Bench {
    state: RoutingState,
    now: Millis,
    next_id: u64,
    next_item: u64,
    dice: u64,
    agents: u64,
    queues: u64,
    kind: Kind,
    /// Skills of each agent: a request asks for some of one agent's, so that somebody can take it.
    skills: Vec<Vec<u64>>,
}

impl Bench {
    fn new(agents: u64, kind: Kind) -> Self {
        let queues = (agents / 20).max(10);
        let mut bench = Self {
            state: RoutingState::new(),
            now: Millis(1_750_000_000_000),
            next_id: 1_000_000_000,
            next_item: 0,
            dice: 88_172_645_463_325_252,
            agents,
            queues,
            kind,
            skills: Vec::new(),
        };
        bench.configure();
        for user in 0..agents {
            bench.run(Command::SetStatus {
                user: id("005", user),
                status: id("0N5", 0),
            });
        }
        bench
    }

    /// Work comes until so many items wait.
    fn fill(&mut self, waiting: u64) {
        while self.state.pending() < waiting {
            self.enqueue();
            self.accept_offers();
        }
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.dice % sides
    }

    fn configure(&mut self) {
        let channel = id("0N9", 0);
        self.state
            .configure(Configuration::Channel(channel, Some(Channel::default())));
        let status = PresenceStatus {
            channels: vec![channel],
            is_away: false,
        };
        self.state
            .configure(Configuration::Status(id("0N5", 0), Some(status)));
        self.state.configure(Configuration::Status(
            id("0N5", 1),
            Some(PresenceStatus::default()),
        ));
        let mut members = vec![Vec::new(); self.queues as usize];
        let presence = Arc::new(PresenceConfig {
            capacity: ITEMS_PER_AGENT as i64,
            can_decline: true,
            ..PresenceConfig::default()
        });
        for number in 0..=self.agents {
            let user = id("005", number);
            let agent = routing::Agent {
                is_active: true,
                presence: presence.clone(),
                statuses: Arc::from([id("0N5", 0), id("0N5", 1)]),
                call_centers: Arc::from([]),
            };
            self.state
                .configure(Configuration::Agent(user, Some(agent)));
            if number == self.agents {
                (0..MANY_QUEUES.min(self.queues)).for_each(|q| members[q as usize].push(user));
                break; // the agent of many queues, off-line
            }
            for _ in 0..3 {
                let queue = self.roll(self.queues);
                members[queue as usize].push(user);
            }
            if let Kind::Skills(skills) = self.kind {
                let held: Vec<u64> = (0..5).map(|_| self.roll(skills)).collect();
                let skill = |skill: &u64| AgentSkill {
                    skill: id("0C5", *skill),
                    level: Units::whole(5),
                    from: Millis(0),
                    to: None,
                };
                let rows = held.iter().map(skill).collect();
                self.state.configure(Configuration::Skills(user, rows));
                self.skills.push(held);
            }
        }
        for (number, members) in members.into_iter().enumerate() {
            let queue = id("00G", number as u64);
            let model = [RoutingModel::LeastActive, RoutingModel::MostAvailable][number % 2];
            let config = Queue {
                model,
                priority: Some(number as i64 % 3),
                weight: Some(Units::whole(1)),
                percentage: None,
                paused_weight: None,
                paused_percentage: None,
                push_timeout_s: Some(30),
                is_interruptible: None,
                is_attribute_based: matches!(self.kind, Kind::Skills(_)),
                drop_timeout_s: None,
                overflow_assignee: None,
                rounds_max: None,
                alternative: None,
                return_s: None,
            };
            self.state
                .configure(Configuration::Queue(queue, Some(config)));
            self.state
                .configure(Configuration::QueueMembers(queue, members));
        }
    }

    /// One command in a batch of its own; answers how long the router took.
    fn run(&mut self, command: Command) -> Duration {
        self.now = Millis(self.now.0 + 1);
        let next_id = &mut self.next_id;
        let mut ids = |prefix: KeyPrefix| {
            *next_id += 1;
            RecordId::new(prefix, *next_id)
        };
        let mut out = Output::new(&mut ids);
        let start = Instant::now();
        if let Ok(decision) = self.state.decide(&command, self.now) {
            self.state.evolve(decision, self.now, &mut out);
        }
        self.state.settle(self.now, &mut out);
        let took = start.elapsed();
        black_box(&out.changes);
        took
    }

    fn item(&mut self) -> Item {
        self.next_item += 1;
        Item {
            id: id("500", self.next_item),
            channel: id("0N9", 0),
            secondary_priority: None,
            call_center: None,
            status: None,
            customer: None,
            requirements: Vec::new(),
        }
    }

    fn enqueue(&mut self) -> Duration {
        self.enqueue_in(self.queues)
    }

    /// An item of one of the first so many queues; or one that asks for skills.
    fn enqueue_in(&mut self, queues: u64) -> Duration {
        let mut item = self.item();
        let command = match self.kind {
            Kind::Queues => {
                let owner = id("00G", self.roll(queues));
                Command::Owner {
                    item,
                    owner,
                    last_work: None,
                }
            }
            Kind::Skills(_) => {
                let count = 1 + self.roll(5) as usize;
                let agent = self.roll(self.agents) as usize;
                let requirement = |skill: &u64| Requirement {
                    skill: id("0C5", *skill),
                    level: Units::whole(3),
                    is_additional: false,
                    priority: None,
                };
                item.requirements = self.skills[agent]
                    .iter()
                    .take(count)
                    .map(requirement)
                    .collect();
                let owner = id("00G", 0);
                Command::Owner {
                    item,
                    owner,
                    last_work: None,
                }
            }
        };
        self.run(command)
    }

    fn works(&self, user: RecordId, is_offered: bool) -> Vec<RecordId> {
        let works = self.state.works_of(user);
        let offered = |w: &&&routing::AgentWork| w.accepted.is_none() == is_offered;
        works.iter().filter(offered).map(|w| w.id).collect()
    }

    fn accept_offers(&mut self) {
        let item = id("500", self.next_item);
        let works: Vec<_> = self
            .state
            .works_of_item(item)
            .iter()
            .map(|w| (w.id, w.user))
            .collect();
        for (work, user) in works {
            self.run(Command::Accept { work, user });
        }
    }

    /// Some agent with open work.
    fn busy_agent(&mut self) -> RecordId {
        let mut user = id("005", self.roll(self.agents));
        for _ in 0..1_000 {
            if !self.works(user, false).is_empty() {
                break;
            }
            user = id("005", self.roll(self.agents));
        }
        user
    }

    /// Closing work and taking the next; an item comes for the one that went.
    fn turn(&mut self) -> [Duration; 3] {
        let user = self.busy_agent();
        let Some(work) = self.works(user, false).first().copied() else {
            return Default::default();
        };
        let close = self.run(Command::Close {
            work,
            user,
            active_s: None,
        });
        let mut accept = Duration::ZERO;
        for work in self.works(user, true) {
            accept = self.run(Command::Accept { work, user });
        }
        let enqueue = self.enqueue();
        self.accept_offers();
        [close, accept, enqueue]
    }

    /// Repeats until there was an offer to measure: with rare skills a free agent may find nothing.
    fn until_some(&mut self, sample: impl Fn(&mut Self) -> Duration) -> Duration {
        for _ in 0..100 {
            let took = sample(self);
            if took > Duration::ZERO {
                return took;
            }
        }
        Duration::from_nanos(1)
    }

    /// Closing work, declining what comes instead until nothing comes, then a new session.
    fn decline(&mut self) -> Duration {
        let user = self.busy_agent();
        let Some(work) = self.works(user, false).first().copied() else {
            return Default::default();
        };
        self.run(Command::Close {
            work,
            user,
            active_s: None,
        });
        let mut decline = Duration::ZERO;
        if let Some(work) = self.works(user, true).first().copied() {
            decline = self.run(Command::Decline {
                work,
                user,
                reason: None,
            });
        }
        for work in self.works(user, true) {
            self.run(Command::Accept { work, user });
        }
        self.enqueue();
        self.accept_offers();
        decline
    }

    /// Logs some agent out and in.
    fn login(&mut self) -> Duration {
        let user = self.busy_agent();
        self.login_of(user, self.queues)
    }

    /// Logs an agent of so many first queues out and in; the log-in takes new work at once. Keeps the
    /// backlog as it was.
    fn login_of(&mut self, user: RecordId, queues: u64) -> Duration {
        self.run(Command::Logout { user });
        let took = self.run(Command::SetStatus {
            user,
            status: id("0N5", 0),
        });
        for work in self.works(user, true) {
            self.run(Command::Accept { work, user });
        }
        for _ in 0..ITEMS_PER_AGENT {
            self.enqueue_in(queues);
            self.accept_offers();
        }
        took
    }

    /// Logs the agent of many queues in and out.
    fn login_of_many_queues(&mut self) -> Duration {
        let user = id("005", self.agents);
        let took = self.login_of(user, MANY_QUEUES.min(self.queues));
        self.run(Command::Logout { user });
        took
    }

    /// Of some item that waits.
    fn explain_item(&mut self) -> Duration {
        let mut item = id("500", 1 + self.roll(self.next_item));
        while self.state.waiting(item).is_none() {
            item = id("500", 1 + self.roll(self.next_item));
        }
        let start = Instant::now();
        black_box(self.state.explain_item(item));
        start.elapsed()
    }

    fn explain_agent(&mut self) -> Duration {
        let user = id("005", self.roll(self.agents));
        let start = Instant::now();
        black_box(self.state.explain_agent(user));
        start.elapsed()
    }

    /// To a busy status and back.
    fn change_status(&mut self) -> Duration {
        let user = self.busy_agent();
        let took = self.run(Command::SetStatus {
            user,
            status: id("0N5", 1),
        });
        self.run(Command::SetStatus {
            user,
            status: id("0N5", 0),
        });
        took
    }
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok());
    resident.unwrap_or(0) * 4_096
}

/// A world and how it is called.
struct World {
    name: &'static str,
    agents: u64,
    waiting: u64,
    kind: Kind,
    is_large: bool,
}

const fn world(name: &'static str, agents: u64, waiting: u64, kind: Kind) -> World {
    World {
        name,
        agents,
        waiting,
        kind,
        is_large: waiting >= 1_000_000,
    }
}

const WORLDS: [World; 6] = [
    world("queues 1k agents 10k waiting", 1_000, 10_000, Kind::Queues),
    world(
        "queues 10k agents 100k waiting",
        10_000,
        100_000,
        Kind::Queues,
    ),
    world(
        "200 skills 10k agents 100k waiting",
        10_000,
        100_000,
        Kind::Skills(200),
    ),
    world(
        "2000 skills 10k agents 100k waiting",
        10_000,
        100_000,
        Kind::Skills(2_000),
    ),
    world(
        "queues 100k agents 1M waiting",
        100_000,
        1_000_000,
        Kind::Queues,
    ),
    world(
        "200 skills 100k agents 1M waiting",
        100_000,
        1_000_000,
        Kind::Skills(200),
    ),
];

/// Building a large world takes longer than measuring it: skip those that the filter leaves out.
fn is_wanted(world: &World) -> bool {
    let mut filters = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .peekable();
    let is_named = |filter: &String| world.name.contains(filter) || filter.starts_with(world.name);
    match filters.peek() {
        Some(_) => filters.any(|filter| is_named(&filter)),
        None => !world.is_large || std::env::var_os("ROUTING_BENCH_LARGE").is_some(),
    }
}

/// Fills a world; says what its parts take.
fn build(world: &World) -> Bench {
    let start = resident_bytes();
    let mut bench = Bench::new(world.agents, world.kind);
    let online = resident_bytes();
    bench.fill(world.agents / 10);
    let full = resident_bytes();
    bench.fill(world.waiting);
    let last = resident_bytes();
    println!(
        "{}: {} bytes resident per agent online, {} with open work, {} per waiting item",
        world.name,
        online.saturating_sub(start) / world.agents,
        full.saturating_sub(start) / world.agents,
        last.saturating_sub(full) / (world.waiting - world.agents / 10)
    );
    bench
}

fn measure(criterion: &mut Criterion, world: &World) {
    let mut bench = build(world);
    let mut group = criterion.benchmark_group(world.name);
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300));
    group.measurement_time(Duration::from_millis(700));
    let mut custom = |what: &str, sample: &mut dyn FnMut(&mut Bench) -> Duration| {
        group.bench_function(what, |b| {
            // The median: a time slice of another process is not the router's.
            b.iter_custom(|count| {
                let mut all: Vec<Duration> = (0..count).map(|_| sample(&mut bench)).collect();
                all.sort_unstable();
                all[all.len() / 2] * u32::try_from(count).unwrap_or(u32::MAX)
            });
        });
    };
    custom("close and offer the next", &mut |b| b.turn()[0]);
    custom("accept", &mut |b| b.until_some(|b| b.turn()[1]));
    custom("enqueue", &mut |b| b.turn()[2]);
    custom("decline and offer the next", &mut |b| {
        b.until_some(Bench::decline)
    });
    custom("login and offer", &mut |b| b.login());
    custom("status", &mut |b| b.change_status());
    if matches!(world.kind, Kind::Queues) {
        custom("login in 50 queues and offer", &mut |b| {
            b.login_of_many_queues()
        });
    }
    custom("explain item", &mut |b| b.explain_item());
    custom("explain agent", &mut |b| b.explain_agent());
    group.finish();
}

/// Which world this process is for.
const WORLD: &str = "ROUTING_BENCH_WORLD";

fn main() {
    let name = std::env::var(WORLD).ok();
    let Some(name) = name else {
        let program = std::env::current_exe().expect("the benchmark knows its path");
        for world in WORLDS.iter().filter(|world| is_wanted(world)) {
            let mut child = std::process::Command::new(&program);
            child.args(std::env::args().skip(1)).env(WORLD, world.name);
            let ended = child.status().expect("the benchmark starts itself");
            assert!(ended.success(), "{}: {ended}", world.name);
        }
        return;
    };
    let mut criterion = Criterion::default().configure_from_args();
    let world = WORLDS.iter().find(|world| world.name == name);
    measure(&mut criterion, world.expect("a known world"));
    criterion.final_summary();
}
