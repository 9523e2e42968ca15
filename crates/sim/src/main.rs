//! `trunkline-sim --seeds N --steps M [--seed S] [--mutations]`

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use model::Catalogue;
use sim::{MUTATIONS, Report, Run, caught, run};

/// Runs the org on a simulated store with faults and checks every law after every batch.
#[derive(Parser)]
struct Args {
    /// How many seeds, from 1 (or from --seed) on.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// Batches per seed.
    #[arg(long, default_value_t = 400)]
    steps: u64,
    /// Only this seed; replays a failure.
    #[arg(long)]
    seed: Option<u64>,
    /// Checks instead that every deliberate fault is noticed.
    #[arg(long)]
    mutations: bool,
}

/// Failures that are shown in full.
const SHOWN_MAX: u64 = 3;

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let catalogue = Arc::new(Catalogue::standard()?);
    let (passed, failed) = if args.mutations {
        mutations(&catalogue, &args)
    } else {
        seeds(&catalogue, &args)
    };
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn seeds(catalogue: &Arc<Catalogue>, args: &Args) -> (u64, u64) {
    let range = args.seed.map_or(1..=args.seeds, |seed| seed..=seed);
    let (mut passed, mut failed, mut total) = (0, 0, Report::default());
    for seed in range {
        match run(catalogue, Run::new(seed, args.steps)) {
            Ok(report) => {
                passed += 1;
                total.add(&report);
            }
            Err(failure) => {
                failed += 1;
                if failed <= SHOWN_MAX {
                    println!("{failure}");
                } else {
                    println!(
                        "seed {} step {}: {}",
                        failure.seed, failure.step, failure.breach
                    );
                }
            }
        }
    }
    let f = total.figures;
    println!(
        "{passed} seeds of {} steps: {} commits, {} crashes, {} rebuilds compared, {} offers, {} accepted, \
         {} declined or timed out, {} passes not compared",
        args.steps,
        total.commits,
        total.crashes,
        total.rebuilds,
        f.offers,
        f.accepted,
        f.returned,
        f.unsure,
    );
    let with: Vec<String> = total
        .features
        .iter()
        .map(|(name, seeds)| format!("{name} {seeds}"))
        .collect();
    println!("seeds with each feature: {}", with.join(", "));
    let answers = total.answers.iter();
    let answers: Vec<String> = answers
        .map(|(k, (ok, no))| format!("{k} {ok}+{no}"))
        .collect();
    println!("commands carried out + refused: {}", answers.join(", "));
    (passed, failed)
}

fn mutations(catalogue: &Arc<Catalogue>, args: &Args) -> (u64, u64) {
    let (mut passed, mut failed) = (0, 0);
    for mutation in MUTATIONS {
        match caught(catalogue, mutation, args.steps) {
            Ok(seed) => {
                passed += 1;
                println!("caught with seed {seed}: {}", mutation.name);
            }
            Err(why) => {
                failed += 1;
                println!("NOT caught: {}: {why}", mutation.name);
            }
        }
    }
    (passed, failed)
}
