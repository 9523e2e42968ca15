//! Deadlines under a wall clock that is stepped: a push time-out (R114) lasts its seconds, whatever the wall
//! clock shows; a restart takes over where the rows say.

use std::sync::Arc;
use std::time::Duration;

use engine::{
    Caller, OrgSpec, PresenceRequest, Reply, Request, SaveOp, Submission, administrator, genesis,
};
use model::{Catalogue, KeyPrefix, Millis, Note, RecordId, Space, Value};
use node::{OrgClock, Reading, Writer};
use store::{FaultPlan, SimStore, Store};

const START: Millis = Millis(1_767_225_600_000);
const HOUR: i64 = 3_600;
const TIME_OUT_S: u64 = 20;

/// A writer and a machine whose clocks do as the test says.
struct Desk {
    writer: Writer,
    clock: OrgClock,
    boot: Duration,
    wall: Millis,
}

fn writer() -> Writer {
    let catalogue = Arc::new(Catalogue::standard().unwrap());
    let spec = OrgSpec {
        id: RecordId::new(KeyPrefix::of("00D"), 1),
        name: "clock".into(),
        admin_username: "admin@clock".into(),
        password_hash: "none".into(),
        apps: Vec::new(),
        now: START,
    };
    let first = genesis(&catalogue, &spec).unwrap();
    let disk = SimStore::new(FaultPlan::none());
    let opener = Box::new(move || Ok(Store::Simulated(disk.crash_and_reopen())));
    Writer::open(catalogue, opener, Some(first)).unwrap()
}

impl Desk {
    fn open() -> Self {
        let (boot, wall) = (Duration::from_secs(50), START);
        Self {
            writer: writer(),
            clock: OrgClock::start(Reading { boot, wall }, START),
            boot,
            wall,
        }
    }

    fn now(&mut self) -> Millis {
        let (boot, wall) = (self.boot, self.wall);
        self.clock.at(Reading { boot, wall })
    }

    fn pass(&mut self, ms: u64) {
        self.boot += Duration::from_millis(ms);
        self.wall.0 += i64::try_from(ms).unwrap();
    }

    fn step_wall(&mut self, seconds: i64) {
        self.wall = self.wall.plus_s(seconds);
    }

    /// What the writer thread does when it wakes: an empty batch if a deadline is due.
    fn wake(&mut self) {
        let now = self.now();
        if self.writer.next_deadline().is_some_and(|due| due <= now) {
            self.writer.run_batch(&[], now).unwrap();
        }
    }

    fn submit(&mut self, request: Request) -> Reply {
        let user = administrator();
        let rights = Arc::clone(&self.writer.engine().directory().users[&user].rights);
        let submission = Submission {
            caller: Caller {
                org: self.writer.engine().org(),
                user,
                rights,
                version: 64,
            },
            command_id: None,
            request,
        };
        let now = self.now();
        let mut done = self.writer.run_batch(&[submission], now).unwrap();
        done.replies.remove(0).unwrap()
    }

    fn create(&mut self, object: &str, values: &[(&str, Value)]) -> RecordId {
        let catalogue = self.writer.engine().catalogue();
        let (object, def) = catalogue.find(object).unwrap();
        let field = |(name, value): &(&str, Value)| (def.field(name).unwrap(), value.clone());
        let values = values.iter().map(field).collect();
        let ops = vec![SaveOp::Create { object, values }];
        match self.submit(Request::Save {
            ops,
            all_or_none: false,
        }) {
            Reply::Saved(results) => results[0].as_ref().unwrap().id,
            other => panic!("{other:?}"),
        }
    }

    /// Statuses of all work, in order.
    fn works(&self) -> Vec<String> {
        let (object, def) = self.writer.engine().catalogue().find("AgentWork").unwrap();
        let status = def.field("Status").unwrap();
        let rows = self.writer.store().unwrap().scan(object, None).unwrap();
        let text = |row: &model::Record| row.get(status).as_text().unwrap_or("").to_owned();
        rows.iter().map(text).collect()
    }
}

