//! A short run of the simulator: every law holds, and every deliberate fault is noticed.

use std::sync::Arc;

use model::Catalogue;
use sim::{MUTATIONS, Run, caught, run};

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::standard().expect("the catalogue loads"))
}

#[test]
fn every_law_holds_on_a_few_seeds() {
    let catalogue = catalogue();
    let mut offers = 0;
    for seed in 1..=20 {
        match run(
            &catalogue,
            Run {
                seed,
                steps: 150,
                mutation: None,
            },
        ) {
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
    let report = || {
        run(
            &catalogue,
            Run {
                seed: 7,
                steps: 100,
                mutation: None,
            },
        )
        .map_err(|f| f.to_string())
    };
    assert_eq!(report(), report());
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
