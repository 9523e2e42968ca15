//! Fuzzing with libFuzzer on the stable compiler: the sanitizer flags that count coverage are ordinary
//! code generation flags. `cargo fuzz` works on the same folder where a nightly compiler is at hand.

use anyhow::{Context, Result, bail};

use crate::cmd::Cmd;
use crate::tools;

const TARGETS: [&str; 6] = ["soql", "soap", "csv", "json", "oauth", "jwt"];
/// Without a target each one runs this long.
const SECONDS: u64 = 60;
const TRIPLE: &str = "x86_64-unknown-linux-gnu";
/// Counts which branches are taken and what is compared with what.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// `fuzz [--seconds N] [TARGET...]`.
pub fn run(args: &[String]) -> Result<()> {
    let (mut seconds, mut targets) = (SECONDS, Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--seconds" => {
                let number = args.next().context("--seconds needs a number")?;
                seconds = number.parse().context("--seconds needs a number")?;
            }
            name if TARGETS.contains(&name) => targets.push(name),
            other => bail!(
                "there is no fuzz target {other}; there are {}",
                TARGETS.join(", ")
            ),
        }
    }
    if targets.is_empty() {
        targets.extend(TARGETS);
    }
    let (folder, target) = (tools::root().join("fuzz"), tools::target().join("fuzz"));
    let build = Cmd::cargo().args(["build", "--release", "--target", TRIPLE]);
    build
        .dir(&folder)
        .env("RUSTFLAGS", FLAGS)
        .env("CARGO_TARGET_DIR", &target)
        .limit_minutes(20)
        .run()?;
    for name in targets {
        let (corpus, found) = (folder.join("corpus").join(name), folder.join("artifacts"));
        for made in [&corpus, &found] {
            std::fs::create_dir_all(made)?;
        }
        println!("fuzzing {name} for {seconds} s");
        Cmd::new(target.join(TRIPLE).join("release").join(name))
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/{name}-", found.display()))
            .args(["-timeout=10", "-rss_limit_mb=1500", "-print_final_stats=1"])
            .arg(&corpus)
            .arg(folder.join("seeds").join(name))
            .limit_minutes(seconds / 60 + 5)
            .run()
            .with_context(|| format!("{name}: what broke it lies in {}", found.display()))?;
    }
    Ok(())
}
