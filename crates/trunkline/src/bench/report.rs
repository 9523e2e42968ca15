//! What a bench prints.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::bench::load::Seen;
use crate::bench::scene::{Figures, Sizes};
use crate::bench::stats::Latencies;

/// One size.
pub struct Run {
    pub agents: usize,
    pub connections: usize,
    pub peak: Seen,
    /// The same at half of the peak's rate.
    pub half: Option<Seen>,
    pub commits: Figures,
    pub scene: Sizes,
}

type Row = (&'static str, fn(&Seen) -> &Latencies);

const ROWS: [Row; 5] = [
    ("request to offer", |seen| &seen.offer),
    ("create", |seen| &seen.create),
    ("accept", |seen| &seen.accept),
    ("close", |seen| &seen.close),
    ("whole cycle", |seen| &seen.whole),
];

/// For people.
pub fn text(run: Option<&Run>, is_first: bool) -> String {
    let mut out = String::new();
    let Some(run) = run else { return out };
    if is_first {
        out.push_str("cycle = create by REST, route, offer, accept, close; sessions checked; each step after fsync\n");
    }
    let _ = table(&mut out, run); // writing to a String cannot fail
    out
}

fn table(out: &mut String, run: &Run) -> std::fmt::Result {
    let Run {
        agents,
        connections,
        peak,
        commits,
        ..
    } = run;
    writeln!(
        out,
        "\n{agents} agents, {connections} connections: {:.0} cycles/s",
        peak.per_second()
    )?;
    latencies(out, peak)?;
    writeln!(
        out,
        "  commits {:.0}/s of {:.1} commands, {:.2} ms each",
        commits.commits / peak_seconds(peak),
        commits.commands / commits.commits.max(1.0),
        commits.commit_seconds * 1e3 / commits.commits.max(1.0),
    )?;
    let [server, client] = cpu_us(run);
    writeln!(
        out,
        "  processor {server:.0} us of the server and {client:.0} us of this client per cycle"
    )?;
    if let Some(half) = &run.half {
        writeln!(
            out,
            "  at half of that rate, {:.0} cycles/s:",
            half.per_second()
        )?;
        latencies(out, half)?;
    }
    let Sizes {
        agent_bytes,
        resident_bytes,
    } = run.scene;
    writeln!(
        out,
        "  memory {:.1} KiB per online agent, {:.0} MiB in all",
        agent_bytes / 1_024.0,
        resident_bytes / 1_048_576.0
    )
}

/// Microseconds of processor time per cycle: server, client. The warm-up's cycles are counted as if they came
/// at the same rate.
fn cpu_us(run: &Run) -> [f64; 2] {
    let cycles = run.peak.per_second() * peak_seconds(&run.peak);
    [run.commits.server_seconds, run.commits.client_seconds]
        .map(|seconds| seconds * 1e6 / cycles.max(1.0))
}

fn peak_seconds(seen: &Seen) -> f64 {
    (seen.length + super::WARM_UP).as_secs_f64()
}

fn latencies(out: &mut String, seen: &Seen) -> std::fmt::Result {
    writeln!(
        out,
        "  {:<18}{:>9}{:>9}{:>9}",
        "milliseconds", "p50", "p99", "p99.9"
    )?;
    for (name, of) in ROWS {
        let [p50, p99, p999] = of(seen).percentiles_ms();
        writeln!(out, "  {name:<18}{p50:>9.2}{p99:>9.2}{p999:>9.2}")?;
    }
    match seen.errors.first() {
        Some(first) => writeln!(
            out,
            "  {} cycles failed; the first: {first}",
            seen.errors.len()
        ),
        None => Ok(()),
    }
}

/// For programs: one object, or a list of them under `runs`.
pub fn json(runs: &[Run]) -> Json {
    let mut all: Vec<Json> = runs.iter().map(object).collect();
    match all.len() {
        1 => all.remove(0),
        _ => json!({ "runs": all }),
    }
}

fn object(run: &Run) -> Json {
    let seconds = peak_seconds(&run.peak);
    let [server_us, client_us] = cpu_us(run);
    json!({
        "mode": "cycle",
        "agents": run.agents,
        "connections": run.connections,
        "cycles_per_second": round(run.peak.per_second()),
        "errors": run.peak.errors.len(),
        "milliseconds": figures(&run.peak),
        "commits_per_second": round(run.commits.commits / seconds),
        "commands_per_commit": round(run.commits.commands / run.commits.commits.max(1.0)),
        "commit_ms_mean": round(run.commits.commit_seconds * 1e3 / run.commits.commits.max(1.0)),
        "server_cpu_us_per_cycle": round(server_us),
        "client_cpu_us_per_cycle": round(client_us),
        "half_rate": run.half.as_ref().map(|half| json!({
            "per_second": round(half.per_second()),
            "errors": half.errors.len(),
            "milliseconds": figures(half),
        })),
        "bytes_per_online_agent": run.scene.agent_bytes.round(),
        "resident_bytes": run.scene.resident_bytes,
    })
}

fn figures(seen: &Seen) -> Json {
    let row = |(name, of): Row| {
        let [p50, p99, p999] = of(seen).percentiles_ms().map(round);
        (
            name.replace(' ', "_"),
            json!({ "p50": p50, "p99": p99, "p99_9": p999 }),
        )
    };
    ROWS.into_iter()
        .map(row)
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn round(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
