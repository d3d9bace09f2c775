//! What follows from an event about a refund: the step that waits for it looks again at once.

use chrono::Duration;
use tokio_util::sync::CancellationToken;

use super::StripeHook;
use crate::{
    domain::{Command, Instant, State, decide::decide, request::Progress},
    journal::{ReadError, RecordError, append::Batch},
    operations::refund::{LateError, look, step},
    slack::inbound::inbox::{self, Claimed, Rank, VendorEvent},
    work::{Queue, Worker, backoff},
};

/// What this queue takes of the inbox.
const EVENTS: &[Rank] = &[Rank::Event];
/// How long an event rests at first, and at most, while the step that it is for is at work.
const FIRST_REST: Duration = Duration::seconds(1);
const LONGEST_REST: Duration = Duration::seconds(60);
/// Looks at an event before it is left to the step's own pauses.
const MOST_LOOKS: i32 = 12;
/// Looks at a refund that may have come back while Stripe or the app's database cannot be asked, [`LONGEST_REST`] apart: three
/// days, as long as Stripe itself delivers again. After that only the daily look is left.
const MOST_LATE_LOOKS: i32 = 3 * 24 * 60;

/// What became of an event.
enum Followed {
    /// There is nothing more to do about it.
    Done,
    /// The step is not waiting yet.
    TooEarly,
}

/// Why an event could not be followed.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Late(#[from] LateError),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

impl FollowError {
    fn most_looks(&self) -> i32 {
        match self {
            Self::Read(_) | Self::Record(_) | Self::Store(_) => MOST_LOOKS,
            Self::Late(_) => MOST_LATE_LOOKS,
        }
    }
}

impl StripeHook {
    /// Follows events until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let worker = Worker {
            name: "events of Stripe",
            places: 1,
            wake: self.arrived.events.clone(),
            clock: self.clock.clone(),
            queue: self,
        };
        worker.run(stop).await;
    }

    async fn process(&self, claimed: &Claimed<VendorEvent>) -> Result<(), sqlx::Error> {
        let event = &claimed.entry.id;
        match self.follow(&claimed.entry).await {
            Ok(Followed::Done) => self.finish(claimed).await,
            Ok(Followed::TooEarly) if claimed.attempts >= MOST_LOOKS => {
                tracing::warn!(event, "an event is left to the step's own pauses");
                self.finish(claimed).await
            }
            Ok(Followed::TooEarly) => self.put_back(claimed).await,
            Err(error) if claimed.attempts >= error.most_looks() => {
                tracing::error!(event, %error, "an event from Stripe is given up");
                self.finish(claimed).await
            }
            Err(error) => {
                tracing::warn!(event, %error, "an event from Stripe rests");
                self.put_back(claimed).await
            }
        }
    }

    async fn finish(&self, claimed: &Claimed<VendorEvent>) -> Result<(), sqlx::Error> {
        let mut tx = self.journal.pool.begin().await?;
        inbox::finish(&mut tx, claimed.id, self.clock.now()).await?;
        tx.commit().await
    }

    async fn put_back(&self, claimed: &Claimed<VendorEvent>) -> Result<(), sqlx::Error> {
        let again = self.clock.now() + backoff(claimed.attempts, FIRST_REST, LONGEST_REST);
        inbox::put_back(&self.journal.pool, claimed.id, again).await
    }

    async fn follow(&self, event: &VendorEvent) -> Result<Followed, FollowError> {
        if !self.is_of_ours(event).await? {
            return Ok(Followed::Done);
        }
        let request = self.journal.request(event.request).await?;
        let now = self.clock.now();
        let State::Running { steps, .. } = &request.state else {
            look(&self.systems, &self.journal, request, now).await?;
            return Ok(Followed::Done);
        };
        let next = steps
            .iter()
            .find(|step| !matches!(step.progress, Progress::Done { .. }));
        match next.map(|next| (next.planned.id.as_str(), &next.progress)) {
            Some((step::SETTLE, Progress::Deferred { retry_at, .. })) if *retry_at > now => {}
            Some((step::SETTLE, Progress::Deferred { .. })) => return Ok(Followed::Done),
            Some(_) | None => return Ok(Followed::TooEarly),
        }
        let step = step::SETTLE.to_owned();
        let Ok(events) = decide(&request, &Command::RetryNow { step }, now) else {
            return Ok(Followed::TooEarly);
        };
        let batch = Batch {
            id: request.id,
            before: Some(request),
            events: &events,
            private_data: &[],
            at: now,
            fence: None,
        };
        match self.journal.record(batch).await {
            Ok(_) => Ok(Followed::Done),
            Err(RecordError::Conflict) => Ok(Followed::TooEarly),
            Err(error) => Err(error.into()),
        }
    }

    /// Somebody else's refund may name a request as well.
    async fn is_of_ours(&self, event: &VendorEvent) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar!(
            r#"select exists(select from countersign.refund where request_id = $1) as "exists!""#,
            event.request.0
        )
        .fetch_one(&self.journal.pool)
        .await
    }
}

impl Queue for StripeHook {
    type Item = Claimed<VendorEvent>;

    async fn claim(&self) -> Result<Option<Self::Item>, sqlx::Error> {
        inbox::claim(
            &self.journal.pool,
            &self.journal.key,
            EVENTS,
            self.clock.now(),
        )
        .await
    }

    async fn next_due(&self) -> Result<Option<Instant>, sqlx::Error> {
        inbox::next_due(&self.journal.pool, EVENTS, self.clock.now()).await
    }

    /// What follows from an event is idempotent: when it is cut off, it is done again.
    async fn work(&self, claimed: Self::Item, stop: CancellationToken) {
        tokio::select! {
            ended = self.process(&claimed) => if let Err(error) = ended {
                tracing::warn!(event = claimed.entry.id, %error, "its claim runs out by itself");
            },
            () = stop.cancelled() => {
                let now = self.clock.now();
                if let Err(error) = inbox::put_back(&self.journal.pool, claimed.id, now).await {
                    tracing::warn!(event = claimed.entry.id, %error, "its claim runs out by itself");
                }
            }
        }
    }
}
