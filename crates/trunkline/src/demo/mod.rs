//! `trunkline demo`: Harborline, a contact center at work.
//!
//! Customers bring cases by REST and calls by signed JWT, agents log in and take them through the agent
//! interface: all of it real HTTP to this very server, none of it a shortcut. Three seats stay free for
//! people who open the console.

mod agents;
mod banner;
mod chance;
mod customers;
mod harborline;
mod people;
mod status;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use http_porch::HttpOptions;
use node::{Node, NodeOptions};
use tempfile::TempDir;

use crate::cli::DemoOptions;
use crate::config::{http_threads, runtime};
use crate::demo::harborline::Harborline;
use crate::server::{self, Door};

/// Between two status lines.
const STATUS_EVERY: Duration = Duration::from_secs(10);

/// Runs until SIGTERM or SIGINT.
pub fn run(options: DemoOptions) -> Result<()> {
    let runtime = runtime(http_threads(options.http_threads))?;
    let (folder, _temporary) = folder(&options)?;
    runtime.block_on(async {
        let door = Door::plain(options.listen).await?;
        let address = door.address()?;
        let node = Node::open(NodeOptions::new(&folder))?;
        let demo = Arc::new(Harborline::open(&node, &folder, options.agents).await?);
        let porch = server::porch(&node, HttpOptions::default())?;
        status::say(&banner::text(&demo, &door.url()?, &options));
        people::start(&demo, address, &options);
        let watch = tokio::spawn(status::watch(Arc::clone(&demo), address, STATUS_EVERY));
        server::serve(vec![door], porch, server::signal()).await;
        watch.abort();
        node.shutdown().await;
        status::say("Harborline is closed.");
        Ok(())
    })
}

/// Where the demo's data lie, and the folder to remove at the end.
fn folder(options: &DemoOptions) -> Result<(PathBuf, Option<TempDir>)> {
    if let Some(folder) = &options.data_dir {
        return Ok((folder.clone(), None));
    }
    let temporary = tempfile::Builder::new().prefix("trunkline-demo.").tempdir();
    let temporary =
        temporary.context("cannot make a temporary folder; name one with --data-dir")?;
    Ok((temporary.path().to_owned(), Some(temporary)))
}
