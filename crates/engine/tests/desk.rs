//! What agents do with open work beyond accept and close, and what supervisors see and do (R40 to R45,
//! R120 to R125, R150, R151, R179 to R190), with the law checked after each step.

mod world;

use engine::{
    Destination, EventKind, Page, Reply, Request, SUPERVISOR, Supervision, WorkAction,
    administrator,
};
use model::{Code, Millis, RecordId, Refusal, Value};
use world::{Center, World, value};

const ALL: Page = Page {
    queue: None,
    rest: false,
    after: None,
    limit: 100,
};

/// A supervisor of the genesis profile.
fn supervisor(w: &mut World) -> RecordId {
    let user = w.agent("susan");
    let profile = w.find("Profile", "Name", "Contact Center Supervisor")[0];
    w.update(user, &[("ProfileId", profile.into())]);
    user
}

fn supervise(w: &mut World, by: RecordId, what: Supervision) -> Result<Reply, Refusal> {
    w.submit(by, Request::Supervise(what))
}

/// A case that this agent has accepted.
fn open_case(w: &mut World, c: &Center, agent: RecordId) -> (RecordId, RecordId) {
    let case = w.case(c.queue);
    let work = w.works(case)[0];
    assert_eq!(w.get(work, "UserId"), agent.into());
    w.act(agent, work, WorkAction::Accept).unwrap();
    (case, work)
}

fn second_queue(w: &mut World, c: &Center, agents: &[RecordId]) -> RecordId {
    let queue = w.create(
        "Group",
        &[
            ("Name", value("Second")),
            ("Type", value("Queue")),
            ("QueueRoutingConfigId", c.config.into()),
        ],
    );
    w.create(
        "QueueSobject",
        &[("QueueId", queue.into()), ("SobjectType", value("Case"))],
    );
    for agent in agents {
        let row = [
            ("GroupId", queue.into()),
            ("UserOrGroupId", (*agent).into()),
        ];
        w.create("GroupMember", &row);
    }
    queue
}

fn skilled(w: &mut World, by: RecordId, user: RecordId, skill: RecordId, level: f64) {
    let what = Supervision::Skills {
        user,
        set: vec![(skill, level)],
        remove: vec![],
    };
    assert_eq!(supervise(w, by, what), Ok(Reply::Work));
}

#[test]
fn r182_a_flag_is_raised_replaced_and_taken_down() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let susan = supervisor(&mut w);
    w.set_status(anna, c.status).unwrap();
    let (_, work) = open_case(&mut w, &c, anna);
    let flag = |text: &str| WorkAction::Flag {
        message: Some(text.to_owned()),
    };
    w.act(anna, work, flag("help")).unwrap();
    w.act(anna, work, flag("quick")).unwrap();
    let view = &w.engine.works_of(anna)[0];
    assert!(view.is_flagged && view.flag_message.as_deref() == Some("quick"));
    let stranger = w.act(susan, work, WorkAction::Unflag).unwrap_err();
    assert_eq!(stranger.code, Code::WorkNotFound);
    let action = WorkAction::Unflag;
    supervise(&mut w, susan, Supervision::Work { work, action }).unwrap();
    assert!(!w.engine.works_of(anna)[0].is_flagged);
    let told: Vec<_> = w
        .events
        .iter()
        .filter_map(|e| match &e.kind {
            EventKind::FlagUpdated {
                is_flagged,
                by_supervisor,
                updated_by,
                ..
            } => Some((e.user, *is_flagged, *by_supervisor, *updated_by)),
            _ => None,
        })
        .collect();
    let by_anna = (anna, true, false, anna);
    assert_eq!(told, [by_anna, by_anna, (anna, false, true, susan)]);
    // what is over has no flag
    w.act(anna, work, flag("late")).unwrap();
    w.act(anna, work, WorkAction::Close).unwrap();
    assert!(w.notes.keys().all(|(_, key)| !key.starts_with("flag")));
    let message = Some("x".repeat(1_001));
    let (_, work) = open_case(&mut w, &c, anna);
    let long = w.act(anna, work, WorkAction::Flag { message });
    assert_eq!(long.unwrap_err().code, Code::StringTooLong);
}

