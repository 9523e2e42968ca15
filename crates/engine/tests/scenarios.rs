//! Scenarios of routing.md 12 at the level of records: what clients write, what rows they find.

mod world;

use engine::{EventKind, Gone, Reply, WorkAction};
use model::{Code, RecordId, Value};
use world::{World, value};

fn accept(w: &mut World, user: RecordId, work: RecordId) {
    assert_eq!(w.act(user, work, WorkAction::Accept), Ok(Reply::Work));
}

#[test]
fn t1_and_t2_a_case_is_offered_and_accepted() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.at("09:00:00").set_status(anna, c.status).unwrap();
    let case = w.at("12:00:00").case(c.queue);
    let request = w.request(case).unwrap();
    assert_eq!(w.get(request, "GroupId"), c.queue.into());
    assert_eq!(w.get(request, "QueueId"), c.queue.into());
    assert_eq!(w.text(request, "RoutingType"), "QueueBased");
    assert_eq!(w.get(request, "CapacityWeight"), Value::Double(2.0));
    for flag in ["IsReadyForRouting", "IsPushed", "IsPushAttempted"] {
        assert_eq!(w.get(request, flag), Value::Bool(true), "{flag}");
    }
    assert_eq!(w.get(request, "Serial"), Value::Int(2));
    assert_eq!(w.get(case, "OwnerId"), anna.into());
    let work = w.works(case)[0];
    assert_eq!(
        (w.text(work, "Status"), w.get(work, "UserId")),
        ("Assigned".into(), anna.into())
    );
    assert_eq!(w.get(work, "AssignedDateTime"), w.now.into());
    assert_eq!(w.engine.capacity_of(anna).workload, 2.0);
    assert!(
        w.events
            .iter()
            .any(|e| e.user == anna
                && matches!(&e.kind, EventKind::WorkAssigned(v) if v.work == work))
    );

    w.at("12:00:08");
    accept(&mut w, anna, work);
    assert_eq!(w.text(work, "Status"), "Opened");
    assert_eq!(w.get(work, "AcceptDateTime"), w.now.into());
    assert_eq!(w.get(work, "SpeedToAnswer"), Value::Int(8));
    assert_eq!(w.request(case), None);
    assert_eq!(w.get(case, "OwnerId"), anna.into());
    let view = w.engine.works_of(anna);
    assert!(
        view[0].is_engaged
            && view[0].work_item_type == "Case"
            && view[0].queue_name.as_deref() == Some("Q")
    );

    w.at("12:01:00");
    assert_eq!(w.act(anna, work, WorkAction::Close), Ok(Reply::Work));
    assert_eq!(
        (w.text(work, "Status"), w.get(work, "HandleTime")),
        ("Closed".into(), Value::Int(52))
    );
    assert_eq!(w.engine.capacity_of(anna).workload, 0.0);
}

#[test]
fn t15_members_through_groups_and_roles() {
    let mut w = World::new();
    let c = w.center(&[]);
    let group = w.create("Group", &[("Name", value("G")), ("Type", value("Regular"))]);
    let role = |w: &mut World, name: &str, parent: Option<RecordId>| {
        w.create(
            "UserRole",
            &[
                ("Name", value(name)),
                ("ParentRoleId", parent.into()),
                ("OpportunityAccessForAccountOwner", value("Edit")),
            ],
        )
    };
    let top = role(&mut w, "R", None);
    let below = role(&mut w, "Below", Some(top));
    let automatic = w.find("Group", "RelatedId", top);
    let with_subordinates = automatic
        .into_iter()
        .find(|g| w.text(*g, "Type") == "RoleAndSubordinates")
        .unwrap();
    w.create(
        "GroupMember",
        &[
            ("GroupId", group.into()),
            ("UserOrGroupId", with_subordinates.into()),
        ],
    );
    w.create(
        "GroupMember",
        &[("GroupId", c.queue.into()), ("UserOrGroupId", group.into())],
    );
    // a cycle is legal and harmless
    let other = w.create(
        "Group",
        &[("Name", value("G2")), ("Type", value("Regular"))],
    );
    w.create(
        "GroupMember",
        &[("GroupId", other.into()), ("UserOrGroupId", group.into())],
    );
    w.create(
        "GroupMember",
        &[("GroupId", group.into()), ("UserOrGroupId", other.into())],
    );
    let dora = w.agent("dora");
    w.update(dora, &[("UserRoleId", below.into())]);
    w.set_status(dora, c.status).unwrap();
    let case = w.case(c.queue);
    assert_eq!(w.get(w.works(case)[0], "UserId"), dora.into());
    // and out again: the next case waits
    w.update(dora, &[("UserRoleId", Value::Null)]);
    let case = w.case(c.queue);
    assert!(w.works(case).is_empty() && w.request(case).is_some());
}

