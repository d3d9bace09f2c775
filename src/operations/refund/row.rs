//! What is kept of a refund in the store between its steps.

use crate::{
    domain::Instant,
    operations::{StepContext, StepError},
    systems::stripe::{Currency, Money},
};

use super::terms::Terms;

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

/// Writes the refund down. What was written down and not sent yet is replaced: the plan was approved anew.
pub(super) async fn write(context: &StepContext<'_>, terms: &Terms) -> Result<(), StepError> {
    let id = context.request_id();
    sqlx::query!(
        r#"insert into countersign.refund as r
               (request_id, idempotency_key, payment, amount, currency, refunded_before, user_id, written_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (request_id) do update
               set payment = excluded.payment, amount = excluded.amount, currency = excluded.currency,
                   refunded_before = excluded.refunded_before, user_id = excluded.user_id
               where r.sent_at is null"#,
        id,
        format!("countersign:{id}:{}", super::step::SEND),
        terms.payment,
        terms.amount.minor,
        terms.amount.currency.0,
        terms.refunded_before,
        terms.credits.as_ref().map(|(user, _)| user),
        context.now,
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// The refund of this request.
pub(super) async fn read(context: &StepContext<'_>) -> Result<Row, StepError> {
    let row = sqlx::query!(
        r#"select idempotency_key, payment, amount, currency, refunded_before, user_id, sent_at, refund_id, closed_why
           from countersign.refund where request_id = $1"#,
        context.request_id()
    )
    .fetch_optional(&context.journal.pool)
    .await?;
    let row = row.ok_or_else(|| {
        StepError::Indeterminate("what was written down of this refund is gone".to_owned())
    })?;
    Ok(Row {
        key: row.idempotency_key,
        payment: row.payment,
        amount: Money::new(row.amount, &Currency(row.currency)),
        refunded_before: row.refunded_before,
        user_id: row.user_id,
        sent_at: row.sent_at,
        refund_id: row.refund_id,
        closed_why: row.closed_why,
    })
}

/// Notes that it is about to be sent for the first time.
pub(super) async fn sending(context: &StepContext<'_>) -> Result<(), StepError> {
    sqlx::query!(
        "update countersign.refund set sent_at = $2 where request_id = $1 and sent_at is null",
        context.request_id(),
        context.now
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// Notes Stripe's id of it.
pub(super) async fn found(context: &StepContext<'_>, refund_id: &str) -> Result<(), StepError> {
    sqlx::query!(
        "update countersign.refund set refund_id = $2 where request_id = $1",
        context.request_id(),
        refund_id
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// Notes that Stripe calls it done. From then on it is looked at now and then: a bank may send it back.
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
        "update countersign.refund set closed_at = $2, closed_why = $3 where request_id = $1 and closed_at is null",
        context.request_id(),
        context.now,
        why
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}