#[test]
fn r40_r43_r124_transfer_to_a_queue() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    let second = second_queue(&mut w, &c, &[ben]);
    w.at("09:00:00").set_status(anna, c.status).unwrap();
    let (case, work) = open_case(&mut w, &c, anna);
    let target = Destination::Queue(second);
    w.at("12:00:00");
    w.act(anna, work, WorkAction::Transfer { target }).unwrap();
    assert_eq!(w.text(work, "Status"), "Transferred");
    assert_eq!(w.get(case, "OwnerId"), second.into());
    let request = w.request(case).unwrap();
    assert_eq!(w.get(request, "IsTransfer"), Value::Bool(true));
    assert_eq!(w.get(request, "TransferRequesterId"), anna.into());
    assert_eq!(w.engine.capacity_of(anna).workload, 0.0);
    w.set_status(ben, c.status).unwrap();
    let offer = *w.works(case).last().unwrap();
    assert_eq!(
        (w.get(offer, "UserId"), w.get(offer, "TransferRequesterId")),
        (ben.into(), anna.into())
    );
    // it is over for anna, and nobody can send it to a queue that has no cases
    let target = Destination::Queue(second);
    let late = w.act(anna, work, WorkAction::Transfer { target });
    assert_eq!(late.unwrap_err().code, Code::WorkNotOpen);
    let other = w.create("Group", &[("Name", value("No")), ("Type", value("Queue"))]);
    w.act(ben, offer, WorkAction::Accept).unwrap();
    let target = Destination::Queue(other);
    let wrong = w.act(ben, offer, WorkAction::Transfer { target });
    assert_eq!(wrong.unwrap_err().code, Code::InvalidArgument);
}

#[test]
fn r41_r42_r125_transfer_to_an_agent_and_back() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let ben = w.agent("ben");
    w.set_status(anna, c.status).unwrap();
    let (case, work) = open_case(&mut w, &c, anna);
    w.set_status(ben, c.status).unwrap();
    let transfer = || WorkAction::Transfer {
        target: Destination::User(ben),
    };
    w.act(anna, work, transfer()).unwrap();
    let offer = *w.works(case).last().unwrap();
    assert_eq!(
        (w.request(case), w.text(work, "Status")),
        (None, "Opened".into())
    );
    assert_eq!(w.get(case, "OwnerId"), ben.into());
    w.logout(ben);
    assert_eq!(w.text(offer, "Status"), "Unavailable");
    assert_eq!(w.get(case, "OwnerId"), anna.into());
    w.set_status(ben, c.status).unwrap();
    w.act(anna, work, transfer()).unwrap();
    let offer = *w.works(case).last().unwrap();
    w.act(ben, offer, WorkAction::Accept).unwrap();
    assert_eq!(w.text(work, "Status"), "Transferred");
    assert_eq!(w.get(case, "OwnerId"), ben.into());
}

#[test]
fn r45_transfer_to_skills_asks_for_no_level() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let ben = w.agent("ben");
    let susan = supervisor(&mut w);
    let french = w.create("Skill", &[("MasterLabel", value("French"))]);
    skilled(&mut w, susan, ben, french, 0.0);
    w.set_status(anna, c.status).unwrap();
    let (case, work) = open_case(&mut w, &c, anna);
    w.set_status(ben, c.status).unwrap();
    let target = Destination::Skills(vec![french]);
    w.act(anna, work, WorkAction::Transfer { target }).unwrap();
    let offer = *w.works(case).last().unwrap();
    assert_eq!(w.get(offer, "UserId"), ben.into());
    assert_eq!(w.find("AgentWorkSkill", "AgentWorkId", offer).len(), 1);
}

