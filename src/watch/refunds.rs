//! Once a day: whether refunds that are done still hold. Stripe tells it by a webhook too, but a webhook may be lost, and not
//! everybody has set one up.

use chrono::Duration;
use futures::future::BoxFuture;

use crate::{
    domain::{Instant, RequestId},
    journal::{ReadError, Store},
    operations::refund::{Found, LOOK_EVERY, LateError, look},
    systems::stripe::Retry,
    work::{Job, JobContext, JobError, Schedule},
};

/// How long after it was done a refund is looked at. A bank takes up to 30 days to send one back (Stripe's documentation).
pub const LOOKED_FOR: Duration = Duration::days(35);
/// How long a look may take before another replica tries, and how long it rests after one that failed.
const CLAIM: Duration = Duration::hours(1);

/// Looks at what is due.
pub const LOOK: Job = Job {
    name: "look at refunds",
    schedule: Schedule::Every(Duration::minutes(10)),
    catch_up: Duration::minutes(10),
    deadline: std::time::Duration::from_secs(3_600),
    run: look_at_due,
};

fn look_at_due(context: JobContext) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        // Without a key there is nobody to ask; what is due stays due until there is one.
        if context.systems.stripe.is_some() {
            while let Some(due) = claim(&context.journal.pool, context.now).await? {
                context.look_at(&due).await;
            }
        }
        Ok(())
    })
}

/// A look that did not come to its end.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Late(#[from] LateError),
}

impl LookError {
    /// How long it rests: what Stripe refuses today it hardly does otherwise within the hour.
    fn rest(&self) -> Duration {
        match self {
            Self::Late(LateError::Stripe(error)) if error.retry() == Retry::Pointless => LOOK_EVERY,
            Self::Read(_) | Self::Late(_) => CLAIM,
        }
    }
}

/// A refund whose look is due.
struct Due {
    request: RequestId,
    /// When Stripe called it done, or else when it was sent.
    since: Instant,
}

impl JobContext {
    async fn look_at(&self, due: &Due) {
        let now = self.now;
        let found = self.look(due).await;
        let is_over = now - due.since >= LOOKED_FOR;
        let next = match &found {
            Ok(Found::NotDone) => Some(now + LOOK_EVERY),
            Ok(Found::Over) => None,
            Ok(Found::StillSettled) => (!is_over).then_some(now + LOOK_EVERY),
            Err(error) => (!is_over).then_some(now + error.rest()),
        };
        let request = due.request;
        match &found {
            Err(error) if next.is_some() => {
                tracing::warn!(%request, %error, "whether its refund still holds is not known; it is looked again");
            }
            Err(error) => {
                tracing::error!(%request, %error, "whether its refund held to the end was never known");
            }
            Ok(_) => {}
        }
        let noted = sqlx::query!(
            "update countersign.refund set look_at = $2 where request_id = $1 and closed_at is null",
            request.0,
            next
        )
        .execute(&self.journal.pool)
        .await;
        if let Err(error) = noted {
            tracing::warn!(%request, %error, "its claim runs out by itself");
        }
    }

    async fn look(&self, due: &Due) -> Result<Found, LookError> {
        let request = self.journal.request(due.request).await?;
        Ok(look(&self.systems, &self.journal, request, self.now).await?)
    }
}

async fn claim(pool: &Store, now: Instant) -> Result<Option<Due>, sqlx::Error> {
    let row = sqlx::query!(
        r#"update countersign.refund set look_at = $2
           where request_id = (select request_id from countersign.refund where look_at <= $1
                               order by look_at limit 1 for update skip locked)
           returning request_id, coalesce(settled_at, sent_at, written_at) as "since!""#,
        now,
        now + CLAIM
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Due {
        request: RequestId(row.request_id),
        since: row.since,
    }))
}
