//! Mutation testing of the routing crate: plants small faults and counts which ones a test notices.
//!
//! One build holds all faults (`plant`), each asleep until a variable of the environment wakes it; so a fault costs
//! the run of the tests that reach it and no compilation. `tree` writes and builds, `trial` runs, `report` counts.
//! First the crate's own tests; what survives them meets the engine's tests and the simulator.

mod ledger;
mod plant;
mod report;
mod swaps;
mod tree;
mod trial;

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use self::ledger::{FAR, Ledger, OWN, UNVIABLE};
use self::plant::Mutant;
use self::report::Outcome;
use self::tree::Tree;
use self::trial::Trials;
use crate::tools;

const REPORT: &str = "docs/mutants.md";
/// Where the text of the report that people write ends.
const FIGURES: &str = "<!-- figures -->";

struct Options {
    file: Option<String>,
    sample: Option<usize>,
    seed: u64,
    is_own_only: bool,
    jobs: usize,
    writes: bool,
    is_again: bool,
    only_lists: bool,
}

/// `mutants [--file NAME] [--sample N] [--seed S] [--own] [--jobs N] [--again] [--left] [--write]`.
pub fn run(args: &[String]) -> Result<()> {
    let options = Options::parse(args)?;
    let begin = Instant::now();
    let mut tree = Tree::read()?;
    let mut outcome = Outcome {
        mutants: options.chosen(tree.mutants()?),
        ..Outcome::default()
    };
    if options.only_lists {
        let ledger = Ledger::open(true, false)?;
        let left = outcome.mutants.iter().filter(|m| ledger.by(m).is_none());
        left.for_each(|m| println!("{}:{} {}", m.file, m.line, m.name()));
        return Ok(());
    }
    outcome.unviable = tree.plant(&outcome.mutants)?;
    println!(
        "{} faults planted, {} of them unviable",
        outcome.mutants.len(),
        outcome.unviable.len()
    );

    let ledger = Ledger::open(options.is_again, options.is_whole())?;
    for mutant in &outcome.mutants {
        if outcome.unviable.contains(&mutant.id) && ledger.by(mutant).is_none() {
            ledger.add(mutant, UNVIABLE);
        }
    }
    outcome.take_known(&ledger);
    let own = Trials::new(tree.own_tests()?)?;
    try_all(&mut outcome, &own, &options, &ledger, OWN)?;
    println!("{}", outcome.table());

    let mut far = None;
    if !options.is_own_only {
        let trials = Trials::new(tree.far_tests()?)?;
        try_all(&mut outcome, &trials, &options, &ledger, FAR)?;
        far = Some(trials);
    }
    let reached = |m: &Mutant| own.reaches(m.id) || far.as_ref().is_some_and(|f| f.reaches(m.id));
    outcome.unreached = outcome
        .survivors()
        .filter(|m| !reached(m))
        .map(|m| m.id)
        .collect();
    report(&outcome, &options)?;
    println!("{} minutes", begin.elapsed().as_secs().div_ceil(60));
    Ok(())
}

/// First the quick tests, then the slow ones on what is left.
fn try_all(
    outcome: &mut Outcome,
    trials: &Trials,
    options: &Options,
    ledger: &Ledger,
    by: &'static str,
) -> Result<()> {
    for is_slow in [false, true] {
        let left: Vec<&Mutant> = outcome.survivors().collect();
        trials.run(&left, is_slow, options.jobs, |mutant| {
            ledger.add(mutant, by)
        })?;
        outcome.take_known(ledger);
    }
    Ok(())
}

fn report(outcome: &Outcome, options: &Options) -> Result<()> {
    let path = tools::root().join(REPORT);
    let old = fs::read_to_string(&path).unwrap_or_default();
    let found = format!("{}\n{}", outcome.table(), outcome.list(&old));
    println!("{found}");
    if options.writes {
        let (head, _) = old.split_once(FIGURES).unwrap_or((&old, ""));
        fs::write(&path, format!("{head}{FIGURES}\n\n{found}"))?;
    }
    Ok(())
}

impl Options {
    fn parse(args: &[String]) -> Result<Self> {
        let mut options = Self {
            file: None,
            sample: None,
            seed: 1,
            is_own_only: false,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            writes: false,
            is_again: false,
            only_lists: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--file" => options.file = Some(value()?.clone()),
                "--sample" => options.sample = Some(value()?.parse()?),
                "--seed" => options.seed = value()?.parse()?,
                "--jobs" => options.jobs = value()?.parse()?,
                "--own" => options.is_own_only = true,
                "--left" => options.only_lists = true,
                "--again" => options.is_again = true,
                "--write" => options.writes = true,
                other => bail!("mutants has no option {other}"),
            }
        }
        if options.writes && !options.is_whole() {
            bail!("--write is for all files");
        }
        Ok(options)
    }

    fn is_whole(&self) -> bool {
        self.file.is_none() && self.sample.is_none()
    }

    /// The faults of the file, or a sample; the same for the same seed.
    fn chosen(&self, mut mutants: Vec<Mutant>) -> Vec<Mutant> {
        if let Some(file) = &self.file {
            mutants.retain(|m| m.file == *file);
        }
        if let Some(size) = self.sample {
            mutants.sort_by_key(|m| mixed(self.seed, m.id));
            mutants.truncate(size);
            mutants.sort_by_key(|m| m.id);
        }
        mutants
    }
}

/// Scatters numbers (the finisher of SplitMix64).
fn mixed(seed: u64, id: u32) -> u64 {
    let mut z = (seed << 32 | u64::from(id)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_run_is_not_the_report() {
        let parse = |args: &str| {
            let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
            Options::parse(&args).map(|o| o.jobs)
        };
        assert_eq!(parse("--jobs 3 --write").unwrap(), 3);
        assert!(parse("--sample 10 --write").is_err());
        assert!(parse("--sample").is_err());
        assert!(parse("--files").is_err());
    }

    #[test]
    fn a_sample_is_the_same_for_the_same_seed() {
        let text = "fn f() -> u8 { a < b; c + d; e == f; g(); h() }";
        let sample = |seed: u64| -> Vec<String> {
            let mut mutants = plant::find("a.rs", text).unwrap();
            (1..).zip(&mut mutants).for_each(|(n, m)| m.id = n);
            let args = format!("--sample 4 --seed {seed}");
            let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
            let chosen = Options::parse(&args).unwrap().chosen(mutants);
            chosen.into_iter().map(|m| m.change).collect()
        };
        assert_eq!(sample(1).len(), 4);
        assert_eq!(sample(1), sample(1));
        assert!((2..9).any(|seed| sample(seed) != sample(1)));
    }
}
