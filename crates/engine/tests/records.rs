//! Records as clients write them: checks in their order, defaults, uniqueness, partial success.

mod world;

use engine::{
    MULTIPLE_MATCHES, PresenceRequest, Reply, Request, SaveOp, Submission, administrator,
};
use model::{Catalogue, Code, FieldDef, ObjectDef, RecordId, Value};
use world::{World, value};

#[test]
fn a_case_gets_number_owner_and_defaults() {
    let mut w = World::new();
    let id = w.create("Case", &[("Subject", value("a"))]);
    assert_eq!(w.text(id, "CaseNumber"), "00000001");
    assert_eq!(w.get(id, "OwnerId"), administrator().into());
    assert_eq!(
        (w.text(id, "Priority"), w.text(id, "Status")),
        ("Medium".into(), "New".into())
    );
    assert_eq!(w.get(id, "IsClosed"), Value::Bool(false));
    assert_eq!(w.get(id, "CreatedDate"), w.now.into());
    let second = w.create("Case", &[]);
    assert_eq!(w.text(second, "CaseNumber"), "00000002");
}

#[test]
fn a_formula_field_is_not_written() {
    let mut catalogue = Catalogue::standard().unwrap();
    let mut case = ObjectDef::clone(catalogue.find("Case").unwrap().1);
    case.fields.push(FieldDef {
        name: "Title__c".to_owned(),
        formula: Some("Subject & '!'".to_owned()),
        createable: true, // a catalogue that says so is wrong
        updateable: true,
        nillable: true,
        ..FieldDef::default()
    });
    catalogue.add(case);
    let mut w = World::with(catalogue);
    let id = w.create("Case", &[("Subject", value("a"))]);
    let fault = Code::InvalidFieldForInsertUpdate;
    let refused = w.try_update(id, &[("Title__c", value("b"))]).unwrap_err();
    assert_eq!(
        (refused.code, refused.fields),
        (fault, vec!["Title__c".to_owned()])
    );
    w.refused("Case", &[("Title__c", value("b"))], fault, &["Title__c"]);
}

#[test]
fn refusals_name_code_and_fields() {
    let mut w = World::new();
    let long = "x".repeat(256);
    let nobody = model::RecordId::new(model::KeyPrefix::of("500"), 999);
    let user = administrator();
    w.refused(
        "Case",
        &[("CaseNumber", value("1"))],
        Code::InvalidFieldForInsertUpdate,
        &["CaseNumber"],
    );
    w.refused(
        "Case",
        &[("Subject", value(&long))],
        Code::StringTooLong,
        &["Subject"],
    );
    w.refused(
        "Case",
        &[("Subject", Value::Int(1))],
        Code::FieldIntegrityException,
        &["Subject"],
    );
    w.refused(
        "Case",
        &[("ParentId", nobody.into())],
        Code::InvalidCrossReferenceKey,
        &[],
    );
    w.refused(
        "Case",
        &[("ParentId", user.into())],
        Code::MalformedId,
        &["ParentId"],
    );
    w.refused(
        "PushTopic",
        &[("Name", value("x"))],
        Code::RequiredFieldMissing,
        &["ApiVersion", "Query"],
    );
    w.refused(
        "QueueRoutingConfig",
        &[
            ("MasterLabel", value("x")),
            ("RoutingModel", value("Nope")),
            ("RoutingPriority", Value::Int(1)),
        ],
        Code::InvalidOrNullForRestrictedPicklist,
        &["RoutingModel"],
    );
    w.refused(
        "Contact",
        &[("LastName", value("x")), ("Email", value("not an address"))],
        Code::InvalidEmailAddress,
        &["Email"],
    );
    w.refused(
        "UserServicePresence",
        &[],
        Code::CannotInsertUpdateActivateEntity,
        &[],
    );
    w.refused(
        "GroupMember",
        &[],
        Code::RequiredFieldMissing,
        &["GroupId", "UserOrGroupId"],
    );
}

#[test]
fn unique_values_are_kept_apart() {
    let mut w = World::new();
    let channel = [
        ("MasterLabel", value("a")),
        ("RelatedEntity", value("Case")),
    ];
    let first = w.create("ServiceChannel", &channel);
    assert_eq!(w.text(first, "DeveloperName"), "a");
    w.refused("ServiceChannel", &channel, Code::DuplicateValue, &[]);
    let lead = w.create(
        "ServiceChannel",
        &[
            ("MasterLabel", value("A")),
            ("RelatedEntity", value("Lead")),
        ],
    );
    assert_eq!(w.text(lead, "DeveloperName"), "A1");
    let taken = [
        ("MasterLabel", value("b")),
        ("DeveloperName", value("A")),
        ("RelatedEntity", value("VoiceCall")),
    ];
    w.refused(
        "ServiceChannel",
        &taken,
        Code::DuplicateDeveloperName,
        &["DeveloperName"],
    );
    w.try_delete(first).unwrap();
    w.create("ServiceChannel", &channel);
    let anna = w.agent("anna");
    let refusal = w
        .try_update(anna, &[("Username", value("ADMIN@test.example"))])
        .unwrap_err();
    assert_eq!(refusal.code, Code::DuplicateUsername);
    w.update(
        anna,
        &[
            ("Username", value("anna@test.example")),
            ("FirstName", value("Anna")),
        ],
    );
    assert_eq!(w.text(anna, "Name"), "Anna anna");
}

