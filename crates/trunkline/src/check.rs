//! `trunkline check`: opens every org of a folder and looks for contradictions.

use std::path::Path;

use anyhow::Result;
use node::audit;

use crate::org::stored;

/// Number of broken invariants; each is printed.
pub fn run(data_dir: &Path) -> Result<usize> {
    let mut broken = 0;
    for org in stored(data_dir)? {
        let found = audit(data_dir, &org)?;
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
