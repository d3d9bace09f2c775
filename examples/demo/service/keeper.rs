//! Keeps the service running: an end of the process, wanted or not, is shown for a moment and then mended.

use std::{
    fs::{self, File, OpenOptions},
    path::PathBuf,
    process::ExitStatus,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use countersign_sandbox::slack::Workspace;
use tokio::{
    process::{Child, ChildStdin},
    sync::{mpsc, watch},
    time::timeout,
};

use super::{
    Follow, Order, State, Status,
    child::{self, Process},
};

/// How long a dead service stays dead, so that a person sees it.
pub const DOWN_FOR: Duration = Duration::from_secs(4);
/// How long the service may take to end when it is asked to.
const END_WITHIN: Duration = Duration::from_secs(5);
/// How many lines of its log are shown when it does not start.
const SHOWN_LINES: usize = 12;

pub struct Keeper {
    pub variables: Vec<(&'static str, String)>,
    pub log: PathBuf,
    pub config: PathBuf,
    pub slack: Workspace,
    pub follow: Follow,
    pub status: Arc<watch::Sender<Status>>,
}

/// The process, ready.
pub struct Running {
    child: Child,
    leash: ChildStdin,
}

impl Keeper {
    /// Starts the process and waits until it listens.
    pub async fn launch(&self) -> anyhow::Result<Running> {
        self.show(State::Starting);
        let log = self.open_log()?;
        let process = child::spawn(&self.variables, &self.config, &log)?;
        let Process {
            child,
            leash,
            output,
        } = process;
        let url = child::ready(output).await;
        let url = url.with_context(|| self.log_tail())?;
        (self.follow)(&url);
        let pid = child.id().unwrap_or_default();
        self.show(State::Running { pid });
        Ok(Running { child, leash })
    }

    /// Keeps the process until it is told to stop.
    pub async fn keep(self, first: Running, mut orders: mpsc::Receiver<Order>) {
        let mut running = first;
        loop {
            let how = match self.watch(&mut running.child, &mut orders).await {
                Some(how) => how,
                None => return end(running).await,
            };
            self.show(State::Down { how });
            loop {
                if !stay_down(&mut orders).await {
                    return;
                }
                match self.launch().await {
                    Ok(started) => {
                        running = started;
                        break;
                    }
                    Err(error) => self.show(State::Down {
                        how: format!("did not start: {error}"),
                    }),
                }
            }
        }
    }

    /// Waits for the end of the process and says how it ended; nothing when it is to stop for good.
    async fn watch(&self, child: &mut Child, orders: &mut mpsc::Receiver<Order>) -> Option<String> {
        loop {
            let order = tokio::select! {
                ended = child.wait() => return Some(how(ended)),
                order = orders.recv() => order,
            };
            match order {
                Some(Order::Kill) => {
                    // Fails only when the process has ended by itself in this moment.
                    let _ = child.start_kill();
                    self.status.send_modify(|status| status.kills += 1);
                }
                Some(Order::Start) => {}
                Some(Order::Stop) | None => return None,
            }
        }
    }

    fn show(&self, state: State) {
        self.status.send_modify(|status| status.state = state);
        self.slack.touch();
    }

    fn open_log(&self) -> anyhow::Result<File> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log);
        log.with_context(|| format!("opening {}", self.log.display()))
    }

    fn log_tail(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
    }
}

/// Waits a moment, or for the order to start; says whether to go on.
async fn stay_down(orders: &mut mpsc::Receiver<Order>) -> bool {
    loop {
        match timeout(DOWN_FOR, orders.recv()).await {
            Err(_) | Ok(Some(Order::Start)) => return true,
            Ok(Some(Order::Kill)) => {}
            Ok(Some(Order::Stop) | None) => return false,
        }
    }
}

/// Closing its standard input ends the process.
async fn end(running: Running) {
    let mut child = running.child;
    drop(running.leash);
    // Dropping the process kills it when it does not end by itself.
    let _ = timeout(END_WITHIN, child.wait()).await;
}

fn how(ended: std::io::Result<ExitStatus>) -> String {
    ended.map_or_else(|error| error.to_string(), |status| status.to_string())
}
