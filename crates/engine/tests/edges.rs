//! Rules of routing.md at the edges: what stays after a request is gone, what clients cannot write, in
//! which order things happen (R9, R14, R27, R32, R89, R105 to R109, R117, R122, R139 to R149, R162, R187).

mod world;

use std::collections::BTreeSet;

use engine::{EventKind, Gone, SaveOp, WorkAction, administrator};
use model::{Code, RecordId, RowChange, Value};
use world::{Center, World, value};

fn offer(w: &World, item: RecordId) -> RecordId {
    *w.works(item).last().expect("an offer")
}

fn decline(w: &mut World, user: RecordId, work: RecordId) {
    w.act(user, work, WorkAction::Decline { reason: None })
        .unwrap();
}

fn direct(w: &mut World, c: &Center, more: &[(&str, Value)]) -> RecordId {
    let case = w.create("Case", &[]);
    let mut row = vec![
        ("WorkItemId", case.into()),
        ("ServiceChannelId", c.channel.into()),
        ("RoutingType", value("SkillsBased")),
        ("RoutingModel", value("MostAvailable")),
        ("CapacityWeight", Value::Double(6.0)),
        ("IsReadyForRouting", true.into()),
    ];
    row.extend_from_slice(more);
    w.create("PendingServiceRouting", &row);
    case
}

#[test]
fn r9_r132_work_names_its_request_after_that_is_gone() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    w.set_status(anna, c.status).unwrap();
    w.set_status(ben, c.status).unwrap();
    let case = w.case(c.queue);
    let request = w.request(case).unwrap();
    let first = offer(&w, case);
    decline(&mut w, anna, first);
    let second = offer(&w, case);
    w.act(ben, second, WorkAction::Accept).unwrap();
    assert_eq!(w.request(case), None);
    for work in [first, second] {
        assert_eq!(w.get(work, "PendingServiceRoutingId"), request.into());
    }
    assert_eq!(w.text(first, "Status"), "Declined");
}

#[test]
fn r10_r14_r27_direct_requests_stand_in_line_by_their_priority() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let row = |priority: i64| {
        vec![
            ("PreferredUserId", anna.into()),
            ("IsPreferredUserRequired", true.into()),
            ("RoutingPriority", Value::Int(priority)),
        ]
    };
    let late = direct(&mut w, &c, &row(5));
    let queued = w.case(c.queue); // priority 1 of the queue
    let early = direct(&mut w, &c, &row(0));
    w.set_status(anna, c.status).unwrap();
    for item in [early, queued, late] {
        let work = offer(&w, item);
        w.act(anna, work, WorkAction::Accept).unwrap();
        w.act(anna, work, WorkAction::Close).unwrap();
    }
}

#[test]
fn r32_a_better_priority_recalls_nothing() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.update(
        c.config,
        &[
            ("CapacityWeight", Value::Double(6.0)),
            ("RoutingPriority", Value::Int(7)),
        ],
    );
    w.set_status(anna, c.status).unwrap();
    let low = w.case(c.queue);
    let work = offer(&w, low);
    w.update(c.config, &[("RoutingPriority", Value::Int(0))]);
    let high = w.case(c.queue);
    assert_eq!(w.text(work, "Status"), "Assigned");
    assert!(w.works(high).is_empty());
}

#[test]
fn r89_declined_offers_count_and_the_smaller_id_ends_a_tie() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    // the same instant for both: only the id differs
    w.at("09:00:00").set_status(ben, c.status).unwrap();
    w.set_status(anna, c.status).unwrap();
    let one = w.at("10:00:00").case(c.queue);
    let work = offer(&w, one);
    assert_eq!(w.get(work, "UserId"), anna.into());
    w.try_delete(one).unwrap();
    let two = w.at("10:01:00").case(c.queue);
    let work = offer(&w, two);
    assert_eq!(
        w.get(work, "UserId"),
        ben.into(),
        "the withdrawn offer counts as an assignment"
    );
    decline(&mut w, ben, work);
    assert_eq!(w.get(offer(&w, two), "UserId"), anna.into());
    w.try_delete(two).unwrap();
    let three = w.at("10:02:00").case(c.queue);
    // both were asked at 10:01:00, so again the id decides
    assert_eq!(w.get(offer(&w, three), "UserId"), anna.into());
}

