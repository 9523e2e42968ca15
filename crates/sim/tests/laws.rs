//! A short run of the simulator: every law holds, and every deliberate fault is noticed.

use std::sync::Arc;

use model::Catalogue;
use sim::{Fault, MUTATIONS, Run, caught, run};

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::standard().expect("the catalogue loads"))
}

#[test]
fn every_law_holds_on_a_few_seeds() {
    let catalogue = catalogue();
    let mut offers = 0;
    for seed in 1..=20 {
        match run(&catalogue, Run::new(seed, 150)) {
            Ok(report) => offers += report.figures.offers,
            Err(failure) => panic!("{failure}"),
        }
    }
    assert!(
        offers > 200,
        "the workload makes hardly any offers: {offers}"
    );
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let catalogue = catalogue();
    let report = || run(&catalogue, Run::new(7, 100)).map_err(|f| f.to_string());
    assert_eq!(report(), report());
}

#[test]
fn a_crash_at_every_commit_of_a_run_loses_nothing() {
    let catalogue = catalogue();
    for fault in [Fault::Refused, Fault::CrashBefore, Fault::CrashAfter] {
        for at in 1..=40 {
            let crash = Some((at, fault));
            if let Err(failure) = run(
                &catalogue,
                Run {
                    crash,
                    ..Run::new(5, at + 10)
                },
            ) {
                panic!("{fault:?} at step {at}: {failure}");
            }
        }
    }
}

#[test]
fn every_deliberate_fault_is_noticed_by_its_law() {
    let catalogue = catalogue();
    for mutation in MUTATIONS {
        if let Err(why) = caught(&catalogue, mutation, 150) {
            panic!("nobody noticed: {}: {why}", mutation.name);
        }
    }
}