#[test]
fn r102_r203_r204_a_second_agent_takes_part() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let (ben, carl) = (w.agent("ben"), w.agent("carl"));
    w.set_status(anna, c.status).unwrap();
    let (case, work) = open_case(&mut w, &c, anna);
    let invite = |user: RecordId| WorkAction::Invite { user };
    let offline = w.act(anna, work, invite(ben)).unwrap_err();
    assert_eq!(offline.code, Code::NotLoggedIn);
    w.set_status(ben, c.status).unwrap();
    let stranger = w.act(carl, work, invite(ben)).unwrap_err();
    assert_eq!(stranger.code, Code::WorkNotFound);
    w.act(anna, work, invite(ben)).unwrap();
    let second = *w.works(case).last().unwrap();
    w.act(ben, second, WorkAction::Accept).unwrap();
    assert_eq!(w.engine.capacity_of(ben).workload, 2.0);
    assert_eq!(w.get(case, "OwnerId"), anna.into());
    w.act(anna, work, WorkAction::Close).unwrap();
    assert_eq!(w.get(case, "OwnerId"), ben.into());
    assert_eq!(w.text(second, "Status"), "Opened");
}

/// The channel of cases with capacity by status.
fn status_based(w: &mut World, c: &Center) {
    for (text, kind) in [
        ("Escalated", "Paused"),
        ("Working", "InProgress"),
        ("Closed", "Completed"),
    ] {
        w.create(
            "ServiceChannelStatusField",
            &[
                ("ServiceChannelId", c.channel.into()),
                ("Value", value(text)),
                ("Type", value(kind)),
            ],
        );
    }
    w.update(
        c.channel,
        &[
            ("CapacityModel", value("StatusBased")),
            ("StatusField", value("Status")),
        ],
    );
}

#[test]
fn t30_r119_to_r121_pause_resume_and_complete() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    status_based(&mut w, &c);
    w.update(
        c.config,
        &[
            ("CapacityWeight", Value::Double(3.0)),
            ("PausedCapacityWeight", Value::Double(1.0)),
        ],
    );
    w.set_status(anna, c.status).unwrap();
    let (one, first) = open_case(&mut w, &c, anna);
    let (two, second) = open_case(&mut w, &c, anna);
    assert_eq!(w.engine.capacity_of(anna).workload, 6.0);
    w.act(anna, first, WorkAction::Pause).unwrap();
    assert_eq!(w.text(one, "Status"), "Escalated");
    assert_eq!(w.engine.capacity_of(anna).workload, 4.0);
    assert!(w.engine.works_of(anna)[0].is_paused);
    assert!(
        w.events
            .iter()
            .any(|e| matches!(&e.kind, EventKind::WorkChanged(v) if v.is_paused))
    );
    w.act(anna, first, WorkAction::Resume).unwrap();
    assert_eq!(
        (w.text(one, "Status"), w.engine.capacity_of(anna).workload),
        ("Working".into(), 6.0)
    );
    w.act(anna, first, WorkAction::Pause).unwrap();
    w.update(two, &[("Status", value("Closed"))]);
    assert_eq!(w.text(second, "Status"), "Closed");
    assert_eq!(w.engine.capacity_of(anna).workload, 1.0);
}

#[test]
fn only_status_based_work_is_paused() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let case = w.case(c.queue);
    let work = w.works(case)[0];
    let early = w.act(anna, work, WorkAction::Pause).unwrap_err();
    assert_eq!(early.code, Code::WorkNotOpen);
    w.act(anna, work, WorkAction::Accept).unwrap();
    let wrong = w.act(anna, work, WorkAction::Pause).unwrap_err();
    assert_eq!(wrong.code, Code::InvalidOperation);
}

