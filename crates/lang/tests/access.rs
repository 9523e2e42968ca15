//! What a caller may not see does not exist for him, and what a plan reads can be found out.

use lang::eval::{self, Memory};
use lang::plan::{Op, Path, Predicate, QueryPlan, Spot};
use lang::{Context, Sight, parse, resolve};
use model::{
    Catalogue, Code, FieldIx, FieldType, KeyPrefix, Millis, ObjectIx, Record, RecordId, Refusal,
    Value,
};

/// Hides one object and one field of Case.
struct Blinkers {
    object: ObjectIx,
    field: (ObjectIx, FieldIx),
}

impl Sight for Blinkers {
    fn object(&self, object: ObjectIx) -> bool {
        object != self.object
    }
    fn field(&self, object: ObjectIx, field: FieldIx) -> bool {
        (object, field) != self.field
    }
}

fn user() -> RecordId {
    RecordId::new(KeyPrefix::of("005"), 1)
}

/// Resolves for a caller who sees neither CaseComment nor `Case.Subject`.
fn hidden(text: &str) -> Result<QueryPlan, Refusal> {
    let catalogue = Catalogue::standard().unwrap();
    let (case, def) = catalogue.find("Case").unwrap();
    let sight = Blinkers {
        object: catalogue.object("CaseComment").unwrap(),
        field: (case, def.field("Subject").unwrap()),
    };
    let context = Context {
        user: user(),
        version: 64,
        now: Millis(0),
        time_zone: "UTC".to_owned(),
        locale: "en_US".to_owned(),
        all_rows: false,
        sight: &sight,
    };
    resolve(&parse(text).unwrap(), &catalogue, &context)
}

#[test]
fn hidden_names_are_unknown_names() {
    for (text, code, message) in [
        (
            "SELECT Subject FROM Case",
            Code::InvalidField,
            "No such column 'Subject'",
        ),
        (
            "SELECT Id FROM Case WHERE Subject = 'x'",
            Code::InvalidField,
            "No such column 'Subject'",
        ),
        (
            "SELECT Id FROM Case ORDER BY Subject",
            Code::InvalidField,
            "No such column 'Subject'",
        ),
        (
            "SELECT COUNT(Subject) FROM Case",
            Code::InvalidField,
            "No such column 'Subject'",
        ),
        (
            "SELECT Parent.Subject FROM Case",
            Code::InvalidField,
            "No such column 'Subject'",
        ),
        (
            "SELECT Id, (SELECT Subject FROM Cases) FROM Case",
            Code::InvalidField,
            "No such column 'Subject'",
        ),
        (
            "SELECT Id FROM CaseComment",
            Code::InvalidType,
            "sObject type 'CaseComment' is not supported",
        ),
        (
            "SELECT Id, (SELECT Id FROM CaseComments) FROM Case",
            Code::InvalidType,
            "relationship 'CaseComments'",
        ),
        (
            "SELECT Id FROM Case WHERE Id IN (SELECT ParentId FROM CaseComment)",
            Code::InvalidType,
            "sObject type 'CaseComment'",
        ),
    ] {
        let refusal = hidden(text).unwrap_err();
        assert_eq!(refusal.code, code, "{text}: {refusal}");
        assert!(refusal.message.contains(message), "{text}: {refusal}");
    }
}

#[test]
fn fields_leaves_hidden_fields_out() {
    let plan = hidden("SELECT FIELDS(ALL) FROM Case LIMIT 1").unwrap();
    let catalogue = Catalogue::standard().unwrap();
    let subject = catalogue.find("Case").unwrap().1.field("Subject").unwrap();
    let mut count = 0;
    plan.each_use(&mut |used| {
        count += 1;
        assert_ne!(used.spot, Spot::Field(subject));
    });
    assert!(count > 30);
}

fn plain(text: &str, catalogue: &Catalogue) -> QueryPlan {
    let context = Context::new(user(), 64, Millis(0), "UTC");
    resolve(&parse(text).unwrap(), catalogue, &context).unwrap()
}

