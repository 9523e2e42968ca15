//! `trunkline check`: opens every org of a folder and looks for contradictions.

use std::path::Path;

use anyhow::Result;
use node::{NodeError, audit};

use crate::org::stored;

/// A server that runs holds the folder: what then?
fn explained(error: NodeError) -> anyhow::Error {
    match error {
        NodeError::Locked(folder) => anyhow::anyhow!(
            "a server runs on data folder {folder}, and only a stopped org can be checked: stop the server first, \
             or check a copy of the folder; a running server says how it is at /readyz and /metrics"
        ),
        other => other.into(),
    }
}

/// Number of broken invariants; each is printed.
pub fn run(data_dir: &Path) -> Result<usize> {
    let mut broken = 0;
    for org in stored(data_dir)? {
        let found = audit(data_dir, &org).map_err(explained)?;
        println!(
            "{}: {}",
            org.name,
            if found.is_empty() {
                "sound".to_owned()
            } else {
                format!("{} broken", found.len())
            }
        );
        found.iter().for_each(|line| println!("  {line}"));
        broken += found.len();
    }
    Ok(broken)
}