#[test]
fn r105_to_r109_status_is_nobodys_to_write_and_finished_work_may_go() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let case = w.case(c.queue);
    let work = offer(&w, case);
    let refused = w
        .try_update(work, &[("Status", value("Opened"))])
        .unwrap_err();
    assert_eq!(refused.code, Code::InvalidFieldForInsertUpdate);
    for status in ["Assigned", "Opened"] {
        assert_eq!(w.text(work, "Status"), status);
        assert_eq!(w.try_delete(work).unwrap_err().code, Code::DeleteFailed);
        if status == "Assigned" {
            w.act(anna, work, WorkAction::Accept).unwrap(); // R107: accepted is Opened
        }
    }
    w.act(anna, work, WorkAction::Close).unwrap();
    for action in [WorkAction::Accept, WorkAction::Close] {
        assert!(
            w.act(anna, work, action).is_err(),
            "a final status is final (R106)"
        );
    }
    w.update(work, &[("OwnerId", administrator().into())]);
    w.try_delete(work).unwrap();
}

#[test]
fn r117_units_in_use_just_before_the_decline() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let (one, two) = (w.case(c.queue), w.case(c.queue));
    let work = offer(&w, one);
    w.act(anna, work, WorkAction::Accept).unwrap();
    let work = offer(&w, two);
    decline(&mut w, anna, work);
    assert_eq!(w.get(work, "AgentCapacityWhenDeclined"), Value::Double(4.0));
}

#[test]
fn r122_without_a_timer_the_end_of_the_conversation_closes_the_work() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let case = w.at("12:00:00").case(c.queue);
    let work = offer(&w, case);
    w.act(anna, work, WorkAction::Accept).unwrap();
    w.at("12:00:40")
        .act(anna, work, WorkAction::EndConversation)
        .unwrap();
    assert_eq!(
        (w.text(work, "Status"), w.get(work, "HandleTime")),
        ("Closed".into(), Value::Int(40))
    );
}

#[test]
fn r139_what_comes_back_from_the_bin_is_not_routed() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    w.set_status(c.agents[0], c.status).unwrap();
    let case = w.case(c.queue);
    w.try_delete(case).unwrap();
    w.save_as(administrator(), vec![SaveOp::Undelete { id: case }], false)
        .remove(0)
        .unwrap();
    assert_eq!(w.request(case), None);
    assert_eq!(w.works(case).len(), 1);
    w.update(case, &[("OwnerId", administrator().into())]);
    w.update(case, &[("OwnerId", c.queue.into())]);
    assert_eq!(w.works(case).len(), 2);
}

#[test]
fn r141_rows_of_one_transition_in_the_order_of_work_request_and_item() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let case = w.case(c.queue);
    w.set_status(anna, c.status).unwrap();
    let work = offer(&w, case);
    let place = |w: &World, id: RecordId| w.last.rows.iter().position(|r| r.key().1 == id);
    let request = w.request(case).unwrap();
    let places = [work, request, case].map(|id| place(&w, id).unwrap());
    assert!(places.is_sorted(), "{places:?}");
    decline(&mut w, anna, work);
    let places = [work, request, case].map(|id| place(&w, id).unwrap());
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn r142_what_a_console_hears() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let case = w.case(c.queue);
    let work = offer(&w, case);
    w.act(anna, work, WorkAction::Accept).unwrap();
    w.update(c.presence, &[("Capacity", Value::Int(9))]);
    w.act(anna, work, WorkAction::Close).unwrap();
    let case = w.case(c.queue);
    let work = offer(&w, case);
    decline(&mut w, anna, work);
    w.logout(anna);
    let kinds: Vec<&str> = w
        .events
        .iter()
        .filter(|e| e.user == anna)
        .map(|e| match &e.kind {
            EventKind::WorkAssigned(_) => "assigned",
            EventKind::WorkAccepted(_) => "accepted",
            EventKind::WorkGone {
                how: Gone::Closed, ..
            } => "closed",
            EventKind::WorkGone {
                how: Gone::Declined,
                ..
            } => "declined",
            EventKind::WorkloadChanged { .. } => "workload",
            EventKind::StatusChanged(_) => "status",
            EventKind::Logout => "logout",
            _ => "other",
        })
        .collect();
    let order = |a: &str, b: &str| {
        let at = |k: &str| kinds.iter().position(|kind| *kind == k);
        at(a).unwrap() < at(b).unwrap()
    };
    assert!(
        order("status", "assigned") && order("assigned", "accepted") && order("accepted", "closed")
    );
    assert!(
        order("closed", "declined") && order("declined", "logout"),
        "{kinds:?}"
    );
    let loads: Vec<(f64, f64, f64)> = w
        .events
        .iter()
        .filter_map(|e| match &e.kind {
            EventKind::WorkloadChanged { previous, capacity } => {
                Some((capacity.configured, previous.workload, capacity.workload))
            }
            _ => None,
        })
        .collect();
    for wanted in [(6.0, 0.0, 2.0), (9.0, 2.0, 2.0), (9.0, 2.0, 0.0)] {
        assert!(loads.contains(&wanted), "{wanted:?} in {loads:?}");
    }
}

