//! A batch is stored as a whole, in order, or not at all.

use model::{Meta, Millis, Record, RowChange, Space, Value};
use proptest::prelude::*;
use store::{CommitError, Contents};

use crate::support::*;

#[test]
fn a_fresh_store_is_empty() {
    on_every_store(|room| {
        assert_eq!(room.store().meta(), Ok(Meta::default()));
        for (object, _) in catalogue().each() {
            assert_eq!(room.store().scan(object, None), Ok(Vec::new()));
        }
        for space in Space::ALL {
            assert_eq!(room.store().notes(*space), Ok(Vec::new()));
        }
    });
}

#[test]
fn every_field_of_every_object_comes_back_as_it_went_in() {
    on_every_store(|room| {
        let mut rows = Vec::new();
        for (object, def) in catalogue().each() {
            for n in 1..=3 {
                let mut row = Record::new(object, model::RecordId::new(def.prefix(), n));
                for (field, def) in def.each_field() {
                    let is_own = def.name == "Id" || def.name == "IsDeleted";
                    if let (false, Some(value)) = (is_own, some_value(def.kind, n)) {
                        row.set(field, value);
                    }
                }
                rows.push(row);
            }
        }
        room.commit(rows.iter().cloned().map(RowChange::Insert).collect());
        room.power_cut();
        for wanted in rows.chunks(3) {
            let found = room.store().scan(wanted[0].object, None).unwrap();
            assert_eq!(found, wanted);
        }
    });
}

#[test]
fn an_update_sets_what_it_names_and_nothing_else() {
    on_every_store(|room| {
        room.commit(vec![
            insert(
                "Case",
                1,
                &[("Subject", "one".into()), ("Origin", "Web".into())],
            ),
            insert("Case", 2, &[("Subject", "two".into())]),
        ]);
        room.commit(vec![update(
            "Case",
            1,
            &[("Subject", Value::Null), ("Status", "New".into())],
        )]);
        room.commit(vec![update("Case", 2, &[])]);
        assert_eq!(
            room.all("Case"),
            [
                record(
                    "Case",
                    1,
                    &[("Status", "New".into()), ("Origin", "Web".into())]
                ),
                record("Case", 2, &[("Subject", "two".into())]),
            ]
        );
    });
}

#[test]
fn rows_go_to_the_recycle_bin_and_back_and_away() {
    on_every_store(|room| {
        room.commit(vec![insert("Case", 1, &[]), insert("Case", 2, &[])]);
        room.commit(vec![set_deleted("Case", 1, true)]);
        assert!(room.all("Case")[0].is_deleted);
        room.commit(vec![set_deleted("Case", 1, false), remove("Case", 2)]);
        let stamp = ("SystemModstamp", Value::DateTime(Millis(5)));
        assert_eq!(room.all("Case"), [record("Case", 1, &[stamp])]);
        // Removing what is gone is no error: the batch may have inserted and removed it at once.
        room.commit(vec![remove("Case", 2)]);
    });
}

#[test]
fn batches_are_numbered_without_a_gap() {
    on_every_store(|room| {
        room.commit(vec![insert("Case", 1, &[])]);
        for seq in [0, 1, 3, u64::MAX] {
            let mut batch = room.batch(vec![insert("Case", 2, &[])], Vec::new());
            batch.seq = seq;
            let refused = CommitError::WrongSeq { last: 1, got: seq };
            assert_eq!(room.try_batch(&batch), Err(refused));
            room.reopen();
        }
        assert_eq!(room.all("Case").len(), 1);
        let (seq, now) = (1, Millis(1_000));
        assert_eq!(room.store().meta(), Ok(Meta { seq, now }));
    });
}

#[test]
fn a_refused_batch_leaves_nothing() {
    on_every_store(|room| {
        room.commit(vec![insert("Case", 1, &[])]);
        let good = || insert("Contact", 1, &[("LastName", "Müller".into())]);
        let missing = room.try_commit(vec![good(), update("Case", 9, &[])]);
        assert!(matches!(missing, Err(CommitError::NoSuchRow { id: i, .. }) if i == id("Case", 9)));
        room.reopen();
        let twice = room.try_commit(vec![good(), insert("Case", 1, &[])]);
        assert!(matches!(twice, Err(CommitError::RowExists { id: i, .. }) if i == id("Case", 1)));
        // Whoever got an error has to open again: nothing is written on doubtful ground.
        assert!(matches!(
            room.try_commit(vec![good()]),
            Err(CommitError::Failed(_))
        ));
        room.reopen();
        assert_eq!(room.all("Contact"), []);
        room.commit(vec![good()]);
        assert_eq!(room.all("Contact").len(), 1);
    });
}

