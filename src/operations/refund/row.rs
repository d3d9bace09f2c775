//! What is kept of a refund in the store between its steps.

use super::{back, terms::Terms};
use crate::{
    domain::Instant,
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

/// Writes the refund down. What was written down and not sent yet is replaced: the plan was approved anew.
pub(super) async fn write(context: &StepContext<'_>, terms: &Terms) -> Result<Written, StepError> {
    let id = context.request_id();
    let done = sqlx::query!(
        r#"insert into countersign.refund as r
               (request_id, idempotency_key, payment, amount, currency, refunded_before, user_id, written_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (request_id) do update
               set payment = excluded.payment, amount = excluded.amount, currency = excluded.currency,
                   refunded_before = excluded.refunded_before, user_id = excluded.user_id,
                   written_at = excluded.written_at
               where r.sent_at is null"#,
        id,
        format!("countersign:{id}:{}", super::step::SEND),
        terms.payment,
        terms.amount.minor,
        terms.amount.currency.0,
        terms.refunded_before,
        terms.credits.as_ref().map(|credits| &credits.user),
        context.now,
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(match done.rows_affected() {
        0 => Written::SentAlready,
        _ => Written::Down,
    })
}

/// The refund of this request, once it is written down.
pub(super) async fn written(context: &StepContext<'_>) -> Result<Option<Row>, StepError> {
    let row = sqlx::query!(
        r#"select idempotency_key, payment, amount, currency, refunded_before, user_id, sent_at, refund_id, closed_why
           from countersign.refund where request_id = $1"#,
        context.request_id()
    )
    .fetch_optional(&context.journal.pool)
    .await?;
    Ok(row.map(|row| Row {
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
    written(context).await?.ok_or_else(|| {
        let says = "what was written down of this refund is gone: look at the payment in Stripe";
        back::unknown(context, says)
    })
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
    let noted = sqlx::query!(
        "update countersign.refund set sent_at = $2 where request_id = $1 and sent_at is null and closed_at is null",
        context.request_id(),
        context.now
    )
    .execute(&mut *tx)
    .await?;
    if noted.rows_affected() != 1 {
        let says = "another replica is at work on this refund".to_owned();
        return Err(StepError::Retry(says));
    }
    tx.commit().await?;
    Ok(None)
}

/// Notes that Stripe is asked: from now on the refund may have gone.
pub(super) async fn asks(context: &StepContext<'_>) -> Result<(), StepError> {
    sqlx::query!(
        "update countersign.refund set in_doubt = in_doubt + 1 where request_id = $1",
        context.request_id()
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// Notes that Stripe did nothing when it was asked now, and gives how many earlier calls may have had their effect.
pub(super) async fn was_refused(context: &StepContext<'_>) -> Result<i32, StepError> {
    let others = sqlx::query_scalar!(
        "update countersign.refund set in_doubt = in_doubt - 1 where request_id = $1 returning in_doubt",
        context.request_id()
    )
    .fetch_one(&context.journal.pool)
    .await?;
    Ok(others)
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
    sqlx::query!(
        "update countersign.refund set refund_id = $2, look_at = $3 where request_id = $1",
        context.request_id(),
        refund_id,
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
    sqlx::query!(
        r#"update countersign.refund set closed_at = $2, closed_why = $3, look_at = null
           where request_id = $1 and closed_at is null"#,
        context.request_id(),
        context.now,
        why
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}
