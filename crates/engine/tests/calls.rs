//! Telephony: calls come in, find mapped agents, end.

mod world;

use engine::{CallRef, CallReply, CallRequest, Reply, Request, WorkAction};
use model::{Code, RecordId, Refusal, Value};
use world::{Center, World, value};

struct Voice {
    center: Center,
    call_center: RecordId,
    queue: RecordId,
}

fn voice(w: &mut World, agents: &[&str]) -> Voice {
    let center = w.center(agents);
    let channel = w.create(
        "ServiceChannel",
        &[
            ("MasterLabel", value("Phone")),
            ("RelatedEntity", value("VoiceCall")),
        ],
    );
    w.create(
        "ServiceChannelStatus",
        &[
            ("ServiceChannelId", channel.into()),
            ("ServicePresenceStatusId", center.status.into()),
        ],
    );
    let config = w.create(
        "QueueRoutingConfig",
        &[
            ("MasterLabel", value("Voice")),
            ("RoutingModel", value("MostAvailable")),
            ("RoutingPriority", Value::Int(1)),
            ("CapacityPercentage", Value::Double(100.0)),
        ],
    );
    let queue = w.create(
        "Group",
        &[
            ("Name", value("Phone")),
            ("Type", value("Queue")),
            ("QueueRoutingConfigId", config.into()),
        ],
    );
    w.create(
        "QueueSobject",
        &[
            ("QueueId", queue.into()),
            ("SobjectType", value("VoiceCall")),
        ],
    );
    for agent in &center.agents {
        w.create(
            "GroupMember",
            &[
                ("GroupId", queue.into()),
                ("UserOrGroupId", (*agent).into()),
            ],
        );
    }
    let call_center = w.create(
        "CallCenter",
        &[("Name", value("Acme")), ("InternalName", value("AcmeCC"))],
    );
    Voice {
        center,
        call_center,
        queue,
    }
}

fn map(w: &mut World, v: &Voice, reference: RecordId, external: &str) {
    let name = format!("M_{}", reference.as_15());
    w.create(
        "CallCenterRoutingMap",
        &[
            ("CallCenterId", v.call_center.into()),
            ("ReferenceRecordId", reference.into()),
            ("ExternalId", value(external)),
            ("DeveloperName", value(&name)),
            ("MasterLabel", value(&name)),
        ],
    );
}

fn call(w: &mut World, request: CallRequest) -> Result<CallReply, Refusal> {
    let system = w.engine.system_user();
    w.submit(system, Request::Call(request))
        .map(|reply| match reply {
            Reply::Call(reply) => reply,
            other => panic!("{other:?}"),
        })
}

fn incoming(w: &mut World, v: &Voice, key: &str) -> RecordId {
    let (_, values) = w.values(
        "VoiceCall",
        &[
            ("FromPhoneNumber", value("+4920000001")),
            ("ToPhoneNumber", value("+4930000000")),
            ("CallType", value("Inbound")),
        ],
    );
    let request = CallRequest::Create {
        center: v.call_center,
        values,
        vendor_call_key: key.into(),
        parent: None,
        queue: None,
        attribute_errors: Vec::new(),
    };
    match call(w, request) {
        Ok(CallReply::Created { id, errors }) => {
            assert!(errors.is_empty(), "{errors:?}");
            id
        }
        other => panic!("{other:?}"),
    }
}

fn route(w: &mut World, v: &Voice, key: &str, target: &str) -> Result<CallReply, Refusal> {
    call(
        w,
        CallRequest::Route {
            center: v.call_center,
            call: CallRef::Key(key.into()),
            target: target.into(),
            fallback_queue: None,
        },
    )
}

fn end(w: &mut World, v: &Voice, key: &str) {
    let request = CallRequest::Update {
        center: v.call_center,
        call: CallRef::Key(key.into()),
        values: Vec::new(),
        is_active: false,
    };
    assert_eq!(call(w, request), Ok(CallReply::Done));
}

