//! `trunkline-sim --seeds N --steps M [--seed S] [--mutations]`

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Parser;
use model::Catalogue;
use sim::{Failure, MUTATIONS, Report, Run, caught, run};

/// Runs the org on a simulated store with faults and checks every law after every batch.
#[derive(Parser)]
struct Args {
    /// How many seeds: 100 from 1 on, or one from --seed on, unless told.
    #[arg(long)]
    seeds: Option<u64>,
    /// Batches per seed.
    #[arg(long, default_value_t = 400)]
    steps: u64,
    /// The first seed; alone, it replays a failure.
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

/// What came of the seeds so far.
#[derive(Default)]
struct Sum {
    passed: u64,
    failed: u64,
    total: Report,
}

impl Sum {
    fn take(&mut self, outcome: Result<Report, Box<Failure>>) {
        match outcome {
            Ok(report) => {
                self.passed += 1;
                self.total.add(&report);
            }
            Err(failure) => {
                self.failed += 1;
                if self.failed <= SHOWN_MAX {
                    println!("{failure}");
                } else {
                    let Failure {
                        seed, step, breach, ..
                    } = *failure;
                    println!("seed {seed} step {step}: {breach}");
                }
            }
        }
    }
}

/// Something of what threads share.
fn taken<T, R>(shared: &Mutex<T>, take: impl FnOnce(&mut T) -> R) -> R {
    take(&mut shared.lock().unwrap_or_else(PoisonError::into_inner))
}

fn seeds(catalogue: &Arc<Catalogue>, args: &Args) -> (u64, u64) {
    let (first, usual) = args.seed.map_or((1, 100), |seed| (seed, 1));
    let count = args.seeds.unwrap_or(usual);
    let range = first..first.saturating_add(count);
    let next = Mutex::new(range);
    let sum = Mutex::new(Sum::default());
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = taken(&next, Iterator::next) {
                    let outcome = run(catalogue, Run::new(seed, args.steps));
                    taken(&sum, |sum| sum.take(outcome));
                }
            });
        }
    });
    let Sum {
        passed,
        failed,
        total,
    } = taken(&sum, std::mem::take);
    let f = total.figures;
    println!(
        "{passed} seeds of {} steps: {} commits, {} crashes, {} rebuilds compared\n\
         {} offers, {} of them predicted by the reference, {} accepted, {} declined or timed out\n\
         {} passes not compared, {} hidden rows believed\n\
         {} explanations compared, {} forecasts come true",
        args.steps,
        total.commits,
        total.crashes,
        total.rebuilds,
        f.offers,
        f.predicted,
        f.accepted,
        f.returned,
        f.unsure,
        f.believed,
        total.explained,
        total.foretold,
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
