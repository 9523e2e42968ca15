//! What is known of each fault, written down as it happens: a run that is broken off, or a second one after tests
//! were added (`--again`), does not begin anew. A fault counts as noticed as long as its function stays the same,
//! because tests only ever grow; a run without `--again` looks afresh.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::sync::Mutex;

use anyhow::{Context, Result};

use super::plant::Mutant;
use crate::tools;

/// Noticed by the crate's own tests.
pub const OWN: &str = "own";
/// Noticed by the engine's tests or the simulator.
pub const FAR: &str = "far";
/// Does not compile.
pub const UNVIABLE: &str = "unviable";

pub struct Ledger(Mutex<(BTreeMap<String, &'static str>, File)>);

impl Ledger {
    /// With what is known, if the run goes on from there; a whole run that does not begins a new ledger.
    pub fn open(is_again: bool, is_whole: bool) -> Result<Self> {
        let path = tools::target().join("mutants/caught");
        if is_whole && !is_again {
            let _ = fs::remove_file(&path);
        }
        let old = if is_again {
            fs::read_to_string(&path).unwrap_or_default()
        } else {
            String::new()
        };
        let known = |line: &str| {
            let (by, key) = line.split_once(' ')?;
            let by = [OWN, FAR, UNVIABLE]
                .into_iter()
                .find(|known| *known == by)?;
            Some((key.to_owned(), by))
        };
        let known = old.lines().filter_map(known).collect();
        let file = File::options().append(true).create(true).open(&path);
        Ok(Self(Mutex::new((known, file.context("no ledger")?))))
    }

    pub fn add(&self, mutant: &Mutant, by: &'static str) {
        if let Ok(mut held) = self.0.lock() {
            let (known, file) = &mut *held;
            // A lost line only means that the fault is tried again.
            let _ = writeln!(file, "{by} {}", mutant.key());
            known.insert(mutant.key(), by);
        }
    }

    /// Who noticed it, or that it does not compile.
    pub fn by(&self, mutant: &Mutant) -> Option<&'static str> {
        let held = self.0.lock().ok()?;
        held.0.get(&mutant.key()).copied()
    }
}
