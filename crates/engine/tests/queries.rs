//! Plans: what a caller may see, and what does not exist for him.

mod world;

use engine::{Asked, administrator, plan_get, plan_query};
use lang::plan::Predicate;
use model::{Code, RecordId, Value};
use world::{World, value};

fn plan(w: &World, user: RecordId, text: &str) -> Result<lang::plan::QueryPlan, Code> {
    let caller = w.caller(user);
    let asked = Asked {
        caller: &caller,
        now: w.now,
        all_rows: false,
    };
    plan_query(&w.catalogue, &w.engine.directory(), &asked, text)
        .map(|p| p.get().clone())
        .map_err(|r| r.code)
}

/// The owners in the first condition on rows; the second is about shares.
fn owners(w: &World, user: RecordId, text: &str) -> Vec<Value> {
    let Predicate::Or(ways) = plan(w, user, text).unwrap().scan.access else {
        panic!("one way only")
    };
    match &ways[..] {
        [Predicate::In { values, .. }, Predicate::Semi { .. }] => values.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_of_others_are_left_out() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let text = "SELECT Id FROM AgentWork WHERE Status = 'Assigned'";
    assert_eq!(
        plan(&w, administrator(), text).unwrap().scan.access,
        Predicate::TRUE
    );
    assert_eq!(owners(&w, anna, text), [anna.into(), c.queue.into()]);
    // public by the organization-wide defaults
    assert_eq!(
        plan(&w, anna, "SELECT Id FROM Case").unwrap().scan.access,
        Predicate::TRUE
    );
    // a manager sees what belongs to the people below
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
    let top = role(&mut w, "Top", None);
    let below = role(&mut w, "Below", Some(top));
    let boss = w.agent("boss");
    w.update(boss, &[("UserRoleId", top.into())]);
    w.update(anna, &[("UserRoleId", below.into())]);
    let seen = owners(&w, boss, text);
    for id in [boss, anna, c.queue] {
        assert!(seen.contains(&id.into()), "{id} is not in {seen:?}");
    }
}

#[test]
fn what_is_hidden_does_not_exist() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    assert_eq!(
        plan(&w, anna, "SELECT Id FROM LiveAgentSession").unwrap_err(),
        Code::InvalidType
    );
    assert_eq!(
        plan(&w, administrator(), "SELECT CurrencyIsoCode FROM Case").unwrap_err(),
        Code::InvalidField
    );
    let set = w.create(
        "PermissionSet",
        &[("Name", value("Origins")), ("Label", value("Origins"))],
    );
    w.create(
        "FieldPermissions",
        &[
            ("ParentId", set.into()),
            ("SobjectType", value("Case")),
            ("Field", value("Case.Origin")),
            ("PermissionsRead", true.into()),
        ],
    );
    let text = "SELECT Id FROM Case WHERE Origin = 'Web'";
    assert_eq!(plan(&w, anna, text).unwrap_err(), Code::InvalidField);
    w.create(
        "PermissionSetAssignment",
        &[("AssigneeId", anna.into()), ("PermissionSetId", set.into())],
    );
    assert!(plan(&w, anna, text).is_ok());
}

#[test]
fn one_record_with_all_or_some_fields() {
    let mut w = World::new();
    let id = w.create("Case", &[]);
    let object = w.catalogue.object("Case").unwrap();
    let caller = w.caller(administrator());
    let asked = Asked {
        caller: &caller,
        now: w.now,
        all_rows: false,
    };
    let directory = w.engine.directory();
    let get =
        |fields: Option<&[&str]>| plan_get(&w.catalogue, &directory, &asked, object, id, fields);
    let all = get(None).unwrap().get().columns.len();
    assert!(all > 40, "{all}");
    assert_eq!(
        get(Some(&["Id", "Owner.Name", "id"]))
            .unwrap()
            .get()
            .columns
            .len(),
        2
    );
    for bad in ["Nope", "Id FROM Case --", "", "Id,Subject", "a'"] {
        assert_eq!(
            get(Some(&[bad])).unwrap_err().code,
            Code::InvalidField,
            "{bad}"
        );
    }
}
