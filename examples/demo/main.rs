//! The demo: the real service, wired to the sandbox, for trying it out in a browser.
//!
//! One process holds the simulated Slack, Postgres, S3 and the page. The service is a second process, made from this
//! same program, so that it can be killed in the middle of its work like any other.

mod app;
mod arguments;
mod folder;
mod panels;
mod role;
mod service;
mod stage;
mod words;

use std::{env, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use arguments::Arguments;
use stage::Stage;

/// The demo's own log: the sandbox's S3 reports every call of its library as an error when a fault is switched on.
const LOG_FILTER: &str = "warn,s3s=off";

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the demo does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    if env::args().nth(1).as_deref() == Some(service::AS_SERVICE) {
        return runtime.block_on(service::be_the_service());
    }
    let arguments = Arguments::parse();
    let outcome = runtime.block_on(demo(&arguments));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the demo ended: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(arguments: &Arguments) -> anyhow::Result<()> {
    log();
    let mut interrupted = signal(SignalKind::interrupt()).context("listening for Ctrl-C")?;
    let mut terminated = signal(SignalKind::terminate()).context("listening for signals")?;
    println!("Starting Postgres, S3, Slack and the service …");
    let stage = tokio::select! {
        stage = Stage::set(arguments) => stage?,
        _ = interrupted.recv() => return Ok(()),
        _ = terminated.recv() => return Ok(()),
    };
    println!("{}", words::welcome(&stage, arguments));
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    println!("\nStopping …");
    stage.strike().await
}

fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG_FILTER));
    // A second initialisation is refused, and there is none.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
