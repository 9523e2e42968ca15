//! Brings what the tests need and Cargo does not: Node, Python's venv, Chromium, clippy and rustfmt.
//!
//! Written for Debian and its relatives, as root or with a sudo that asks nothing. Elsewhere, or without the
//! right, it names what is missing and the command that brings it, and fails.

use anyhow::{Result, bail};

use crate::cmd::Cmd;
use crate::tally::Tally;
use crate::tools;

/// Installs what is missing; quick when nothing is.
pub fn run() -> Result<Tally> {
    rust_components()?;
    let missing = missing_packages();
    if !missing.is_empty() {
        apt(&missing)?;
    }
    node()?;
    println!("all tools are here");
    Ok(Tally::ONE)
}

fn rust_components() -> Result<()> {
    for (program, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !Cmd::cargo().args([program, "--version"]).succeeds() {
            Cmd::new("rustup")
                .args(["component", "add", component])
                .run()?;
        }
    }
    Ok(())
}

/// Debian packages that bring what is not there.
fn missing_packages() -> Vec<&'static str> {
    let python = Cmd::new(tools::system_python())
        .args(["-c", "import venv, ensurepip"])
        .succeeds();
    let needs = [
        (tools::which(&["node"]).is_some(), "nodejs"),
        (tools::which(&["npm"]).is_some(), "npm"),
        (python, "python3-venv"),
        (tools::chromium().is_some(), "chromium"),
    ];
    needs
        .into_iter()
        .filter(|(there, _)| !there)
        .map(|(_, package)| package)
        .collect()
}

fn apt(packages: &[&str]) -> Result<()> {
    let by_hand = format!(
        "apt-get update && apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if tools::which(&["apt-get"]).is_none() {
        bail!(
            "missing: {}; on Debian this brings them: {by_hand}",
            packages.join(", ")
        );
    }
    let root = Cmd::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.trim() == "0");
    if !root && !Cmd::new("sudo").args(["-n", "true"]).succeeds() {
        bail!(
            "missing: {}; run this as root, then try again: {by_hand}",
            packages.join(", ")
        );
    }
    let apt = || match root {
        true => Cmd::new("apt-get"),
        false => Cmd::new("sudo").args(["-n", "apt-get"]),
    };
    apt().args(["-qq", "update"]).run()?;
    let install = apt()
        .args(["-qq", "-y", "--no-install-recommends", "install"])
        .args(packages);
    install
        .env("DEBIAN_FRONTEND", "noninteractive")
        .limit_minutes(15)
        .run()
        .map(drop)
}

/// Debian 12 has Node 18; the npm registry carries newer ones as ordinary packages.
fn node() -> Result<()> {
    if tools::node_is_fine("node")
        || tools::node_is_fine(tools::node_home().join("node_modules/.bin/node"))
    {
        return Ok(());
    }
    let install = Cmd::new("npm").args([
        "install",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--prefix",
    ]);
    install
        .arg(tools::node_home())
        .args(["node@22", "npm@10"])
        .run()?;
    if !tools::node_is_fine(tools::node_home().join("node_modules/.bin/node")) {
        bail!("no Node 20.19 or newer: install one and put it on the PATH");
    }
    Ok(())
}
