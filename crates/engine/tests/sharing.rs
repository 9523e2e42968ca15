//! Writes of one record: what the caller may not see is not there, and each step further takes a right.

mod world;

use engine::SaveOp;
use model::{Code, RecordId};
use world::{World, value};

struct Office {
    w: World,
    anna: RecordId,
    ben: RecordId,
    work: RecordId,
}

/// Cases and accounts are private; anna and ben may edit cases; anna has work that ben does not see.
fn office() -> Office {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    w.default_access("Case", "None");
    w.default_access("Account", "None");
    w.set_status(anna, c.status).unwrap();
    let case = w.create("Case", &[("OwnerId", c.queue.into())]);
    let work = w.works(case)[0];
    Office { w, anna, ben, work }
}

impl Office {
    fn try_as(&mut self, user: RecordId, op: SaveOp) -> Result<RecordId, Code> {
        let results = self.w.save_as(user, vec![op], false);
        results
            .into_iter()
            .next()
            .unwrap()
            .map(|s| s.id)
            .map_err(|r| r.code)
    }

    fn case_of(&mut self, owner: RecordId) -> RecordId {
        self.w.create("Case", &[("OwnerId", owner.into())])
    }

    fn edit(
        &mut self,
        user: RecordId,
        id: RecordId,
        field: &str,
        to: RecordId,
    ) -> Result<RecordId, Code> {
        let op = self.w.update_op(id, &[(field, to.into())]);
        self.try_as(user, op)
    }

    /// A permission set of this right on an object, given to a user.
    fn grant(&mut self, user: RecordId, object: &str) {
        let name = format!("{object}_{}", self.w.rows.len());
        let set = self.w.create(
            "PermissionSet",
            &[("Name", value(&name)), ("Label", value(&name))],
        );
        let rights = ["Read", "Create", "Edit", "Delete"];
        let rights = rights.map(|r| format!("Permissions{r}"));
        let mut values = vec![("ParentId", set.into()), ("SobjectType", value(object))];
        values.extend(rights.iter().map(|r| (r.as_str(), true.into())));
        self.w.create("ObjectPermissions", &values);
        let values = [("AssigneeId", user.into()), ("PermissionSetId", set.into())];
        self.w.create("PermissionSetAssignment", &values);
    }
}

#[test]
fn a_hidden_record_is_answered_as_a_missing_one() {
    let mut o = office();
    let (anna, ben) = (o.anna, o.ben);
    o.grant(ben, "Case");
    let case = o.case_of(anna);
    let object = o.w.catalogue.object("Case").unwrap();
    let missing = RecordId::new(case.prefix(), 999_999);
    for id in [case, missing] {
        let edit = o.w.update_op(id, &[("Subject", value("x"))]);
        assert_eq!(o.try_as(ben, edit), Err(Code::NotFound));
        let delete = SaveOp::Delete { object, id };
        assert_eq!(o.try_as(ben, delete), Err(Code::NotFound));
        let undelete = SaveOp::Undelete { id };
        assert_eq!(o.try_as(ben, undelete), Err(Code::NotFound));
    }
    o.w.try_delete(case).unwrap();
    let edit = o.w.update_op(case, &[("Subject", value("x"))]);
    assert_eq!(o.try_as(ben, edit), Err(Code::NotFound));
    let edit = o.w.update_op(case, &[("Subject", value("x"))]);
    assert_eq!(o.try_as(anna, edit), Err(Code::EntityIsDeleted));
}

#[test]
fn nobody_points_at_what_it_may_not_see() {
    let mut o = office();
    let (anna, ben) = (o.anna, o.ben);
    let (hidden, own) = (o.case_of(anna), o.case_of(ben));
    let refused = Err(Code::InvalidCrossReferenceKey);
    assert_eq!(o.edit(ben, own, "ParentId", hidden), refused);
    let create = o.w.op("Case", &[("ParentId", hidden.into())]);
    assert_eq!(o.try_as(ben, create), refused);
    let comment = o.w.op(
        "CaseComment",
        &[("ParentId", hidden.into()), ("CommentBody", value("x"))],
    );
    assert_eq!(o.try_as(ben, comment), refused);
    // what an administrator linked may be sent back as it is
    o.w.update(own, &[("ParentId", hidden.into())]);
    let whole = [
        ("ParentId", hidden.into()),
        ("Subject", value("same parent")),
    ];
    let op = o.w.update_op(own, &whole);
    assert_eq!(o.try_as(ben, op), Ok(own));
}

#[test]
fn giving_a_record_away_takes_more_than_changing_it() {
    let mut o = office();
    let (anna, ben) = (o.anna, o.ben);
    o.w.default_access("Case", "Edit");
    let case = o.case_of(anna);
    let edit = o.w.update_op(case, &[("Subject", value("mine too"))]);
    assert_eq!(o.try_as(ben, edit), Ok(case));
    let refused = Err(Code::InsufficientAccessOrReadonly);
    assert_eq!(o.edit(ben, case, "OwnerId", ben), refused);
    assert_eq!(o.edit(anna, case, "OwnerId", ben), Ok(case));
    assert_eq!(o.edit(anna, case, "OwnerId", anna), refused);
    o.w.default_access("Case", "ReadEditTransfer");
    assert_eq!(o.edit(anna, case, "OwnerId", anna), Ok(case));
}

#[test]
fn only_who_may_do_everything_with_a_record_shares_it() {
    let mut o = office();
    let (anna, ben, work) = (o.anna, o.ben, o.work);
    let share = |o: &Office, to: RecordId, level: &str| {
        let values = [
            ("ParentId", work.into()),
            ("UserOrGroupId", to.into()),
            ("AccessLevel", value(level)),
        ];
        o.w.op("AgentWorkShare", &values)
    };
    let op = share(&o, ben, "Read");
    assert_eq!(o.try_as(ben, op), Err(Code::InvalidCrossReferenceKey));
    let op = share(&o, ben, "Read");
    let made = o.try_as(anna, op).unwrap();
    // now ben sees it, but may neither widen the share nor take it away
    let op = o.w.update_op(made, &[("AccessLevel", value("Edit"))]);
    assert_eq!(o.try_as(ben, op), Err(Code::InsufficientAccessOrReadonly));
    let object = o.w.catalogue.object("AgentWorkShare").unwrap();
    let op = SaveOp::Delete { object, id: made };
    assert_eq!(o.try_as(ben, op), Err(Code::InsufficientAccessOrReadonly));
    let op = SaveOp::Delete { object, id: made };
    assert_eq!(o.try_as(anna, op), Ok(made));
}

#[test]
fn a_detail_goes_by_its_record() {
    let mut o = office();
    let (anna, ben) = (o.anna, o.ben);
    let case = o.case_of(anna);
    let values = [("ParentId", case.into()), ("CommentBody", value("secret"))];
    let comment = o.w.create("CaseComment", &values);
    let change = |o: &Office| o.w.update_op(comment, &[("CommentBody", value("changed"))]);
    let op = change(&o);
    assert_eq!(o.try_as(ben, op), Err(Code::NotFound));
    let op = change(&o);
    assert_eq!(o.try_as(anna, op), Ok(comment));
}
