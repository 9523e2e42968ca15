//! Rules of routing.md that reach routing through rows: what clients write is what routing knows (R4,
//! R16, R30, R57, R72, R76, R77, R93, R100, R158, R186).

mod world;

use engine::{Request, WorkAction, administrator};
use model::{Code, Millis, RecordId, Value};
use world::{Center, World, value};

fn accept(w: &mut World, user: RecordId, work: RecordId) {
    w.act(user, work, WorkAction::Accept).unwrap();
}

/// The newest offer of an item.
fn offer(w: &World, item: RecordId) -> RecordId {
    *w.works(item).last().expect("an offer")
}

fn agent_of(w: &World, item: RecordId) -> Value {
    w.works(item)
        .last()
        .map_or(Value::Null, |work| w.get(*work, "UserId"))
}

fn skill(w: &mut World, name: &str) -> RecordId {
    w.create("Skill", &[("MasterLabel", value(name))])
}

fn skilled(w: &mut World, user: RecordId, skills: &[(RecordId, f64)]) {
    let set = skills.to_vec();
    let what = engine::Supervision::Skills {
        user,
        set,
        remove: vec![],
    };
    w.submit(administrator(), Request::Supervise(what)).unwrap();
}

fn put(w: &mut World, name: &str, text: &str) {
    let values = vec![(name.to_owned(), Some(text.to_owned()))];
    w.submit(administrator(), Request::Settings(values))
        .unwrap();
}

/// A skills-based request for a new case; ready at once only without requirements.
fn direct(w: &mut World, c: &Center, more: &[(&str, Value)]) -> RecordId {
    let case = w.create("Case", &[]);
    let mut row = vec![
        ("WorkItemId", case.into()),
        ("ServiceChannelId", c.channel.into()),
        ("RoutingType", value("SkillsBased")),
        ("RoutingModel", value("MostAvailable")),
        ("CapacityWeight", Value::Double(1.0)),
        ("IsReadyForRouting", true.into()),
    ];
    row.extend_from_slice(more);
    w.create("PendingServiceRouting", &row);
    case
}

#[test]
fn t7_r30_secondary_priority_is_that_of_the_creation() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.update(c.presence, &[("Capacity", Value::Int(2))]);
    w.update(c.channel, &[("SecRoutingPriorityField", value("Status"))]);
    for (text, priority) in [("Escalated", 0), ("New", 1)] {
        w.create(
            "ServiceChannelFieldPriority",
            &[
                ("ServiceChannelId", c.channel.into()),
                ("Value", value(text)),
                ("Priority", Value::Int(priority)),
            ],
        );
    }
    let case = |w: &mut World, at: &str, status: &str| {
        let row = [("Status", value(status)), ("OwnerId", c.queue.into())];
        w.at(at).create("Case", &row)
    };
    let n = case(&mut w, "12:00:00", "New");
    let e = case(&mut w, "12:00:30", "Escalated");
    let m = case(&mut w, "12:00:40", "New");
    w.at("12:00:50")
        .update(m, &[("Status", value("Escalated"))]);
    assert_eq!(
        w.get(w.request(m).unwrap(), "SecondaryRoutingPriority"),
        Value::Int(1)
    );
    w.at("12:01:00").set_status(anna, c.status).unwrap();
    for item in [e, n, m] {
        let work = offer(&w, item);
        accept(&mut w, anna, work);
        w.act(anna, work, WorkAction::Close).unwrap();
    }
}

