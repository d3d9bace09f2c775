//! The payment that somebody named. It must be of the mode of the key: live payments are worked with under a live key, and
//! test payments under a test key.

use super::PlanError;
use crate::systems::stripe::{Payment, PaymentId, Stripe};

/// Asks Stripe for it.
///
/// # Errors
/// [`PlanError::Refused`] when there is none, or one of the other mode.
pub(super) async fn named(stripe: &Stripe, named: &str) -> Result<Payment, PlanError> {
    let refused = |says: String| Err(PlanError::Refused(vec![says]));
    let Some(id) = PaymentId::parse(named) else {
        return refused(format!("{named} names no payment: use pi_…, ch_… or cs_…"));
    };
    let payment = match stripe.payment(&id).await {
        Ok(Some(payment)) => payment,
        Ok(None) => {
            return refused(format!(
                "in {id} nothing was paid directly: a subscription is paid by invoices, each of which is a payment of \
                 its own"
            ));
        }
        Err(error) if error.is_missing() => {
            let other = error.exists_in_live_mode();
            return refused(match other.and_then(|live| stripe.other_mode(live)) {
                Some(says) => format!("{id}: {says}"),
                None => format!("Stripe has no {id} under this key"),
            });
        }
        Err(error) => return Err(error.into()),
    };
    match stripe.other_mode(payment.livemode) {
        Some(says) => refused(format!("{id}: {says}")),
        None => Ok(payment),
    }
}
