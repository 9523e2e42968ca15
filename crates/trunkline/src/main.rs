//! The binary: reads the command line, runs one command, turns errors into one line and an exit code.

mod app;
mod bench;
mod check;
mod cli;
mod client;
mod config;
mod demo;
mod explain;
mod logs;
mod org;
mod seed;
mod serve;
mod server;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

/// Made for many small rows that come and go; the benchmark of routing runs on the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit codes (ARCHITECTURE 10); 2, wrong usage, is clap's.
const CHECK_FAILED: u8 = 1;
const NOT_OPENED: u8 = 3;

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let is_server = matches!(command, Command::Serve(_));
    logs::start(if is_server { "info" } else { "warn" });
    let done = match command {
        Command::Serve(options) => serve::run(options),
        Command::Demo(options) => demo::run(options),
        Command::Org(command) => org::run(command),
        Command::App(command) => app::run(command),
        Command::Bench(options) => bench::run(options),
        Command::Explain(options) => explain::run(&options),
        Command::Check(folder) => match check::run(&folder.data_dir) {
            Ok(0) => Ok(()),
            Ok(_) => return ExitCode::from(CHECK_FAILED),
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("trunkline: {}", format!("{error:#}").replace('\n', " "));
            ExitCode::from(NOT_OPENED)
        }
    }
}
