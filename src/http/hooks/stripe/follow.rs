//! What follows from an event about a refund: the step that waits for it looks again at once.

use chrono::Duration;
use tokio_util::sync::CancellationToken;

use super::{
    StripeHook,
    arrivals::{self, Claimed},
};
use crate::{
    domain::{Command, State, decide::decide, request::Progress},
    journal::{ReadError, RecordError, append::Batch},
    operations::refund::{LateError, look, step},
};

/// How often a replica looks for events that it was not told of.
const POLL: Duration = Duration::seconds(2);
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
}

impl FollowError {
    fn most_looks(&self) -> i32 {
        match self {
            Self::Read(_) | Self::Record(_) => MOST_LOOKS,
            Self::Late(_) => MOST_LATE_LOOKS,
        }
    }
}

impl StripeHook {
    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match arrivals::claim(&self.journal.pool, self.clock.now()).await {
                Ok(Some(claimed)) => {
                    self.process(&claimed).await;
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "what Stripe told cannot be read"),
            }
            let now = self.clock.now();
            let due = arrivals::next_due(&self.journal.pool).await.ok().flatten();
            let until = due.filter(|due| *due > now).unwrap_or(now + POLL);
            tokio::select! {
                () = self.arrived.notified() => {}
                () = self.clock.sleep_until(until.min(now + POLL)) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn process(&self, claimed: &Claimed) {
        let now = self.clock.now();
        let pool = &self.journal.pool;
        let ended = match self.follow(claimed).await {
            Ok(Followed::Done) => arrivals::finish(pool, &claimed.id, now).await,
            Ok(Followed::TooEarly) if claimed.attempts >= MOST_LOOKS => {
                tracing::warn!(
                    event = claimed.id,
                    "an event is left to the step's own pauses"
                );
                arrivals::finish(pool, &claimed.id, now).await
            }
            Ok(Followed::TooEarly) => self.put_back(claimed).await,
            Err(error) if claimed.attempts >= error.most_looks() => {
                tracing::error!(event = claimed.id, %error, "an event from Stripe is given up");
                arrivals::finish(pool, &claimed.id, now).await
            }
            Err(error) => {
                tracing::warn!(event = claimed.id, %error, "an event from Stripe rests");
                self.put_back(claimed).await
            }
        };
        if let Err(error) = ended {
            tracing::warn!(event = claimed.id, %error, "its claim runs out by itself");
        }
    }

    async fn put_back(&self, claimed: &Claimed) -> Result<(), sqlx::Error> {
        let doublings = u32::try_from(claimed.attempts.saturating_sub(1)).unwrap_or(0);
        let rest = FIRST_REST * 2_i32.saturating_pow(doublings.min(16));
        let again = self.clock.now() + rest.min(LONGEST_REST);
        arrivals::put_back(&self.journal.pool, &claimed.id, again).await
    }

    async fn follow(&self, claimed: &Claimed) -> Result<Followed, FollowError> {
        let request = self.journal.request(claimed.request).await?;
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
}
