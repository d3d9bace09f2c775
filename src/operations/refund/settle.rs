//! Follows a refund until Stripe says how it ended. That may take days, and the bank may send the money back.

use chrono::Duration;

use super::{
    back, facts,
    row::{self, Row},
    send, step,
    taken::unknown,
};
use crate::{
    domain::{event::StepResult, request::Progress},
    operations::{StepContext, StepError},
    systems::stripe::{Refund, RefundStatus, Retry, as_code},
};

/// The pause before the first further look. The pauses grow with the refund's age; a webhook cuts them short.
const FIRST_PAUSE: Duration = Duration::seconds(30);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::hours(6);
/// Looks in a row that Stripe refuses before a person has to see to it: a quarter of an hour, in which a key is changed.
const MOST_REFUSALS: u32 = 10;

pub(super) async fn settle(context: &StepContext<'_>) -> Result<StepResult, StepError> {
    let row = row::read(context).await?;
    if let Some(why) = &row.closed_why {
        return Err(back::end(context, why).await);
    }
    let Some(id) = &row.refund_id else {
        let says = "the refund was not written down: look at the payment in Stripe";
        return Err(unknown(context, says));
    };
    let refund = match send::stripe(context)?.refund(id).await {
        Ok(refund) => refund,
        Err(error) if error.retry() == Retry::Pointless => {
            if refusals(context) < MOST_REFUSALS {
                return Err(StepError::Retry(error.to_string()));
            }
            let says = format!("how the refund {id} ended cannot be looked up: {error}");
            return Err(unknown(context, &says).quoting(error.words()));
        }
        Err(error) => return Err(wait(context, &row, error.to_string())),
    };
    match refund.status.as_ref().unwrap_or(&RefundStatus::Pending) {
        RefundStatus::Succeeded => {
            row::settled(context).await?;
            Ok(facts([
                ("refund", id.as_str().into()),
                ("amount", refund.money().to_string().into()),
                ("status", RefundStatus::Succeeded.word().into()),
            ]))
        }
        RefundStatus::Pending => {
            let reason = refund
                .pending_reason
                .as_deref()
                .map(pending)
                .unwrap_or_default();
            let why = format!("Stripe has the refund {id} and has not settled it yet{reason}");
            Err(wait(context, &row, why))
        }
        RefundStatus::RequiresAction => {
            let why = format!("the payer has to do something before the refund {id} goes on");
            Err(wait(context, &row, why))
        }
        status @ (RefundStatus::Failed | RefundStatus::Canceled) => {
            Err(back::end(context, &came_back(&refund, status)).await)
        }
        // A word that is not known is no end that is known: it is followed like any other that is still on its way.
        RefundStatus::Other(word) => {
            let why = format!(
                "Stripe calls the refund {id} `{}`, which this version does not know: it is taken for pending",
                as_code(word)
            );
            Err(wait(context, &row, why))
        }
    }
}

/// Looks in a row that came to nothing, this one included: whatever Stripe answers otherwise has them counted anew.
fn refusals(context: &StepContext<'_>) -> u32 {
    let steps = context.request.state.steps().iter();
    let mut this = steps.filter(|one| one.planned.id == step::SETTLE);
    match this.next().map(|one| &one.progress) {
        Some(Progress::Started { attempt }) => *attempt,
        _ => 0,
    }
}

fn pending(reason: &str) -> String {
    match reason {
        "insufficient_funds" => ": the balance at Stripe is too low, top it up".to_owned(),
        "charge_pending" => ": the payment itself has not settled".to_owned(),
        other => format!(" ({})", as_code(other)),
    }
}

/// How it failed, in a sentence without its full stop.
pub(super) fn came_back(refund: &Refund, status: &RefundStatus) -> String {
    let how = match status {
        RefundStatus::Canceled => "was canceled",
        _ => "failed",
    };
    let reason = refund.failure_reason.as_deref();
    let reason = reason.map_or_else(String::new, |reason| format!(" ({})", as_code(reason)));
    format!(
        "the refund {} of {} {how}{reason}: the money is with us again",
        refund.id,
        refund.money()
    )
}

fn wait(context: &StepContext<'_>, row: &Row, why: String) -> StepError {
    let age = row.sent_at.map_or(FIRST_PAUSE, |sent| context.now - sent);
    StepError::Wait {
        why,
        again: age.clamp(FIRST_PAUSE, LONGEST_PAUSE),
    }
}
