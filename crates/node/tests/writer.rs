//! The writer on a store with faults: whatever happens to a commit, memory equals rows afterwards.

use std::sync::Arc;

use engine::{Caller, OrgSpec, Reply, Request, SaveOp, Submission, genesis};
use model::{Catalogue, Code, KeyPrefix, Millis, Note, RecordId, Refusal, Space, Value};
use node::{Poisoned, Writer};
use store::{Fault, FaultPlan, SimStore, Store};

const START: Millis = Millis(1_767_225_600_000);

fn writer() -> Writer {
    let catalogue = Arc::new(Catalogue::standard().unwrap());
    let spec = OrgSpec {
        id: RecordId::new(KeyPrefix::of("00D"), 1),
        name: "sim".into(),
        admin_username: "admin@sim".into(),
        password_hash: "none".into(),
        apps: Vec::new(),
        now: START,
    };
    let first = genesis(&catalogue, &spec).unwrap();
    let disk = SimStore::new(FaultPlan::none());
    let opener = Box::new(move || Ok(Store::Simulated(disk.crash_and_reopen())));
    Writer::open(catalogue, opener, Some(first)).unwrap()
}

fn note(writer: &Writer, key: &str) -> Submission {
    let note = Note {
        space: Space::Session,
        key: key.into(),
        value: Some("{}".into()),
    };
    let user = engine::administrator();
    let rights = Arc::clone(&writer.engine().directory().users[&user].rights);
    Submission {
        caller: Caller {
            org: writer.engine().org(),
            user,
            rights,
            version: 64,
        },
        command_id: None,
        request: Request::Notes(vec![note]),
    }
}

fn keys(writer: &Writer) -> Vec<String> {
    let notes = writer.notes(Space::Session).unwrap();
    notes.into_iter().map(|(key, _)| key).collect()
}

fn inject(writer: &Writer, fault: Fault) {
    let Some(Store::Simulated(store)) = writer.store() else {
        panic!("not simulated")
    };
    store.inject(fault);
}

#[test]
fn a_batch_is_answered_and_stored() {
    let mut writer = writer();
    let batch = [note(&writer, "a"), note(&writer, "b")];
    let done = writer.run_batch(&batch, START).unwrap();
    assert_eq!(done.replies, [Ok(Reply::Noted), Ok(Reply::Noted)]);
    assert_eq!(done.notes.len(), 2);
    assert_eq!(keys(&writer), ["a", "b"]);
}

#[test]
fn time_never_runs_back() {
    let mut writer = writer();
    writer
        .run_batch(&[note(&writer, "a")], Millis(START.0 + 5_000))
        .unwrap();
    writer.run_batch(&[note(&writer, "b")], START).unwrap();
    assert_eq!(writer.last().now, Millis(START.0 + 5_000));
}

#[test]
fn a_failed_batch_leaves_memory_equal_to_rows() {
    for (fault, is_stored) in [
        (Fault::Refused, false),
        (Fault::CrashBefore, false),
        (Fault::CrashAfter, true),
    ] {
        let mut writer = writer();
        inject(&writer, fault);
        let failed = writer.run_batch(&[note(&writer, "a")], START).err();
        assert!(matches!(failed, Some(Poisoned::Commit(_))), "{fault:?}");
        writer.recover().unwrap();
        assert_eq!(keys(&writer) == ["a"], is_stored, "{fault:?}");
        let memory = writer.engine().fingerprint();
        writer.recover().unwrap();
        assert_eq!(writer.engine().fingerprint(), memory, "{fault:?}");
        writer.run_batch(&[note(&writer, "b")], START).unwrap();
        assert!(keys(&writer).contains(&"b".to_owned()));
    }
}

fn chunk(writer: &Writer, number: u64) -> Submission {
    let catalogue = writer.engine().catalogue();
    let (object, def) = catalogue.find("Case").unwrap();
    let subject = def.field("Subject").unwrap();
    let create = |n: usize| SaveOp::Create {
        object,
        values: vec![(subject, Value::from(format!("{number} {n}")))],
    };
    let refused = SaveOp::Refused(Refusal::new(Code::InvalidInput, "no row"));
    let ops = (0..3).map(create).chain([refused]).collect();
    let batch = RecordId::new(KeyPrefix::of("751"), 1);
    Submission {
        request: Request::Chunk { batch, number, ops },
        ..note(writer, "")
    }
}

fn cases(writer: &Writer) -> usize {
    let object = writer.engine().catalogue().object("Case").unwrap();
    let rows = writer.store().unwrap().scan(object, None).unwrap();
    rows.len()
}

#[test]
fn a_chunk_whose_outcome_nobody_knows_is_saved_once() {
    for fault in [Fault::Refused, Fault::CrashBefore, Fault::CrashAfter] {
        let mut writer = writer();
        for number in 1..4 {
            inject(&writer, fault);
            let batch = [chunk(&writer, number)];
            assert!(writer.run_batch(&batch, START).is_err());
            writer.recover().unwrap();
            // handed in again, and once more beside itself
            let batch = [chunk(&writer, number), chunk(&writer, number)];
            let done = writer.run_batch(&batch, START).unwrap();
            let Ok(Reply::Saved(results)) = &done.replies[0] else {
                panic!("{:?}", done.replies)
            };
            let is_saved: Vec<bool> = results.iter().map(Result::is_ok).collect();
            assert_eq!(is_saved, [true, true, true, false], "{fault:?}");
            assert_eq!(done.replies[0], done.replies[1]);
            assert_eq!(cases(&writer), 3 * number as usize, "{fault:?}");
        }
    }
}
