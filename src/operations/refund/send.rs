//! The call that moves money. It is made under one key, which was written down before, and never without a look at what
//! has become of the payment: whatever the answer to a try is, or when there is none, the next one finds out first.

use chrono::Duration;

use super::{
    METADATA_NUMBER, METADATA_REQUEST, back, facts,
    look::{Seen, look},
    row::{self, Row},
    step,
    taken::unknown,
    tries,
};
use crate::{
    domain::{Instant, event::StepResult, request::label},
    operations::{
        StepContext, StepError,
        step::{HELD_UP, is_held_up, pause_after},
    },
    systems::stripe::{Money, NewRefund, Refund, Retry, Stripe, StripeError},
};

/// How long a key is good for: Stripe may forget it after 24 hours, and would refund again.
const KEY_LIFE: Duration = Duration::hours(23);
/// Tries while it is not known what became of the refund, before a person has to look: some hours of an outage.
const MOST_TRIES: usize = 50;
/// Tries when only the refund's turning up can help: Stripe has stored a failure under the key, or refuses the look, or
/// more is refunded than was.
const FEW_TRIES: usize = 4;
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
    // Also before the first try: a store that was restored does not know what was sent.
    let seen = match look(context, stripe, &row).await {
        Ok(Seen::Ours(refund)) => return adopt(context, &row, &refund).await,
        Ok(seen) => seen,
        Err(error) => return Err(not_seen(context, &error)),
    };
    match row.sent_at {
        None => check_first_send(context, &row, &seen).await?,
        Some(first) => check_repeated_send(context, &row, &seen, first).await?,
    }
    row::asks(context).await?;
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
    let stripe = context.systems.need_stripe();
    stripe.map_err(|off| StepError::Wait {
        why: off.to_string(),
        again: UNTIL_CONFIGURED,
    })
}

/// Before the first try whatever is not as it was approved ends the refund: nothing was sent.
async fn check_first_send(
    context: &StepContext<'_>,
    row: &Row,
    seen: &Seen,
) -> Result<(), StepError> {
    if is_held_up(context.events, context.now) {
        let why = format!("nothing was sent: {HELD_UP}");
        return Err(back::end(context, &why).await);
    }
    let why = match seen {
        Seen::AsApproved | Seen::Ours(_) => match row::sending(context, row).await? {
            None => return Ok(()),
            Some(other) => format!(
                "{} refunds this payment; nothing more was refunded",
                label(other)
            ),
        },
        Seen::Disputed(says) => format!("nothing was refunded: {says}"),
        Seen::Refunded(now) => format!(
            "{now} are refunded of this payment by now, {} were when this was approved; nothing more was refunded",
            before(row)
        ),
        Seen::Unknown(error)
            if error.retry() != Retry::Pointless && tries(context, step::SEND) < MOST_TRIES =>
        {
            return Err(StepError::Retry(error.to_string()));
        }
        Seen::Unknown(error) => {
            let why = format!("nothing was sent: {error}");
            return Err(back::end(context, &why).await.quoting(error.words()));
        }
    };
    Err(back::end(context, &why).await)
}

/// After the first try a refund of ours may be on its way. It is sent again when nothing has changed, and ends when its
/// key is too old for that and nothing went; in between a person has to look.
async fn check_repeated_send(
    context: &StepContext<'_>,
    row: &Row,
    seen: &Seen,
    first: Instant,
) -> Result<(), StepError> {
    let is_too_old = context.now - first > KEY_LIFE;
    match seen {
        Seen::AsApproved | Seen::Disputed(_) if is_too_old => {
            let why = "nothing was refunded: Stripe has no refund of this request, and its key is too old to be sent \
                       again";
            Err(back::end(context, why).await)
        }
        Seen::AsApproved | Seen::Ours(_) => Ok(()),
        Seen::Disputed(says) => {
            let says = format!(
                "{says}, and whether an earlier try still comes through is not known. Nothing more is sent: answer the \
                 dispute in Stripe, and try again a day later"
            );
            Err(once_more(context, &says))
        }
        Seen::Refunded(now) => Err(somebody_elses(context, row, now)),
        Seen::Unknown(error) => Err(in_doubt(context, error, MOST_TRIES)),
    }
}