#[test]
fn t29_and_t28_what_a_log_out_releases() {
    for (is_status_based, used, fits) in [(true, 4.0, 1), (false, 0.0, 3)] {
        let mut w = World::new();
        let c = w.center(&["anna"]);
        let anna = c.agents[0];
        if is_status_based {
            status_based(&mut w, &c);
        }
        w.set_status(anna, c.status).unwrap();
        let (one, work) = open_case(&mut w, &c, anna);
        open_case(&mut w, &c, anna);
        w.logout(anna);
        w.set_status(anna, c.status).unwrap();
        let status = if is_status_based { "Opened" } else { "Closed" };
        assert_eq!(w.text(work, "Status"), status);
        assert_eq!(w.get(one, "OwnerId"), anna.into());
        assert_eq!(w.engine.capacity_of(anna).workload, used);
        let cases: Vec<RecordId> = (0..4).map(|_| w.case(c.queue)).collect();
        let offered = cases.iter().filter(|case| !w.works(**case).is_empty());
        assert_eq!(offered.count(), fits, "status-based {is_status_based}");
    }
}

#[test]
fn t31_r94_r95_owner_changes_by_hand() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let ben = w.agent("ben");
    status_based(&mut w, &c);
    let presence = w.create(
        "PresenceUserConfig",
        &[("MasterLabel", value("Ben")), ("Capacity", Value::Int(6))],
    );
    w.create(
        "PresenceUserConfigUser",
        &[
            ("PresenceUserConfigId", presence.into()),
            ("UserId", ben.into()),
        ],
    );
    w.update(c.channel, &[("DoesCheckCapOnOwnerChange", true.into())]);
    w.set_status(anna, c.status).unwrap();
    let (one, _) = open_case(&mut w, &c, anna);
    let (two, _) = open_case(&mut w, &c, anna);
    let mut held = Vec::new();
    for _ in 0..3 {
        let case = w.case(administrator());
        w.create(
            "GroupMember",
            &[("GroupId", c.queue.into()), ("UserOrGroupId", ben.into())],
        );
        w.set_status(anna, c.busy).unwrap();
        w.set_status(ben, c.status).unwrap();
        w.update(case, &[("OwnerId", c.queue.into())]);
        let work = w.works(case)[0];
        w.act(ben, work, WorkAction::Accept).unwrap();
        held.push((case, work));
        let rows = w.find("GroupMember", "UserOrGroupId", ben);
        w.try_delete(rows[0]).unwrap();
    }
    assert_eq!(w.engine.capacity_of(ben).workload, 6.0);
    w.update(one, &[("OwnerId", ben.into())]);
    let request = w.request(one).unwrap();
    assert_eq!(w.get(request, "PreferredUserId"), ben.into());
    for flag in ["IsPreferredUserRequired", "IsOwnerChangeInitiated"] {
        assert_eq!(w.get(request, flag), Value::Bool(true), "{flag}");
    }
    w.update(c.channel, &[("DoesCheckCapOnOwnerChange", false.into())]);
    w.update(two, &[("OwnerId", ben.into())]);
    let work = *w.works(two).last().unwrap();
    assert_eq!(
        (w.get(work, "UserId"), w.text(work, "Status")),
        (ben.into(), "Assigned".into())
    );
    assert_eq!(w.engine.capacity_of(ben).workload, 8.0);
    for (case, _) in &held[..1] {
        w.update(*case, &[("Status", value("Closed"))]);
    }
    assert_eq!(w.engine.capacity_of(ben).workload, 6.0);
    assert!(w.request(one).is_some(), "full as before");
    w.update(held[1].0, &[("Status", value("Closed"))]);
    assert_eq!(w.get(*w.works(one).last().unwrap(), "UserId"), ben.into());
}

