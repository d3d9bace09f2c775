//! Barriers: a test waits until a call has arrived, and decides when and whether it goes on.

use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::{mpsc, oneshot};

use super::call::Call;

/// How long [`Gate::arrived`] waits, in real time.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(30);

/// Holds every call of one method while it lives. Dropping it lets all of them go on.
#[derive(Debug)]
pub struct Gate {
    pub(super) arrivals: mpsc::UnboundedReceiver<Held>,
}

impl Gate {
    /// The next call that was stopped here.
    ///
    /// # Errors
    /// When none arrives within a generous time.
    pub async fn arrived(&mut self) -> anyhow::Result<Held> {
        let next = tokio::time::timeout(ARRIVAL_LIMIT, self.arrivals.recv()).await;
        next.context("no call arrived at the gate")?
            .context("the workspace is gone")
    }
}

/// A call that waits at a gate. Dropping it lets it go on.
#[derive(Debug)]
pub struct Held {
    /// What was asked.
    pub call: Call,
    verdict: oneshot::Sender<Verdict>,
}

impl Held {
    /// Lets the call go on.
    pub fn release(self) {
        let _ = self.verdict.send(Verdict::GoOn);
    }

    /// Cuts the connection: the caller gets no answer.
    pub fn hang_up(self) {
        let _ = self.verdict.send(Verdict::HangUp);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    GoOn,
    HangUp,
}

/// The workspace's end of a gate.
#[derive(Debug, Clone)]
pub(super) struct Barrier {
    pub(super) method: String,
    /// Stops the call after its effect, before its answer.
    pub(super) after: bool,
    pub(super) out: mpsc::UnboundedSender<Held>,
}

impl Barrier {
    /// Waits for the verdict; a gate that is gone lets everything through.
    pub(super) async fn pass(&self, call: Call) -> Verdict {
        let (verdict, decided) = oneshot::channel();
        if self.out.send(Held { call, verdict }).is_err() {
            return Verdict::GoOn;
        }
        decided.await.unwrap_or(Verdict::GoOn)
    }
}
