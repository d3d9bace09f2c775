//! A gate at which calls wait until a test says how they go on.

use tokio::sync::watch;

/// Holds the calls of one operation. Dropping it releases them, so that a failed test does not hang.
pub struct Gate {
    barrier: Barrier,
}

/// The side of the gate that calls wait at.
#[derive(Clone)]
pub(crate) struct Barrier {
    verdict: watch::Sender<Verdict>,
    arrivals: watch::Sender<usize>,
}

/// How a held call goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Held,
    Pass,
    Drop,
}

impl Gate {
    /// A closed gate, and the side for the calls.
    pub(crate) fn new() -> (Self, Barrier) {
        let barrier = Barrier {
            verdict: watch::Sender::new(Verdict::Held),
            arrivals: watch::Sender::new(0),
        };
        (
            Self {
                barrier: barrier.clone(),
            },
            barrier,
        )
    }

    /// Waits until a call has arrived at the gate; at once when one has.
    pub async fn arrived(&self) {
        self.arrivals(1).await;
    }

    /// Waits until `count` calls have arrived.
    pub async fn arrivals(&self, count: usize) {
        let mut arrivals = self.barrier.arrivals.subscribe();
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = arrivals.wait_for(|so_far| *so_far >= count).await;
    }

    /// Lets the held calls go on, and all later ones.
    pub fn release(self) {
        self.barrier.decide(Verdict::Pass);
    }

    /// Closes the connections of the held calls without an answer; later calls go on.
    pub fn drop_connections(self) {
        self.barrier.decide(Verdict::Drop);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.barrier.decide(Verdict::Pass);
    }
}

impl Barrier {
    /// Whether calls still have to wait here.
    pub(crate) fn is_closed(&self) -> bool {
        *self.verdict.borrow() == Verdict::Held
    }

    /// Waits for the verdict.
    pub(crate) async fn wait(&self) -> Verdict {
        let mut verdict = self.verdict.subscribe();
        self.arrivals.send_modify(|so_far| *so_far += 1);
        let decided = verdict.wait_for(|verdict| *verdict != Verdict::Held).await;
        decided.map_or(Verdict::Pass, |verdict| *verdict)
    }

    /// The first decision stands.
    fn decide(&self, decision: Verdict) {
        self.verdict.send_if_modified(|verdict| {
            let open = *verdict == Verdict::Held;
            if open {
                *verdict = decision;
            }
            open
        });
    }
}
