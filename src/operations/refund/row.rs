//! What is kept of a refund in the store between its steps.

use super::{taken::unknown, terms::Terms};
use uuid::Uuid;

use crate::{
    audit_key::AuditKey,
    domain::Instant,
    journal::{
        Connection,
        sealed::{self, RefundRow, Sealed, SealedRow},
    },
    operations::{PlanContext, PlanError, StepContext, StepError},
    systems::stripe::{Currency, Money},
};

/// One refund, as it stands.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Stripe does a call once per key.
    pub key: String,
    /// The id of the payment intent, or of the charge that has none.
    pub payment: String,
    /// How much goes back.
    pub amount: Money,
    /// How much had gone back before, in the smallest unit.
    pub refunded_before: i64,
    /// Whose credits were taken.
    pub user_id: Option<String>,
    /// When it was first sent.
    pub sent_at: Option<Instant>,
    /// Stripe's id of it.
    pub refund_id: Option<String>,
    /// Why nothing is sent any more.
    pub closed_why: Option<String>,
}

/// Whether a refund could be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// It is.
    Down,
    /// It stands there as it was sent, and nothing was changed.
    SentAlready,
}

/// What is said when nothing is stored of the refund.
const GONE: &str = "what was written down of this refund is gone: look at the payment in Stripe";
/// What is said when the stored refund is not what Countersign wrote.
const CHANGED: &str = "what was written down of this refund has been changed outside Countersign: run `countersign audit verify` and \
                       look at the payment in Stripe. Nothing more is sent";

/// Writes the refund down. What was written down and not sent yet is replaced: the plan was approved anew.
pub(super) async fn write(context: &StepContext<'_>, terms: &Terms) -> Result<Written, StepError> {
    let id = context.request_id();
    let mut tx = context.journal.pool.begin().await?;
    let before = match stored(&mut tx, id).await? {
        Some(before) => {
            let genuine = before.open(&context.journal.key);
            Some(genuine.ok_or_else(|| unknown(context, CHANGED))?)
        }
        None => None,
    };
    if before.as_ref().is_some_and(|row| row.sent_at.is_some()) {
        return Ok(Written::SentAlready);
    }
    let in_doubt = before.as_ref().map_or(0, |row| row.in_doubt);
    let (refund_id, closed_at, closed_why) = before.map_or((None, None, None), |row| {
        (row.refund_id, row.closed_at, row.closed_why)
    });
    let row = RefundRow {
        request_id: id,
        idempotency_key: idempotency_key(id),
        payment: terms.payment.clone(),
        amount: terms.amount.minor,
        currency: terms.amount.currency.0.clone(),
        refunded_before: terms.refunded_before,
        user_id: terms.credits.as_ref().map(|credits| credits.user.clone()),
        written_at: context.now,
        sent_at: None,
        refund_id,
        closed_at,
        closed_why,
        in_doubt,
    };
    sqlx::query!(
        r#"insert into countersign.refund as r
               (request_id, idempotency_key, payment, amount, currency, refunded_before, user_id, written_at, mac)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (request_id) do update
               set idempotency_key = excluded.idempotency_key, payment = excluded.payment, amount = excluded.amount,
                   currency = excluded.currency, refunded_before = excluded.refunded_before, user_id = excluded.user_id,
                   written_at = excluded.written_at, mac = excluded.mac"#,
        id,
        row.idempotency_key,
        row.payment,
        row.amount,
        row.currency,
        row.refunded_before,
        row.user_id,
        row.written_at,
        row.mac(&context.journal.key),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Written::Down)
}

fn idempotency_key(request: Uuid) -> String {
    format!("countersign:{request}:{}", super::step::SEND)
}

/// The stored row, held until the transaction ends.
async fn stored(db: &mut Connection, id: Uuid) -> Result<Option<Sealed<RefundRow>>, sqlx::Error> {
    let rows = sealed::select(db, "request_id = $1 for update", id).await?;
    Ok(rows.into_iter().next())
}

