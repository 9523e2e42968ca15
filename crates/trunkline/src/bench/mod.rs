//! `trunkline bench`: complete cycles through the real HTTP interface of a server of its own.
//!
//! A cycle is what a case goes through: created by REST, routed, offered, accepted and closed through the
//! agent interface, every step with a session and acknowledged after fsync. Offers are learnt from the
//! event stream, so "request to offer" is what an agent sees: from the first byte of the request to the
//! event in the client. The load generator shares the machine with the server.

mod api;
mod api_bare;
mod api_load;
mod api_report;
mod api_rows;
mod load;
mod offers;
mod report;
mod scene;
mod stats;

use std::time::Duration;

use anyhow::{Context, Result};

use crate::bench::load::Plan;
use crate::bench::report::Run;
use crate::bench::scene::Scene;
use crate::cli::{BenchMode, BenchOptions};

/// Before anything is counted.
const WARM_UP: Duration = Duration::from_secs(1);

/// Measures and prints the result.
pub fn run(options: BenchOptions) -> Result<()> {
    match options.mode {
        BenchMode::Cycle => cycles(&options),
        BenchMode::Api => api::run(&options),
    }
}

fn cycles(options: &BenchOptions) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut runs = Vec::new();
    for &agents in &options.agents {
        let run = runtime.block_on(cycle(options, agents));
        runs.push(run.with_context(|| format!("the run with {agents} agents failed"))?);
        if !options.json {
            print!("{}", report::text(runs.last(), runs.len() == 1));
        }
    }
    if options.json {
        println!("{}", report::json(&runs));
    }
    Ok(())
}

async fn cycle(options: &BenchOptions, agents: usize) -> Result<Run> {
    let scene = Scene::open(options, agents).await?;
    let length = Duration::from_secs_f64(options.seconds.clamp(0.1, 3_600.0));
    let plan = Plan {
        connections: options.connections.max(1),
        warm_up: WARM_UP,
        length,
        rate: options.rate,
    };
    let before = scene.figures().await?;
    let peak = load::run(&scene, &plan).await?;
    let after = scene.figures().await?;
    let half = if options.rate.is_none() && !options.peak_only {
        let rate = Some(peak.per_second() / 2.0);
        Some(
            load::run(
                &scene,
                &Plan {
                    rate,
                    ..plan.clone()
                },
            )
            .await?,
        )
    } else {
        None
    };
    Ok(Run {
        agents,
        connections: plan.connections,
        peak,
        half,
        commits: after.since(&before),
        scene: scene.sizes(),
    })
}