/// T17, T18: English is required; Issue, Product and Location may be dropped.
fn english(w: &mut World, c: &Center, custom: Option<&str>, has: &[&str]) -> RecordId {
    let names = ["English", "Issue", "Product", "Location"];
    let skills = names.map(|name| skill(w, name));
    let held: Vec<(RecordId, f64)> = names
        .iter()
        .zip(skills)
        .filter(|(name, _)| has.contains(name))
        .map(|(_, id)| (id, 5.0))
        .collect();
    skilled(w, c.agents[0], &held);
    w.set_status(c.agents[0], c.status).unwrap();
    w.at("12:00:00");
    let mut more = vec![
        ("IsReadyForRouting", Value::Bool(false)),
        ("DropAdditionalSkillsTimeout", Value::Int(30)),
    ];
    let custom = custom.map(|at| Millis::parse(&format!("2025-06-20T{at}Z")).unwrap());
    more.extend(custom.map(|at| ("CustomRequestedDateTime", at.into())));
    let case = w.create("Case", &[]);
    let mut row = vec![
        ("WorkItemId", case.into()),
        ("ServiceChannelId", c.channel.into()),
        ("RoutingType", value("SkillsBased")),
        ("RoutingModel", value("MostAvailable")),
    ];
    row.extend(more);
    let request = w.create("PendingServiceRouting", &row);
    for (at, id) in skills.iter().enumerate() {
        let mut row = vec![
            ("RelatedRecordId", request.into()),
            ("SkillId", (*id).into()),
        ];
        if at > 0 {
            row.push(("IsAdditionalSkill", true.into()));
            row.push(("SkillPriority", Value::Int(at as i64 - 1)));
        }
        w.create("SkillRequirement", &row);
    }
    w.update(request, &[("IsReadyForRouting", true.into())]);
    case
}

#[test]
fn t17_r57_additional_skills_are_dropped_group_by_group() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let case = english(&mut w, &c, None, &["English", "Issue"]);
    for clock in ["12:00:30", "12:00:59"] {
        w.at(clock).tick();
        assert!(w.works(case).is_empty(), "{clock}");
    }
    let now = w.now;
    let view = w.engine.explain_item(case, now, None).waiting.unwrap();
    let dropped: Vec<bool> = view.item.skills.iter().map(|s| s.is_dropped).collect();
    assert_eq!(dropped, [false, false, false, true]);
    w.at("12:01:00").tick();
    let work = offer(&w, case);
    let rows = w.find("AgentWorkSkill", "AgentWorkId", work);
    let dropped = rows.iter().filter(|r| w.get(**r, "WasDropped").is_true());
    assert_eq!((rows.len(), dropped.count()), (4, 2));
}

#[test]
fn t18_r59_groups_whose_time_has_passed_are_dropped_at_once() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let case = english(&mut w, &c, Some("11:50:00"), &["English"]);
    assert_eq!(w.works(case).len(), 1);
}

#[test]
fn r16_r17_skills_come_from_the_rules_of_the_object() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let ben = w.agent("ben");
    let (french, urgent) = (skill(&mut w, "French"), skill(&mut w, "Urgent"));
    w.update(
        c.config,
        &[
            ("IsAttributeBased", true.into()),
            ("DropAdditionalSkillsTimeout", Value::Int(60)),
        ],
    );
    let rules = w.create(
        "WorkSkillRouting",
        &[
            ("MasterLabel", value("Case rules")),
            ("DeveloperName", value("Case_rules")),
            ("RelatedEntity", value("Case")),
            ("IsActive", true.into()),
        ],
    );
    for (field, text, id, level, additional) in [
        ("Origin", "Web", french, 4.0, false),
        ("Priority", "High", urgent, 1.0, true),
    ] {
        w.create(
            "WorkSkillRoutingAttribute",
            &[
                ("WorkSkillRoutingId", rules.into()),
                ("RelatedEntity", value("Case")),
                ("Field", value(field)),
                ("Value", value(text)),
                ("SkillId", value(&id.to_string())),
                ("SkillLevel", Value::Double(level)),
                ("IsAdditionalSkill", additional.into()),
            ],
        );
    }
    w.refused(
        "WorkSkillRoutingAttribute",
        &[
            ("WorkSkillRoutingId", rules.into()),
            ("RelatedEntity", value("Case")),
            ("Field", value("Case.Origin")),
            ("Value", value("Phone")),
            ("SkillId", value(&french.to_string())),
            ("SkillLevel", Value::Double(10.5)),
        ],
        Code::NumberOutsideValidRange,
        &["SkillLevel"],
    );
    skilled(&mut w, ben, &[(french, 6.0)]);
    w.set_status(c.agents[0], c.status).unwrap();
    w.set_status(ben, c.status).unwrap();
    let row = [
        ("Origin", value("Web")),
        ("Priority", value("High")),
        ("OwnerId", c.queue.into()),
    ];
    let case = w.at("12:00:00").create("Case", &row);
    let request = w.request(case).unwrap();
    assert_eq!(w.text(request, "RoutingType"), "SkillsBased");
    assert_eq!(
        w.find("SkillRequirement", "RelatedRecordId", request).len(),
        2
    );
    assert_eq!(w.get(case, "OwnerId"), c.queue.into());
    assert!(w.works(case).is_empty(), "nobody is urgent");
    w.at("12:01:00").tick();
    assert_eq!(agent_of(&w, case), ben.into(), "membership is no filter");
}