/// Changes the stored row and seals it again, when it is what Countersign wrote. `change` says whether there is anything to change.
///
/// # Errors
/// The store's, and [`Changed`] for a row that was changed outside Countersign.
pub(super) async fn change(
    db: &mut Connection,
    key: &AuditKey,
    id: Uuid,
    change: impl FnOnce(&mut RefundRow) -> bool,
) -> Result<Option<RefundRow>, Changed> {
    let Some(stored) = stored(db, id).await? else {
        return Ok(None);
    };
    let mut row = stored.open(key).ok_or(Changed::Outside)?;
    if !change(&mut row) {
        return Ok(None);
    }
    sqlx::query!(
        r#"update countersign.refund
           set sent_at = $2, refund_id = $3, closed_at = $4, closed_why = $5, in_doubt = $6, mac = $7
           where request_id = $1"#,
        id,
        row.sent_at,
        row.refund_id,
        row.closed_at,
        row.closed_why,
        row.in_doubt,
        row.mac(key)
    )
    .execute(db)
    .await?;
    Ok(Some(row))
}

/// Why a stored refund was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Changed {
    /// Somebody without the key changed it.
    #[error("{CHANGED}")]
    Outside,
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

impl From<Changed> for StepError {
    fn from(error: Changed) -> Self {
        match error {
            Changed::Outside => Self::Indeterminate(CHANGED.to_owned()),
            Changed::Store(error) => error.into(),
        }
    }
}

/// The refund of this request, once it is written down.
pub(super) async fn written(context: &StepContext<'_>) -> Result<Option<Row>, StepError> {
    let (pool, id) = (&context.journal.pool, context.request_id());
    let stored = sealed::select::<RefundRow>(pool, "request_id = $1", id).await?;
    let Some(stored) = stored.into_iter().next() else {
        return Ok(None);
    };
    let Some(row) = stored.open(&context.journal.key) else {
        return Err(unknown(context, CHANGED));
    };
    if row.idempotency_key != idempotency_key(context.request_id()) {
        return Err(unknown(context, CHANGED));
    }
    Ok(Some(Row {
        key: row.idempotency_key,
        payment: row.payment,
        amount: Money::new(row.amount, &Currency(row.currency)),
        refunded_before: row.refunded_before,
        user_id: row.user_id,
        sent_at: row.sent_at,
        refund_id: row.refund_id,
        closed_why: row.closed_why,
    }))
}

/// The refund of this request, which must have been written down.
pub(super) async fn read(context: &StepContext<'_>) -> Result<Row, StepError> {
    written(context)
        .await?
        .ok_or_else(|| unknown(context, GONE))
}

/// Notes that it is about to be sent for the first time, unless another request sends money back of the same payment:
/// then that one's number.
pub(super) async fn sending(
    context: &StepContext<'_>,
    row: &Row,
) -> Result<Option<i64>, StepError> {
    let mut tx = context.journal.pool.begin().await?;
    // Whoever sends a refund of this payment holds all of its rows: of two at once the later one sees the earlier.
    sqlx::query!(
        "select request_id from countersign.refund where payment = $1 order by request_id for update",
        row.payment
    )
    .fetch_all(&mut *tx)
    .await?;
    // One that has come to its end since this one was written down counts as well: it may have been sent after the
    // last look at the payment.
    let other = sqlx::query_scalar!(
        r#"select q.number from countersign.refund o
               join countersign.request q on q.id = o.request_id
               join countersign.refund r on r.request_id = $1
           where o.payment = r.payment and o.request_id <> r.request_id
             and o.sent_at is not null and o.closed_at is null and (q.open or o.sent_at > r.written_at)
           order by q.number limit 1"#,
        context.request_id()
    )
    .fetch_optional(&mut *tx)
    .await?;
    if other.is_some() {
        return Ok(other);
    }
    let noted = change(
        &mut tx,
        &context.journal.key,
        context.request_id(),
        |stored| {
            let is_first = stored.sent_at.is_none() && stored.closed_at.is_none();
            stored.sent_at = stored.sent_at.or(Some(context.now));
            is_first
        },
    )
    .await?;
    if noted.is_none() {
        let says = "another replica is at work on this refund".to_owned();
        return Err(StepError::Retry(says));
    }
    tx.commit().await?;
    Ok(None)
}