#[test]
fn t39_r150_r151_after_work_and_one_extension() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.update(
        c.presence,
        &[
            ("HasAfterConvoWorkTimer", true.into()),
            ("AfterConvoWorkMaxTime", Value::Int(60)),
            ("HasAcwExtensionEnabled", true.into()),
            ("AcwExtensionDuration", Value::Int(30)),
            ("MaxExtensions", value("2")),
        ],
    );
    w.update(c.config, &[("CapacityWeight", Value::Double(6.0))]);
    w.at("11:59:00").set_status(anna, c.status).unwrap();
    let (_, work) = open_case(&mut w, &c, anna);
    let waiting = w.case(c.queue);
    let early = w.act(anna, work, WorkAction::Extend).unwrap_err();
    assert_eq!(early.code, Code::InvalidOperation);
    w.at("12:00:00")
        .act(anna, work, WorkAction::EndConversation)
        .unwrap();
    let view = &w.engine.works_of(anna)[0];
    assert_eq!(view.after_work_ends_at, Some(w.now.plus_s(60)));
    assert_eq!(view.conversation_ended_at, Some(w.now));
    w.at("12:00:50")
        .act(anna, work, WorkAction::Extend)
        .unwrap();
    w.at("12:01:29").tick();
    assert_eq!(w.text(work, "Status"), "Opened");
    assert!(w.works(waiting).is_empty());
    w.at("12:01:30").tick();
    assert_eq!(w.text(work, "Status"), "Closed");
    assert_eq!(w.get(work, "AcwExtensionCount"), Value::Int(1));
    assert_eq!(w.get(work, "AfterConversationActualTime"), Value::Int(90));
    assert_eq!(w.works(waiting).len(), 1);
}

#[test]
fn r179_only_supervisors_supervise() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let susan = supervisor(&mut w);
    let has = |w: &World, user: RecordId| w.caller(user).rights.has(SUPERVISOR);
    assert!(has(&w, susan) && has(&w, administrator()) && !has(&w, anna));
    let what = Supervision::Logout { user: anna };
    let refused = supervise(&mut w, anna, what.clone()).unwrap_err();
    assert_eq!(refused.code, Code::InsufficientAccess);
    let offline = supervise(&mut w, susan, what).unwrap_err();
    assert_eq!(offline.code, Code::NotLoggedIn);
}

#[test]
fn r180_status_of_an_agent() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let susan = supervisor(&mut w);
    w.set_status(anna, c.status).unwrap();
    let status = c.busy;
    let what = Supervision::SetStatus { user: anna, status };
    assert!(matches!(
        supervise(&mut w, susan, what),
        Ok(Reply::Presence(Some(_)))
    ));
    assert_eq!(w.engine.presence_of(anna).unwrap().status_id, c.busy);
    supervise(&mut w, susan, Supervision::Logout { user: anna }).unwrap();
    assert_eq!(w.engine.presence_of(anna), None);
}

#[test]
fn r181_queues_and_skills_of_an_agent() {
    let mut w = World::new();
    let c = w.center(&[]);
    let ben = w.agent("ben");
    let susan = supervisor(&mut w);
    w.set_status(ben, c.status).unwrap();
    let case = w.case(c.queue);
    assert!(w.works(case).is_empty());
    let pair = vec![(ben, c.queue)];
    let add = Supervision::Members {
        add: pair.clone(),
        remove: vec![],
    };
    supervise(&mut w, susan, add.clone()).unwrap();
    supervise(&mut w, susan, add).unwrap();
    assert_eq!(w.works(case).len(), 1);
    assert_eq!(w.find("GroupMember", "GroupId", c.queue).len(), 1);
    let remove = Supervision::Members {
        add: vec![],
        remove: pair,
    };
    supervise(&mut w, susan, remove).unwrap();
    let later = w.case(c.queue);
    assert!(w.works(later).is_empty() && w.works(case).len() == 1);

    let french = w.create("Skill", &[("MasterLabel", value("French"))]);
    skilled(&mut w, susan, ben, french, 3.0);
    skilled(&mut w, susan, ben, french, 7.5);
    let view = w.engine.desk_agent(ben).unwrap();
    assert_eq!((view.skills.len(), view.skills[0].level), (1, 7.5));
    let what = |level: f64| Supervision::Skills {
        user: ben,
        set: vec![(french, level)],
        remove: vec![],
    };
    let refused = supervise(&mut w, susan, what(100.0)).unwrap_err();
    assert_eq!(refused.code, Code::NumberOutsideValidRange);
    let what = Supervision::Skills {
        user: ben,
        set: vec![],
        remove: vec![french],
    };
    supervise(&mut w, susan, what).unwrap();
    assert!(w.engine.desk_agent(ben).unwrap().skills.is_empty());
}

