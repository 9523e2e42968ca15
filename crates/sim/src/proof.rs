//! Proof that the auditor is awake: each deliberate fault is noticed, and by the law it breaks.

use std::sync::Arc;

use model::Catalogue;

use crate::mutation::Mutation;
use crate::sim::{Run, run};

/// Seeds that a fault may need until it finds something to spoil.
const SEEDS_MAX: u64 = 80;

/// The first seed in which the law of a fault notices it. Another law may be faster in some seeds; none
/// may be silent in all.
///
/// # Errors
/// What happened instead.
pub fn caught(catalogue: &Arc<Catalogue>, mutation: &Mutation, steps: u64) -> Result<u64, String> {
    let (mut others, law) = (Vec::new(), mutation.law);
    for seed in 1..=SEEDS_MAX {
        let mutation = Some(*mutation);
        let spoiled = Run {
            mutation,
            ..Run::new(seed, steps)
        };
        match run(catalogue, spoiled) {
            Err(failure) if failure.breach.law == law => return Ok(seed),
            Err(failure) => others.push(format!("seed {seed}: {}", failure.breach)),
            Ok(report) if report.was_spoiled => others.push(format!("seed {seed}: unnoticed")),
            Ok(_) => {}
        }
    }
    others.truncate(5);
    Err(format!("in {SEEDS_MAX} seeds: {others:#?}"))
}