/// Notes that Stripe is asked: from now on the refund may have gone. Nothing is asked that differs from what was approved.
pub(super) async fn asks(context: &StepContext<'_>) -> Result<(), StepError> {
    let approved = context.request.plan.as_ref();
    let approved = approved.and_then(|plan| Terms::of(&plan.plan));
    let noted = note(context, |row| {
        row.in_doubt += 1;
        approved.as_ref().is_some_and(|terms| is_of(row, terms))
    })
    .await?;
    if noted.is_none() {
        return Err(unknown(context, CHANGED));
    }
    Ok(())
}

/// Whether a stored refund is the one that was approved.
fn is_of(row: &RefundRow, terms: &Terms) -> bool {
    let user = terms.credits.as_ref().map(|credits| &credits.user);
    row.payment == terms.payment
        && row.amount == terms.amount.minor
        && row.currency == terms.amount.currency.0
        && row.refunded_before == terms.refunded_before
        && row.user_id.as_ref() == user
}

/// Notes that Stripe did nothing when it was asked now, and gives how many earlier calls may have had their effect.
pub(super) async fn was_refused(context: &StepContext<'_>) -> Result<i32, StepError> {
    let row = note(context, |row| {
        row.in_doubt -= 1;
        true
    })
    .await?;
    match row {
        Some(row) => Ok(row.in_doubt),
        None => Err(unknown(context, GONE)),
    }
}

async fn note(
    context: &StepContext<'_>,
    what: impl FnOnce(&mut RefundRow) -> bool,
) -> Result<Option<RefundRow>, StepError> {
    let mut tx = context.journal.pool.begin().await?;
    let row = match change(&mut tx, &context.journal.key, context.request_id(), what).await {
        Err(Changed::Outside) => return Err(unknown(context, CHANGED)),
        row => row?,
    };
    tx.commit().await?;
    Ok(row)
}

/// The number of another request that is under way with a refund of the same payment, or is stuck with one.
///
/// # Errors
/// When the store cannot be asked.
pub(super) async fn other_of(
    context: &PlanContext<'_>,
    payment: &str,
) -> Result<Option<i64>, PlanError> {
    let number = sqlx::query_scalar!(
        r#"select q.number from countersign.refund o join countersign.request q on q.id = o.request_id
           where o.payment = $1 and o.request_id <> $2 and o.closed_at is null and q.open
           order by q.number limit 1"#,
        payment,
        context.request.id.0
    )
    .fetch_optional(&context.journal.pool)
    .await?;
    Ok(number)
}

/// Notes Stripe's id of it. From then on it is looked at now and then, also when the run does not go on.
pub(super) async fn found(context: &StepContext<'_>, refund_id: &str) -> Result<(), StepError> {
    note(context, |row| {
        row.refund_id = Some(refund_id.to_owned());
        true
    })
    .await?;
    sqlx::query!(
        "update countersign.refund set look_at = $2 where request_id = $1",
        context.request_id(),
        context.now + super::LOOK_EVERY
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// Notes that Stripe calls it done. It is looked at for a while: a bank may send it back.
pub(super) async fn settled(context: &StepContext<'_>) -> Result<(), StepError> {
    sqlx::query!(
        "update countersign.refund set settled_at = coalesce(settled_at, $2), look_at = $3 where request_id = $1",
        context.request_id(),
        context.now,
        context.now + super::LOOK_EVERY
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// Notes that nothing is sent any more.
pub(super) async fn close(context: &StepContext<'_>, why: &str) -> Result<(), StepError> {
    note(context, |row| close_row(row, why, context.now)).await?;
    sqlx::query!(
        "update countersign.refund set look_at = null where request_id = $1 and closed_at is not null",
        context.request_id()
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// Closes a row; false when it is closed already.
pub(super) fn close_row(row: &mut RefundRow, why: &str, now: Instant) -> bool {
    let is_open = row.closed_at.is_none();
    if is_open {
        row.closed_at = Some(now);
        row.closed_why = Some(why.to_owned());
    }
    is_open
}