#[test]
fn r184_reassign_close_and_requeue() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    let susan = supervisor(&mut w);
    w.at("09:00:00").set_status(anna, c.status).unwrap();
    let (case, work) = open_case(&mut w, &c, anna);
    w.at("09:10:00");
    supervise(&mut w, susan, Supervision::Requeue { work }).unwrap();
    assert_eq!(w.text(work, "Status"), "Transferred");
    let offer = *w.works(case).last().unwrap();
    assert_eq!(w.get(offer, "TransferRequesterId"), susan.into());
    assert_eq!(
        w.get(offer, "RequestDateTime"),
        Millis::parse("2025-06-20T09:00:00Z").unwrap().into(),
        "age is kept (R33)"
    );
    // an offer goes to somebody else
    w.set_status(ben, c.status).unwrap();
    let what = Supervision::Reassign {
        item: case,
        target: Destination::User(ben),
    };
    supervise(&mut w, susan, what.clone()).unwrap();
    let last = *w.works(case).last().unwrap();
    assert_eq!(
        (w.get(last, "UserId"), w.text(offer, "Status")),
        (ben.into(), "Canceled".into())
    );
    w.act(ben, last, WorkAction::Accept).unwrap();
    let nothing = supervise(&mut w, susan, what).unwrap_err();
    assert_eq!(nothing.code, Code::InvalidOperation);
    let action = WorkAction::Close;
    supervise(&mut w, susan, Supervision::Work { work: last, action }).unwrap();
    assert_eq!(w.text(last, "Status"), "Closed");
    let action = WorkAction::Accept;
    let late = supervise(&mut w, susan, Supervision::Work { work: last, action });
    assert_eq!(late.unwrap_err().code, Code::WorkNotAssigned);
}

#[test]
fn r45_what_waits_is_reassigned_with_its_age_and_cost() {
    let mut w = World::new();
    let c = w.center(&[]);
    let ben = w.agent("ben");
    let susan = supervisor(&mut w);
    let french = w.create("Skill", &[("MasterLabel", value("French"))]);
    let second = second_queue(&mut w, &c, &[]);
    let since = Millis::parse("2025-06-20T10:00:00Z").unwrap();
    let case = w.at("10:00:00").case(c.queue);
    w.at("10:05:00");
    for target in [
        Destination::Queue(second),
        Destination::Skills(vec![french]),
        Destination::User(ben),
    ] {
        let what = Supervision::Reassign { item: case, target };
        supervise(&mut w, susan, what).unwrap();
        let requests = w.find("PendingServiceRouting", "WorkItemId", case);
        assert_eq!(requests.len(), 1);
        assert_eq!(w.get(requests[0], "CapacityWeight"), Value::Double(2.0));
        assert_eq!(w.get(requests[0], "RoutingPriority"), Value::Int(1));
        assert_eq!(w.get(requests[0], "CustomRequestedDateTime"), since.into());
    }
    assert!(w.find("SkillRequirement", "SkillId", french).is_empty());
    w.set_status(ben, c.status).unwrap();
    let work = w.works(case)[0];
    assert_eq!(
        (w.get(work, "UserId"), w.get(work, "TransferRequesterId")),
        (ben.into(), susan.into())
    );
    assert_eq!(w.get(work, "RequestDateTime"), since.into());
}

