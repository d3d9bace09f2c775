//! The call that moves money. It is made under one key, which was written down before; whatever its answer is, or when
//! there is none, the next try finds out first what became of it.

use chrono::Duration;

use super::{
    METADATA_NUMBER, METADATA_REQUEST, back, facts,
    row::{self, Row},
    step, tries,
};
use crate::{
    domain::event::StepResult,
    operations::{
        StepContext, StepError,
        payment_dispute::{self, Standing},
    },
    systems::stripe::{NOT_CONFIGURED, NewRefund, PaymentId, Refund, Retry, Stripe, StripeError},
};

/// How long a key is good for: Stripe may forget it after 24 hours, and would refund again.
const KEY_LIFE: Duration = Duration::hours(23);
/// Tries while it is not known what became of the refund, before a person has to look: some hours of an outage.
const MOST_TRIES: usize = 50;
/// Tries when Stripe has stored a failure under the key: only the refund's turning up can end that.
const MOST_TRIES_OF_STORED: usize = 4;
/// Refunds of one payment that are looked through.
const MOST_REFUNDS: usize = 300;
/// How long until it is looked whether somebody has set the key in.
const UNTIL_CONFIGURED: Duration = Duration::minutes(5);

/// Sends the refund, or finds it when it was sent before.
pub(super) async fn send(context: &StepContext<'_>) -> Result<StepResult, StepError> {
    let row = row::read(context).await?;
    if let Some(why) = &row.closed_why {
        return Err(back::end(context, why).await);
    }
    if let Some(id) = &row.refund_id {
        return Ok(sent(&row, id));
    }
    let stripe = stripe(context)?;
    match row.sent_at {
        None => {
            look_once_more(context, stripe, &row).await?;
            row::sending(context).await?;
        }
        Some(sent_at) => {
            match find(context, stripe, &row).await {
                Ok(Some(refund)) => return adopt(context, &row, &refund).await,
                Ok(None) => {}
                Err(error) => return Err(in_doubt(context, &error, MOST_TRIES)),
            }
            if context.now - sent_at > KEY_LIFE {
                return Err(too_late(context, stripe, &row).await);
            }
        }
    }
    let id = context.request_id().to_string();
    let number = context.request.label();
    let refund = NewRefund {
        payment: &row.payment,
        amount: row.amount.minor,
        metadata: &[(METADATA_REQUEST, &id), (METADATA_NUMBER, &number)],
    };
    match stripe.create_refund(&refund, &row.key).await {
        Ok(refund) => adopt(context, &row, &refund).await,
        Err(error) => not_sent(context, stripe, &row, &error).await,
    }
}

/// The client; until there is one nothing is known to be wrong.
pub(super) fn stripe<'a>(context: &'a StepContext<'_>) -> Result<&'a Stripe, StepError> {
    context
        .systems
        .stripe
        .as_ref()
        .ok_or_else(|| StepError::Wait {
            why: NOT_CONFIGURED.to_owned(),
            again: UNTIL_CONFIGURED,
        })
}

/// The last look before the first try: somebody may have refunded by hand, or the payer gone to the bank.
async fn look_once_more(
    context: &StepContext<'_>,
    stripe: &Stripe,
    row: &Row,
) -> Result<(), StepError> {
    let Some(id) = PaymentId::parse(&row.payment) else {
        return Err(back::end(context, "the payment has no usable id").await);
    };
    let payment = match stripe.payment(&id).await {
        Ok(Some(payment)) => payment,
        Ok(None) => return Err(back::end(context, "the payment is not there any more").await),
        Err(error) => return Err(not_looked_at(context, &error).await),
    };
    let standing = match payment_dispute::of(stripe, &payment).await {
        Ok(standing) => standing,
        Err(error) => return Err(not_looked_at(context, &error).await),
    };
    let why = if let Standing::Disputed(says) = standing {
        format!("nothing was refunded: {says}")
    } else if payment.refunded != row.refunded_before {
        format!(
            "{} are refunded of this payment by now, {} were when this was approved; nothing more was refunded",
            payment.money(payment.refunded),
            payment.money(row.refunded_before)
        )
    } else {
        return Ok(());
    };
    Err(back::end(context, &why).await)
}

