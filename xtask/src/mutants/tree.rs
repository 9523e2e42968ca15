//! A copy of the source tree with the faults in it: written, checked until it compiles, built.
//!
//! It lies below the target folder and shares what Cargo built for other crates. Our own crates are built with
//! some optimization, as each test runs hundreds of times.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::plant::{self, Mutant, Place};
use super::trial::{Kind, Program};
use crate::cmd::Cmd;
use crate::tools;

/// The crate that gets the faults.
pub const CRATE: &str = "crates/routing";
const PACKAGE: &str = "trunkline-routing";
const SWITCH: &str = include_str!("mutant.rs.in");
/// The compiler sees some faults coming and refuses; that is for the tests to do.
const ALLOW: &str = "#![allow(warnings, arithmetic_overflow, unconditional_panic)] ";
/// Each round takes out what the compiler named; more rounds than this mean that it names the wrong things.
const ROUNDS_MAX: usize = 40;

pub struct Tree {
    root: PathBuf,
    /// Source files of the crate as they are, by name.
    sources: BTreeMap<String, String>,
    places: BTreeMap<String, Vec<Place>>,
}

impl Tree {
    /// Reads the sources of the crate; nothing is written yet.
    pub fn read() -> Result<Self> {
        let root = tools::target().join("mutants/tree");
        let (mut sources, places) = (BTreeMap::new(), BTreeMap::new());
        for file in fs::read_dir(tools::root().join(CRATE).join("src"))? {
            let file = file?;
            let name = file.file_name().to_string_lossy().into_owned();
            let text = fs::read_to_string(file.path())?;
            let head = if name == "lib.rs" { ALLOW } else { "" };
            sources.insert(name, format!("{head}{text}"));
        }
        Ok(Self {
            root,
            sources,
            places,
        })
    }

    /// Copies every file that Git knows or would add.
    fn copy(&self) -> Result<()> {
        if self.root.exists() {
            fs::remove_dir_all(&self.root)?;
        }
        let list = Cmd::new("git").args(["ls-files", "-z", "--cached", "--others"]);
        let list = list.arg("--exclude-standard").output()?;
        for name in list.split_terminator('\0') {
            let (original, copy) = (tools::root().join(name), self.root.join(name));
            if !original.is_file() {
                continue;
            }
            fs::create_dir_all(copy.parent().context("a file lies in a folder")?)?;
            fs::copy(&original, &copy)?;
            let modified = original.metadata()?.modified()?;
            fs::File::options()
                .append(true)
                .open(&copy)?
                .set_modified(modified)?;
        }
        Ok(())
    }

    /// Every fault that can be planted, numbered from 1.
    pub fn mutants(&self) -> Result<Vec<Mutant>> {
        let mut all = Vec::new();
        for (name, text) in &self.sources {
            all.extend(plant::find(name, text)?);
        }
        for (n, mutant) in all.iter_mut().enumerate() {
            mutant.id = u32::try_from(n)? + 1;
        }
        Ok(all)
    }

    /// Plants the faults and takes out those that do not compile; answers their numbers.
    pub fn plant(&mut self, mutants: &[Mutant]) -> Result<BTreeSet<u32>> {
        self.copy()?;
        let mut unviable = BTreeSet::new();
        for round in 0..ROUNDS_MAX {
            self.write(mutants, &unviable)?;
            let said = self.cargo(&["check", "--package", PACKAGE, "--lib"])?;
            let errors: Vec<&Value> = said.iter().filter_map(error).collect();
            if errors.is_empty() {
                return Ok(unviable);
            }
            let before = unviable.len();
            for error in &errors {
                unviable.extend(self.blamed(error));
            }
            let out = unviable.len() - before;
            println!(
                "round {}: {} errors, {out} faults out",
                round + 1,
                errors.len()
            );
            ensure!(
                out > 0,
                "no fault is to blame for: {}",
                errors[0]["rendered"]
            );
        }
        bail!("still does not compile after {ROUNDS_MAX} rounds")
    }

    fn write(&mut self, mutants: &[Mutant], without: &BTreeSet<u32>) -> Result<()> {
        let src = self.root.join(CRATE).join("src");
        for (name, text) in &self.sources {
            let inside = |m: &&Mutant| m.file == *name && !without.contains(&m.id);
            let chosen: Vec<&Mutant> = mutants.iter().filter(inside).collect();
            let (mut written, places) = plant::write(text, &chosen);
            if name == "lib.rs" {
                written.push_str("\nmod mutant;\n");
            }
            write_if_changed(&src.join(name), &written)?;
            self.places.insert(name.clone(), places);
        }
        write_if_changed(&src.join("mutant.rs"), SWITCH)
    }