#[test]
fn r143_r149_presence_rows_are_the_servers() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let row = [
        ("UserId", anna.into()),
        ("ServicePresenceStatusId", c.status.into()),
    ];
    let refused = w.try_create("UserServicePresence", &row).unwrap_err();
    assert_eq!(refused.code, Code::CannotInsertUpdateActivateEntity);
    w.set_status(anna, c.status).unwrap();
    let row = w.find("UserServicePresence", "UserId", anna)[0];
    assert_eq!(w.get(row, "IsCurrentState"), Value::Bool(true));
    assert_eq!(w.get(row, "StatusStartDate"), w.now.into());
    assert_eq!(w.get(row, "ConfiguredCapacity"), Value::Int(6));
    for empty in ["StatusEndDate", "StatusDuration"] {
        assert!(w.get(row, empty).is_null(), "{empty}");
    }
}

#[test]
fn r162_a_mixed_queue_takes_the_channel_from_the_item() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    let leads = w.create(
        "ServiceChannel",
        &[
            ("MasterLabel", value("Leads")),
            ("DeveloperName", value("Leads")),
            ("RelatedEntity", value("Lead")),
        ],
    );
    let status = w.create(
        "ServicePresenceStatus",
        &[("MasterLabel", value("Online Leads"))],
    );
    let link = [
        ("ServiceChannelId", leads.into()),
        ("ServicePresenceStatusId", status.into()),
    ];
    w.create("ServiceChannelStatus", &link);
    w.allow(status);
    let objects = [("QueueId", c.queue.into()), ("SobjectType", value("Lead"))];
    w.create("QueueSobject", &objects);
    w.set_status(anna, status).unwrap();
    w.set_status(ben, c.status).unwrap();
    let lead = w.create(
        "Lead",
        &[
            ("LastName", value("Doe")),
            ("Company", value("Acme")),
            ("OwnerId", c.queue.into()),
        ],
    );
    let case = w.case(c.queue);
    assert_eq!(w.get(offer(&w, lead), "UserId"), anna.into());
    assert_eq!(w.get(offer(&w, lead), "ServiceChannelId"), leads.into());
    assert_eq!(w.get(offer(&w, case), "UserId"), ben.into());
}

