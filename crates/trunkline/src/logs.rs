//! Logs: for people on a terminal, JSON otherwise. `RUST_LOG` chooses what is shown.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging to standard error; `default` is the filter without `RUST_LOG`.
pub fn start(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let to = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        to.with_target(false).try_init()
    } else {
        to.json().flatten_event(true).try_init()
    };
    if started.is_err() {
        eprintln!("logging was started before");
    }
}
