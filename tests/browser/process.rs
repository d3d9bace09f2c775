//! Child processes that end with the test and tell by a line when they are ready.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A child process; dropping it kills it.
pub struct Process {
    _child: Child,
}

impl Process {
    /// Starts a command and waits for a line of its output in which `find` finds something.
    pub async fn start<T>(mut command: Command, find: impl Fn(&str) -> Option<T>) -> (Self, T) {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut seen = String::new();
        while let Some(line) = lines.next_line().await.expect("its output") {
            if let Some(found) = find(&line) {
                // What comes later is of no interest, but a full pipe would stop the process.
                tokio::spawn(
                    async move { while matches!(lines.next_line().await, Ok(Some(_))) {} },
                );
                return (Self { _child: child }, found);
            }
            seen.push_str(&line);
            seen.push('\n');
        }
        panic!("{command:?} ended before it was ready:\n{seen}");
    }
}
