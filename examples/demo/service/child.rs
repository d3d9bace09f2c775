//! The second process, from the inside and from the outside.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    process::{self, ExitCode, Stdio},
    thread,
};

use anyhow::{Context, bail};
use clap::Parser;
use countersign::{config::cli::Cli, service::command};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// The argument under which the demo is the service.
pub const AS_SERVICE: &str = "as-the-service";

/// What the service prints before its address when it is ready.
const READY: &str = "Countersign listens on ";

/// Is `countersign serve`, with the command line after [`AS_SERVICE`].
pub async fn be_the_service() -> ExitCode {
    thread::spawn(end_with_the_demo);
    let command_line = std::env::args().skip(1);
    command::run(Cli::parse_from(command_line)).await
}

/// The demo holds the other end of the standard input: when the demo ends, however it ends, so does this process.
fn end_with_the_demo() {
    let mut nothing = [0];
    while matches!(io::stdin().read(&mut nothing), Ok(1..)) {}
    process::exit(0);
}

/// The process.
pub struct Process {
    /// To wait for and to kill.
    pub child: Child,
    /// Held open: the process ends when it closes. Waiting for a child closes what is still in it.
    pub leash: ChildStdin,
    /// What it prints.
    pub output: ChildStdout,
}

/// Starts the process in a group of its own, so that Ctrl-C reaches the demo alone.
pub fn spawn(
    variables: &[(&'static str, String)],
    config: &Path,
    log: &File,
) -> anyhow::Result<Process> {
    let program = std::env::current_exe().context("finding the demo's own program")?;
    let inherited = ["PATH", "HOME", "RUST_LOG", "RUST_BACKTRACE"];
    let inherited = inherited.map(|name| (name, std::env::var(name)));
    let mut command = Command::new(program);
    command.args([AS_SERVICE, "serve", "--config"]).arg(config);
    command.env_clear();
    for (name, value) in inherited {
        if let Ok(value) = value {
            command.env(name, value);
        }
    }
    let mut child = command
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log.try_clone().context("the service's log")?)
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .context("starting the service")?;
    let pipes = (child.stdin.take(), child.stdout.take());
    let (Some(leash), Some(output)) = pipes else {
        bail!("the service has no input or no output");
    };
    Ok(Process {
        child,
        leash,
        output,
    })
}

/// Waits until the service listens, and gives its address.
pub async fn ready(stdout: ChildStdout) -> anyhow::Result<String> {
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines
        .next_line()
        .await
        .context("reading from the service")?
    {
        if let Some(url) = line.strip_prefix(READY) {
            let url = url.to_owned();
            // What it prints later goes nowhere, but must be read, or printing would fail.
            tokio::spawn(async move { while matches!(lines.next_line().await, Ok(Some(_))) {} });
            return Ok(url);
        }
    }
    bail!("the service ended before it listened")
}
