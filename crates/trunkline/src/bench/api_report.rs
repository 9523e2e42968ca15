//! What `bench api` prints.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::bench::api::{COLLECTION, Figures};
use crate::bench::api_load::Measured;

/// Records that one call of a kind writes; 0 for reads.
fn written(name: &str) -> f64 {
    match name {
        "create" => 1.0,
        "collection" => COLLECTION as f64,
        "composite" => 2.0,
        _ => 0.0,
    }
}

/// The bare rate that a call is set beside.
fn bare(figures: &Figures, call: &Measured) -> (&'static str, f64) {
    match call.name {
        "create" | "composite" => ("inserts, a commit each", figures.bare.single),
        "collection" => ("inserts, 200 in a commit", figures.bare.many),
        _ => ("reads by key", figures.bare.reads),
    }
}

fn work(call: &Measured) -> f64 {
    call.per_second * written(call.name).max(1.0)
}

/// For people.
pub fn text(figures: &Figures) -> String {
    let mut out = String::new();
    // a String takes all
    let _ = writeln!(
        out,
        "{:<14} {:>10} {:>10} {:>9} {:>9} {:>9} {:>9}",
        "", "calls/s", "records/s", "p50 ms", "p99 ms", "of echo", "of SQLite"
    );
    let _ = line(&mut out, &figures.echo, None);
    for call in &figures.calls {
        let of_echo = call.per_second / call.echo.max(1e-9);
        let of_bare = work(call) / bare(figures, call).1.max(1e-9);
        let _ = line(&mut out, call, Some((of_echo, of_bare)));
    }
    let _ = writeln!(
        out,
        "bare SQLite: {:.0} inserts/s with a commit each, {:.0} rows/s with {COLLECTION} in a commit, \
         {:.0} reads/s",
        figures.bare.single, figures.bare.many, figures.bare.reads
    );
    let _ = writeln!(
        out,
        "query by user and date over {} rows of AgentWork ({} found): p50 {:.2} ms, p99 {:.2} ms",
        figures.rows, figures.large_found, figures.large.p50_ms, figures.large.p99_ms
    );
    out
}

fn line(out: &mut String, call: &Measured, ratios: Option<(f64, f64)>) -> std::fmt::Result {
    let records = match written(call.name) {
        0.0 => String::new(),
        _ => format!("{:.0}", work(call)),
    };
    write!(
        out,
        "{:<14} {:>10.0} {records:>10} {:>9.2} {:>9.2}",
        call.name, call.per_second, call.p50_ms, call.p99_ms
    )?;
    if let Some((echo, sqlite)) = ratios {
        write!(out, " {:>8.1}% {:>8.1}%", echo * 100.0, sqlite * 100.0)?;
    }
    writeln!(out)
}

/// For programs.
pub fn json(figures: &Figures) -> Json {
    let of = |call: &Measured| {
        json!({
            "calls_per_second": round(call.per_second),
            "p50_ms": round(call.p50_ms),
            "p99_ms": round(call.p99_ms),
        })
    };
    let calls: serde_json::Map<_, _> = figures
        .calls
        .iter()
        .map(|call| {
            let (what, rate) = bare(figures, call);
            let mut json = of(call);
            json["records_written_per_second"] = round(call.per_second * written(call.name)).into();
            json["of_echo"] = round(call.per_second / call.echo.max(1e-9)).into();
            json["of_sqlite"] = round(work(call) / rate.max(1e-9)).into();
            json["sqlite"] = what.into();
            (call.name.to_owned(), json)
        })
        .collect();
    let mut large = of(&figures.large);
    large["rows"] = figures.rows.into();
    large["found"] = figures.large_found.into();
    json!({
        "echo": of(&figures.echo),
        "sqlite": {
            "inserts_per_second": round(figures.bare.single),
            "inserts_together_per_second": round(figures.bare.many),
            "reads_per_second": round(figures.bare.reads),
        },
        "calls": calls,
        "large_query": large,
    })
}

fn round(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
