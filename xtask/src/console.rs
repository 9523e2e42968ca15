//! The web console: `console/dist` is committed, so that the server builds without Node; this file makes it
//! and proves that what is committed is what the sources give.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::tally::Tally;
use crate::tools;

fn home() -> PathBuf {
    tools::root().join("console")
}

/// Builds into `console/dist`.
pub fn build() -> Result<Tally> {
    vite(&home().join("dist"))?;
    println!("console/dist is new; commit it together with the sources");
    Ok(Tally::ONE)
}

/// Type-checks, builds into a folder of its own and compares every byte with `console/dist`.
///
/// # Errors
/// Names each file that differs, is missing or is left over.
pub fn check() -> Result<Tally> {
    let fresh = tools::target().join("xtask/console-dist");
    tools::npm_ci(&home())?;
    tools::node("npm")
        .args(["run", "--silent", "check"])
        .dir(home())
        .run()?;
    vite(&fresh)?;
    let differences = differences(&read_tree(&home().join("dist"))?, &read_tree(&fresh)?);
    if !differences.is_empty() {
        bail!(
            "console/dist is not what the sources give (run `cargo xtask console` and commit):\n{}",
            differences.join("\n")
        );
    }
    println!("console/dist is what the sources give, byte for byte");
    Ok(Tally::ONE)
}

fn vite(out: &Path) -> Result<()> {
    tools::npm_ci(&home())?;
    let build = tools::node("npm").args([
        "run",
        "--silent",
        "build",
        "--",
        "--emptyOutDir",
        "--outDir",
    ]);
    build.arg(out).dir(home()).run().map(drop)
}

type Tree = BTreeMap<String, Vec<u8>>;

fn read_tree(dir: &Path) -> Result<Tree> {
    let mut tree = Tree::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                tree.insert(
                    path.strip_prefix(dir)?.to_string_lossy().into_owned(),
                    fs::read(&path)?,
                );
            }
        }
    }
    Ok(tree)
}

fn differences(committed: &Tree, fresh: &Tree) -> Vec<String> {
    let gone = committed
        .keys()
        .filter(|name| !fresh.contains_key(*name))
        .map(|name| format!("  {name}: left over"));
    let other = fresh
        .iter()
        .filter_map(|(name, bytes)| match committed.get(name) {
            None => Some(format!("  {name}: not committed")),
            Some(old) if old != bytes => Some(format!("  {name}: differs")),
            Some(_) => None,
        });
    gone.chain(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_every_file() {
        let tree = |files: &[(&str, &str)]| -> Tree {
            files
                .iter()
                .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
                .collect()
        };
        let committed = tree(&[("a.js", "1"), ("b.js", "2"), ("old.js", "3")]);
        assert!(differences(&committed, &committed).is_empty());
        let fresh = tree(&[("a.js", "1"), ("b.js", "changed"), ("new.js", "4")]);
        assert_eq!(
            differences(&committed, &fresh),
            [
                "  old.js: left over",
                "  b.js: differs",
                "  new.js: not committed"
            ]
        );
    }
}
