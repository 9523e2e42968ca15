//! Runs test programs with one fault switched on, and finds out beforehand which tests reach which fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::plant::Mutant;
use crate::cmd;
use crate::tools;

/// What the simulator runs.
const SIMULATION: [&str; 4] = ["--seeds", "20", "--steps", "200"];
/// How far the random walk of the routing tests goes: a fault that it notices, it mostly notices soon.
const WALKS: &str = "30";
/// A fault that makes a program eat memory ends here (KiB).
const MEMORY_MAX_KIB: u64 = 1_000_000;
/// Seconds of processor beside a multiple of what the program takes without a fault.
const SECONDS_MORE: u64 = 5;
/// Seconds of processor for the quick tests of a program together.
const SECONDS_QUICK: u64 = 3;
/// For programs that wait for what never comes.
const WAIT_MAX: Duration = Duration::from_secs(5 * 60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A test program of Cargo's: it takes names of tests.
    Tests,
    Simulator,
}

/// Something that fails when it notices a fault.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: String,
    pub path: PathBuf,
    pub dir: PathBuf,
    pub kind: Kind,
}

/// A test that takes longer than this runs after the others.
const SLOW: Duration = Duration::from_secs(1);

/// A program, the seconds that it takes, which of its tests reach which fault, and which are slow.
struct Known {
    program: Program,
    seconds: u64,
    reach: BTreeMap<u32, BTreeSet<String>>,
    slow: BTreeSet<String>,
}

/// Programs whose reach is known.
pub struct Trials(Vec<Known>);

impl Trials {
    /// Runs each program once as it is and once to see what it reaches.
    ///
    /// # Errors
    /// When one of them fails without any fault.
    pub fn new(programs: Vec<Program>) -> Result<Self> {
        programs
            .into_iter()
            .map(Known::new)
            .collect::<Result<_>>()
            .map(Self)
    }

    /// Whether any test reaches the fault.
    pub fn reaches(&self, id: u32) -> bool {
        self.0.iter().any(|known| known.reach.contains_key(&id))
    }

    /// Tries each fault on all slow tests or on all others, several at a time; tells of those that are noticed.
    pub fn run(
        &self,
        mutants: &[&Mutant],
        is_slow: bool,
        jobs: usize,
        caught: impl Fn(&Mutant) + Sync,
    ) -> Result<()> {
        let next = AtomicUsize::new(0);
        let work = || -> Result<()> {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(mutant) = mutants.get(at) else {
                    return Ok(());
                };
                if at.is_multiple_of(100) {
                    println!("{at} of {}", mutants.len());
                }
                for known in &self.0 {
                    if !known.passes(mutant.id, is_slow)? {
                        caught(mutant);
                        break;
                    }
                }
            }
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|_| bail!("a worker panicked")))
        })
    }
}

impl Known {
    /// Runs the program as it is, watches what it reaches, and times its tests.
    fn new(program: Program) -> Result<Self> {
        let begin = Instant::now();
        if !passes(&program, "0", &BTreeSet::new(), WAIT_MAX.as_secs())? {
            bail!("{} fails without any fault", program.name);
        }
        let seconds = 3 * begin.elapsed().as_secs() + SECONDS_MORE;
        let seen = tools::target().join("mutants/seen");
        let _ = fs::remove_file(&seen);
        if !passes(&program, "cover", &BTreeSet::new(), WAIT_MAX.as_secs())? {
            bail!("{} fails while it is watched", program.name);
        }
        let (mut reach, mut tests) = (BTreeMap::<u32, BTreeSet<String>>::new(), BTreeSet::new());
        for line in fs::read_to_string(&seen).unwrap_or_default().lines() {
            let (test, id) = line.rsplit_once(' ').context("test and number")?;
            reach
                .entry(id.parse()?)
                .or_default()
                .insert(test.to_owned());
            tests.insert(test.to_owned());
        }
        let (name, tested, reached) = (&program.name, tests.len(), reach.len());
        println!("{name}: {tested} tests reach {reached} faults, limit {seconds} s");
        let mut slow = BTreeSet::new();
        for test in tests {
            let begin = Instant::now();
            let is_slow = program.kind == Kind::Simulator || {
                passes(&program, "0", &BTreeSet::from([test.clone()]), seconds)?;
                begin.elapsed() > SLOW
            };
            if is_slow {
                slow.insert(test);
            }
        }
        Ok(Self {
            program,
            seconds,
            reach,
            slow,
        })
    }

    /// Whether all slow tests, or all others, that reach the fault pass with it.
    fn passes(&self, id: u32, is_slow: bool) -> Result<bool> {
        let reaching = self.reach.get(&id).into_iter().flatten();
        let tests: BTreeSet<String> = reaching
            .filter(|test| self.slow.contains(*test) == is_slow)
            .cloned()
            .collect();
        let seconds = if is_slow {
            self.seconds
        } else {
            SECONDS_QUICK.min(self.seconds)
        };
        Ok(tests.is_empty() || passes(&self.program, &id.to_string(), &tests, seconds)?)
    }
}

/// Runs the program with a fault on; only these tests, or all if there are none.
fn passes(program: &Program, mutant: &str, tests: &BTreeSet<String>, seconds: u64) -> Result<bool> {
    let limits = format!("ulimit -v {MEMORY_MAX_KIB}; ulimit -t {seconds}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limits, "sh"]).arg(&program.path);
    match program.kind {
        Kind::Simulator => command.args(SIMULATION),
        Kind::Tests if tests.is_empty() => command.args(["-q", "--test-threads", "2"]),
        Kind::Tests => command
            .args(["-q", "--test-threads", "1", "--exact"])
            .args(tests),
    };
    let mut child = command
        .current_dir(&program.dir)
        .env("TRUNKLINE_MUTANT", mutant)
        .env(
            "TRUNKLINE_MUTANT_SEEN",
            tools::target().join("mutants/seen"),
        )
        .env("TRUNKLINE_WALKS", WALKS)
        .env("CARGO_MANIFEST_DIR", &program.dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", program.name))?;
    let status = cmd::wait(&mut child, WAIT_MAX)?;
    Ok(status.is_some_and(|s| s.success()))
}