#[test]
fn t23_r72_a_chat_asks_each_agent_once() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    let chats = w.create(
        "ServiceChannel",
        &[
            ("MasterLabel", value("Chats")),
            ("DeveloperName", value("Chats")),
            ("RelatedEntity", value("LiveChatTranscript")),
        ],
    );
    let link = [
        ("ServiceChannelId", chats.into()),
        ("ServicePresenceStatusId", c.status.into()),
    ];
    w.create("ServiceChannelStatus", &link);
    let objects = [
        ("QueueId", c.queue.into()),
        ("SobjectType", value("LiveChatTranscript")),
    ];
    w.create("QueueSobject", &objects);
    w.set_status(anna, c.status).unwrap();
    w.set_status(ben, c.status).unwrap();
    let visitor = w.create("LiveChatVisitor", &[]);
    let row = [
        ("LiveChatVisitorId", visitor.into()),
        ("OwnerId", c.queue.into()),
    ];
    let chat = w.create("LiveChatTranscript", &row);
    for agent in [anna, ben] {
        let work = offer(&w, chat);
        assert_eq!(w.get(work, "UserId"), agent.into());
        w.act(agent, work, WorkAction::Decline { reason: None })
            .unwrap();
    }
    assert_eq!((w.works(chat).len(), w.request(chat)), (2, None));
}

#[test]
fn t24_r76_r77_the_configuration_of_profile_and_user_says_what_follows() {
    let mut w = World::new();
    let c = w.center(&[]);
    let (anna, ben) = (w.agent("anna"), w.agent("ben"));
    let missed = w.create("ServicePresenceStatus", &[("MasterLabel", value("Missed"))]);
    w.update(c.config, &[("PushTimeout", Value::Int(10))]);
    for agent in [anna, ben] {
        let row = [("GroupId", c.queue.into()), ("UserOrGroupId", agent.into())];
        w.create("GroupMember", &row);
    }
    // nobody has a configuration of its own: the default one counts
    assert_eq!(w.engine.capacity_of(anna).configured, 10.0);
    let shared = w.create(
        "PresenceUserConfig",
        &[
            ("MasterLabel", value("Profile")),
            ("Capacity", Value::Int(3)),
            ("InterruptibleCapacity", Value::Int(5)),
            ("PresenceStatusOnPushTimeoutId", missed.into()),
        ],
    );
    let profile = w.find("Profile", "Name", "Contact Center Agent")[0];
    let row = [
        ("PresenceUserConfigId", shared.into()),
        ("ProfileId", profile.into()),
    ];
    w.create("PresenceUserConfigProfile", &row);
    let row = [
        ("PresenceUserConfigId", c.presence.into()),
        ("UserId", ben.into()),
    ];
    w.create("PresenceUserConfigUser", &row);
    let capacity = w.engine.capacity_of(anna);
    assert_eq!(
        (capacity.configured, capacity.configured_interruptible),
        (3.0, 5.0)
    );
    assert_eq!(w.engine.capacity_of(ben).configured, 6.0);
    w.set_status(anna, c.status).unwrap();
    let case = w.at("12:00:00").case(c.queue);
    let work = offer(&w, case);
    let refused = w.act(anna, work, WorkAction::Decline { reason: None });
    assert_eq!(refused.unwrap_err().code, Code::DeclineNotAllowed);
    w.at("12:00:05").set_status(ben, c.status).unwrap();
    w.at("12:00:10").tick();
    assert_eq!(w.text(work, "Status"), "DeclinedOnPushTimeout");
    assert_eq!(w.get(work, "PushTimeoutDateTime"), w.now.into());
    assert_eq!(w.engine.presence_of(anna).unwrap().status_id, missed);
    assert_eq!(agent_of(&w, case), ben.into());
    let old = w.find("UserServicePresence", "UserId", anna);
    assert_eq!(w.get(old[0], "StatusEndDate"), w.now.into());
}