#[test]
fn partial_success_keeps_order_and_all_or_none_keeps_nothing() {
    let mut w = World::new();
    let ops = |w: &World| {
        vec![
            w.op("Case", &[("Subject", value("a"))]),
            w.op("Case", &[("Subject", value(&"x".repeat(256)))]),
            w.op("Case", &[("Subject", value("c"))]),
        ]
    };
    let batch = ops(&w);
    let results = w.save_as(administrator(), batch, false);
    assert_eq!(
        results.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
    let before = w.engine.fingerprint();
    let batch = ops(&w);
    let results = w.save_as(administrator(), batch, true);
    let codes: Vec<Code> = results.into_iter().map(|r| r.unwrap_err().code).collect();
    assert_eq!(
        codes,
        [
            Code::AllOrNoneOperationRolledBack,
            Code::StringTooLong,
            Code::AllOrNoneOperationRolledBack
        ]
    );
    assert!(w.last.rows.is_empty() && w.last.notes.is_empty());
    assert_eq!(before[1..], w.engine.fingerprint()[1..]);
}

#[test]
fn updates_are_checked_stamped_and_may_clear() {
    let mut w = World::new();
    let id = w.create("Case", &[("Subject", value("a")), ("Origin", value("Web"))]);
    w.at("09:00:05")
        .update(id, &[("Origin", Value::Null), ("Status", value("closed"))]);
    assert_eq!(w.get(id, "Origin"), Value::Null);
    assert_eq!(w.get(id, "IsClosed"), Value::Bool(true));
    assert_eq!(w.get(id, "ClosedDate"), w.now.into());
    assert_eq!(w.get(id, "LastModifiedDate"), w.now.into());
    w.update(id, &[("Status", value("New"))]);
    assert_eq!(w.get(id, "ClosedDate"), Value::Null);
    let ghost = model::RecordId::new(model::KeyPrefix::of("500"), 4_711);
    assert_eq!(w.try_update(ghost, &[]).unwrap_err().code, Code::NotFound);
}

#[test]
fn what_is_deleted_takes_its_children_and_comes_back_with_them() {
    let mut w = World::new();
    let id = w.create("Case", &[("Subject", value("a"))]);
    let comment = w.create(
        "CaseComment",
        &[("ParentId", id.into()), ("CommentBody", value("b"))],
    );
    w.try_delete(id).unwrap();
    assert!(w.row(id).unwrap().is_deleted && w.row(comment).unwrap().is_deleted);
    assert_eq!(w.try_delete(id).unwrap_err().code, Code::EntityIsDeleted);
    assert_eq!(
        w.try_update(id, &[]).unwrap_err().code,
        Code::EntityIsDeleted
    );
    let undelete = SaveOp::Undelete { id };
    w.save_as(administrator(), vec![undelete.clone()], false)
        .remove(0)
        .unwrap();
    assert!(!w.row(id).unwrap().is_deleted && !w.row(comment).unwrap().is_deleted);
    let again = w
        .save_as(administrator(), vec![undelete], false)
        .remove(0)
        .unwrap_err();
    assert_eq!(again.code, Code::UndeleteFailed);
}

#[test]
fn upsert_creates_updates_and_lists_twins() {
    let mut w = World::new();
    let upsert = |w: &World, mail: &str, name: &str| {
        let (object, values) = w.values("Contact", &[("LastName", value(name))]);
        let by = w.catalogue.def(object).field("Email").unwrap();
        SaveOp::Upsert {
            object,
            by,
            key: value(mail),
            values,
        }
    };
    let op = upsert(&w, "up@test.example", "one");
    let first = w
        .save_as(administrator(), vec![op], false)
        .remove(0)
        .unwrap();
    assert!(first.created);
    let op = upsert(&w, "UP@test.example", "two");
    let second = w
        .save_as(administrator(), vec![op], false)
        .remove(0)
        .unwrap();
    assert_eq!((second.id, second.created), (first.id, false));
    assert_eq!(w.text(first.id, "LastName"), "two");
    let twin = w.create(
        "Contact",
        &[
            ("LastName", value("x")),
            ("Email", value("up@test.example")),
        ],
    );
    let op = upsert(&w, "up@test.example", "three");
    let refusal = w
        .save_as(administrator(), vec![op], false)
        .remove(0)
        .unwrap_err();
    assert_eq!(refusal.message, MULTIPLE_MATCHES);
    assert_eq!(refusal.fields, [first.id.to_string(), twin.to_string()]);
}

#[test]
fn a_repeated_command_gets_the_stored_reply() {
    let mut w = World::new();
    let op = w.op("Case", &[("Subject", value("once"))]);
    let submission = Submission {
        caller: w.caller(administrator()),
        command_id: Some("c1".into()),
        request: Request::Save {
            ops: vec![op],
            all_or_none: false,
        },
    };
    let first = w.run(std::slice::from_ref(&submission)).remove(0);
    let second = w.run(std::slice::from_ref(&submission)).remove(0);
    assert_eq!(first, second);
    assert_eq!(w.find("Case", "Subject", "once").len(), 1);
    let twice = w.run(&[submission.clone(), submission.clone()]);
    assert_eq!(twice, [first.clone(), first]);
    w.now = w.now.plus_s(25 * 3_600);
    w.tick();
    w.run(&[submission]);
    assert_eq!(w.find("Case", "Subject", "once").len(), 2);
}

#[test]
fn a_command_id_serves_one_command() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    w.set_status(c.agents[0], c.status).unwrap();
    let works: Vec<RecordId> = (0..2)
        .map(|_| {
            let case = w.case(c.queue);
            w.works(case)[0]
        })
        .collect();
    let accept = |w: &World, work: RecordId| Submission {
        caller: w.caller(c.agents[0]),
        command_id: Some("c1".into()),
        request: Request::Work {
            work,
            action: engine::WorkAction::Accept,
        },
    };
    let (first, other) = (accept(&w, works[0]), accept(&w, works[1]));
    let replies = w.run(&[first.clone(), first, other]);
    assert_eq!(replies[..2], [Ok(Reply::Work), Ok(Reply::Work)]);
    let refused = replies[2].as_ref().unwrap_err();
    assert_eq!(refused.code, Code::DuplicateValue);
    assert_eq!(w.text(works[1], "Status"), "Assigned");
    let save = |w: &World, subject: &str| Submission {
        caller: w.caller(administrator()),
        command_id: Some("c2".into()),
        request: Request::Save {
            ops: vec![w.op("Case", &[("Subject", value(subject))])],
            all_or_none: true,
        },
    };
    let (one, two) = (save(&w, "one"), save(&w, "two"));
    let replies = w.run(&[one, two]);
    assert!(replies[0].is_ok());
    assert_eq!(replies[1].as_ref().unwrap_err().code, Code::DuplicateValue);
}