#[test]
fn the_desk_and_the_reasons() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let anna = c.agents[0];
    w.at("09:00:00").set_status(anna, c.status).unwrap();
    w.update(c.config, &[("CapacityWeight", Value::Double(6.0))]);
    let (one, work) = open_case(&mut w, &c, anna);
    let two = w.at("09:01:00").case(c.queue);
    let three = w.at("09:02:00").case(c.queue);
    let now = w.at("09:03:00").now;
    let agents = w.engine.desk_agents(&ALL);
    assert_eq!(agents.len(), 1);
    assert_eq!((agents[0].user_id, agents[0].works[0].work), (anna, work));
    let with_all = Page { rest: true, ..ALL };
    assert_eq!(w.engine.desk_agents(&with_all).len(), 2);
    let queues = w.engine.desk_queues(now);
    assert_eq!(
        (queues[0].waiting, queues[0].agents, queues[0].online_agents),
        (2, 2, 1)
    );
    assert_eq!(
        (queues[0].longest_wait, queues[0].estimated_wait),
        (Some(120), Some(0))
    );
    let works = w.engine.desk_works(&ALL);
    assert_eq!((works.len(), works[0].work.work_item), (1, one));
    let backlog = w.engine.desk_backlog(&ALL, now);
    let items: Vec<RecordId> = backlog.iter().map(|b| b.work_item_id).collect();
    assert_eq!(items, [two, three]);
    assert!(
        backlog
            .iter()
            .all(|b| b.reason.code == "nobodyFree" && b.reason.rule == "R54")
    );

    let why = w.engine.explain_item(three, now, None);
    let waiting = why.waiting.unwrap();
    assert_eq!((why.state, waiting.position), ("waiting", Some(2)));
    let codes: Vec<&str> = waiting
        .excluded
        .iter()
        .map(|c| c.reason.as_ref().unwrap().code)
        .collect();
    assert_eq!(codes, ["noCapacity", "offline"]);
    let alone = w
        .engine
        .explain_item(three, now, Some(anna))
        .waiting
        .unwrap();
    assert_eq!(alone.excluded.len(), 1, "an agent sees itself only");
    let why = w.engine.explain_item(one, now, None);
    assert_eq!((why.state, why.works[0].user_id), ("open", anna));
    let agent = w.engine.explain_agent(anna).unwrap();
    assert_eq!(
        (agent.holdings[0].units, agent.waiting[0].work_item_id),
        (6.0, two)
    );
    assert_eq!(agent.waiting[0].reason.as_ref().unwrap().rule, "R54");
    let ben = w.engine.explain_agent(c.agents[1]).unwrap();
    assert_eq!(ben.blocked.unwrap().code, "offline");
}

#[test]
fn settings_are_checked_kept_and_put_back() {
    let mut w = World::new();
    let anna = w.agent("anna");
    let put = |w: &mut World, user: RecordId, name: &str, text: Option<&str>| {
        let values = vec![(name.to_owned(), text.map(str::to_owned))];
        w.submit(user, Request::Settings(values))
    };
    let code = |reply: Result<Reply, Refusal>| reply.unwrap_err().code;
    let admin = administrator();
    assert_eq!(
        code(put(&mut w, anna, "leastActiveMetric", None)),
        Code::InsufficientAccess
    );
    assert_eq!(
        code(put(&mut w, admin, "nonsense", None)),
        Code::InvalidField
    );
    for (name, wrong) in [
        ("leastActiveMetric", "x"),
        ("pendingRequestsMax", "0"),
        ("enableOmniSkillsRouting", "yes"),
    ] {
        assert_eq!(
            code(put(&mut w, admin, name, Some(wrong))),
            Code::InvalidArgument
        );
    }
    put(&mut w, admin, "pendingRequestsMax", Some("5")).unwrap();
    let max = |w: &World| {
        w.engine
            .limits(w.now)
            .iter()
            .find(|l| l.name == "pendingRequests")
            .unwrap()
            .max
    };
    assert_eq!(max(&w), Some(5.0));
    put(&mut w, admin, "pendingRequestsMax", None).unwrap();
    assert_eq!(max(&w), Some(1_000_000.0));
    let names: Vec<String> = w.engine.settings().into_iter().map(|s| s.name).collect();
    assert!(names.contains(&"leastActiveMetric".to_owned()));
}