    /// Which fault an error is about: the one whose text it points into, else the one around it.
    fn blamed(&self, error: &Value) -> Option<u32> {
        let spans = error["spans"].as_array()?;
        let (primary, others): (Vec<_>, Vec<_>) =
            spans.iter().partition(|s| s["is_primary"] == true);
        let points_into = |place: &Place, at: &Range<usize>| {
            place
                .added
                .iter()
                .any(|a| a.start <= at.start && at.end <= a.end)
        };
        let starts_in =
            |place: &Place, at: &Range<usize>| place.added.iter().any(|a| a.contains(&at.start));
        let lies_in = |place: &Place, at: &Range<usize>| {
            place.whole.start <= at.start && at.end <= place.whole.end
        };
        self.hit(&primary, points_into)
            .or_else(|| self.hit(&others, points_into))
            .or_else(|| self.hit(&primary, starts_in))
            .or_else(|| self.hit(&primary, lies_in))
            .or_else(|| self.hit(&others, lies_in))
    }

    /// The shortest place for which `is_it` holds with the first span that has one.
    fn hit(&self, spans: &[&Value], is_it: impl Fn(&Place, &Range<usize>) -> bool) -> Option<u32> {
        spans.iter().find_map(|span| {
            let file = Path::new(span["file_name"].as_str()?).file_name()?;
            let places = self.places.get(&file.to_string_lossy().into_owned())?;
            let at = number(&span["byte_start"])?..number(&span["byte_end"])?;
            let hits = places.iter().filter(|place| is_it(place, &at));
            hits.min_by_key(|place| place.whole.len())
                .map(|place| place.id)
        })
    }

    /// Builds the crate's own tests.
    pub fn own_tests(&self) -> Result<Vec<Program>> {
        self.programs(
            &["test", "--package", PACKAGE, "--lib", "--tests", "--no-run"],
            Kind::Tests,
        )
    }

    /// Builds the tests of the engine and the simulator against the mutated crate.
    pub fn far_tests(&self) -> Result<Vec<Program>> {
        let tests = [
            "test",
            "--package",
            "trunkline-engine",
            "--tests",
            "--no-run",
        ];
        let mut programs = self.programs(&tests, Kind::Tests)?;
        let simulator = [
            "build",
            "--package",
            "trunkline-sim",
            "--bin",
            "trunkline-sim",
        ];
        programs.extend(self.programs(&simulator, Kind::Simulator)?);
        Ok(programs)
    }

    /// Programs are kept aside: the next build of anybody would replace them.
    fn programs(&self, args: &[&str], kind: Kind) -> Result<Vec<Program>> {
        let said = self.cargo(args)?;
        if let Some(error) = said.iter().find_map(error) {
            bail!(
                "{}",
                error["rendered"].as_str().unwrap_or("does not compile")
            );
        }
        let bin = tools::target().join("mutants/bin");
        fs::create_dir_all(&bin)?;
        let mut programs = Vec::new();
        for message in &said {
            let Some(path) = message["executable"].as_str().map(Path::new) else {
                continue;
            };
            let manifest = Path::new(message["manifest_path"].as_str().unwrap_or_default());
            let dir = manifest.parent().unwrap_or(&self.root).to_owned();
            let kept = bin.join(path.file_name().context("a program has a name")?);
            fs::copy(path, &kept)?;
            let of = dir
                .file_name()
                .unwrap_or(OsStr::new("?"))
                .to_string_lossy()
                .into_owned();
            let name = format!(
                "{of}::{}",
                message["target"]["name"].as_str().unwrap_or("?")
            );
            programs.push(Program {
                name,
                path: kept,
                dir,
                kind,
            });
        }
        Ok(programs)
    }

    fn cargo(&self, args: &[&str]) -> Result<Vec<Value>> {
        println!("$ cargo {}", args.join(" "));
        let mut child = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(args)
            .args(["--message-format", "json", "--quiet"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", tools::target())
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start cargo")?;
        let said = BufReader::new(child.stdout.take().context("no pipe")?);
        let messages: Vec<Value> = said
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| serde_json::from_str(&line).ok())
            .collect();
        let is_good = child.wait()?.success();
        ensure!(
            is_good || messages.iter().any(|m| error(m).is_some()),
            "cargo failed without naming an error"
        );
        Ok(messages)
    }
}

fn error(message: &Value) -> Option<&Value> {
    let said = &message["message"];
    let has_place = said["spans"].as_array().is_some_and(|s| !s.is_empty());
    (said["level"] == "error" && has_place).then_some(said)
}

fn number(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|n| usize::try_from(n).ok())
}

fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
