//! What follows from an inbox entry: the person is looked up, the domain decides, the journal records,
//! the entry is done and the answer is on its way, all in one transaction.

mod ask;
mod decide;
mod open;

use std::sync::Arc;

use tokio::sync::{Notify, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use super::inbox::{self, Answer, Claimed, What};
use crate::{
    domain::Instant,
    journal::{Connection, Journal, RecordError},
    runtime::{self, SharedClock},
    slack::{
        cards::Card,
        directory::Directory,
        people::{People, PeopleError},
    },
};

/// Entries that one replica works on at a time.
const AT_ONCE: usize = 8;
/// How often a replica looks for inbox entries that it was not told of.
const POLL: chrono::Duration = chrono::Duration::seconds(2);
/// How often an inbox entry is decided anew at once because the request moved in between; then it rests.
const CONFLICTS_AT_ONCE: u32 = 5;
/// How long an inbox entry rests when Slack or the store did not answer, at first and at most.
const FIRST_REST: chrono::Duration = chrono::Duration::seconds(1);
const LONGEST_REST: chrono::Duration = chrono::Duration::seconds(60);

/// Processes the inbox.
#[derive(Clone)]
pub struct Processor {
    /// Where it is recorded.
    pub journal: Journal,
    /// Who people are.
    pub directory: Arc<Directory>,
    /// The clock.
    pub clock: SharedClock,
    /// Woken when something came in.
    pub arrived: Arc<Notify>,
}

/// Why an inbox entry has no outcome yet.
#[derive(Debug, thiserror::Error)]
enum ProcessError {
    #[error(transparent)]
    People(#[from] PeopleError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Read(#[from] crate::journal::ReadError),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

impl Processor {
    /// Works until `stop`, then finishes what is under way.
    pub async fn run(self, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        let places = Arc::new(Semaphore::new(AT_ONCE));
        while !stop.is_cancelled() {
            let Ok(place) = places.clone().acquire_owned().await else {
                break;
            };
            match inbox::claim(&self.journal.pool, self.clock.now()).await {
                Ok(Some(claimed)) => {
                    let processor = self.clone();
                    let (kind, request) = claimed.entry.kind();
                    let span = tracing::info_span!(
                        "inbox_entry",
                        inbox.id = %claimed.id,
                        kind,
                        request.id = request.map(tracing::field::display),
                    );
                    let process = async move {
                        processor.process(claimed).await;
                        drop(place);
                        processor.arrived.notify_one();
                    };
                    tracker.spawn(process.instrument(span));
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "the inbox cannot be read"),
            }
            let until = self.clock.now() + POLL;
            tokio::select! {
                () = self.arrived.notified() => {}
                () = self.clock.sleep_until(until) => {}
                () = stop.cancelled() => {}
            }
        }
        tracker.close();
        tracker.wait().await;
    }

    async fn process(&self, claimed: Claimed) {
        let Err(error) = self.process_now(&claimed).await else {
            return self.journal.appended.notify();
        };
        tracing::warn!(inbox = %claimed.id, %error, "an inbox entry from Slack rests");
        let tries = u32::try_from(claimed.attempts).unwrap_or(1);
        let rest = FIRST_REST * 2_i32.saturating_pow(tries.saturating_sub(1).min(16));
        let again = self.clock.now() + rest.min(LONGEST_REST);
        if let Err(error) = inbox::put_back(&self.journal.pool, claimed.id, again).await {
            tracing::warn!(inbox = %claimed.id, %error, "it was not put back; its claim runs out by itself");
        }
    }

    /// When somebody else moved the request in between, it is decided again on what the request is now.
    async fn process_now(&self, claimed: &Claimed) -> Result<(), ProcessError> {
        let mut conflicts = 0;
        loop {
            let outcome = match &claimed.entry.what {
                What::Ask { operation, asking } => self.ask(claimed, operation, asking).await,
                What::Decide {
                    request,
                    decision,
                    nonce,
                } => {
                    self.decide(claimed, *request, decision, nonce.as_deref())
                        .await
                }
            };
            match outcome {
                Err(ProcessError::Record(RecordError::Conflict))
                    if conflicts < CONFLICTS_AT_ONCE =>
                {
                    conflicts += 1;
                }
                outcome => return outcome,
            }
        }
    }

    fn people(&self) -> People {
        People {
            directory: self.directory.clone(),
            journal: self.journal.clone(),
            clock: self.clock.clone(),
        }
    }

    /// Ends an inbox entry in the transaction of what followed from it. False: another worker was first, so the
    /// transaction must not be committed.
    async fn finish(
        &self,
        tx: &mut Connection,
        claimed: &Claimed,
        answer: Option<Card>,
        now: Instant,
    ) -> Result<bool, sqlx::Error> {
        if !inbox::finish(tx, claimed.id, now).await? {
            return Ok(false);
        }
        if let Some(card) = answer {
            answer_later(tx, &claimed.entry.answer, &claimed.entry.user, &card, now).await?;
        }
        Ok(true)
    }

    /// Ends an inbox entry from which nothing but an answer followed.
    async fn just_answer(&self, claimed: &Claimed, card: Card) -> Result<(), ProcessError> {
        self.end(claimed, Some(card)).await
    }

    /// Ends an inbox entry from which nothing followed, with an answer where there is one.
    async fn end(&self, claimed: &Claimed, answer: Option<Card>) -> Result<(), ProcessError> {
        let mut tx = self.journal.pool.begin().await?;
        if self
            .finish(&mut tx, claimed, answer, self.clock.now())
            .await?
        {
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Puts an answer to one person on its way: it goes out when the transaction commits.
async fn answer_later(
    tx: &mut Connection,
    to: &Answer,
    user: &str,
    card: &Card,
    now: Instant,
) -> Result<(), sqlx::Error> {
    let encode = |e| sqlx::Error::Encode(Box::new(e));
    sqlx::query!(
        "insert into countersign.reply (id, target, card, created_at, not_before) values ($1, $2, $3, $4, $4)",
        runtime::new_id(),
        serde_json::json!({ "user": user, "answer": to }),
        serde_json::to_value(card).map_err(encode)?,
        now
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
