//! Configuration rows and what they mean for agents from then on.

mod world;

use engine::{Reply, Request, administrator};
use model::{Code, Note, Space, Value};
use world::{World, value};

#[test]
fn r76_the_nearest_presence_configuration_counts() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let ben = w.agent("ben");
    let capacity = |w: &World, user| w.engine.capacity_of(user).configured;
    assert_eq!((capacity(&w, c.agents[0]), capacity(&w, ben)), (6.0, 10.0));
    let profile = w.find("Profile", "Name", "Contact Center Agent")[0];
    let config = w.create(
        "PresenceUserConfig",
        &[("MasterLabel", value("P")), ("Capacity", Value::Int(3))],
    );
    let link = [
        ("PresenceUserConfigId", config.into()),
        ("ProfileId", profile.into()),
    ];
    let row = w.create("PresenceUserConfigProfile", &link);
    w.refused(
        "PresenceUserConfigProfile",
        &link,
        Code::DuplicateValue,
        &[],
    );
    assert_eq!((capacity(&w, c.agents[0]), capacity(&w, ben)), (6.0, 3.0));
    w.try_delete(row).unwrap();
    assert_eq!(capacity(&w, ben), 10.0);
    let both = [
        ("MasterLabel", value("x")),
        ("Capacity", Value::Int(1)),
        ("OptionsIsAutoAcceptEnabled", true.into()),
        ("OptionsIsDeclineEnabled", true.into()),
    ];
    let fields = ["OptionsIsAutoAcceptEnabled", "OptionsIsDeclineEnabled"];
    w.refused(
        "PresenceUserConfig",
        &both,
        Code::FieldIntegrityException,
        &fields,
    );
}

#[test]
fn permissions_of_a_profile_reach_its_hidden_set_and_its_users() {
    let mut w = World::new();
    let anna = w.agent("anna");
    let profile = w.find("Profile", "Name", "Contact Center Agent")[0];
    let set = w.find("PermissionSet", "ProfileId", profile)[0];
    assert!(!w.caller(anna).rights.has("ViewAllData"));
    w.update(profile, &[("PermissionsViewAllData", true.into())]);
    assert_eq!(w.get(set, "PermissionsViewAllData"), Value::Bool(true));
    assert!(w.caller(anna).rights.has("ViewAllData"));
    assert!(
        w.try_update(set, &[("PermissionsModifyAllData", true.into())])
            .is_err()
    );
    // a permission set adds to the profile, until it is taken away
    let other = w.create(
        "PermissionSet",
        &[
            ("Name", value("Roles")),
            ("Label", value("Roles")),
            ("PermissionsManageRoles", true.into()),
        ],
    );
    let given = w.create(
        "PermissionSetAssignment",
        &[
            ("AssigneeId", anna.into()),
            ("PermissionSetId", other.into()),
        ],
    );
    assert!(w.caller(anna).rights.has("ManageRoles"));
    w.try_delete(given).unwrap();
    assert!(!w.caller(anna).rights.has("ManageRoles"));
}

#[test]
fn a_status_that_is_taken_away_logs_out() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    w.set_status(anna, c.status).unwrap();
    let grant = w.find("SetupEntityAccess", "SetupEntityId", c.status)[0];
    w.try_delete(grant).unwrap();
    assert_eq!(w.engine.presence_of(anna), None);
    // and so does the deletion of the current presence row
    w.set_status(anna, c.busy).unwrap();
    let row = w.find("UserServicePresence", "IsCurrentState", true)[0];
    w.try_delete(row).unwrap();
    assert_eq!(w.engine.presence_of(anna), None);
    assert!(w.row(row).unwrap().is_deleted && !w.get(row, "StatusEndDate").is_null());
}

#[test]
fn settings_are_hidden_rows_and_limits_count() {
    let mut w = World::new();
    let c = w.center(&[]);
    let set = |w: &mut World, key: &str, text: &str| {
        let note = Note {
            space: Space::Setting,
            key: key.into(),
            value: Some(text.into()),
        };
        assert_eq!(
            w.submit(administrator(), Request::Notes(vec![note])),
            Ok(Reply::Noted)
        );
    };
    set(&mut w, "pendingRequestsMax", "1");
    w.case(c.queue);
    // R159: the save fails and nothing of it stays
    let second = [("OwnerId", c.queue.into())];
    let refusal = w.try_create("Case", &second).unwrap_err();
    assert_eq!(refusal.code, Code::LimitExceeded);
    assert_eq!(w.find("Case", "OwnerId", c.queue).len(), 1);
    // R158: unless an overflow assignee takes it
    w.update(c.config, &[("OverflowAssigneeId", administrator().into())]);
    let third = w.create("Case", &second);
    assert_eq!(w.get(third, "OwnerId"), administrator().into());
    assert!(w.request(third).is_none());
    let foreign = Note {
        space: Space::Counter,
        key: "Case".into(),
        value: Some("7".into()),
    };
    assert!(
        w.submit(administrator(), Request::Notes(vec![foreign]))
            .is_err()
    );
}

#[test]
fn roles_stay_a_tree_and_groups_are_made_for_them() {
    let mut w = World::new();
    let edit = ("OpportunityAccessForAccountOwner", value("Edit"));
    let top = w.create("UserRole", &[("Name", value("Top")), edit.clone()]);
    let below = w.create(
        "UserRole",
        &[("Name", value("Below")), ("ParentRoleId", top.into()), edit],
    );
    assert_eq!(w.find("Group", "RelatedId", top).len(), 3);
    let loop_back = w
        .try_update(top, &[("ParentRoleId", below.into())])
        .unwrap_err();
    assert_eq!(loop_back.code, Code::FieldIntegrityException);
    let group = w.find("Group", "RelatedId", top)[0];
    assert!(w.try_delete(group).is_err());
    let boss = w.agent("boss");
    w.update(boss, &[("UserRoleId", top.into())]);
    assert_eq!(w.try_delete(top).unwrap_err().code, Code::DependencyExists);
    w.update(boss, &[("UserRoleId", Value::Null)]);
    w.try_delete(top).unwrap();
    assert!(w.find("Group", "RelatedId", top).is_empty());
    assert_eq!(w.get(below, "ParentRoleId"), Value::Null);
}
