//! Options that change the life cycle of offers and work (docs/routing-extensions.md): the settings reach
//! routing and outlast a restart; what counts as a touch.

mod world;

use engine::{EventKind, PresenceRequest, Reply, Request, WorkAction, administrator};
use model::{Code, RecordId, Refusal};
use world::{Center, World, value};

fn try_put(w: &mut World, name: &str, text: Option<&str>) -> Result<Reply, Refusal> {
    let values = vec![(name.to_owned(), text.map(str::to_owned))];
    w.submit(administrator(), Request::Settings(values))
}

fn put(w: &mut World, name: &str, text: &str) {
    try_put(w, name, Some(text)).unwrap();
}

fn of_config(c: &Center, name: &str) -> String {
    format!("QueueRoutingConfig.{}.{name}", c.config)
}

fn set_next(w: &mut World, user: RecordId, status: RecordId) -> Result<Reply, Refusal> {
    w.submit(
        user,
        Request::Presence(PresenceRequest::SetNextStatus(status)),
    )
}

fn statuses(w: &World, user: RecordId) -> (RecordId, Option<RecordId>) {
    let presence = w.engine.presence_of(user).unwrap();
    (presence.status_id, presence.next.map(|next| next.status_id))
}

/// A case that the agent has accepted, and its work.
fn open_case(w: &mut World, c: &Center, agent: RecordId) -> (RecordId, RecordId) {
    let case = w.case(c.queue);
    let work = *w.works(case).last().unwrap();
    w.act(agent, work, WorkAction::Accept).unwrap();
    (case, work)
}

fn why(w: &World, item: RecordId, user: RecordId) -> &'static str {
    let why = w.engine.explain_item(item, w.now, None).waiting.unwrap();
    let mut excluded = why.excluded.iter();
    let found = excluded.find(|candidate| candidate.user_id == user);
    found.unwrap().reason.as_ref().unwrap().code
}

#[test]
fn the_next_status_is_shown_told_and_kept() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let refusal = set_next(&mut w, anna, c.busy).unwrap_err();
    assert_eq!(refusal.code, Code::InvalidOperation);
    put(&mut w, "enableNextStatus", "true");
    let (_, work) = open_case(&mut w, &c, anna);
    w.events.clear();
    let reply = set_next(&mut w, anna, c.busy).unwrap();
    assert!(
        matches!(&reply, Reply::Presence(Some(p)) if p.next.as_ref().unwrap().status_id == c.busy)
    );
    let told = w.events.iter().find_map(|event| match &event.kind {
        EventKind::StatusChanged(p) => p.next.as_ref().map(|next| next.status_name.as_str()),
        _ => None,
    });
    assert_eq!(told, Some("Break"));
    assert_eq!(
        w.engine
            .desk_agent(anna)
            .unwrap()
            .presence
            .unwrap()
            .next_status
            .unwrap()
            .name,
        "Break"
    );
    w.restart();
    assert_eq!(statuses(&w, anna), (c.status, Some(c.busy)));
    let waits = w.case(c.queue);
    assert!(w.works(waits).is_empty());
    assert_eq!(why(&w, waits, anna), "nextStatus");
    w.act(anna, work, WorkAction::Close).unwrap();
    assert_eq!(statuses(&w, anna), (c.busy, None));
}

#[test]
fn offers_are_taken_back_when_their_agent_turns_busy() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    put(&mut w, "withdrawOffersWhenBusy", "true");
    w.restart();
    w.set_status(anna, c.status).unwrap();
    let case = w.case(c.queue);
    let work = w.works(case)[0];
    w.set_status(anna, c.busy).unwrap();
    assert_eq!(w.text(work, "Status"), "Unavailable");
    assert_eq!(w.get(case, "OwnerId"), c.queue.into());
    let request = w.request(case).unwrap();
    assert!(w.get(request, "LastDeclinedAgentSession").is_null());
}

