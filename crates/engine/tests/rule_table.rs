//! docs/rules.md names a test for every rule of routing.md, or says why there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The last rule.
const LAST: u16 = 204;
/// Rules without a test, apart from those that later work brings.
const LEFT_OUT_MAX: usize = 10;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Rules that come with flows, event streams and voice.
fn is_for_later(rule: u16) -> bool {
    matches!(rule, 19..=22 | 140 | 164..=178 | 191..=204)
}

fn number(text: &str) -> u16 {
    let digits = text
        .trim()
        .strip_prefix('R')
        .unwrap_or_else(|| panic!("{text} is no rule"));
    digits
        .parse()
        .unwrap_or_else(|_| panic!("{text} is no rule"))
}

/// Rule to the cell behind it.
fn table() -> BTreeMap<u16, String> {
    let text = std::fs::read_to_string(root().join("docs/rules.md")).unwrap();
    let mut table = BTreeMap::new();
    for line in text
        .lines()
        .filter(|l| l.starts_with("| R") && !l.starts_with("| Rules"))
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [rules, tests] = cells.as_slice() else {
            panic!("not two cells: {line}");
        };
        let (from, to) = rules.split_once(" to ").unwrap_or((rules, rules));
        for rule in number(from)..=number(to) {
            let twice = table.insert(rule, (*tests).to_owned());
            assert!(twice.is_none(), "R{rule} stands twice");
        }
    }
    table
}

#[test]
fn every_rule_has_a_test_or_a_reason() {
    let table = table();
    let all: BTreeSet<u16> = (1..=LAST).collect();
    let listed: BTreeSet<u16> = table.keys().copied().collect();
    let missing: Vec<_> = all.symmetric_difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "rules without a row, or rows without a rule: {missing:?}"
    );
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut left_out = Vec::new();
    for (rule, cell) in &table {
        if let Some(why) = cell.strip_prefix("none:") {
            assert!(!why.trim().is_empty(), "R{rule} has no reason");
            left_out.extend((!is_for_later(*rule)).then_some(*rule));
            continue;
        }
        for name in cell.split(',') {
            let name = name.trim().trim_matches('`');
            let Some((path, test)) = name.split_once("::") else {
                panic!("R{rule}: {name} is no test");
            };
            let text = files.entry(path.to_owned()).or_insert_with(|| {
                std::fs::read_to_string(root().join(path))
                    .unwrap_or_else(|_| panic!("R{rule}: there is no {path}"))
            });
            assert!(
                text.contains(&format!("fn {test}(")),
                "R{rule}: {path} has no test {test}"
            );
        }
    }
    assert!(
        left_out.len() <= LEFT_OUT_MAX,
        "too many rules without a test: {left_out:?}"
    );
}
