//! The command line: `serve`, `doctor`, `audit` and `manifest`.

use std::process::ExitCode;

use clap::Parser;
use countersign::{config::cli::Cli, service::command};

#[tokio::main]
async fn main() -> ExitCode {
    command::run(Cli::parse()).await
}
