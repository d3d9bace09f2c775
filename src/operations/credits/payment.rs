//! One payment is granted once. The claim lies in the store, where a unique index decides between two requests.

use sqlx::PgPool;
use uuid::Uuid;

use super::mark;
use crate::{
    domain::{Instant, request},
    operations::{PlanContext, PlanError, StepContext, StepError},
    systems::app_db::{AppDb, AppDbError, CreditOutcome},
};

/// What a grant for a payment does not look at.
pub(super) const UNCHECKED: &str = "Stripe is not asked: look there that the payment succeeded, is this person's and is not written under \
     another id too (pi_, cs_ and ch_ can be one payment), and that its webhook is not still being delivered";

/// How often a claim that falls free is tried for before the database is given a rest.
const TRIES: u32 = 5;

/// A request's claim to one payment.
pub(super) struct Claim<'a> {
    store: &'a PgPool,
    app_db: &'a AppDb,
    request: Uuid,
    payment: &'a str,
    user_id: &'a str,
    credits: i64,
    now: Instant,
}

/// Why a payment cannot be claimed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unclaimed {
    /// Another request has it.
    #[error("{payment} {}", if *.granted { format!("was granted by {by} already") } else { format!("is asked for by {by}, which is still open") })]
    Taken {
        payment: String,
        by: String,
        granted: bool,
    },
    /// Others come and go.
    #[error("other requests claim {0} at the same time")]
    Contended(String),
    #[error(transparent)]
    AppDb(#[from] AppDbError),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

/// A claim that is in force.
struct Holder {
    request: Uuid,
    number: i64,
    granted: bool,
    open: bool,
}

impl<'a> Claim<'a> {
    pub(super) fn of_plan(
        context: &'a PlanContext<'_>,
        payment: &'a str,
        user_id: &'a str,
        credits: i64,
    ) -> Self {
        Self {
            store: &context.journal.pool,
            app_db: &context.systems.app_db,
            request: context.request.id.0,
            payment,
            user_id,
            credits,
            now: context.now,
        }
    }

    pub(super) fn of_step(
        context: &'a StepContext<'_>,
        payment: &'a str,
        user_id: &'a str,
        credits: i64,
    ) -> Self {
        Self {
            store: &context.journal.pool,
            app_db: &context.systems.app_db,
            request: context.request_id(),
            payment,
            user_id,
            credits,
            now: context.now,
        }
    }

    /// Has the claim, now or already. A claim of a request that ended without giving anything falls free.
    pub(super) async fn hold(&self) -> Result<(), Unclaimed> {
        for _ in 0..TRIES {
            if self.insert().await? {
                return Ok(());
            }
            let Some(holder) = self.holder().await? else {
                continue;
            };
            if holder.request == self.request {
                return Ok(());
            }
            if holder.granted || holder.open || self.has_granted(holder.request).await? {
                return Err(Unclaimed::Taken {
                    payment: self.payment.to_owned(),
                    by: request::label(holder.number),
                    granted: holder.granted || !holder.open,
                });
            }
        }
        Err(Unclaimed::Contended(self.payment.to_owned()))
    }

    async fn insert(&self) -> Result<bool, sqlx::Error> {
        let done = sqlx::query!(
            r#"insert into countersign.credit_grant (request_id, payment, user_id, credits, claimed_at)
               values ($1, $2, $3, $4, $5) on conflict do nothing"#,
            self.request,
            self.payment,
            self.user_id,
            self.credits,
            self.now
        )
        .execute(self.store)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn holder(&self) -> Result<Option<Holder>, sqlx::Error> {
        sqlx::query_as!(
            Holder,
            r#"select g.request_id as request, r.number, g.granted_at is not null as "granted!", r.open
               from countersign.credit_grant g join countersign.request r on r.id = g.request_id
               where g.payment = $1 and g.released_at is null"#,
            self.payment
        )
        .fetch_optional(self.store)
        .await
    }

    /// Whether a request that has ended gave the credits: the marker in the app's database knows. When it did not, the
    /// marker is taken, so that a replica that was thought dead cannot give them any more, and the claim is released.
    async fn has_granted(&self, other: Uuid) -> Result<bool, Unclaimed> {
        match self.app_db.forestall_credits(&mark(other)).await? {
            CreditOutcome::Moved { .. } => {
                note_granted(self.store, other, self.now).await?;
                Ok(true)
            }
            CreditOutcome::Forestalled => {
                sqlx::query!(
                    "update countersign.credit_grant set released_at = $2 where request_id = $1 and granted_at is null",
                    other,
                    self.now
                )
                .execute(self.store)
                .await?;
                Ok(false)
            }
        }
    }
}

/// The credits are on the account.
pub(super) async fn granted(context: &StepContext<'_>) -> Result<(), StepError> {
    note_granted(&context.journal.pool, context.request_id(), context.now).await?;
    Ok(())
}

async fn note_granted(store: &PgPool, request: Uuid, now: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.credit_grant set granted_at = coalesce(granted_at, $2) where request_id = $1",
        request,
        now
    )
    .execute(store)
    .await?;
    Ok(())
}

impl From<Unclaimed> for PlanError {
    fn from(error: Unclaimed) -> Self {
        match error {
            Unclaimed::Taken { .. } => Self::Refused(vec![error.to_string()]),
            Unclaimed::AppDb(error) => error.into(),
            Unclaimed::Contended(_) | Unclaimed::Store(_) => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<Unclaimed> for StepError {
    fn from(error: Unclaimed) -> Self {
        match error {
            Unclaimed::Taken { .. } => Self::Failed(error.to_string()),
            Unclaimed::AppDb(error) => error.into(),
            Unclaimed::Contended(_) | Unclaimed::Store(_) => Self::Retry(error.to_string()),
        }
    }
}