/// What follows when Stripe did not say yes.
async fn not_sent(
    context: &StepContext<'_>,
    stripe: &Stripe,
    row: &Row,
    error: &StripeError,
) -> Result<StepResult, StepError> {
    match error.retry() {
        Retry::Harmless { after } => {
            let others = row::was_refused(context).await?;
            let tries = tries(context, step::SEND);
            if tries < MOST_TRIES {
                return Err(patience(error, after, tries));
            }
            if others > 0 {
                return Err(in_doubt(context, error, MOST_TRIES));
            }
            let why = format!("nothing was sent: {error}");
            Err(back::end(context, &why).await)
        }
        Retry::InDoubt { again: true } => Err(in_doubt(context, error, MOST_TRIES)),
        Retry::InDoubt { again: false } => Err(in_doubt(context, error, FEW_TRIES)),
        // This call was refused, but an earlier one under the same key may have come through, or somebody may have
        // refunded by hand.
        Retry::Pointless => match look(context, stripe, row).await {
            Ok(Seen::Ours(refund)) => adopt(context, row, &refund).await,
            Ok(Seen::Refunded(now)) => Err(somebody_elses(context, row, &now)),
            Ok(Seen::AsApproved | Seen::Disputed(_)) => {
                let why = format!("nothing was refunded. {error}");
                Err(back::end(context, &why).await.quoting(error.words()))
            }
            Ok(Seen::Unknown(unseen)) | Err(unseen) => Err(not_seen(context, &unseen)),
        },
    }
}

/// Another try, not before Stripe allows it, and with growing pauses all the same: a short wait that Stripe asks for may be
/// asked for again and again.
fn patience(error: &StripeError, after: Option<std::time::Duration>, tries: usize) -> StepError {
    let asked = after.and_then(|after| Duration::from_std(after).ok());
    let pause = pause_after(u32::try_from(tries).unwrap_or(u32::MAX));
    StepError::Wait {
        why: error.to_string(),
        again: asked.map_or(pause, |asked| asked.max(pause)),
    }
}

/// Another look, or a person when there were enough: the payment cannot be looked at.
fn not_seen(context: &StepContext<'_>, error: &StripeError) -> StepError {
    let most = match error.retry() {
        Retry::Pointless => FEW_TRIES,
        Retry::Harmless { .. } | Retry::InDoubt { .. } => MOST_TRIES,
    };
    in_doubt(context, error, most)
}

/// Another try, or a person when there were enough: it is not known what became of the refund.
fn in_doubt(context: &StepContext<'_>, error: &StripeError, most: usize) -> StepError {
    if tries(context, step::SEND) < most {
        return StepError::Retry(error.to_string());
    }
    let says = format!(
        "whether the money went back is not known: {error}. Look at the payment in Stripe; trying again looks for the \
         refund first and never sends it under another key"
    );
    unknown(context, &says).quoting(error.words())
}

/// The money that is out may be ours and only just on its way into the list of refunds; or somebody refunded by hand.
fn somebody_elses(context: &StepContext<'_>, row: &Row, now: &Money) -> StepError {
    let says = format!(
        "{now} are refunded of this payment by now, {} were when this was approved, but by no refund that carries this \
         request's id: look in Stripe whose it is. Nothing more is sent",
        before(row)
    );
    once_more(context, &says)
}

/// A few more looks, then a person.
fn once_more(context: &StepContext<'_>, says: &str) -> StepError {
    if tries(context, step::SEND) < FEW_TRIES {
        return StepError::Retry(says.to_owned());
    }
    unknown(context, says)
}

/// How much had gone back when it was approved.
fn before(row: &Row) -> Money {
    Money::new(row.refunded_before, &row.amount.currency)
}

async fn adopt(
    context: &StepContext<'_>,
    row: &Row,
    refund: &Refund,
) -> Result<StepResult, StepError> {
    if refund.amount != row.amount.minor {
        let says = format!(
            "Stripe refunded {}, {} were approved: look in Stripe",
            refund.money(),
            row.amount
        );
        return Err(unknown(context, &says));
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
