//! What the engine reads before it decides.

use model::{Found, Need, Record, RowChange, Space, Value};

use crate::support::*;

fn ids(rows: &[Record]) -> Vec<model::RecordId> {
    rows.iter().map(|row| row.id).collect()
}

fn matching(room: &Room, object: &str, field: &str, value: Value) -> Vec<model::RecordId> {
    let need = Need::Match(object_ix(object), field_ix(object, field), value);
    match room.store().load(&[need]).unwrap().remove(0) {
        Found::Match(rows) => ids(&rows),
        other => panic!("{other:?}"),
    }
}

#[test]
fn needs_are_answered_in_their_order() {
    on_every_store(|room| {
        room.commit(vec![insert("Case", 1, &[("Subject", "one".into())])]);
        room.commit(vec![set_deleted("Case", 1, true)]);
        room.commit_notes(vec![note(Space::Counter, "500", Some("7"))]);
        let case = object_ix("Case");
        let found = room.store().load(&[
            Need::Note(Space::Counter, "500".into()),
            Need::Row(case, id("Case", 2)),
            Need::Row(case, id("Case", 1)),
            Need::Note(Space::Setting, "500".into()),
        ]);
        let found = found.unwrap();
        assert_eq!(found[0], Found::Note(Some("7".into())));
        assert_eq!(found[1], Found::Row(None));
        assert!(matches!(&found[2], Found::Row(Some(row)) if row.is_deleted));
        assert_eq!(found[3], Found::Note(None));
    });
}

#[test]
fn a_match_ignores_case_and_the_recycle_bin() {
    on_every_store(|room| {
        room.commit(vec![
            insert("VoiceCall", 1, &[("VendorCallKey", "ÄrGER-1".into())]),
            insert("VoiceCall", 2, &[("VendorCallKey", "ärger-1".into())]),
            insert("VoiceCall", 3, &[("VendorCallKey", "Arger-1".into())]),
            insert("VoiceCall", 4, &[("VendorCallKey", "ärger-1".into())]),
            insert("VoiceCall", 5, &[]),
        ]);
        room.commit(vec![set_deleted("VoiceCall", 4, true)]);
        let calls = |list: &[u64]| list.iter().map(|n| id("VoiceCall", *n)).collect::<Vec<_>>();
        let found = |value| matching(room, "VoiceCall", "VendorCallKey", value);
        assert_eq!(found("äRGER-1".into()), calls(&[1, 2]));
        assert_eq!(found("ärger-1' OR 1=1 --".into()), []);
        assert_eq!(found(Value::Null), calls(&[5]));
    });
}

#[test]
fn a_match_works_for_every_type() {
    on_every_store(|room| {
        let values = [
            ("WorkItemId", Value::Id(id("Case", 1))),
            ("IsInterruptible", Value::Bool(true)),
            ("PushTimeout", Value::Int(20)),
            ("CapacityWeight", Value::Double(1.5)),
            ("AcceptDateTime", Value::DateTime(model::Millis(1_234))),
            ("Status", "Opened".into()),
        ];
        room.commit(vec![
            insert("AgentWork", 1, &values),
            insert("AgentWork", 2, &[]),
        ]);
        for (field, value) in values {
            assert_eq!(
                matching(room, "AgentWork", field, value),
                [id("AgentWork", 1)],
                "{field}"
            );
        }
        // A boolean that was never set is false.
        let found = matching(room, "AgentWork", "IsInterruptible", Value::Bool(false));
        assert_eq!(found, [id("AgentWork", 2)]);
        let found = matching(room, "AgentWork", "CapacityWeight", Value::Int(1));
        assert_eq!(found, []);
    });
}

#[test]
fn a_match_has_a_bound() {
    on_every_store(|room| {
        let many = |from: u64, to: u64| -> Vec<RowChange> {
            let case = |n| insert("Case", n, &[("ParentId", Value::Id(id("Case", 0)))]);
            (from..to).map(case).collect()
        };
        room.commit(many(0, Need::MATCH_MAX as u64 + 5));
        let need = Need::Match(
            object_ix("Case"),
            field_ix("Case", "ParentId"),
            Value::Id(id("Case", 0)),
        );
        let found = room.store().load(&[need]).unwrap();
        let Some(Found::Match(rows)) = found.first() else {
            panic!("{found:?}");
        };
        assert_eq!(rows.len(), Need::MATCH_MAX);
    });
}

#[test]
fn a_scan_takes_all_or_some() {
    on_every_store(|room| {
        let work = |n, status: &str| insert("AgentWork", n, &[("Status", status.into())]);
        room.commit(vec![
            work(3, "Opened"),
            work(1, "Closed"),
            work(2, "Assigned"),
            insert("AgentWork", 4, &[]),
        ]);
        room.commit(vec![set_deleted("AgentWork", 3, true)]);
        let field = field_ix("AgentWork", "Status");
        let some = |values: Vec<Value>| {
            let found = room
                .store()
                .scan(object_ix("AgentWork"), Some((field, values)));
            ids(&found.unwrap())
        };
        let works = |list: &[u64]| list.iter().map(|n| id("AgentWork", *n)).collect::<Vec<_>>();
        assert_eq!(ids(&room.all("AgentWork")), works(&[1, 2, 3, 4]));
        assert_eq!(
            some(vec!["opened".into(), "Assigned".into()]),
            works(&[2, 3])
        );
        assert_eq!(some(vec![Value::Null, "Closed".into()]), works(&[1, 4]));
        assert_eq!(some(vec![]), []);
    });
}

#[test]
fn a_reader_sees_every_commit_that_returned() {
    on_every_store(|room| {
        let reader = room.store().reader().unwrap();
        for n in 1..=20 {
            room.commit(vec![insert("Case", n, &[("Subject", "x".into())])]);
            let found = reader.get(object_ix("Case"), id("Case", n)).unwrap();
            assert_eq!(found, Some(record("Case", n, &[("Subject", "x".into())])));
        }
        assert_eq!(reader.get(object_ix("Case"), id("Case", 99)), Ok(None));
    });
}
