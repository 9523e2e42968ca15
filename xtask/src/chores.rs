//! The single chores: each one calls other programs and says what came of it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::cmd::Cmd;
use crate::server::{self, CLIENT_ID, CLIENT_SECRET, PASSWORD, Server, USERNAME};
use crate::tally::Tally;
use crate::tools;

/// Seeds and steps of the simulator in the gate.
const SIM: [&str; 4] = ["--seeds", "500", "--steps", "400"];

pub fn format() -> Result<Tally> {
    Cmd::cargo().args(["fmt", "--all", "--check"]).run()
}

pub fn clippy() -> Result<Tally> {
    let check = Cmd::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]);
    check.limit_minutes(20).run()
}

/// All Rust tests. Plain `cargo test`, because a fresh machine has nothing else.
pub fn cargo_test() -> Result<Tally> {
    Cmd::cargo()
        .args(["test", "--workspace", "--no-fail-fast"])
        .limit_minutes(30)
        .run()
}

pub fn build() -> Result<Tally> {
    server::build().map(|_| Tally::ONE)
}

pub fn sim(args: &[String]) -> Result<Tally> {
    let run = Cmd::cargo().args(["run", "--release", "--quiet", "-p", "trunkline-sim", "--"]);
    run.args(args).limit_minutes(30).run()
}

pub fn sim_of_the_gate() -> Result<Tally> {
    sim(&SIM.map(str::to_owned))
}

/// The first minute of a newcomer: the demo starts, shows its page and stops when it is told to.
pub fn demo() -> Result<Tally> {
    let server = Server::demo()?;
    let page = server.get("/")?;
    if !page.starts_with("HTTP/1.1 200") || !page.contains("<html") {
        bail!(
            "GET / of the demo is not a page: {}",
            page.lines().next().unwrap_or_default()
        );
    }
    server.stop()?;
    println!("the demo starts, shows its page and stops on SIGTERM");
    Ok(Tally::ONE)
}

/// Unmodified clients against a started server; see conformance/README.md.
pub fn conformance(args: &[String]) -> Result<Tally> {
    let home = tools::root().join("conformance");
    for client in ["jsforce", "cometd"] {
        tools::npm_ci(&home.join(client))?;
    }
    let python = tools::python(&home.join("simple_salesforce/requirements.lock"))?;
    let server = Server::serve()?;
    let clients = tools::node("node")
        .arg(home.join("run.mjs"))
        .args(args)
        .env("PYTHON", python);
    let clients = clients
        .env("BASE_URL", server.url())
        .env("USERNAME", USERNAME)
        .env("PASSWORD", PASSWORD);
    let outcome = clients
        .env("CLIENT_ID", CLIENT_ID)
        .env("CLIENT_SECRET", CLIENT_SECRET)
        .limit_minutes(15)
        .run();
    outcome.map_err(|e| e.context(server.log()))
}

pub fn conformance_of_the_gate() -> Result<Tally> {
    conformance(&[])
}

/// The console in a real browser: its own tests against the fake server, then a routed case and a routed call
/// against a real one, brought by a real telephony client.
pub fn browser() -> Result<Tally> {
    let home = tools::root().join("console");
    tools::npm_ci(&home)?;
    let Some(chromium) = tools::chromium() else {
        bail!("no Chromium; `cargo xtask setup` installs it")
    };
    let npm_test = || {
        tools::node("npm")
            .args(["test", "--silent"])
            .dir(&home)
            .env("CHROMIUM", &chromium)
    };
    let mut tally = npm_test().run()?;

    let server = Server::serve()?;
    let login = |cmd: Cmd| {
        cmd.env("BASE_URL", server.url())
            .env("USERNAME", USERNAME)
            .env("PASSWORD", PASSWORD)
    };
    let script = tools::root().join("conformance/telephony/bring.mjs");
    let mut bringer = login(tools::node("node").arg(script)).background()?;
    let status = bringer.first_line()?;
    let tests = login(npm_test()).env("STATUS", status).run();
    let tests = tests.and_then(|tests| bringer.finish().map(|()| tests));
    tally += tests.map_err(|e| e.context(server.log()))?;
    Ok(tally)
}

/// Version of cargo-deny that is installed when none is there (about a minute on two cores).
const CARGO_DENY: &str = "0.20.2";

/// Licences, sources and banned crates always; advisories when their database can be fetched.
pub fn deny() -> Result<Tally> {
    let program = cargo_deny()?;
    let mut tally = Tally::default();
    for what in ["licenses", "bans", "sources"] {
        Cmd::new(&program)
            .args(["--all-features", "check", "--hide-inclusion-graph", what])
            .run()?;
        tally += Tally::ONE;
    }
    if Cmd::new(&program)
        .args(["fetch", "db"])
        .limit_minutes(2)
        .succeeds()
    {
        Cmd::new(&program).args(["check", "advisories"]).run()?;
        tally += Tally::ONE;
    } else {
        println!("advisories: NOT CHECKED, the advisory database cannot be fetched from here");
    }
    Ok(tally)
}

fn cargo_deny() -> Result<PathBuf> {
    if let Some(there) = tools::which(&["cargo-deny"]) {
        return Ok(there);
    }
    let home = tools::target().join("tools/cargo-deny");
    let program = home.join("bin/cargo-deny");
    if !program.is_file() {
        let install = Cmd::cargo().args([
            "install",
            "cargo-deny",
            "--version",
            CARGO_DENY,
            "--locked",
            "--debug",
            "--quiet",
        ]);
        install
            .arg("--root")
            .arg(&home)
            .env("CARGO_TARGET_DIR", home.join("build"))
            .limit_minutes(15)
            .run()?;
        fs::remove_dir_all(home.join("build"))?;
    }
    Ok(program)
}

/// The Rust benches, then `trunkline bench`; `--peers` measures the SQL router beside it, other words go to
/// `trunkline bench`.
pub fn bench(args: &[String]) -> Result<Tally> {
    for name in crates_with_benches()? {
        Cmd::cargo()
            .args(["bench", "-p", &name, "--bench", "*"])
            .limit_minutes(30)
            .run()?;
    }
    let binary = server::build()?;
    let (peers, ours): (Vec<&String>, Vec<&String>) =
        args.iter().partition(|word| *word == "--peers");
    if peers.is_empty() {
        return Cmd::new(binary)
            .arg("bench")
            .args(ours)
            .limit_minutes(60)
            .run();
    }
    let script = tools::root().join("bench/peers/run.sh");
    Cmd::new("bash")
        .arg(script)
        .args(ours)
        .env("TRUNKLINE_BIN", binary)
        .limit_minutes(60)
        .run()
}

/// Packages below `crates/` that have a folder `benches`.
fn crates_with_benches() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(tools::root().join("crates"))? {
        let dir = entry?.path();
        if dir.join("benches").is_dir() {
            let manifest = fs::read_to_string(dir.join("Cargo.toml"))?;
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = \""));
            names.extend(name.map(|name| name.trim_end_matches('"').to_owned()));
        }
    }
    names.sort();
    Ok(names)
}