#[test]
fn r187_r190_expected_wait_by_skills_and_who_is_online() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let french = w.create("Skill", &[("MasterLabel", value("French"))]);
    let polite = w.create("Skill", &[("MasterLabel", value("Polite"))]);
    for skill in [french, polite] {
        let set = vec![(skill, 1.0)];
        let what = engine::Supervision::Skills {
            user: anna,
            set,
            remove: vec![],
        };
        w.submit(administrator(), engine::Request::Supervise(what))
            .unwrap();
    }
    assert_eq!(w.engine.routing().online_for(c.queue, c.channel), 0);
    w.at("12:00:00").set_status(anna, c.status).unwrap();
    assert_eq!(w.engine.routing().online_for(c.queue, c.channel), 1);
    let case = direct(&mut w, &c, &[("IsReadyForRouting", false.into())]);
    let request = w.request(case).unwrap();
    for (skill, is_additional) in [(french, false), (polite, true)] {
        let row = [
            ("RelatedRecordId", request.into()),
            ("SkillId", skill.into()),
            ("IsAdditionalSkill", is_additional.into()),
        ];
        w.create("SkillRequirement", &row);
    }
    w.update(request, &[("IsReadyForRouting", true.into())]);
    let work = offer(&w, case);
    w.at("12:00:30")
        .act(anna, work, WorkAction::Accept)
        .unwrap();
    // full now, and still online (R190)
    assert_eq!(w.engine.routing().online_for(c.queue, c.channel), 1);
    let wait = |w: &World, skills: &[RecordId]| {
        let skills: BTreeSet<RecordId> = skills.iter().copied().collect();
        w.engine.routing().estimated_wait_of_skills(&skills, w.now)
    };
    assert_eq!(
        wait(&w, &[french]),
        Some(30),
        "additional skills are ignored"
    );
    assert_eq!(wait(&w, &[french, polite]), None);
    let views = w.engine.desk_skills(w.now);
    assert_eq!(
        (views[0].name.as_str(), views[0].estimated_wait),
        ("French", Some(30))
    );
}

#[test]
fn r3_a_request_is_made_in_the_commit_of_its_cause() {
    let mut w = World::new();
    let c = w.center(&[]);
    let case = w.case(c.queue);
    let request = w.request(case).unwrap();
    let made = |id: RecordId| {
        let rows = &w.last.rows;
        rows.iter()
            .any(|r| matches!(r, RowChange::Insert(row) if row.id == id))
    };
    assert!(made(case) && made(request));
}

#[test]
fn r109_some_columns_of_active_work_are_the_clients() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let case = w.case(c.queue);
    let work = offer(&w, case);
    for status in ["Assigned", "Opened"] {
        let due = Value::DateTime(w.now.plus_s(60));
        let edits = [
            ("OwnerId", administrator().into()),
            ("TransferRequesterId", administrator().into()),
            ("PausedCapacityWeight", Value::Double(1.5)),
            ("TargetAcceptDateTime", due),
        ];
        w.update(work, &edits);
        for (name, value) in edits {
            assert_eq!(w.get(work, name), value, "{status} {name}");
        }
        assert_eq!(w.text(work, "Status"), status);
        let fixed = w.try_update(work, &[("CapacityWeight", Value::Double(0.0))]);
        assert_eq!(fixed.unwrap_err().code, Code::InvalidFieldForInsertUpdate);
        if status == "Assigned" {
            w.act(anna, work, WorkAction::Accept).unwrap();
        }
    }
    assert_eq!(w.get(work, "UserId"), anna.into());
    assert_eq!(w.get(case, "OwnerId"), anna.into());
}

#[test]
fn r12_r166_every_edit_counts_and_a_ready_request_has_none() {
    let mut w = World::new();
    let c = w.center(&[]);
    let case = w.create("Case", &[]);
    let request = w.create(
        "PendingServiceRouting",
        &[
            ("WorkItemId", case.into()),
            ("ServiceChannelId", c.channel.into()),
            ("RoutingType", value("SkillsBased")),
            ("RoutingModel", value("MostAvailable")),
            ("IsReadyForRouting", false.into()),
        ],
    );
    let requester = [("TransferRequesterId", administrator().into())];
    w.update(request, &requester);
    w.update(request, &requester); // a stored change, if of its time stamps only
    assert_eq!(w.get(request, "Serial"), Value::Int(3));
    w.update(request, &[("IsReadyForRouting", true.into())]);
    let refused = w.try_update(request, &requester).unwrap_err();
    assert_eq!(refused.code, Code::InvalidOperation);
    assert_eq!(w.get(request, "Serial"), Value::Int(4));
}

#[test]
fn r108_r129_work_outlives_its_record() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let (one, two) = (w.case(c.queue), w.case(c.queue));
    let (opened, offered) = (offer(&w, one), offer(&w, two));
    w.act(anna, opened, WorkAction::Accept).unwrap();
    w.try_delete(one).unwrap();
    w.try_delete(two).unwrap();
    for (work, status) in [(opened, "Closed"), (offered, "Canceled")] {
        assert_eq!(w.text(work, "Status"), status);
        assert!(!w.row(work).unwrap().is_deleted);
        w.try_delete(work).unwrap();
    }
}
