//! Extensions of routing (docs/routing-extensions.md): the settings reach routing and outlast a restart.

mod world;

use engine::{Caller, Reply, Request, Submission, WaitExplanation, WorkAction, administrator};
use model::{RecordId, Value};
use world::{Center, World};

fn put(w: &mut World, name: &str, text: Option<&str>) {
    let values = vec![(name.to_owned(), text.map(str::to_owned))];
    w.submit(administrator(), Request::Settings(values))
        .unwrap();
}

fn case(w: &mut World, c: &Center) -> RecordId {
    w.create("Case", &[("OwnerId", c.queue.into())])
}

fn why(w: &World, item: RecordId) -> WaitExplanation {
    w.engine.explain_item(item, w.now, None).waiting.unwrap()
}

fn order(w: &World, item: RecordId) -> Option<&'static str> {
    why(w, item).order.map(|reason| reason.code)
}

fn offered_to(w: &World, item: RecordId) -> Vec<Value> {
    let works = w.find("AgentWork", "WorkItemId", item);
    works.iter().map(|work| w.get(*work, "UserId")).collect()
}

#[test]
fn ageing_and_the_target_date_make_the_order() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let first = case(&mut w, &c);
    assert_eq!(order(&w, first), None);
    put(&mut w, "ageingSeconds", Some("60"));
    assert_eq!(order(&w, first), Some("ageing"));
    w.restart();
    assert_eq!(order(&w, first), Some("ageing"));

    put(&mut w, "slaWindowSeconds", Some("300"));
    let second = w.create("Case", &[]);
    let target = w.now.plus_s(120);
    let request = w.create(
        "PendingServiceRouting",
        &[
            ("WorkItemId", second.into()),
            ("ServiceChannelId", c.channel.into()),
            ("RoutingType", "SkillsBased".into()),
            ("RoutingModel", "MostAvailable".into()),
            ("CapacityWeight", Value::Double(1.0)),
        ],
    );
    let sets = [
        ("TargetAcceptDateTime", Value::DateTime(target)),
        ("IsReadyForRouting", true.into()),
    ];
    let op = w.update_op(request, &sets);
    let submission = Submission {
        caller: Caller {
            version: 65, // the first that has the field
            ..w.caller(administrator())
        },
        command_id: None,
        request: Request::Save {
            ops: vec![op],
            all_or_none: true,
        },
    };
    let replies = w.run(&[submission]);
    assert!(matches!(&replies[..], [Ok(Reply::Saved(saved))] if saved[0].is_ok()));
    w.restart();
    assert_eq!(order(&w, second), Some("targetDate"));
    assert_eq!(why(&w, second).position, Some(1));
    put(&mut w, "slaWindowSeconds", None);
    put(&mut w, "ageingSeconds", None);
    assert_eq!(order(&w, second), None);
}

#[test]
fn pacing_and_the_fair_cap_spread_offers() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    put(&mut w, "offerPacingSeconds", Some("30"));
    w.set_status(anna, c.status).unwrap();
    let (one, two) = (case(&mut w, &c), case(&mut w, &c));
    assert_eq!(offered_to(&w, one), [anna.into()]);
    w.restart();
    let wait = why(&w, two);
    assert_eq!(wait.item.reason.code, "pacing");
    let anna_says = wait.excluded.iter().find(|c| c.user_id == anna).unwrap();
    assert_eq!(anna_says.reason.as_ref().unwrap().code, "paced");
    w.now = w.now.plus_s(30);
    w.tick();
    assert_eq!(offered_to(&w, two), [anna.into()]);
}

#[test]
fn the_fair_cap_lets_others_come_first() {
    let mut w = World::new();
    let c = w.center(&["anna", "bruno"]);
    let (anna, bruno) = (c.agents[0], c.agents[1]);
    put(&mut w, "fairCapOffers", Some("2"));
    w.set_status(anna, c.status).unwrap();
    let one = case(&mut w, &c);
    assert_eq!(offered_to(&w, one), [anna.into()]);
    w.restart();
    let two = case(&mut w, &c);
    assert_eq!(offered_to(&w, two), [anna.into()]);
    w.set_status(bruno, c.status).unwrap();
    let three = case(&mut w, &c);
    assert_eq!(offered_to(&w, three), [bruno.into()]);
    let wait = why(&w, three);
    let anna_says = wait.excluded.iter().find(|c| c.user_id == anna).unwrap();
    assert_eq!(anna_says.reason.as_ref().unwrap().code, "capped");
}

#[test]
fn a_customer_sticks_to_an_agent() {
    let mut w = World::new();
    let c = w.center(&["anna", "bruno"]);
    let (anna, bruno) = (c.agents[0], c.agents[1]);
    put(&mut w, "stickyHours", Some("1"));
    w.set_status(anna, c.status).unwrap();
    w.set_status(bruno, c.status).unwrap();
    let carol = w.create("Contact", &[("LastName", "Carol".into())]);
    let of_carol = |w: &mut World| {
        let owner = ("OwnerId", c.queue.into());
        w.create("Case", &[owner, ("ContactId", carol.into())])
    };
    let one = of_carol(&mut w);
    assert_eq!(offered_to(&w, one), [anna.into()]);
    let work = w.find("AgentWork", "WorkItemId", one)[0];
    w.act(anna, work, WorkAction::Accept).unwrap();
    w.act(anna, work, WorkAction::Close).unwrap();
    w.restart();
    let two = of_carol(&mut w);
    assert_eq!(
        offered_to(&w, two),
        [anna.into()],
        "bruno has waited longer"
    );

    w.try_delete(two).unwrap();
    let three = w.create("Case", &[("ContactId", carol.into())]);
    w.create(
        "PendingServiceRouting",
        &[
            ("WorkItemId", three.into()),
            ("ServiceChannelId", c.channel.into()),
            ("RoutingType", "SkillsBased".into()),
            ("RoutingModel", "MostAvailable".into()),
            ("CapacityWeight", Value::Double(1.0)),
            ("IsReadyForRouting", true.into()),
        ],
    );
    assert_eq!(offered_to(&w, three), [anna.into()]);
}

#[test]
fn a_big_item_keeps_an_agents_room() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    put(&mut w, "roomReservationSeconds", Some("60"));
    w.set_status(anna, c.status).unwrap();
    let small = case(&mut w, &c);
    let big = w.create("Case", &[]);
    w.create(
        "PendingServiceRouting",
        &[
            ("WorkItemId", big.into()),
            ("ServiceChannelId", c.channel.into()),
            ("RoutingType", "SkillsBased".into()),
            ("RoutingModel", "MostAvailable".into()),
            ("CapacityWeight", Value::Double(6.0)),
            ("IsReadyForRouting", true.into()),
        ],
    );
    w.now = w.now.plus_s(60);
    w.tick();
    let kept = why(&w, big).room_kept.map(|agent| agent.id);
    assert_eq!(kept, Some(anna));
    w.restart();
    let next = case(&mut w, &c);
    assert_eq!(why(&w, next).item.reason.code, "roomKept");
    let work = w.find("AgentWork", "WorkItemId", small)[0];
    w.act(anna, work, WorkAction::Accept).unwrap();
    w.act(anna, work, WorkAction::Close).unwrap();
    assert_eq!(offered_to(&w, big), [anna.into()]);
    assert_eq!(offered_to(&w, next), []);
}