#[test]
fn t20_a_declined_case_goes_back_and_is_not_offered_again() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.update(c.config, &[("CapacityWeight", Value::Double(6.0))]);
    w.set_status(anna, c.status).unwrap();
    let one = w.at("12:00:00").case(c.queue);
    let two = w.at("12:00:01").case(c.queue);
    let request = w.request(one).unwrap();
    let work = w.works(one)[0];
    let reason = Some("busy".to_owned());
    assert_eq!(
        w.at("12:00:05")
            .act(anna, work, WorkAction::Decline { reason }),
        Ok(Reply::Work)
    );
    assert_eq!(
        (w.text(work, "Status"), w.text(work, "DeclineReason")),
        ("Declined".into(), "busy".into())
    );
    assert_eq!(w.get(work, "DeclineDateTime"), w.now.into());
    assert_eq!(w.get(one, "OwnerId"), c.queue.into());
    assert_eq!(w.request(one), Some(request));
    assert_eq!(w.get(request, "Serial"), Value::Int(3));
    assert!(
        w.text(request, "LastDeclinedAgentSession")
            .starts_with("0R1")
    );
    assert_eq!(w.works(one).len(), 1);
    let second = w.works(two)[0];
    assert_eq!(w.text(second, "Status"), "Assigned");
    assert!(w.events.iter().any(|e| matches!(
        &e.kind,
        EventKind::WorkGone {
            how: Gone::Declined,
            ..
        }
    )));
    // a new session forgets
    w.at("12:01:00").logout(anna);
    w.at("12:01:10").set_status(anna, c.status).unwrap();
    assert_eq!(w.works(one).len(), 2);
}

#[test]
fn t27_offline_is_no_decline() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let case = w.at("12:00:00").case(c.queue);
    let work = w.works(case)[0];
    w.at("12:00:05").logout(anna);
    assert_eq!(w.text(work, "Status"), "Unavailable");
    let request = w.request(case).unwrap();
    assert_eq!(w.get(request, "IsPushed"), Value::Bool(false));
    assert_eq!(w.get(request, "LastDeclinedAgentSession"), Value::Null);
    assert_eq!(w.get(case, "OwnerId"), c.queue.into());
    assert_eq!(w.engine.presence_of(anna), None);
    w.at("12:00:30").set_status(anna, c.status).unwrap();
    assert_eq!(w.works(case).len(), 2);
    assert_eq!(w.get(case, "OwnerId"), anna.into());
}

#[test]
fn owner_changes_and_deletion_withdraw_the_request() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let waiting = w.case(c.queue);
    assert!(w.request(waiting).is_some());
    w.update(waiting, &[("OwnerId", anna.into())]);
    assert!(w.request(waiting).is_none() && w.works(waiting).is_empty());
    w.update(waiting, &[("OwnerId", c.queue.into())]);
    let request = w.request(waiting).unwrap();
    // R47
    w.try_delete(request).unwrap();
    assert_eq!(w.get(waiting, "OwnerId"), c.queue.into());
    w.set_status(anna, c.status).unwrap();
    let offered = w.case(c.queue);
    let work = w.works(offered)[0];
    w.try_delete(offered).unwrap();
    assert!(w.request(offered).is_none());
    assert_eq!(w.text(work, "Status"), "Canceled");
    assert!(!w.row(work).unwrap().is_deleted); // R108
    assert_eq!(w.engine.capacity_of(anna).workload, 0.0);
    // a queue that may not own leads
    let lead = [
        ("LastName", value("x")),
        ("Company", value("y")),
        ("OwnerId", c.queue.into()),
    ];
    w.refused("Lead", &lead, Code::FieldIntegrityException, &["OwnerId"]);
}

