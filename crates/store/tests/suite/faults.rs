//! The simulated store fails as it is told, and equally for equal seeds.

use model::Need;
use store::{CommitError, Fault, FaultPlan, SimStore, Store};

use crate::support::*;

fn sim(faults: FaultPlan) -> SimStore {
    SimStore::new(faults)
}

fn commit_one(store: SimStore, fault: Option<Fault>) -> (Result<(), CommitError>, SimStore) {
    if let Some(fault) = fault {
        store.inject(fault);
    }
    let meta = store.contents().meta;
    let batch = model::CommitBatch {
        seq: meta.seq + 1,
        rows: vec![insert("Case", meta.seq + 1, &[])],
        ..Default::default()
    };
    let mut store = Store::Simulated(store);
    let done = store.commit(&batch);
    match store {
        Store::Simulated(store) => (done, store),
        Store::Sqlite(_) => unreachable!(),
    }
}

#[test]
fn each_fault_leaves_what_it_says() {
    for (fault, stored) in [
        (Fault::Refused, false),
        (Fault::CrashBefore, false),
        (Fault::CrashAfter, true),
    ] {
        let (done, store) = commit_one(sim(FaultPlan::none()), Some(fault));
        assert_eq!(
            matches!(done, Err(CommitError::Unknown(_))),
            fault != Fault::Refused
        );
        assert!(done.is_err() && store.is_closed());
        let (again, store) = commit_one(store, None);
        assert!(
            matches!(again, Err(CommitError::Failed(_))),
            "closed until it is opened again"
        );
        let store = store.crash_and_reopen();
        assert_eq!(store.contents().meta.seq, u64::from(stored), "{fault:?}");
        assert_eq!(store.contents().rows.len(), usize::from(stored));
        assert!(commit_one(store, None).0.is_ok());
    }
}

#[test]
fn a_load_can_fail_once() {
    let store = sim(FaultPlan::none());
    store.inject(Fault::ReadFailed);
    let store = Store::Simulated(store);
    let need = [Need::Row(object_ix("Case"), id("Case", 1))];
    assert!(store.load(&need).is_err());
    assert!(store.load(&need).is_ok());
}

#[test]
fn the_older_handle_is_fenced_off() {
    let old = sim(FaultPlan::none());
    let contents = old.contents();
    let (done, old) = commit_one(old, None);
    assert_eq!(done, Ok(()));
    assert_ne!(old.contents(), contents);
    let new = old.crash_and_reopen();
    assert!(commit_one(old, None).0.is_err());
    assert!(commit_one(new, None).0.is_ok());
}

#[test]
fn equal_seeds_fail_equally() {
    let run = |seed| {
        let mut store = sim(FaultPlan::seeded(seed, 300, 0));
        let mut outcomes = Vec::new();
        for _ in 0..200 {
            let (done, after) = commit_one(store, None);
            store = if done.is_err() {
                after.crash_and_reopen()
            } else {
                after
            };
            outcomes.push(done);
        }
        (outcomes, store.contents())
    };
    let (outcomes, contents) = run(7);
    assert!(outcomes.iter().any(Result::is_err) && outcomes.iter().any(Result::is_ok));
    assert_eq!(run(7), (outcomes.clone(), contents));
    assert_ne!(run(8).0, outcomes);
}