/// The last look failed: nothing was sent yet, so another try is harmless, and giving up is too.
async fn not_looked_at(context: &StepContext<'_>, error: &StripeError) -> StepError {
    if error.retry() == Retry::Pointless {
        return back::end(context, &error.to_string()).await;
    }
    if tries(context, step::SEND) < MOST_TRIES {
        return StepError::Retry(error.to_string());
    }
    back::end(context, &format!("nothing was sent: {error}")).await
}

/// What follows when Stripe did not say yes.
async fn not_sent(
    context: &StepContext<'_>,
    stripe: &Stripe,
    row: &Row,
    error: &StripeError,
) -> Result<StepResult, StepError> {
    match error.retry() {
        Retry::Harmless { after: Some(after) } if tries(context, step::SEND) < MOST_TRIES => {
            Err(StepError::Wait {
                why: error.to_string(),
                again: Duration::from_std(after).unwrap_or(UNTIL_CONFIGURED),
            })
        }
        Retry::Harmless { .. } | Retry::InDoubt { again: true } => {
            Err(in_doubt(context, error, MOST_TRIES))
        }
        Retry::InDoubt { again: false } => Err(in_doubt(context, error, MOST_TRIES_OF_STORED)),
        // This call was refused, but an earlier one under the same key may have come through.
        Retry::Pointless => match find(context, stripe, row).await {
            Ok(Some(refund)) => adopt(context, row, &refund).await,
            Ok(None) => {
                let words = error.refusal().map(|refusal| refusal.words());
                let words = words.filter(|words| !words.is_empty());
                let why = words.map_or_else(
                    || error.to_string(),
                    |words| format!("{error}: {}", words.trim_end_matches('.')),
                );
                Err(back::end(context, &format!("nothing was refunded. {why}")).await)
            }
            Err(error) => Err(in_doubt(context, &error, MOST_TRIES)),
        },
    }
}

/// Another try, or a person when there were enough: it is not known what became of the refund.
fn in_doubt(context: &StepContext<'_>, error: &StripeError, most: usize) -> StepError {
    if tries(context, step::SEND) < most {
        return StepError::Retry(error.to_string());
    }
    StepError::Indeterminate(format!(
        "whether the money went back is not known: {error}. Look at the payment in Stripe; trying again looks for the \
         refund first and never sends it under another key"
    ))
}

/// The key is too old to be sent again. The payment shows what became of it.
async fn too_late(context: &StepContext<'_>, stripe: &Stripe, row: &Row) -> StepError {
    let Some(id) = PaymentId::parse(&row.payment) else {
        return StepError::Indeterminate("the payment has no usable id".to_owned());
    };
    match stripe.payment(&id).await {
        Ok(Some(payment)) if payment.refunded == row.refunded_before => {
            let why = "nothing was refunded: Stripe has no refund of this request, and its key is too old to be sent \
                       again";
            back::end(context, why).await
        }
        Ok(_) => StepError::Indeterminate(
            "more of the payment is refunded than when this was approved, but by no refund that carries this request's \
             id: look in Stripe whose it is"
                .to_owned(),
        ),
        Err(error) => in_doubt(context, &error, MOST_TRIES),
    }
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

async fn adopt(
    context: &StepContext<'_>,
    row: &Row,
    refund: &Refund,
) -> Result<StepResult, StepError> {
    if refund.amount != row.amount.minor {
        return Err(StepError::Indeterminate(format!(
            "Stripe refunded {}, {} were approved: look in Stripe",
            refund.money(),
            row.amount
        )));
    }
    row::found(context, &refund.id).await?;
    Ok(sent(row, &refund.id))
}

fn sent(row: &Row, refund_id: &str) -> StepResult {
    facts([
        ("refund", refund_id.into()),
        ("amount", row.amount.to_string().into()),
    ])
}