#[test]
fn an_external_router_places_work_itself() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.update(
        c.config,
        &[
            ("RoutingModel", value("ExternalRouting")),
            ("CapacityWeight", Value::Double(1.0)),
        ],
    );
    w.set_status(anna, c.status).unwrap();
    let case = w.case(c.queue);
    let request = w.request(case).unwrap();
    assert!(w.works(case).is_empty());
    let body = [
        ("ServiceChannelId", c.channel.into()),
        ("WorkItemId", case.into()),
        ("UserId", anna.into()),
        ("PendingServiceRoutingId", request.into()),
    ];
    let work = w.create("AgentWork", &body);
    assert_eq!(
        (w.text(work, "Status"), w.get(work, "UserId")),
        ("Assigned".into(), anna.into())
    );
    assert_eq!(w.get(request, "IsPushed"), Value::Bool(true));
    assert_eq!(w.text(work, "Name").len(), 8);
    assert!(w.try_create("AgentWork", &body).is_err());
    let status = w
        .try_update(work, &[("Status", value("Opened"))])
        .unwrap_err();
    assert_eq!(status.code, Code::InvalidFieldForInsertUpdate);
    assert_eq!(w.try_delete(work).unwrap_err().code, Code::DeleteFailed);
    w.act(anna, work, WorkAction::Decline { reason: None })
        .unwrap();
    assert_eq!(w.get(request, "Serial"), Value::Int(3));
    let second = w.create("AgentWork", &body);
    accept(&mut w, anna, second);
    assert!(w.request(case).is_none());
    w.try_delete(work).unwrap();
}

#[test]
fn statuses_are_granted() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let secret = w.create("ServicePresenceStatus", &[("MasterLabel", value("Secret"))]);
    assert_eq!(
        w.set_status(anna, secret).unwrap_err().code,
        Code::StatusNotAllowed
    );
    let names = |w: &World, user| {
        w.engine
            .statuses_of(user)
            .into_iter()
            .map(|s| s.status_name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&w, anna), ["Break", "Online Cases"]);
    assert_eq!(
        names(&w, engine::administrator()),
        ["Break", "Online Cases", "Secret"]
    );
    match w.set_status(engine::administrator(), secret) {
        Ok(Reply::Presence(Some(p))) => assert_eq!(
            (p.status_api_name.as_str(), p.channels.len()),
            ("Secret", 0)
        ),
        other => panic!("{other:?}"),
    }
    let options = w.engine.configuration_of(anna);
    assert!(options.is_decline_enabled && !options.is_auto_accept_enabled);
    // switched off, logged out
    w.set_status(anna, c.status).unwrap();
    w.update(anna, &[("IsActive", false.into())]);
    assert_eq!(w.engine.presence_of(anna), None);
    assert!(w.set_status(anna, c.status).is_err());
}

#[test]
fn an_all_or_none_command_is_routed_whole_or_not_at_all() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.update(c.config, &[("RoutingModel", value("ExternalRouting"))]);
    w.set_status(anna, c.status).unwrap();
    let cases: Vec<RecordId> = (0..4).map(|_| w.case(c.queue)).collect();
    let offer = |w: &World, case: RecordId| {
        w.op(
            "AgentWork",
            &[
                ("ServiceChannelId", c.channel.into()),
                ("WorkItemId", case.into()),
                ("UserId", anna.into()),
                ("PendingServiceRoutingId", w.request(case).unwrap().into()),
                ("CapacityWeight", Value::Double(2.0)),
            ],
        )
    };
    // capacity 6: the fourth does not fit, so the first three must not be offered either
    let ops: Vec<_> = cases.iter().map(|case| offer(&w, *case)).collect();
    let before = w.engine.fingerprint();
    let codes: Vec<Code> = w
        .save_as(engine::administrator(), ops, true)
        .into_iter()
        .map(|r| r.unwrap_err().code)
        .collect();
    let rolled_back = Code::AllOrNoneOperationRolledBack;
    assert_eq!(
        codes,
        [rolled_back, rolled_back, rolled_back, Code::NoCapacity]
    );
    assert_eq!(before[1..], w.engine.fingerprint()[1..]);
    let ops: Vec<_> = cases[..3].iter().map(|case| offer(&w, *case)).collect();
    assert!(
        w.save_as(engine::administrator(), ops, true)
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(w.engine.capacity_of(anna).workload, 6.0);
    assert_eq!(
        w.act(anna, w.works(cases[0])[0], WorkAction::Close)
            .unwrap_err()
            .code,
        Code::WorkNotOpen
    );
}