fn text(value: &str) -> Value {
    Value::from(value)
}

/// A case that is offered to the administrator, the only agent, with a time-out.
fn offered() -> Desk {
    let mut desk = Desk::open();
    let me = administrator();
    let channel = desk.create(
        "ServiceChannel",
        &[
            ("MasterLabel", text("Cases")),
            ("DeveloperName", text("Cases")),
            ("RelatedEntity", text("Case")),
        ],
    );
    let status = desk.create("ServicePresenceStatus", &[("MasterLabel", text("Online"))]);
    desk.create(
        "ServiceChannelStatus",
        &[
            ("ServiceChannelId", channel.into()),
            ("ServicePresenceStatusId", status.into()),
        ],
    );
    let config = desk.create(
        "QueueRoutingConfig",
        &[
            ("MasterLabel", text("CFG")),
            ("RoutingModel", text("MostAvailable")),
            ("RoutingPriority", Value::Int(1)),
            ("CapacityWeight", Value::Double(1.0)),
            (
                "PushTimeout",
                Value::Int(i64::try_from(TIME_OUT_S).unwrap()),
            ),
        ],
    );
    let queue = desk.create(
        "Group",
        &[
            ("Name", text("Q")),
            ("Type", text("Queue")),
            ("QueueRoutingConfigId", config.into()),
        ],
    );
    desk.create(
        "QueueSobject",
        &[("QueueId", queue.into()), ("SobjectType", text("Case"))],
    );
    desk.create(
        "GroupMember",
        &[("GroupId", queue.into()), ("UserOrGroupId", me.into())],
    );
    desk.submit(Request::Presence(PresenceRequest::SetStatus(status)));
    desk.create(
        "Case",
        &[("Subject", text("Help")), ("OwnerId", queue.into())],
    );
    assert_eq!(desk.works(), ["Assigned"]);
    desk
}

#[test]
fn a_push_time_out_fires_after_its_seconds_though_the_wall_clock_was_set_back() {
    let mut desk = offered();
    desk.pass(TIME_OUT_S * 500);
    desk.step_wall(-HOUR);
    desk.wake();
    assert_eq!(desk.works(), ["Assigned"]);
    desk.pass(TIME_OUT_S * 500 + 100); // the slew takes 5 ms of these 10 s
    desk.wake();
    assert_eq!(desk.works(), ["DeclinedOnPushTimeout"]);
}

#[test]
fn a_step_forward_fires_no_push_time_out() {
    let mut desk = offered();
    desk.step_wall(HOUR);
    desk.pass(TIME_OUT_S * 900);
    desk.wake();
    assert_eq!(desk.works(), ["Assigned"]);
    desk.pass(TIME_OUT_S * 100);
    desk.wake();
    assert_eq!(desk.works(), ["DeclinedOnPushTimeout"]);
}

#[test]
fn after_a_restart_with_the_wall_clock_behind_a_time_out_still_lasts_its_rest() {
    let mut desk = offered();
    desk.pass(TIME_OUT_S * 500);
    let note = Note {
        space: Space::Session,
        key: "any".into(),
        value: Some("{}".into()),
    };
    desk.submit(Request::Notes(vec![note])); // the last commit: half of the time-out is over
    desk.step_wall(-HOUR);
    desk.writer.recover().unwrap();
    let (boot, wall) = (Duration::from_secs(9), desk.wall); // another start of the machine
    desk.boot = boot;
    desk.clock = OrgClock::start(Reading { boot, wall }, desk.writer.last().now);
    desk.pass(TIME_OUT_S * 450);
    desk.wake();
    assert_eq!(desk.works(), ["Assigned"]);
    desk.pass(TIME_OUT_S * 50 + 100);
    desk.wake();
    assert_eq!(desk.works(), ["DeclinedOnPushTimeout"]);
}
