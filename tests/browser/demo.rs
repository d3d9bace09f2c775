//! The demo, as `make demo` starts it.

use std::{env, path::PathBuf};

use tokio::process::Command;

use crate::process::Process;

/// A running demo.
pub struct Demo {
    url: String,
    _process: Process,
}

impl Demo {
    /// Starts it on a free port.
    pub async fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(program());
        command.args(["--port", "0"]).args(arguments);
        let (process, url) = Process::start(command, |line| {
            let url = line.trim();
            url.starts_with("http://").then(|| url.to_owned())
        })
        .await;
        Self {
            url,
            _process: process,
        }
    }

    /// The page.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Tests are in `target/debug/deps`, examples in `target/debug/examples`.
fn program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let program = profile.join("examples/demo");
    assert!(
        program.exists(),
        "{} is missing: build it with `cargo build --example demo`",
        program.display()
    );
    program
}
