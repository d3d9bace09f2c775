//! What follows from an inbox entry: the person is looked up, the domain decides, the journal records,
//! the entry is done and the answer is on its way, all in one transaction.

mod ask;
mod decide;
mod open;

use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use super::inbox::{self, Arrived, Claimed, Rank, What};
use crate::{
    audit_key::AuditKey,
    domain::Instant,
    journal::{
        Connection, Journal, RecordError,
        sealed::{ReplyRow, SealedRow},
    },
    runtime::{self, SharedClock},
    slack::{
        cards::Card,
        directory::Directory,
        people::{Memory, People, PeopleError},
    },
    work::{Queue, Worker, backoff},
};

/// Entries that one replica works on at a time, beside those that stop something.
const AT_ONCE: usize = 8;
/// Entries that stop something that one replica works on at a time.
const URGENT_AT_ONCE: usize = 4;
/// How long an entry that is being processed may go on when the service stops. Then it is given back.
const FINISHING: chrono::Duration = chrono::Duration::seconds(2);
/// How often an inbox entry is decided anew at once because the request moved in between; then it rests.
const CONFLICTS_AT_ONCE: u32 = 5;
/// How long an inbox entry rests when Slack or the store did not answer, at first and at most.
const FIRST_REST: chrono::Duration = chrono::Duration::seconds(1);
const LONGEST_REST: chrono::Duration = chrono::Duration::seconds(60);
/// The same for what stops something.
const LONGEST_URGENT_REST: chrono::Duration = chrono::Duration::seconds(5);

/// Processes the inbox.
#[derive(Clone)]
pub struct Processor {
    /// Where it is recorded.
    pub journal: Journal,
    /// Who people are.
    pub directory: Arc<Directory>,
    pub clock: SharedClock,
    /// Woken when something came in.
    pub arrived: Arrived,
}

/// The entries of some ranks.
#[derive(Clone)]
struct Entries {
    processor: Processor,
    ranks: &'static [Rank],
}

impl Queue for Entries {
    type Item = Claimed;

    async fn claim(&self) -> Result<Option<Claimed>, sqlx::Error> {
        let processor = &self.processor;
        let journal = &processor.journal;
        inbox::claim(
            &journal.pool,
            &journal.key,
            self.ranks,
            processor.clock.now(),
        )
        .await
    }

    async fn next_due(&self) -> Result<Option<Instant>, sqlx::Error> {
        let processor = &self.processor;
        inbox::next_due(&processor.journal.pool, self.ranks, processor.clock.now()).await
    }

    /// Nothing of it is done before its transaction commits, so it can be dropped anywhere and given back.
    async fn work(&self, claimed: Claimed, stop: CancellationToken) {
        let (processor, id) = (&self.processor, claimed.id);
        let (kind, request) = claimed.entry.kind();
        let span = tracing::info_span!(
            "inbox_entry",
            inbox.id = %id,
            kind,
            request.id = request.map(tracing::field::display),
        );
        tokio::select! {
            () = processor.process(claimed).instrument(span) => {}
            () = processor.until_given_up(&stop) => {
                processor.put_back(id, processor.clock.now()).await;
            }
        }
    }
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
    /// Processes entries until `stop`: what stops something in places of its own.
    pub async fn run(self, stop: CancellationToken) {
        let queue = |ranks| Entries {
            processor: self.clone(),
            ranks,
        };
        let urgent = Worker {
            name: "urgent inbox entries",
            queue: queue(&[Rank::Urgent]),
            places: URGENT_AT_ONCE,
            wake: self.arrived.urgent.clone(),
            clock: self.clock.clone(),
        };
        let usual = Worker {
            name: "inbox entries",
            queue: queue(&[Rank::Decision, Rank::Command]),
            places: AT_ONCE,
            wake: self.arrived.usual.clone(),
            clock: self.clock.clone(),
        };
        tokio::join!(urgent.run(stop.clone()), usual.run(stop));
    }

    async fn process(&self, claimed: Claimed) {
        let Err(error) = self.process_now(&claimed).await else {
            return self.journal.appended.notify();
        };
        tracing::warn!(inbox = %claimed.id, %error, "an inbox entry from Slack rests");
        let longest = match Rank::of(&claimed.entry.what) {
            Rank::Urgent => LONGEST_URGENT_REST,
            Rank::Decision | Rank::Command | Rank::Event => LONGEST_REST,
        };
        let rest = backoff(claimed.attempts, FIRST_REST, longest);
        self.put_back(claimed.id, self.clock.now() + rest).await;
    }

    async fn until_given_up(&self, stop: &CancellationToken) {
        stop.cancelled().await;
        self.clock.sleep_until(self.clock.now() + FINISHING).await;
    }

    async fn put_back(&self, id: Uuid, again: Instant) {
        if let Err(error) = inbox::put_back(&self.journal.pool, id, again).await {
            tracing::warn!(inbox = %id, %error, "it was not put back; its claim runs out by itself");
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
            memory: Memory::AtHand,
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
            let to = json!({ "user": claimed.entry.user, "answer": claimed.entry.answer });
            answer_later(tx, &self.journal.key, to, &card, now).await?;
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
    key: &AuditKey,
    target: serde_json::Value,
    card: &Card,
    now: Instant,
) -> Result<(), sqlx::Error> {
    let encode = |e| sqlx::Error::Encode(Box::new(e));
    let row = ReplyRow {
        id: runtime::new_id(),
        target,
        card: serde_json::to_value(card).map_err(encode)?,
        created_at: now,
    };
    sqlx::query!(
        r#"insert into countersign.reply (id, target, card, created_at, not_before, mac)
           values ($1, $2, $3, $4, $4, $5)"#,
        row.id,
        row.target,
        row.card,
        now,
        row.mac(key)
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