#[test]
fn t32_a_required_agent_is_waited_for() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let ben = w.agent("ben");
    w.set_status(c.agents[0], c.status).unwrap();
    let more = [
        ("PreferredUserId", ben.into()),
        ("IsPreferredUserRequired", true.into()),
    ];
    let case = w.at("12:00:00");
    let case = direct(case, &c, &more);
    w.at("12:10:00").tick();
    assert!(w.works(case).is_empty());
    let why = w.engine.explain_item(case, w.now, None).waiting.unwrap();
    assert_eq!(why.item.reason.code, "requiredAgent");
    w.set_status(ben, c.status).unwrap();
    assert_eq!(agent_of(&w, case), ben.into());
}

#[test]
fn t33_a_preferred_agent_needs_no_skill_and_is_not_waited_for() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    let spanish = skill(&mut w, "Spanish");
    skilled(&mut w, anna, &[(spanish, 1.0)]);
    w.set_status(anna, c.status).unwrap();
    w.set_status(ben, c.status).unwrap();
    for expected in [ben, anna] {
        let case = direct(
            &mut w,
            &c,
            &[
                ("PreferredUserId", ben.into()),
                ("IsReadyForRouting", false.into()),
            ],
        );
        let request = w.request(case).unwrap();
        let row = [
            ("RelatedRecordId", request.into()),
            ("SkillId", spanish.into()),
        ];
        w.create("SkillRequirement", &row);
        w.update(request, &[("IsReadyForRouting", true.into())]);
        assert_eq!(agent_of(&w, case), expected.into());
        w.logout(ben);
    }
}

#[test]
fn t34_r4_r100_pools_by_channel_and_configuration() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.update(
        c.presence,
        &[
            ("Capacity", Value::Int(5)),
            ("InterruptibleCapacity", Value::Int(3)),
        ],
    );
    w.update(c.config, &[("CapacityWeight", Value::Double(1.0))]);
    put(
        &mut w,
        &format!("ServiceChannel.{}.isInterruptible", c.channel),
        "true",
    );
    w.set_status(anna, c.status).unwrap();
    let cases: Vec<RecordId> = (0..4).map(|_| w.case(c.queue)).collect();
    let offered = cases
        .iter()
        .filter(|case| !w.works(**case).is_empty())
        .count();
    assert_eq!(offered, 3);
    let used = w.engine.capacity_of(anna);
    assert_eq!((used.workload, used.workload_interruptible), (0.0, 3.0));
    // the configuration of the queue overrides the channel; requests keep what they were made with (R5)
    let name = format!("QueueRoutingConfig.{}.capacityType", c.config);
    put(&mut w, &name, "NOT_INTERRUPTIBLE");
    let primary = w.case(c.queue);
    assert_eq!(w.works(primary).len(), 1);
    let used = w.engine.capacity_of(anna);
    assert_eq!((used.workload, used.workload_interruptible), (1.0, 3.0));
    let values = vec![(
        "ServiceChannel.500000000000001.isInterruptible".to_owned(),
        None,
    )];
    let refused = w
        .submit(administrator(), Request::Settings(values))
        .unwrap_err();
    assert_eq!(refused.code, Code::InvalidField);
}

