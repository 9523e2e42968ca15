//! The project's own chores, run as `cargo xtask NAME`.
//!
//! This file owns the list of chores and nothing else. `chores` says what each one does, `steps` runs
//! several in a row and prints the table at the end, `cmd` runs other programs with a time limit,
//! `tidy` looks at the source itself. No chore needs more than Rust and a C compiler to start: `setup`
//! brings the rest.

mod chores;
mod cmd;
mod console;
mod fuzz;
mod gate;
mod mutants;
mod server;
mod setup;
mod steps;
mod tally;
mod tidy;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask CHORE

  test [STEP...]    everything, the fast suites first; with names, only those steps
  ci                the same as test: a laptop runs exactly what CI runs
  tidy              rules of the source tree: file sizes, module docs, manifests of the pure crates
  sim [--seeds N] [--steps M] [--seed S]
                    the simulator in release mode; a seed reproduces a failure
  console [--check] builds the web console into console/dist; --check builds it elsewhere and compares bytes
  conformance [--switch-on]
                    real clients against a started server; --switch-on enables the waiting checks that pass
  bench [--peers]   the Rust benches and `trunkline bench`; with --peers the SQL router beside it
  fuzz [--seconds N] [TARGET...]
                    libFuzzer on soql, soap, csv, json, oauth, jwt; needs a C++ compiler
  mutants [--file NAME] [--sample N] [--seed S] [--own] [--jobs N] [--again] [--left] [--write]
                    faults planted into the routing crate: which ones does no test notice?
  deny              licences, sources and duplicate crates, by cargo-deny
  setup             installs what the tests need (Debian; says what is missing elsewhere)
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("xtask: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    let Some((chore, rest)) = args.split_first() else {
        print!("{USAGE}");
        return Ok(());
    };
    match chore.as_str() {
        "test" | "ci" => gate::test(rest),
        "tidy" => tidy::run().map(drop),
        "sim" => chores::sim(rest).map(drop),
        "console" if rest.iter().any(|a| a == "--check") => console::check().map(drop),
        "console" => console::build().map(drop),
        "conformance" => chores::conformance(rest).map(drop),
        "bench" => chores::bench(rest).map(drop),
        "fuzz" => fuzz::run(rest),
        "mutants" => mutants::run(rest),
        "deny" => chores::deny().map(drop),
        "setup" => setup::run().map(drop),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("there is no chore {other}\n\n{USAGE}"),
    }
}