#[test]
fn rounds_and_the_alternative_queue_are_settings_of_a_configuration() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let second = w.create(
        "Group",
        &[("Name", value("Second")), ("Type", value("Queue"))],
    );
    w.create(
        "QueueSobject",
        &[("QueueId", second.into()), ("SobjectType", value("Case"))],
    );
    let (rounds, alternative) = (
        of_config(&c, "maxRounds"),
        of_config(&c, "alternativeQueue"),
    );
    for wrong in ["0", "1001", "many"] {
        let refusal = try_put(&mut w, &rounds, Some(wrong)).unwrap_err();
        assert_eq!(refusal.code, Code::InvalidArgument);
    }
    for wrong in ["", "Second", &anna.to_string()] {
        let refusal = try_put(&mut w, &alternative, Some(wrong)).unwrap_err();
        assert_eq!(refusal.code, Code::InvalidArgument);
    }
    put(&mut w, &rounds, "1");
    put(&mut w, &alternative, &second.to_string());
    w.restart();
    w.set_status(anna, c.status).unwrap();
    let decline = |w: &mut World| {
        let case = w.case(c.queue);
        let work = w.works(case)[0];
        let reason = None;
        w.act(anna, work, WorkAction::Decline { reason }).unwrap();
        case
    };
    let case = decline(&mut w);
    assert_eq!(w.get(case, "OwnerId"), second.into());
    assert_eq!(w.request(case), None);

    w.try_delete(second).unwrap();
    let case = decline(&mut w);
    assert_eq!(w.get(case, "OwnerId"), c.queue.into());
    let waiting = w.engine.explain_item(case, w.now, None).waiting.unwrap();
    assert_eq!(waiting.item.reason.code, "roundsUsedUp");
}

/// Something an agent does with a case and its work.
type Touch<'a> = &'a dyn Fn(&mut World, RecordId, RecordId);

#[test]
fn work_goes_back_unless_it_is_touched() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    put(&mut w, &of_config(&c, "returnSeconds"), "60");
    w.at("12:00:00").set_status(anna, c.status).unwrap();
    let (left, left_work) = open_case(&mut w, &c, anna);
    assert_eq!(
        w.engine.works_of(anna)[0].returns_at,
        Some(w.now.plus_s(60))
    );
    let touches: [Touch; 3] = [
        &|w, case, _| {
            let op = w.update_op(case, &[("Subject", value("Help, please"))]);
            w.save_as(anna, vec![op], true)[0].as_ref().unwrap();
        },
        &|w, _, work| drop(w.act(anna, work, WorkAction::Touch).unwrap()),
        &|w, _, work| {
            let message = None;
            w.act(anna, work, WorkAction::Flag { message }).unwrap();
            w.act(anna, work, WorkAction::Unflag).unwrap();
        },
    ];
    let mut kept = Vec::new();
    w.at("12:00:10");
    for touch in touches.iter().take(2) {
        let (case, work) = open_case(&mut w, &c, anna);
        touch(&mut w, case, work);
        kept.push(work);
    }
    // Somebody else's hand is no touch.
    w.update(left, &[("Subject", value("Still here"))]);
    w.restart();
    w.at("12:01:00").tick();
    assert_eq!(w.text(left_work, "Status"), "Transferred");
    assert_eq!(w.get(left, "OwnerId"), c.queue.into());
    assert_eq!(why(&w, left, anna), "leftUntouched");
    let late = w.act(anna, left_work, WorkAction::Touch).unwrap_err();
    assert_eq!(late.code, Code::WorkNotOpen);
    w.act(anna, kept[0], WorkAction::Close).unwrap();
    let (case, work) = open_case(&mut w, &c, anna);
    touches[2](&mut w, case, work);
    kept.push(work);
    w.at("13:00:00").tick();
    for work in &kept[1..] {
        assert_eq!(w.text(*work, "Status"), "Opened");
    }
    w.set_status(ben, c.status).unwrap();
    assert_eq!(w.get(left, "OwnerId"), ben.into());
}