#[test]
fn t37_r158_to_r160_overflow_or_refusal() {
    let mut w = World::new();
    let c = w.center(&[]);
    let second = w.create(
        "QueueRoutingConfig",
        &[
            ("MasterLabel", value("Without")),
            ("RoutingModel", value("MostAvailable")),
            ("RoutingPriority", Value::Int(1)),
            ("CapacityWeight", Value::Double(2.0)),
        ],
    );
    let q9 = w.create(
        "Group",
        &[
            ("Name", value("Q9")),
            ("Type", value("Queue")),
            ("QueueRoutingConfigId", second.into()),
        ],
    );
    let objects = [("QueueId", q9.into()), ("SobjectType", value("Case"))];
    w.create("QueueSobject", &objects);
    let ursula = w.agent("ursula");
    put(&mut w, "pendingRequestsMax", "2");
    w.case(c.queue);
    w.case(c.queue);
    w.update(c.config, &[("OverflowAssigneeId", ursula.into())]);
    let over = w.case(c.queue);
    assert_eq!(
        (w.get(over, "OwnerId"), w.request(over)),
        (ursula.into(), None)
    );
    let refusal = w.try_create("Case", &[("OwnerId", q9.into())]).unwrap_err();
    assert_eq!(refusal.code, Code::LimitExceeded);
    let kept = w.create("Case", &[]);
    let refusal = w.try_update(kept, &[("OwnerId", q9.into())]).unwrap_err();
    assert_eq!(refusal.code, Code::LimitExceeded);
    assert_eq!(w.get(kept, "OwnerId"), administrator().into());
    // R160: one queue without an assignee fails the whole of an all-or-none command
    let ops = vec![
        w.op("Case", &[("OwnerId", c.queue.into())]),
        w.op("Case", &[("OwnerId", q9.into())]),
    ];
    let results = w.save_as(administrator(), ops, true);
    assert!(results.iter().all(Result::is_err));
}

#[test]
fn t38_r186_to_r189_expected_wait() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.update(c.presence, &[("Capacity", Value::Int(100))]);
    assert_eq!(w.engine.desk_queues(w.now)[0].estimated_wait, None);
    // offered at once, accepted after the wait; the oldest one is out of the ten minutes later
    w.at("11:00:00").set_status(anna, c.status).unwrap();
    for (from, to) in [
        ("11:30:00", "11:45:00"),
        ("11:51:00", "11:52:00"),
        ("11:53:00", "11:53:40"),
        ("11:54:00", "11:54:20"),
    ] {
        let case = w.at(from).case(c.queue);
        let work = offer(&w, case);
        w.at(to);
        accept(&mut w, anna, work);
    }
    let now = w.at("11:56:00").now;
    assert_eq!(w.engine.desk_queues(now)[0].estimated_wait, Some(39));
    let later = w.at("12:10:00").now;
    assert_eq!(w.engine.desk_queues(later)[0].estimated_wait, None);
}

#[test]
fn r28_r18_direct_requests_need_the_setting() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    put(&mut w, "enableOmniSkillsRouting", "false");
    let case = w.create("Case", &[]);
    let refusal = w
        .try_create(
            "PendingServiceRouting",
            &[
                ("WorkItemId", case.into()),
                ("ServiceChannelId", c.channel.into()),
                ("RoutingType", value("SkillsBased")),
                ("PreferredUserId", c.agents[0].into()),
            ],
        )
        .unwrap_err();
    assert_eq!(refusal.code, Code::InvalidOperation);
}

#[test]
fn r95_a_reopened_record_waits_for_its_owner() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let row = [
        ("ServiceChannelId", c.channel.into()),
        ("Value", value("Closed")),
        ("Type", value("Completed")),
    ];
    w.create("ServiceChannelStatusField", &row);
    w.update(
        c.channel,
        &[
            ("CapacityModel", value("StatusBased")),
            ("StatusField", value("Status")),
            ("DoesCheckCapOnStatusChange", true.into()),
        ],
    );
    w.update(c.config, &[("CapacityWeight", Value::Double(6.0))]);
    w.set_status(anna, c.status).unwrap();
    let one = w.case(c.queue);
    let work = offer(&w, one);
    accept(&mut w, anna, work);
    w.update(one, &[("Status", value("Closed"))]);
    assert_eq!(w.text(work, "Status"), "Closed");
    let two = w.case(c.queue);
    let second = offer(&w, two);
    accept(&mut w, anna, second);
    w.update(one, &[("Status", value("Working"))]);
    let request = w.request(one).unwrap();
    assert_eq!(w.get(request, "IsStatusChangeInitiated"), Value::Bool(true));
    assert_eq!(w.get(request, "PreferredUserId"), anna.into());
    w.update(two, &[("Status", value("Closed"))]);
    assert_eq!((w.works(one).len(), agent_of(&w, one)), (2, anna.into()));
}
