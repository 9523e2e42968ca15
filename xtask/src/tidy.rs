//! Rules of the source tree that neither Cargo nor clippy checks.
//!
//! Owns the list of rules; each is a function from the tree's files to findings. They run as a step of the
//! gate and as an ordinary test. The list is short on purpose: a rule is here only if breaking it once was
//! enough to hurt.

use std::fs;

use anyhow::{Result, bail};

use crate::cmd::Cmd;
use crate::tally::Tally;
use crate::tools;

/// Longest source file; a longer one is two rooms.
const LINES_MAX: usize = 900;

/// Crates without clock, I/O, randomness and async (docs/architecture.md).
const PURE: [&str; 6] = ["model", "lang", "routing", "engine", "wire", "flow"];

/// What a pure crate must not depend on.
const IMPURE: [&str; 10] = [
    "tokio",
    "rusqlite",
    "tokio-postgres",
    "axum",
    "hyper",
    "reqwest",
    "getrandom",
    "rand",
    "node",
    "store",
];

/// Text that must not stand in the tree: places of one machine, hosts of one registry. In halves, so that this
/// file does not contain them.
const FOREIGN: [(&str, &str); 8] = [
    ("/wo", "rk/"),
    ("/fa", "rm/"),
    ("/tmp/ba", "sh"),
    (".lib", "rary"),
    ("/ro", "ot/."),
    ("registry.npm", "js"),
    ("files.python", "hosted"),
    ("\"resol", "ved\": \"http"),
];

/// Code that is not finished, or a test that does not run.
const UNFINISHED: [(&str, &str); 5] = [
    ("todo", "!("),
    ("unimplemented", "!("),
    ("#[ig", "nore"),
    ("test.on", "ly("),
    ("test.sk", "ip("),
];

struct File {
    path: String,
    text: String,
}

impl File {
    fn is_crate_source(&self) -> bool {
        self.path.starts_with("crates/")
            && self.path.contains("/src/")
            && self.path.ends_with(".rs")
    }
}

/// Checks the tree.
///
/// # Errors
/// Lists every finding.
pub fn run() -> Result<Tally> {
    let files = files()?;
    let findings = findings(&files);
    if !findings.is_empty() {
        bail!("{} findings:\n  {}", findings.len(), findings.join("\n  "));
    }
    println!("{} text files are tidy", files.len());
    Ok(Tally::ONE)
}

/// The text files that git tracks or would track.
fn files() -> Result<Vec<File>> {
    let listed = Cmd::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()?;
    let read = |path: &str| {
        Some(File {
            path: path.to_owned(),
            text: fs::read_to_string(tools::root().join(path)).ok()?,
        })
    };
    Ok(listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .filter_map(read)
        .collect())
}

fn findings(files: &[File]) -> Vec<String> {
    let rules = [too_long, foreign, unfinished, impure, undocumented];
    let mut found: Vec<String> = files
        .iter()
        .flat_map(|file| rules.iter().flat_map(|rule| rule(file)))
        .collect();
    found.sort();
    found
}

fn too_long(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    if !file.is_crate_source() || lines <= LINES_MAX {
        return Vec::new();
    }
    vec![format!(
        "{}: {lines} lines, more than {LINES_MAX}",
        file.path
    )]
}

fn foreign(file: &File) -> Vec<String> {
    let built = file.path == "Cargo.lock" || file.path.starts_with("console/dist/");
    if built {
        Vec::new()
    } else {
        lines_with(file, &FOREIGN, "belongs to one machine or registry")
    }
}

fn unfinished(file: &File) -> Vec<String> {
    let source = [".rs", ".ts", ".mjs", ".py"]
        .iter()
        .any(|end| file.path.ends_with(end));
    if source {
        lines_with(file, &UNFINISHED, "unfinished, or a test that does not run")
    } else {
        Vec::new()
    }
}

fn lines_with(file: &File, patterns: &[(&str, &str)], what: &str) -> Vec<String> {
    let words: Vec<String> = patterns.iter().map(|(a, b)| format!("{a}{b}")).collect();
    let found = |line: &str| {
        words
            .iter()
            .find(|word| line.contains(word.as_str()))
            .cloned()
    };
    let numbered = file.text.lines().enumerate();
    numbered
        .filter_map(|(at, line)| {
            Some(format!(
                "{}:{}: {}: {what}",
                file.path,
                at + 1,
                found(line)?
            ))
        })
        .collect()
}

fn impure(file: &File) -> Vec<String> {
    let Some(name) = PURE
        .iter()
        .find(|name| file.path == format!("crates/{name}/Cargo.toml"))
    else {
        return Vec::new();
    };
    let dependencies = file
        .text
        .split("\n[")
        .filter(|part| part.trim_start_matches('[').starts_with("dependencies]"));
    let named = dependencies
        .flat_map(str::lines)
        .filter_map(|line| line.split(['.', ' ', '=']).next());
    named
        .filter(|word| IMPURE.contains(word))
        .map(|word| format!("{}: {name} is pure, {word} is not", file.path))
        .collect()
}

fn undocumented(file: &File) -> Vec<String> {
    let root = file.path.ends_with("/src/lib.rs") || file.path.ends_with("/src/main.rs");
    if !root || file.text.lines().any(|line| line.starts_with("//!")) {
        return Vec::new();
    }
    vec![format!(
        "{}: the crate does not say what it owns (//!)",
        file.path
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        findings(&[File {
            path: path.to_owned(),
            text: text.to_owned(),
        }])
    }

    #[test]
    fn the_tree_is_tidy() {
        if let Err(e) = run() {
            panic!("{e:#}");
        }
    }

    #[test]
    fn every_rule_finds_its_offence() {
        let long = format!("//! Doc.\n{}", "fn f() {}\n".repeat(900));
        assert_eq!(
            found("crates/model/src/lib.rs", &long),
            ["crates/model/src/lib.rs: 901 lines, more than 900"]
        );
        assert_eq!(found("crates/model/src/lib.rs", "fn f() {}\n").len(), 1);
        assert_eq!(
            found("docs/a.md", &format!("see {}{}main", "/wo", "rk/")).len(),
            1
        );
        assert_eq!(
            found("a/b.rs", &format!("//! Doc.\n{}!()", "todo")).len(),
            1
        );
        let manifest = "[package]\nname = \"x\"\n\n[dependencies]\ntokio.workspace = true\nserde = \"1\"\n\n[dev-dependencies]\nrand = \"1\"\n";
        assert_eq!(
            found("crates/lang/Cargo.toml", manifest),
            ["crates/lang/Cargo.toml: lang is pure, tokio is not"]
        );
        assert!(found("crates/node/Cargo.toml", manifest).is_empty());
    }
}
