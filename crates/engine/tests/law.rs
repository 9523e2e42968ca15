//! Random commands in random batches: the engine rebuilt from rows equals the living one after each, the
//! invariants hold, refusals leave no row behind.

mod world;

use engine::{
    Destination, PresenceRequest, Request, SaveOp, Submission, Supervision, WorkAction,
    administrator,
};
use model::{RecordId, Value};
use world::{Center, World, value};

/// xorshift: a seed is a run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }

    fn pick(&mut self, among: &[RecordId]) -> Option<RecordId> {
        if among.is_empty() {
            None
        } else {
            Some(among[self.roll(among.len())])
        }
    }
}

fn all(w: &World, object: &str) -> Vec<RecordId> {
    let ix = w.catalogue.object(object).unwrap();
    w.rows
        .values()
        .filter(|r| r.object == ix && !r.is_deleted)
        .map(|r| r.id)
        .collect()
}

fn command(w: &World, c: &Center, dice: &mut Dice) -> Submission {
    let admin = administrator();
    let agent = c.agents[dice.roll(c.agents.len())];
    let cases = all(w, "Case");
    let works = all(w, "AgentWork");
    let save = |ops: Vec<SaveOp>, all_or_none: bool| Request::Save { ops, all_or_none };
    let owner = if dice.roll(3) == 0 { agent } else { c.queue };
    let (user, request) = match dice.roll(20) {
        0..=2 => {
            let ops = (0..=dice.roll(3))
                .map(|_| w.op("Case", &[("OwnerId", owner.into())]))
                .collect();
            (admin, save(ops, dice.roll(2) == 0))
        }
        3 => match dice.pick(&cases) {
            Some(case) => (
                admin,
                save(vec![w.update_op(case, &[("OwnerId", owner.into())])], false),
            ),
            None => (admin, save(Vec::new(), false)),
        },
        4 => match dice.pick(&cases) {
            Some(id) => (
                admin,
                save(
                    vec![SaveOp::Delete {
                        object: w.catalogue.object_of(id).unwrap(),
                        id,
                    }],
                    false,
                ),
            ),
            None => (admin, save(Vec::new(), true)),
        },
        5 | 6 => (
            agent,
            Request::Presence(PresenceRequest::SetStatus(c.status)),
        ),
        7 => (agent, Request::Presence(PresenceRequest::SetStatus(c.busy))),
        8 => (agent, Request::Presence(PresenceRequest::Logout)),
        9 => {
            let capacity = Value::Int(dice.roll(8) as i64);
            let timeout = Value::Int(dice.roll(2) as i64 * 15);
            let ops = vec![
                w.update_op(c.presence, &[("Capacity", capacity)]),
                w.update_op(c.config, &[("PushTimeout", timeout)]),
            ];
            (admin, save(ops, dice.roll(2) == 0))
        }
        10 => {
            let members = w.find("GroupMember", "UserOrGroupId", agent);
            let op = match members.first() {
                Some(id) => SaveOp::Delete {
                    object: w.catalogue.object_of(*id).unwrap(),
                    id: *id,
                },
                None => w.op(
                    "GroupMember",
                    &[("GroupId", c.queue.into()), ("UserOrGroupId", agent.into())],
                ),
            };
            (admin, save(vec![op], false))
        }
        11..=13 => (admin, supervision(c, dice, &cases, &works)),
        _ => {
            let work = dice.pick(&works).unwrap_or(agent);
            let action = action(c, dice);
            let user = w.row(work).and_then(|r| {
                let def = w.catalogue.def(r.object);
                r.get(def.field("UserId")?).as_id()
            });
            (user.unwrap_or(agent), Request::Work { work, action })
        }
    };
    let command_id = (dice.roll(4) == 0).then(|| format!("c{}", dice.roll(50)));
    Submission {
        caller: w.caller(user),
        command_id,
        request,
    }
}

fn destination(c: &Center, dice: &mut Dice) -> Destination {
    match dice.roll(2) {
        0 => Destination::Queue(c.queue),
        _ => Destination::User(c.agents[dice.roll(c.agents.len())]),
    }
}

fn action(c: &Center, dice: &mut Dice) -> WorkAction {
    match dice.roll(15) {
        0 => WorkAction::Decline {
            reason: Some("no".into()),
        },
        1 => WorkAction::Close,
        2 => WorkAction::Flag {
            message: Some("help".into()),
        },
        3 => WorkAction::Unflag,
        4 | 5 => WorkAction::Transfer {
            target: destination(c, dice),
        },
        6 => WorkAction::Pause,
        7 => WorkAction::Resume,
        8 => WorkAction::EndConversation,
        9 => WorkAction::Extend,
        10 => WorkAction::Invite {
            user: c.agents[dice.roll(c.agents.len())],
        },
        _ => WorkAction::Accept,
    }
}

fn supervision(c: &Center, dice: &mut Dice, cases: &[RecordId], works: &[RecordId]) -> Request {
    let user = c.agents[dice.roll(c.agents.len())];
    let work = dice.pick(works).unwrap_or(user);
    Request::Supervise(match dice.roll(6) {
        0 => Supervision::Logout { user },
        1 => Supervision::SetStatus {
            user,
            status: if dice.roll(2) == 0 { c.status } else { c.busy },
        },
        2 => Supervision::Requeue { work },
        3 => Supervision::Reassign {
            item: dice.pick(cases).unwrap_or(user),
            target: destination(c, dice),
        },
        4 => {
            let pair = vec![(user, c.queue)];
            let (add, remove) = if dice.roll(2) == 0 {
                (pair, vec![])
            } else {
                (vec![], pair)
            };
            Supervision::Members { add, remove }
        }
        _ => Supervision::Work {
            work,
            action: action(c, dice),
        },
    })
}

fn run(seed: u64, batches: usize) {
    let mut w = World::new();
    w.is_strict = false;
    let center = w.center(&["anna", "ben", "carl"]);
    w.is_strict = true;
    let mut dice = Dice(seed | 1);
    for _ in 0..batches {
        w.now = w.now.plus_s(dice.roll(12) as i64);
        let size = dice.roll(4);
        let batch: Vec<Submission> = (0..size).map(|_| command(&w, &center, &mut dice)).collect();
        w.run(&batch);
    }
    // every item with a queue as owner that was routed waits with exactly one request
    for request in all(&w, "PendingServiceRouting") {
        let item = w.get(request, "WorkItemId");
        assert_eq!(w.find("PendingServiceRouting", "WorkItemId", item).len(), 1);
    }
    // withdrawn drafts use no numbers
    let op = w.op("Case", &[("Subject", value("last"))]);
    let saved = w
        .save_as(administrator(), vec![op], false)
        .remove(0)
        .unwrap();
    assert_eq!(
        w.text(saved.id, "CaseNumber"),
        format!("{:08}", saved.id.number().unwrap())
    );
}

#[test]
fn memory_is_a_function_of_the_rows() {
    for seed in [1, 7, 42, 99, 1_000_003] {
        run(seed, 150);
    }
}
