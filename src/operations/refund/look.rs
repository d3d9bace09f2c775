//! The look at the payment before every try to send, and after a refusal: a refund of ours may be there already,
//! somebody may have refunded by hand, and the payer may have gone to the bank.

use super::{METADATA_REQUEST, row::Row};
use crate::{
    operations::{
        StepContext,
        payment_dispute::{self, Standing},
    },
    systems::stripe::{Money, Payment, PaymentId, Refund, Stripe, StripeError},
};

/// Refunds of one payment that are looked through.
const MOST_REFUNDS: usize = 300;

/// What has become of the payment since the refund was approved.
#[expect(
    clippy::large_enum_variant,
    reason = "one value for each look at Stripe, never stored"
)]
pub(super) enum Seen {
    /// The refund of this request is there.
    Ours(Refund),
    /// No refund of this request is there, and nothing else has changed.
    AsApproved,
    /// No refund of this request is there, but so much is refunded now.
    Refunded(Money),
    /// No refund of this request is there, and the payer disputes the payment: how that stands.
    Disputed(String),
    /// No refund of this request is there; how the payment is cannot be said.
    Unknown(StripeError),
}

/// Looks.
///
/// # Errors
/// [`StripeError`] when it cannot be said whether a refund of this request is there.
pub(super) async fn look(
    context: &StepContext<'_>,
    stripe: &Stripe,
    row: &Row,
) -> Result<Seen, StripeError> {
    // The payment first: what comes through in between is found among the refunds then.
    let payment = payment(stripe, row).await;
    if let Some(refund) = find(context, stripe, row).await? {
        return Ok(Seen::Ours(refund));
    }
    Ok(match payment {
        Ok(payment) if payment.refunded != row.refunded_before => {
            Seen::Refunded(payment.money(payment.refunded))
        }
        Ok(payment) => match payment_dispute::of(stripe, &payment).await {
            Ok(Standing::Disputed(told)) => Seen::Disputed(told.to_string()),
            Ok(Standing::Undisputed | Standing::Refundable(_)) => Seen::AsApproved,
            Err(error) => Seen::Unknown(error),
        },
        Err(error) => Seen::Unknown(error),
    })
}

async fn payment(stripe: &Stripe, row: &Row) -> Result<Payment, StripeError> {
    let id = PaymentId::parse(&row.payment).ok_or(StripeError::NoId)?;
    stripe.payment(&id).await?.ok_or(StripeError::NoId)
}

/// The refund of this request among the payment's refunds.
async fn find(
    context: &StepContext<'_>,
    stripe: &Stripe,
    row: &Row,
) -> Result<Option<Refund>, StripeError> {
    let id = context.request_id().to_string();
    let all = stripe.refunds_of(&row.payment, MOST_REFUNDS).await?;
    let is_ours = |refund: &Refund| refund.metadata.get(METADATA_REQUEST) == Some(&id);
    Ok(all.items.into_iter().find(is_ours))
}