#[test]
fn an_agent_may_only_what_is_granted() {
    let mut w = World::new();
    let center = w.center(&["anna", "ben"]);
    let (anna, ben) = (center.agents[0], center.agents[1]);
    let foreign = w.create("Case", &[("Subject", value("not hers"))]);
    let touch = w.update_op(foreign, &[("Subject", value("x"))]);
    let code = |r: Result<_, model::Refusal>| r.map(|_: engine::Saved| ()).unwrap_err().code;
    assert_eq!(
        code(w.save_as(anna, vec![touch], false).remove(0)),
        Code::InsufficientAccessOrReadonly
    );
    let queued = w.case(center.queue);
    let touch = w.update_op(queued, &[("Subject", value("x"))]);
    assert!(w.save_as(anna, vec![touch], false).remove(0).is_ok());
    let setup = w.op("ServicePresenceStatus", &[("MasterLabel", value("mine"))]);
    assert_eq!(
        code(w.save_as(ben, vec![setup], false).remove(0)),
        Code::InsufficientAccessOrReadonly
    );
    let users = w.update_op(
        anna,
        &[(
            "ProfileId",
            w.find("Profile", "Name", "System Administrator")[0].into(),
        )],
    );
    assert_eq!(
        code(w.save_as(anna, vec![users], false).remove(0)),
        Code::InsufficientAccessOrReadonly
    );
    // field permissions: granted to nobody but those whose sets say so
    let profile = w.find("Profile", "Name", "Contact Center Agent")[0];
    let set = w.find("PermissionSet", "ProfileId", profile)[0];
    w.create(
        "FieldPermissions",
        &[
            ("ParentId", set.into()),
            ("SobjectType", value("Case")),
            ("Field", value("Case.Origin")),
            ("PermissionsRead", true.into()),
        ],
    );
    let touch = w.update_op(queued, &[("Origin", value("Web"))]);
    assert_eq!(
        code(w.save_as(anna, vec![touch], false).remove(0)),
        Code::InvalidFieldForInsertUpdate
    );
    w.submit(
        anna,
        Request::Presence(PresenceRequest::SetStatus(center.status)),
    )
    .unwrap();
    assert!(matches!(
        w.submit(anna, Request::Presence(PresenceRequest::Logout)),
        Ok(Reply::Presence(None))
    ));
}

#[test]
fn a_change_may_not_clear_what_must_be() {
    let mut w = World::new();
    let case = w.create("Case", &[]);
    let refusal = w.try_update(case, &[("OwnerId", Value::Null)]).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.fields),
        (Code::RequiredFieldMissing, vec!["OwnerId".to_owned()])
    );
    let contact = w.create("Contact", &[("LastName", value("x"))]);
    assert_eq!(
        w.try_update(contact, &[("LastName", Value::Null)])
            .unwrap_err()
            .code,
        Code::RequiredFieldMissing
    );
    // made by the server without what clients must give
    let profile = w.find("Profile", "Name", "Read Only")[0];
    w.update(profile, &[("Description", value("looks only"))]);
}