#[test]
fn t35_a_call_goes_to_an_idle_mapped_agent() {
    let mut w = World::new();
    let v = voice(&mut w, &["anna", "ben", "carl"]);
    let (anna, ben, carl) = (v.center.agents[0], v.center.agents[1], v.center.agents[2]);
    map(&mut w, &v, anna, "agent/anna");
    map(&mut w, &v, ben, "agent/ben");
    // A has primary work, B nothing, C is idle but not mapped
    w.set_status(anna, v.center.status).unwrap();
    let case = w.case(v.center.queue);
    assert_eq!(w.get(case, "OwnerId"), anna.into());
    w.set_status(ben, v.center.status).unwrap();
    w.set_status(carl, v.center.status).unwrap();
    let id = incoming(&mut w, &v, "k1");
    assert_eq!(
        route(&mut w, &v, "k1", &v.queue.to_string()),
        Ok(CallReply::Done)
    );
    let work = w.works(id)[0];
    assert_eq!(w.get(work, "UserId"), ben.into());
    assert_eq!(w.get(id, "OwnerId"), ben.into());
    assert_eq!(w.text(id, "QueueName"), "Phone");
    w.act(ben, work, WorkAction::Accept).unwrap();
    assert_eq!(w.get(id, "CallAcceptDateTime"), w.now.into());
    assert_eq!(w.get(id, "UserId"), ben.into());
    assert!(w.request(id).is_none());
    end(&mut w, &v, "k1");
    assert_eq!(w.text(id, "CallDisposition"), "completed");
    assert_eq!(w.text(work, "Status"), "Closed");
    let conversation = w.get(id, "ConversationId").as_id().unwrap();
    assert!(!w.get(conversation, "EndTime").is_null());
    assert_eq!(
        route(&mut w, &v, "k1", &v.queue.to_string())
            .unwrap_err()
            .code,
        Code::InvalidOperation
    );
}

#[test]
fn a_call_is_made_once_and_found_by_key() {
    let mut w = World::new();
    let v = voice(&mut w, &[]);
    let first = incoming(&mut w, &v, "k1");
    assert_eq!(incoming(&mut w, &v, "k1"), first);
    assert_eq!(w.text(first, "CallDisposition"), "new");
    let people = w.find(
        "ConversationParticipant",
        "ConversationId",
        w.get(first, "ConversationId"),
    );
    assert_eq!(people.len(), 1);
    w.now = w.now.plus_s(120);
    let second = incoming(&mut w, &v, "k1");
    assert_ne!(second, first);
    let other = w.create(
        "CallCenter",
        &[("Name", value("B")), ("InternalName", value("B"))],
    );
    let foreign = CallRequest::ClearRouting {
        center: other,
        call: CallRef::Id(first),
    };
    assert_eq!(call(&mut w, foreign).unwrap_err().code, Code::NotFound);
    let clear = CallRequest::ClearRouting {
        center: v.call_center,
        call: CallRef::Id(first),
    };
    assert_eq!(call(&mut w, clear), Ok(CallReply::Done));
}

#[test]
fn wrong_attributes_are_told_and_left_out() {
    let mut w = World::new();
    let v = voice(&mut w, &[]);
    let (_, values) = w.values(
        "VoiceCall",
        &[
            ("FromPhoneNumber", value("+49")),
            ("ToPhoneNumber", value("+49")),
            ("SourceType", value("Nonsense")),
            ("Description", value("kept")),
        ],
    );
    let request = CallRequest::Create {
        center: v.call_center,
        values,
        vendor_call_key: "k".into(),
        parent: None,
        queue: None,
        attribute_errors: vec!["X__c is unknown".into()],
    };
    let Ok(CallReply::Created { id, errors }) = call(&mut w, request) else {
        panic!("not created")
    };
    assert_eq!(errors.len(), 2);
    assert_eq!(w.text(id, "Description"), "kept");
    assert!(w.get(id, "SourceType").is_null());
}

#[test]
fn two_centers_never_share_a_reply() {
    let mut w = World::new();
    let v = voice(&mut w, &[]);
    let other = w.create(
        "CallCenter",
        &[
            ("Name", value("Umbrella")),
            ("InternalName", value("Other")),
        ],
    );
    let create = |w: &World, center: RecordId, key: &str| engine::Submission {
        caller: w.caller(w.engine.system_user()),
        command_id: Some("c1".into()),
        request: Request::Call(CallRequest::Create {
            center,
            values: Vec::new(),
            vendor_call_key: key.into(),
            parent: None,
            queue: None,
            attribute_errors: Vec::new(),
        }),
    };
    let (ours, theirs) = (create(&w, v.call_center, "k"), create(&w, other, "k"));
    let replies = w.run(&[ours.clone(), theirs, ours]);
    assert_eq!(replies[0], replies[2]);
    assert_ne!(replies[0], replies[1]);
    // the id of another command of the same center
    let second = create(&w, v.call_center, "k2");
    let refused = w.run(&[second]).remove(0).unwrap_err();
    assert_eq!(refused.code, Code::DuplicateValue);
    assert!(w.find("VoiceCall", "VendorCallKey", "k2").is_empty());
}

