//! Where things are: the tree, the target folder, Node, Chromium, Python.
//!
//! Node is used from the PATH when it is new enough for Vite, else from `target/tools/node`, where `setup`
//! puts one from the npm registry.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::cmd::Cmd;

/// Oldest Node that Vite and the clients accept (major, minor).
const NODE_MIN: (u32, u32) = (20, 19);

/// The root of the tree.
pub fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Cargo's output folder; everything that chores make lies below it.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The first of these programs that is on the PATH.
pub fn which(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = |name: &&str| {
        std::env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
    };
    names.iter().find_map(found)
}

/// Chromium by any of its usual names.
pub fn chromium() -> Option<PathBuf> {
    which(&[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ])
}

/// The folder below `target` into which `setup` installs Node.
pub fn node_home() -> PathBuf {
    target().join("tools/node")
}

fn node_bin() -> PathBuf {
    node_home().join("node_modules/.bin")
}

/// Whether this Node is there and new enough.
pub fn node_is_fine(program: impl AsRef<std::ffi::OsStr>) -> bool {
    Cmd::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|v| node_version(&v) >= Some(NODE_MIN))
}

fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
        _ => None,
    }
}

/// A call of `node`, `npm` or `npx` with a Node that is new enough.
pub fn node(program: &str) -> Cmd {
    let own = node_bin().join(program);
    if node_is_fine("node") || !own.is_file() {
        return Cmd::new(program);
    }
    let mut path = OsString::from(node_bin());
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    Cmd::new(own).env("PATH", path)
}

/// Installs a folder's npm packages as its lock file says; does nothing when they are there already.
pub fn npm_ci(dir: &Path) -> Result<()> {
    let age = |file: &str| fs::metadata(dir.join(file)).and_then(|m| m.modified());
    let Ok(wanted) = age("package-lock.json") else {
        bail!("{} has no package-lock.json", dir.display())
    };
    if age("node_modules/.package-lock.json").is_ok_and(|have| have >= wanted) {
        return Ok(());
    }
    node("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .dir(dir)
        .run()
        .map(drop)
}

/// Python of a virtual environment with these requirements; made when it is not there.
pub fn python(requirements: &Path) -> Result<PathBuf> {
    let home = target().join("tools/python");
    let python = home.join("bin/python");
    let stamp = home.join("requirements.lock");
    let wanted = fs::read(requirements)?;
    if fs::read(&stamp).is_ok_and(|have| have == wanted) && python.is_file() {
        return Ok(python);
    }
    Cmd::new(system_python())
        .args(["-m", "venv", "--clear"])
        .arg(&home)
        .run()?;
    Cmd::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--requirement",
        ])
        .arg(requirements)
        .run()?;
    fs::write(stamp, wanted)?;
    Ok(python)
}

/// Debian's own Python if there is one: others on the PATH may lack `venv`.
pub fn system_python() -> PathBuf {
    let debian = PathBuf::from("/usr/bin/python3");
    if debian.is_file() {
        debian
    } else {
        PathBuf::from("python3")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_compare_by_number() {
        assert_eq!(node_version("v20.20.2\n"), Some((20, 20)));
        assert!(node_version("v18.20.4") < Some(NODE_MIN));
        assert!(node_version("v22.1.0") >= Some(NODE_MIN));
        assert_eq!(node_version("nonsense"), None);
    }
}
