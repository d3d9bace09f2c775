//! Asks for what was scheduled, when its time has come: once, by one replica, also after a restart.

use std::sync::Arc;

use chrono::Duration;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{Actor, Instant, Request, RequestId, actor::Service, request},
    journal::{
        Connection, Journal, ReadError, RecordError,
        append::Batch,
        later::{self, Due},
        read,
        store::Tx,
    },
    operations::catalogue,
    runtime::SharedClock,
    work::{Queue, Worker},
};

/// How long one rests whose question a person has asked at the same time, or that failed.
const REST: Duration = Duration::minutes(1);

/// The worker of one replica.
#[derive(Clone)]
pub struct LaterRequests {
    /// Where requests are scheduled and asked.
    pub journal: Journal,
    pub clock: SharedClock,
}

#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the request that schedules it has not come to its proof yet")]
    NotProven,
    #[error("this version does not know the operation")]
    UnknownOperation,
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

impl LaterRequests {
    /// Asks for what is due until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let worker = Worker {
            name: "scheduled requests",
            places: 1,
            wake: Arc::default(),
            clock: self.clock.clone(),
            queue: self,
        };
        worker.run(stop).await;
    }

    async fn ask_and_close(&self, mut tx: Tx, due: &Due) -> Result<(), AskError> {
        let now = self.clock.now();
        let asked = self.ask(&mut tx, due, now).await?;
        later::close(&mut tx, &due.later, asked, now).await?;
        tx.commit().await?;
        self.journal.appended.notify();
        Ok(())
    }

    /// Puts the asking on record; `None` when it must not be asked for.
    async fn ask(
        &self,
        tx: &mut Connection,
        scheduled: &Due,
        now: Instant,
    ) -> Result<Option<RequestId>, AskError> {
        let due = &scheduled.later;
        let refuse = |why: &str| {
            tracing::error!(because = %due.because, operation = due.operation, why, "a scheduled request is not asked for");
            Ok(None)
        };
        let events = self.journal.events(due.because).await?;
        let because = match read::replay(due.because, &events) {
            Err(ReadError::NotFound) => return refuse("there is no request that scheduled it"),
            because => because?,
        };
        // The step that schedules it writes the row first and its proof with its result.
        if !later::is_proven(&self.journal.key, scheduled, &events) {
            return match because.state.is_terminal() {
                true => {
                    refuse("the journal has no proof of it: somebody else wrote it into the store")
                }
                false => Err(AskError::NotProven),
            };
        }
        let Some(operation) = catalogue::find(&due.operation) else {
            // A version that knows it may run beside this one.
            return Err(AskError::UnknownOperation);
        };
        let declaration = operation.declaration();
        if !Service::may_ask(declaration.risk) {
            return refuse("the service may not ask for what needs an approval");
        }
        // From what was scheduled and its time: a row that was copied back is the same request, which is on record already.
        let delivery = format!("later:{}:{}", due.because, due.operation);
        let id = RequestId(self.journal.key.request_id(&delivery, due.due));
        if read::is_on_record(&self.journal.pool, id).await? {
            return Ok(Some(id));
        }
        let number = read::next_number(&mut *tx).await?;
        // The same as when a person asks for the same: one of them is open at a time.
        let fingerprint = declaration.fingerprint(&self.journal.key, &due.asking, None);
        let (asked, asking) =
            declaration.asked(number, service(&because), &due.asking, fingerprint);
        let batch = Batch {
            before: None,
            id,
            events: &[asked],
            private_data: &[asking],
            at: now,
            fence: None,
        };
        self.journal.record_in(tx, batch).await?;
        let label = request::label(number);
        tracing::info!(
            request = label,
            because = because.label(),
            operation = declaration.name,
            "the service asks"
        );
        Ok(Some(id))
    }
}

impl Queue for LaterRequests {
    /// Held by its transaction until it is asked for.
    type Item = (Tx, Due);

    async fn claim(&self) -> Result<Option<Self::Item>, sqlx::Error> {
        let mut tx = self.journal.pool.begin().await?;
        let due = later::claim(&mut tx, self.clock.now()).await?;
        Ok(due.map(|due| (tx, due)))
    }

    async fn next_due(&self) -> Result<Option<Instant>, sqlx::Error> {
        later::next(&self.journal.pool).await
    }

    async fn work(&self, (tx, due): Self::Item, _stop: CancellationToken) {
        match self.ask_and_close(tx, &due).await {
            Ok(()) => return,
            // A person asks for the same at this moment: when that is over it is looked at again.
            Err(AskError::Record(RecordError::AlreadyOpen)) => {}
            Err(error) => {
                let later = &due.later;
                tracing::warn!(because = %later.because, operation = later.operation, %error, "a scheduled request rests");
            }
        }
        let rested = later::rest(&self.journal.pool, &due.later, self.clock.now() + REST).await;
        if let Err(error) = rested {
            tracing::warn!(%error, "a scheduled request does not rest");
        }
    }
}

fn service(because: &Request) -> Actor {
    Actor::Service(Service {
        because: because.id,
        number: because.number,
        told: because.requester.told().to_owned(),
    })
}
