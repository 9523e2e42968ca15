//! What came out: figures by file, and every fault that nobody noticed, with what is known about it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::ledger::{FAR, Ledger, OWN};
use super::plant::Mutant;

/// Between a survivor and what is known about it.
const DASH: &str = " -- ";
const NOT_REACHED: &str = " (not reached)";

/// What became of the faults.
#[derive(Default)]
pub struct Outcome {
    pub mutants: Vec<Mutant>,
    pub unviable: BTreeSet<u32>,
    /// Noticed by the crate's own tests.
    pub own: BTreeSet<u32>,
    /// Noticed only by the engine's tests or the simulator.
    pub far: BTreeSet<u32>,
    /// Reached by no test.
    pub unreached: BTreeSet<u32>,
}

#[derive(Clone, Copy, Default)]
struct Figures {
    planted: usize,
    unviable: usize,
    own: usize,
    far: usize,
    survived: usize,
}

impl Outcome {
    /// What the ledger has by now.
    pub fn take_known(&mut self, ledger: &Ledger) {
        let viable = self
            .mutants
            .iter()
            .filter(|m| !self.unviable.contains(&m.id));
        for m in viable {
            match ledger.by(m) {
                Some(OWN) => self.own.insert(m.id),
                Some(FAR) => self.far.insert(m.id),
                _ => false,
            };
        }
    }

    pub fn survivors(&self) -> impl Iterator<Item = &Mutant> {
        let lives = |m: &&Mutant| {
            let id = &m.id;
            !self.unviable.contains(id) && !self.own.contains(id) && !self.far.contains(id)
        };
        self.mutants.iter().filter(lives)
    }

    fn figures(&self) -> BTreeMap<&str, Figures> {
        let mut by_file: BTreeMap<&str, Figures> = BTreeMap::new();
        for m in &self.mutants {
            let figures = by_file.entry(&m.file).or_default();
            figures.planted += 1;
            figures.unviable += usize::from(self.unviable.contains(&m.id));
            figures.own += usize::from(self.own.contains(&m.id));
            figures.far += usize::from(self.far.contains(&m.id));
        }
        for m in self.survivors() {
            by_file.entry(&m.file).or_default().survived += 1;
        }
        by_file
    }

    /// The table of figures, one row per file and one for all.
    pub fn table(&self) -> String {
        let mut text = "| File | Planted | Unviable | Caught by own tests | Only by engine or simulator | Survived | Caught |\n\
                        |---|---:|---:|---:|---:|---:|---:|\n"
            .to_owned();
        let mut sum = Figures::default();
        for (file, f) in self.figures() {
            row(&mut text, file, f);
            sum.planted += f.planted;
            sum.unviable += f.unviable;
            sum.own += f.own;
            sum.far += f.far;
            sum.survived += f.survived;
        }
        row(&mut text, "**all**", sum);
        text
    }

    /// Survivors by file, each with the remark that `old` has for it.
    pub fn list(&self, old: &str) -> String {
        let known = remarks(old);
        let (mut text, mut file) = (String::new(), "");
        for m in self.survivors() {
            if m.file != file {
                file = &m.file;
                let _ = write!(text, "\n### {file}\n\n");
            }
            let key = m.name();
            let unreached = if self.unreached.contains(&m.id) {
                NOT_REACHED
            } else {
                ""
            };
            let _ = write!(text, "- {}: {key}{unreached}", m.line);
            let remark = known.get(&format!("{file} {key}"));
            let _ = writeln!(
                text,
                "{}",
                remark.map_or(String::new(), |r| format!("{DASH}{r}"))
            );
        }
        text
    }
}

fn row(text: &mut String, file: &str, f: Figures) {
    let viable = f.planted - f.unviable;
    let share = |n: usize| 100.0 * n as f64 / viable.max(1) as f64;
    let _ = writeln!(
        text,
        "| {file} | {} | {} | {} ({:.1} %) | {} | {} | {:.1} % |",
        f.planted,
        f.unviable,
        f.own,
        share(f.own),
        f.far,
        f.survived,
        share(f.own + f.far)
    );
}

/// Remarks of an older report, by file and key.
fn remarks(old: &str) -> BTreeMap<String, String> {
    let (mut known, mut file) = (BTreeMap::new(), "");
    for line in old.lines() {
        file = line.strip_prefix("### ").unwrap_or(file);
        if let Some((place, remark)) = line.split_once(DASH)
            && let Some((_, key)) = place.split_once(": ")
        {
            let key = key.strip_suffix(NOT_REACHED).unwrap_or(key);
            known.insert(format!("{file} {key}"), remark.to_owned());
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::plant;

    #[test]
    fn figures_and_remarks() {
        let mut mutants =
            plant::find("a.rs", "fn f() -> &u8 { let x = a < b; let y = a < b; x }").unwrap();
        (1..).zip(&mut mutants).for_each(|(n, m)| m.id = n);
        let outcome = Outcome {
            mutants,
            unviable: BTreeSet::from([1]),
            own: BTreeSet::from([2]),
            ..Outcome::default()
        };
        assert!(
            outcome
                .table()
                .contains("| **all** | 4 | 1 | 1 (33.3 %) | 0 | 2 | 33.3 % |")
        );
        let first = outcome.list("");
        let line = "- 1: `f` `a < b -> (a) > (b)` (2)";
        assert!(first.contains(line), "{first}");
        let remarked = first.replace(line, &format!("{line} -- it is `equal`: see -- there"));
        assert_eq!(outcome.list(&remarked), remarked);
    }
}
