//! A bank may send a refund back after Stripe had called it done. The request is at its end then, and what it did stands in
//! the journal, so nothing is changed by itself: whoever asked is told what to do.

use super::StripeHook;
use crate::{
    domain::{
        Request, State,
        request::{Progress, Step},
    },
    operations::refund::step,
    rim,
    slack::{cards, inbound::inbox::Answer},
    systems::stripe::{Refund, RefundStatus, StripeError},
};

/// Why nobody could be told yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum LateError {
    #[error(transparent)]
    Stripe(#[from] StripeError),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    #[error("the message cannot be written down: {0}")]
    Json(#[from] serde_json::Error),
}

impl StripeHook {
    /// Tells the requester of a refund that came back, once.
    pub(super) async fn tell_if_it_came_back(&self, request: &Request) -> Result<(), LateError> {
        let (State::Succeeded { steps, .. }, Some(stripe)) = (&request.state, &self.stripe) else {
            return Ok(());
        };
        let id = sqlx::query_scalar!(
            "select refund_id from countersign.refund where request_id = $1 and closed_at is null",
            request.id.0
        )
        .fetch_optional(&self.journal.pool)
        .await?;
        let Some(id) = id.flatten() else {
            return Ok(());
        };
        let refund = stripe.refund(&id).await?;
        if !matches!(
            refund.status,
            Some(RefundStatus::Failed | RefundStatus::Canceled)
        ) {
            return Ok(());
        }
        let says = says(request, steps, &refund);
        let now = self.clock.now();
        let mut tx = self.journal.pool.begin().await?;
        let closed = sqlx::query!(
            r#"update countersign.refund set closed_at = $2, closed_why = $3
               where request_id = $1 and closed_at is null"#,
            request.id.0,
            now,
            "it came back after it had succeeded"
        )
        .execute(&mut *tx)
        .await?;
        if closed.rows_affected() == 0 {
            return Ok(());
        }
        let user = &request.requester.slack_id;
        sqlx::query!(
            "insert into countersign.reply (id, target, card, created_at, not_before) values ($1, $2, $3, $4, $4)",
            rim::new_id(),
            serde_json::json!({ "user": user, "answer": Answer::Direct }),
            serde_json::to_value(cards::reply_error(&says))?,
            now
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        tracing::warn!(request = %request.id, refund = id, "a refund came back after it had succeeded");
        self.journal.appended.outbound.notify_one();
        Ok(())
    }
}

fn says(request: &Request, steps: &[Step], refund: &Refund) -> String {
    let reason = refund
        .failure_reason
        .as_deref()
        .unwrap_or("no reason given");
    let mut says = format!(
        "{}: the refund {} of {} failed after it had succeeded ({reason}). The money is with us again, so the person \
         has to be paid another way.",
        request.label(),
        refund.id,
        refund.money()
    );
    let taken = steps.iter().find_map(|one| match &one.progress {
        Progress::Done { result } if one.planned.id == step::PREPARE => {
            result.get("credits_taken")?.as_i64()
        }
        _ => None,
    });
    let subject = request
        .plan
        .as_ref()
        .and_then(|it| it.plan.subject.as_ref());
    if let (Some(taken), Some(subject)) = (taken.filter(|taken| *taken > 0), subject) {
        let (user, label) = (&subject.user_id, request.label());
        says.push_str(&format!(
            "\nThe {taken} credits stay taken until somebody gives them back: `/ops credits add {user} {taken} {label} came back`"
        ));
    }
    says
}