#[test]
fn a_call_key_longer_than_its_field_is_refused() {
    let mut w = World::new();
    let v = voice(&mut w, &[]);
    let mut create = |length: usize| {
        let request = CallRequest::Create {
            center: v.call_center,
            values: Vec::new(),
            vendor_call_key: "k".repeat(length),
            parent: None,
            queue: None,
            attribute_errors: Vec::new(),
        };
        call(&mut w, request).map(drop).map_err(|r| r.code)
    };
    assert_eq!(create(255), Ok(()));
    assert_eq!(create(256), Err(Code::StringTooLong));
}

#[test]
fn routing_to_an_agent_and_by_mapped_ids() {
    let mut w = World::new();
    let v = voice(&mut w, &["anna", "ben"]);
    let (anna, ben) = (v.center.agents[0], v.center.agents[1]);
    map(&mut w, &v, anna, "agent/anna");
    map(&mut w, &v, v.queue, "queue/phone");
    w.set_status(ben, v.center.status).unwrap();
    let id = incoming(&mut w, &v, "k1");
    // R62, R194: not mapped
    assert_eq!(
        route(&mut w, &v, "k1", &ben.to_string()).unwrap_err().code,
        Code::InvalidInput
    );
    assert_eq!(
        route(&mut w, &v, "k1", "agent/nobody").unwrap_err().code,
        Code::InvalidInput
    );
    let flow = RecordId::new(model::KeyPrefix::of("300"), 1).to_string();
    assert_eq!(
        route(&mut w, &v, "k1", &flow).unwrap_err().code,
        Code::FunctionalityNotEnabled
    );
    // R25: waits for the one
    assert_eq!(route(&mut w, &v, "k1", "agent/anna"), Ok(CallReply::Done));
    assert!(w.works(id).is_empty());
    let request = w.request(id).unwrap();
    assert_eq!(w.get(request, "PreferredUserId"), anna.into());
    w.set_status(anna, v.center.status).unwrap();
    let work = w.works(id)[0];
    assert_eq!(w.get(work, "UserId"), anna.into());
    // TEL22: the offer is withdrawn
    let clear = CallRequest::ClearRouting {
        center: v.call_center,
        call: CallRef::Key("k1".into()),
    };
    assert_eq!(call(&mut w, clear), Ok(CallReply::Done));
    assert_eq!(w.text(work, "Status"), "Canceled");
    // to the queue by its provider's id
    assert_eq!(route(&mut w, &v, "k1", "queue/phone"), Ok(CallReply::Done));
    assert_eq!(w.get(w.works(id)[1], "UserId"), anna.into());
    end(&mut w, &v, "k1");
    assert!(w.request(id).is_none());
    assert_eq!(w.engine.capacity_of(anna).workload, 0.0);
}

#[test]
fn a_transfer_continues_the_conversation() {
    let mut w = World::new();
    let v = voice(&mut w, &[]);
    let first = incoming(&mut w, &v, "k1");
    let (_, values) = w.values(
        "VoiceCall",
        &[
            ("FromPhoneNumber", value("+49")),
            ("ToPhoneNumber", value("+49")),
        ],
    );
    let request = CallRequest::Create {
        center: v.call_center,
        values,
        vendor_call_key: "k2".into(),
        parent: Some(CallRef::Key("k1".into())),
        queue: Some(v.queue.to_string()),
        attribute_errors: Vec::new(),
    };
    let Ok(CallReply::Created { id, .. }) = call(&mut w, request) else {
        panic!("not created")
    };
    assert_eq!(
        (w.get(id, "PreviousCallId"), w.get(first, "NextCallId")),
        (first.into(), id.into())
    );
    assert_eq!(w.get(id, "ConversationId"), w.get(first, "ConversationId"));
    assert_eq!(
        (w.text(id, "CallType"), w.get(id, "OwnerId")),
        ("Transfer".into(), v.queue.into())
    );
    end(&mut w, &v, "k1");
    let conversation = w.get(id, "ConversationId").as_id().unwrap();
    assert!(w.get(conversation, "EndTime").is_null());
    end(&mut w, &v, "k2");
    assert!(!w.get(conversation, "EndTime").is_null());
}
