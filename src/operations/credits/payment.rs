//! One payment is granted once. The journal says which requests named it. Between two that name it at the same time a unique
//! index in the store decides.

use uuid::Uuid;

use super::mark;
use crate::{
    domain::{Instant, request},
    journal::{
        Journal, ReadError, Store,
        sealed::{self, GrantRow, SealedRow},
    },
    operations::{PlanContext, PlanError, StepContext, StepError},
    systems::app_db::{AppDb, AppDbError, CreditOutcome},
};

/// How often a claim that falls free is tried for before the database is given a rest.
const TRIES: u32 = 5;

/// The name of the index that lets a payment be claimed once.
const ONCE: &str = "credit_grant_payment_once";

/// A request's claim to one payment.
pub(super) struct Claim<'a> {
    journal: &'a Journal,
    operation: &'a str,
    app_db: &'a AppDb,
    request: Uuid,
    /// Every id of the payment, the one that stands for it first.
    ids: &'a [String],
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
    /// What is missing in the journal may have given the credits.
    #[error(
        "events of the journal are missing, changed, or of a later version, so it is not certain that nobody has given credits for {0}: run `countersign audit verify`"
    )]
    NotCertain(String),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    AppDb(#[from] AppDbError),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

/// A claim that is in force.
struct Holder {
    request: Uuid,
    payment: String,
    number: i64,
    granted: bool,
    open: bool,
}

impl<'a> Claim<'a> {
    pub(super) fn new(
        context: &'a PlanContext<'_>,
        ids: &'a [String],
        user_id: &'a str,
        credits: i64,
    ) -> Self {
        Self {
            journal: context.journal,
            operation: &context.request.operation,
            app_db: &context.systems.app_db,
            request: context.request.id.0,
            ids,
            user_id,
            credits,
            now: context.now,
        }
    }

    /// Has the claim, now or already. A claim of a request that ended without giving anything falls free.
    pub(super) async fn hold(&self) -> Result<(), Unclaimed> {
        self.not_on_record().await?;
        for _ in 0..TRIES {
            if let Some(holder) = self.holder().await? {
                if holder.granted || holder.open || self.has_granted(holder.request).await? {
                    return Err(Unclaimed::Taken {
                        payment: holder.payment,
                        by: request::label(holder.number),
                        granted: holder.granted || !holder.open,
                    });
                }
            } else if self.insert().await? {
                return Ok(());
            }
        }
        Err(Unclaimed::Contended(self.payment().to_owned()))
    }

    /// Whoever can write to the store can remove a claim, and not what the journal has of it.
    async fn not_on_record(&self) -> Result<(), Unclaimed> {
        let known = self.journal.known().await?;
        let is_certain = known.is_whole() && known.is_readable();
        let others = known.about_payments(self.ids);
        drop(known);
        if !is_certain {
            return Err(Unclaimed::NotCertain(self.payment().to_owned()));
        }
        for id in others.into_iter().filter(|id| id.0 != self.request) {
            let other = self.journal.request(id).await?;
            let open = !other.state.is_terminal();
            let is_grant = other.operation == self.operation;
            if is_grant && (open || self.has_granted(id.0).await?) {
                return Err(Unclaimed::Taken {
                    payment: self.payment().to_owned(),
                    by: other.label(),
                    granted: !open,
                });
            }
        }
        Ok(())
    }

    fn payment(&self) -> &str {
        self.ids.first().map_or("", String::as_str)
    }

    /// `false` when another request has claimed the payment a moment ago.
    async fn insert(&self) -> Result<bool, sqlx::Error> {
        let row = GrantRow {
            request_id: self.request,
            payment: self.payment().to_owned(),
            user_id: self.user_id.to_owned(),
            credits: self.credits,
        };
        let done = sqlx::query!(
            r#"insert into countersign.credit_grant as g (request_id, payment, user_id, credits, claimed_at, mac)
               values ($1, $2, $3, $4, $5, $6)
               on conflict (request_id) do update
                   set payment = excluded.payment, user_id = excluded.user_id, credits = excluded.credits, mac = excluded.mac
                   where g.granted_at is null and g.released_at is null"#,
            self.request,
            self.payment(),
            self.user_id,
            self.credits,
            self.now,
            row.mac(&self.journal.key)
        )
        .execute(&self.journal.pool)
        .await;
        match done {
            Ok(done) => Ok(done.rows_affected() == 1),
            Err(sqlx::Error::Database(error)) if error.constraint() == Some(ONCE) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Who else has the payment under any of its ids.
    async fn holder(&self) -> Result<Option<Holder>, sqlx::Error> {
        sqlx::query_as!(
            Holder,
            r#"select g.request_id as request, g.payment, r.number, g.granted_at is not null as "granted!", r.open
               from countersign.credit_grant g join countersign.request r on r.id = g.request_id
               where g.payment = any($1) and g.released_at is null and g.request_id <> $2 limit 1"#,
            self.ids,
            self.request
        )
        .fetch_optional(&self.journal.pool)
        .await
    }

    /// Whether a request that has ended gave the credits: the marker in the app's database knows. When it did not, the
    /// marker is taken, so that a replica that was thought dead cannot give them any more, and the claim is released.
    async fn has_granted(&self, other: Uuid) -> Result<bool, Unclaimed> {
        match self.app_db.forestall_credits(&mark(other)).await? {
            CreditOutcome::Moved { .. } => {
                note_granted(&self.journal.pool, other, self.now).await?;
                Ok(true)
            }
            CreditOutcome::Forestalled => {
                sqlx::query!(
                    "update countersign.credit_grant set released_at = $2 where request_id = $1 and granted_at is null",
                    other,
                    self.now
                )
                .execute(&self.journal.pool)
                .await?;
                Ok(false)
            }
        }
    }
}

/// The payment that a request has claimed. Without a claim nothing may be given for it.
pub(super) async fn of_request(context: &StepContext<'_>) -> Result<String, StepError> {
    let condition = "request_id = $1 and released_at is null";
    let id = context.request_id();
    let claimed = sealed::select::<GrantRow>(&context.journal.pool, condition, id).await?;
    let genuine = claimed
        .into_iter()
        .find_map(|row| row.open(&context.journal.key));
    genuine.map(|row| row.payment).ok_or_else(|| {
        StepError::Failed("the request's claim to the payment is gone: ask anew".to_owned())
    })
}

/// The credits are on the account.
pub(super) async fn granted(context: &StepContext<'_>) -> Result<(), StepError> {
    note_granted(&context.journal.pool, context.request_id(), context.now).await?;
    Ok(())
}

async fn note_granted(store: &Store, request: Uuid, now: Instant) -> Result<(), sqlx::Error> {
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
            Unclaimed::Contended(_)
            | Unclaimed::NotCertain(_)
            | Unclaimed::Read(_)
            | Unclaimed::Store(_) => Self::Unavailable(error.to_string()),
        }
    }
}