#[test]
fn a_value_must_have_the_type_of_its_field() {
    let mut room = Room::new(Backend::Sqlite);
    for wrong in [
        insert("Case", 1, &[("Subject", Value::Int(1))]),
        insert("Case", 1, &[("IsClosed", "yes".into())]),
        insert("Case", 1, &[("CreatedDate", Value::Int(1))]),
        insert("Case", 1, &[("Id", Value::Id(id("Case", 1)))]),
    ] {
        let refused = room.try_commit(vec![wrong]);
        assert!(
            matches!(refused, Err(CommitError::WrongValue { .. })),
            "{refused:?}"
        );
        room.reopen();
    }
    assert_eq!(room.all("Case"), []);
}

#[test]
fn a_big_batch_is_one_batch() {
    on_every_store(|room| {
        let long = "long text ".repeat(10_000);
        let rows = (0..5_000).map(|n| insert("Case", n, &[("Subject", "x".into())]));
        let mut rows: Vec<_> = rows.collect();
        rows.push(insert(
            "Case",
            5_000,
            &[("Description", long.as_str().into())],
        ));
        room.commit(rows);
        room.power_cut();
        let all = room.all("Case");
        assert_eq!(all.len(), 5_001);
        assert!(all.is_sorted_by_key(|row| row.id));
        let text = all[5_000].get(field_ix("Case", "Description"));
        assert_eq!(text.as_text(), Some(long.as_str()));
    });
}

#[test]
fn notes_are_set_replaced_and_removed() {
    on_every_store(|room| {
        room.commit_notes(vec![
            note(Space::Session, "b", Some("1")),
            note(Space::Session, "a", Some("")),
            note(Space::Session, "\u{1F600}'", Some("Ω\0Ω")),
            note(Space::Applied, "a", Some("other space")),
        ]);
        room.commit_notes(vec![
            note(Space::Session, "b", Some("2")),
            note(Space::Session, "a", None),
            note(Space::Session, "nothing", None),
        ]);
        room.power_cut();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let found = room.store().notes(Space::Session);
        assert_eq!(found, Ok(vec![pair("b", "2"), pair("\u{1F600}'", "Ω\0Ω")]));
        let found = room.store().notes(Space::Applied);
        assert_eq!(found, Ok(vec![pair("a", "other space")]));
    });
}

/// One of the things that can happen to a handful of rows, by dice.
fn change(action: u8, n: u64, dice: u64, has: bool) -> Option<RowChange> {
    let values = [
        (
            "Subject",
            some_value(model::FieldType::String, dice)
                .filter(|_| !dice.is_multiple_of(3))
                .into(),
        ),
        ("IsEscalated", Value::Bool(dice.is_multiple_of(2))),
        ("ClosedDate", Value::DateTime(Millis(dice as i64 - 9))),
    ];
    let some = &values[..(dice % 4) as usize];
    match (action % 4, has) {
        (_, false) => Some(insert("Case", n, some)),
        (0 | 1, true) => Some(update("Case", n, some)),
        (2, true) => Some(set_deleted("Case", n, dice.is_multiple_of(2))),
        _ => Some(remove("Case", n)),
    }
}

type Dice = Vec<(u8, u64, u64)>;

fn play(room: &mut Room, batches: &[Dice]) -> Contents {
    let mut wanted = Contents::default();
    for (at, dice) in batches.iter().enumerate() {
        let mut rows: Vec<RowChange> = Vec::new();
        for (action, n, dice) in dice {
            let has = lang::eval::Rows::row(&wanted, object_ix("Case"), id("Case", *n)).is_some();
            let touched = rows.iter().any(|row| row.key().1 == id("Case", *n));
            rows.extend(change(*action, *n, *dice, has).filter(|_| !touched));
        }
        let batch = room.batch(rows, vec![note(Space::Other, &at.to_string(), Some("x"))]);
        wanted.apply(&batch).unwrap();
        room.try_batch(&batch).unwrap();
        match at % 5 {
            2 => room.power_cut(),
            4 => room.reopen(),
            _ => {}
        }
    }
    wanted
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any run of batches, with power cuts in between, leaves what the plain definition says.
    #[test]
    fn a_store_holds_what_was_committed(
        batches in prop::collection::vec(
            prop::collection::vec((any::<u8>(), 0u64..8, any::<u64>()), 0..6), 1..12)
    ) {
        for backend in Backend::ALL {
            let mut room = Room::new(backend);
            let wanted = play(&mut room, &batches);
            let found = room.all("Case");
            let rows: Vec<_> = wanted.of(object_ix("Case")).map(|r| Record::clone(r)).collect();
            prop_assert_eq!(found, rows);
            prop_assert_eq!(room.store().meta(), Ok(wanted.meta));
            let notes = room.store().notes(Space::Other).unwrap();
            prop_assert_eq!(notes.len(), batches.len());
        }
    }
}
