//! Asks for what was scheduled, when its time has come: once, by one replica, also after a restart.

use chrono::Duration;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{Actor, Instant, Request, RequestId, actor::Service, request},
    journal::{
        Connection, Journal, ReadError, RecordError,
        append::Batch,
        later::{self, Due},
        read,
    },
    operations::catalogue,
    runtime::SharedClock,
};

/// How often it is looked for what another replica scheduled.
const POLL: Duration = Duration::seconds(30);
/// How long one rests whose question a person has asked at the same time, or that failed.
const REST: Duration = Duration::minutes(1);

/// The worker of one replica.
#[derive(Clone)]
pub struct LaterRequests {
    /// Where requests are scheduled and asked.
    pub journal: Journal,
    /// The clock.
    pub clock: SharedClock,
}

/// Why it was not asked for.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the request that schedules it has not come to its proof yet")]
    NotProven,
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

impl LaterRequests {
    /// Asks for what is due until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let now = self.clock.now();
            match self.ask_next(now).await {
                Ok(true) => {
                    self.journal.appended.notify();
                    continue;
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "what is due was not asked for"),
            }
            let next = later::next(&self.journal.pool).await.ok().flatten();
            // What is due now is held by another replica, or failed a moment ago.
            let next = next.filter(|next| *next > now);
            let until = next.map_or(now + POLL, |next| next.min(now + POLL));
            tokio::select! {
                () = self.clock.sleep_until(until) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Asks for one thing that is due; false when nothing is.
    async fn ask_next(&self, now: Instant) -> Result<bool, AskError> {
        let mut tx = self.journal.pool.begin().await?;
        let Some(due) = later::claim(&mut tx, now).await? else {
            return Ok(false);
        };
        match self.ask(&mut tx, &due, now).await {
            Ok(asked) => {
                later::close(&mut tx, &due.later, asked, now).await?;
                tx.commit().await?;
            }
            // A person asks for the same at this moment: when that is over it is looked at again.
            Err(AskError::Record(RecordError::AlreadyOpen)) => {
                drop(tx);
                later::rest(&self.journal.pool, &due.later, now + REST).await?;
            }
            Err(error) => {
                tracing::warn!(because = %due.later.because, operation = due.later.operation, %error, "a scheduled request rests");
                drop(tx);
                later::rest(&self.journal.pool, &due.later, now + REST).await?;
            }
        }
        Ok(true)
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
            return refuse("this version does not know the operation");
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

fn service(because: &Request) -> Actor {
    Actor::Service(Service {
        because: because.id,
        number: because.number,
        told: because.requester.told().to_owned(),
    })
}
