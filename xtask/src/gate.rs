//! What must pass before a change lands: the steps of `cargo xtask test`, the fast ones first.

use anyhow::{Result, bail};

use crate::steps::{self, Step};
use crate::{chores, console, setup, tidy};

const STEPS: [Step; 12] = [
    Step {
        name: "setup",
        run: setup::run,
    },
    Step {
        name: "format",
        run: chores::format,
    },
    Step {
        name: "tidy",
        run: tidy::run,
    },
    Step {
        name: "clippy",
        run: chores::clippy,
    },
    Step {
        name: "tests",
        run: chores::cargo_test,
    },
    Step {
        name: "build",
        run: chores::build,
    },
    Step {
        name: "simulator",
        run: chores::sim_of_the_gate,
    },
    Step {
        name: "demo",
        run: chores::demo,
    },
    Step {
        name: "console",
        run: console::check,
    },
    Step {
        name: "conformance",
        run: chores::conformance_of_the_gate,
    },
    Step {
        name: "browser",
        run: chores::browser,
    },
    Step {
        name: "deny",
        run: chores::deny,
    },
];

/// Runs all steps, or the named ones in the usual order.
pub fn test(names: &[String]) -> Result<()> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != *name))
    {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!(
            "there is no step {unknown}; the steps are {}",
            known.join(", ")
        );
    }
    let wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    let chosen: Vec<&Step> = STEPS.iter().filter(wanted).collect();
    steps::run(&chosen)
}