#[test]
fn every_field_that_is_read_is_told() {
    let catalogue = Catalogue::standard().unwrap();
    let text = "SELECT Id, Owner.Name, (SELECT CommentBody FROM CaseComments WHERE IsPublished = true) \
        FROM Case WHERE Parent.Subject = 'x' AND AccountId IN (SELECT Id FROM Account WHERE Name = 'y') \
        ORDER BY Priority";
    let mut used = Vec::new();
    plain(text, &catalogue).each_use(&mut |read| {
        let def = catalogue.def(read.object);
        let field = match read.spot {
            Spot::Id => "Id",
            Spot::IsDeleted => "IsDeleted",
            Spot::Field(field) => def.def(field).name.as_str(),
        };
        used.push(format!("{}.{field}", def.name));
    });
    for name in [
        "Case.Id",
        "Case.OwnerId",
        "User.Name",
        "Group.Name",
        "Case.ParentId",
        "Case.Subject",
        "Case.AccountId",
        "Account.Id",
        "Account.Name",
        "Case.Priority",
        "CaseComment.CommentBody",
        "CaseComment.IsPublished",
        "CaseComment.ParentId",
    ] {
        assert!(used.iter().any(|u| u == name), "{name} is not in {used:?}");
    }
}

#[test]
fn extra_conditions_reach_every_scan() {
    let catalogue = Catalogue::standard().unwrap();
    let text = "SELECT Id, (SELECT Id FROM Cases) FROM Case WHERE OwnerId IN (SELECT Id FROM User)";
    let mut plan = plain(text, &catalogue);
    let mut seen = Vec::new();
    plan.each_scan_mut(&mut |scan| seen.push(catalogue.def(scan.object).name.clone()));
    seen.sort();
    assert_eq!(seen, ["Case", "Case", "User"]);
}

#[test]
fn one_record_is_tested_as_the_query_would() {
    let catalogue = Catalogue::standard().unwrap();
    let (object, def) = catalogue.find("Case").unwrap();
    let subject = def.field("Subject").unwrap();
    let mut record = Record::new(object, RecordId::new(def.prefix(), 1));
    record.set(subject, "Alpha".into());
    let mut plan = plain("SELECT Id FROM Case WHERE Subject LIKE 'al%'", &catalogue);
    let rows = Memory::default();
    assert!(eval::admits(&plan, &record, &rows));
    plan.scan.access = Predicate::Compare {
        of: lang::plan::Expr::Field(Path::own(object, Spot::Field(subject), FieldType::String)),
        op: Op::Eq,
        value: Value::from("beta"),
        exact: false,
        on_null: false,
    };
    assert!(!eval::admits(&plan, &record, &rows));
    plan.scan.access = Predicate::TRUE;
    record.is_deleted = true;
    assert!(!eval::admits(&plan, &record, &rows));
    plan.scan.all_rows = true;
    assert!(eval::admits(&plan, &record, &rows));
}

#[test]
fn a_parent_that_is_hidden_is_none_for_one_record_too() {
    let catalogue = Catalogue::standard().unwrap();
    let (case, case_def) = catalogue.find("Case").unwrap();
    let (account, account_def) = catalogue.find("Account").unwrap();
    let mut parent = Record::new(account, RecordId::new(account_def.prefix(), 1));
    parent.set(account_def.field("Name").unwrap(), "Acme".into());
    let mut record = Record::new(case, RecordId::new(case_def.prefix(), 1));
    record.set(case_def.field("AccountId").unwrap(), parent.id.into());
    let rows: Memory = [parent, record.clone()].into_iter().collect();
    let mut plan = plain(
        "SELECT Id FROM Case WHERE Account.Name = 'Acme'",
        &catalogue,
    );
    assert!(eval::admits(&plan, &record, &rows));
    let hidden = [(account, Predicate::FALSE)].into_iter().collect();
    plan.set_parents(&std::sync::Arc::new(hidden));
    assert!(!eval::admits(&plan, &record, &rows));
}
