//! Links what was appended into the chain.

use tokio_util::sync::CancellationToken;

use crate::{
    domain::Instant,
    journal::{
        Journal,
        chain::{self, SealError},
    },
    runtime::SharedClock,
    work::{Queue, Worker},
};

/// The sealer of one replica.
#[derive(Clone)]
pub(super) struct Sealer(pub Journal);

impl Sealer {
    /// Works until `stop`.
    pub(super) async fn run(self, clock: SharedClock, stop: CancellationToken) {
        let worker = Worker {
            name: "events to link",
            places: 1,
            wake: self.0.appended.sealer.clone(),
            clock,
            queue: self,
        };
        worker.run(stop).await;
    }
}

impl Queue for Sealer {
    type Item = ();

    /// What waits is taken and linked in one transaction, so nothing is left to do.
    async fn claim(&self) -> Result<Option<()>, sqlx::Error> {
        match chain::seal(&self.0.pool, &self.0.key).await {
            Ok(_) => Ok(None),
            Err(SealError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "the chain was not sealed");
                Ok(None)
            }
        }
    }

    async fn next_due(&self) -> Result<Option<Instant>, sqlx::Error> {
        Ok(None)
    }

    async fn work(&self, (): (), _stop: CancellationToken) {}
}
