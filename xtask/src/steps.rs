//! Several steps in a row: a heading before each, its time after it, a table at the end.
//!
//! The first failing step ends the run; its name stands in the table and in the error.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::tally::Tally;

/// A named step of a longer run.
pub struct Step {
    pub name: &'static str,
    pub run: fn() -> Result<Tally>,
}

struct Done {
    name: &'static str,
    time: Duration,
    tally: Tally,
    ok: bool,
}

/// Runs the steps in order and prints the table and the closing line `N passed, N failed`.
///
/// # Errors
/// The error of the first step that fails, with the step's name.
pub fn run(steps: &[&Step]) -> Result<()> {
    let mut done = Vec::with_capacity(steps.len());
    let mut outcome = Ok(());
    for (at, step) in steps.iter().enumerate() {
        println!("\n== {} ({} of {})", step.name, at + 1, steps.len());
        let begin = Instant::now();
        let result = (step.run)();
        let time = begin.elapsed();
        let ok = result.is_ok();
        println!(
            "-- {} {} after {}",
            step.name,
            if ok { "passed" } else { "FAILED" },
            minutes(time)
        );
        done.push(Done {
            name: step.name,
            time,
            tally: count(&result),
            ok,
        });
        if let Err(e) = result {
            eprintln!("{e:#}");
            outcome = Err(e).with_context(|| format!("step {} failed", step.name));
            break;
        }
    }
    table(&done);
    outcome
}

/// A step without a runner's closing line counts as one check.
fn count(result: &Result<Tally>) -> Tally {
    match result {
        Ok(tally) if *tally == Tally::default() => Tally::ONE,
        Ok(tally) => *tally,
        Err(_) => Tally {
            passed: 0,
            failed: 1,
        },
    }
}

fn table(done: &[Done]) {
    let mut sum = Tally::default();
    let mut time = Duration::ZERO;
    println!(
        "\n{:<14} {:>8} {:>8} {:>8}",
        "step", "time", "passed", "failed"
    );
    for step in done {
        let mark = if step.ok { "" } else { "  <- failed" };
        println!(
            "{:<14} {:>8} {:>8} {:>8}{mark}",
            step.name,
            minutes(step.time),
            step.tally.passed,
            step.tally.failed
        );
        sum += step.tally;
        time += step.time;
    }
    println!("{:<14} {:>8}", "all", minutes(time));
    println!("{} passed, {} failed", sum.passed, sum.failed);
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02} min", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_ends_the_run_and_names_the_step() {
        let good = Step {
            name: "good",
            run: || Ok(Tally::default()),
        };
        let bad = Step {
            name: "bad",
            run: || anyhow::bail!("no"),
        };
        let never = Step {
            name: "never",
            run: || panic!("must not run"),
        };
        assert!(run(&[&good]).is_ok());
        assert_eq!(
            run(&[&good, &bad, &never]).unwrap_err().to_string(),
            "step bad failed"
        );
    }

    #[test]
    fn a_step_without_a_closing_line_counts_as_one() {
        assert_eq!(count(&Ok(Tally::default())), Tally::ONE);
        assert_eq!(
            count(&Ok(Tally {
                passed: 5,
                failed: 0
            }))
            .passed,
            5
        );
        assert_eq!(minutes(Duration::from_secs(125)), "2:05 min");
    }
}