#[test]
fn a_queue_and_its_first_case_in_one_command() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let ops = vec![
        w.op(
            "Group",
            &[
                ("Name", value("New")),
                ("Type", value("Queue")),
                ("QueueRoutingConfigId", c.config.into()),
            ],
        ),
        w.op(
            "QueueSobject",
            &[
                ("QueueId", engine::result_of(0).into()),
                ("SobjectType", value("Case")),
            ],
        ),
        w.op(
            "GroupMember",
            &[
                ("GroupId", engine::result_of(0).into()),
                ("UserOrGroupId", anna.into()),
            ],
        ),
        w.op("Case", &[("OwnerId", engine::result_of(0).into())]),
    ];
    let ids: Vec<RecordId> = w
        .save_as(engine::administrator(), ops.clone(), true)
        .into_iter()
        .map(|r| r.unwrap().id)
        .collect();
    assert_eq!(w.get(ids[3], "OwnerId"), anna.into());
    // refused at the end: nothing of the configuration stays
    let before = w.engine.fingerprint();
    let mut ops = ops;
    ops.push(w.op(
        "PendingServiceRouting",
        &[
            ("WorkItemId", ids[3].into()),
            ("ServiceChannelId", c.channel.into()),
            ("RoutingType", value("SkillsBased")),
            ("RoutingModel", value("MostAvailable")),
        ],
    ));
    assert!(
        w.save_as(engine::administrator(), ops, true)
            .iter()
            .all(Result::is_err)
    );
    assert_eq!(before[1..], w.engine.fingerprint()[1..]);
}

#[test]
fn set_up_that_work_waits_for_stays() {
    let mut w = World::new();
    let c = w.center(&[]);
    let case = w.case(c.queue);
    for id in [c.channel, c.queue, c.config] {
        assert_eq!(
            w.try_delete(id).unwrap_err().code,
            Code::DependencyExists,
            "{id}"
        );
    }
    let request = w.request(case).unwrap();
    w.try_delete(request).unwrap();
    w.try_delete(c.channel).unwrap();
    w.update(c.queue, &[("QueueRoutingConfigId", Value::Null)]);
    w.try_delete(c.config).unwrap();
    w.try_delete(c.queue).unwrap();
    assert!(w.find("QueueSobject", "QueueId", c.queue).is_empty());
}

#[test]
fn set_up_of_work_that_is_offered_or_left_to_a_router_stays() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let offered = w.case(c.queue);
    w.update(c.config, &[("RoutingModel", value("ExternalRouting"))]);
    let external = w.case(c.queue);
    for case in [offered, external] {
        for id in [c.channel, c.queue] {
            let refused = w.try_delete(id).map_err(|r| r.code);
            assert_eq!(refused, Err(Code::DependencyExists), "{id}");
        }
        let request = w.request(case).unwrap();
        w.try_delete(request).unwrap();
    }
    w.try_delete(c.queue).unwrap();
}

#[test]
fn work_can_be_given_without_a_request() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    let case = w.case(c.queue);
    let request = w.request(case).unwrap();
    w.try_delete(request).unwrap();
    w.set_status(anna, c.status).unwrap();
    w.set_status(ben, c.status).unwrap();
    assert!(w.works(case).is_empty());
    let body = |user: RecordId| {
        [
            ("WorkItemId", case.into()),
            ("UserId", user.into()),
            ("OwnerId", user.into()),
            ("ServiceChannelId", c.channel.into()),
        ]
    };
    let work = w.create("AgentWork", &body(ben));
    assert_eq!(
        (w.text(work, "Status"), w.get(case, "OwnerId")),
        ("Assigned".into(), ben.into())
    );
    accept(&mut w, ben, work);
    assert!(w.request(case).is_none());
    // a third one, who is offline
    let carl = w.agent("carl");
    assert!(w.try_create("AgentWork", &body(carl)).is_err());
    assert!(w.request(case).is_none());
}
