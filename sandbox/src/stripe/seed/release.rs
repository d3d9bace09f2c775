//! What was authorised and is not taken.

use crate::stripe::{
    core::Core,
    model::{Charge, Metadata, Refund},
};

/// What was authorised and is not taken goes back to the payer without ever having moved: a refund without an entry in the
/// balance.
pub(in crate::stripe) fn release(core: &mut Core, charge: &Charge, amount: i64, created: i64) {
    let refund = Refund {
        id: core.new_id("re"),
        object: "refund",
        amount,
        balance_transaction: None,
        charge: charge.id.clone(),
        created,
        currency: charge.currency.clone(),
        failure_balance_transaction: None,
        failure_reason: None,
        metadata: Metadata::new(),
        payment_intent: charge.payment_intent.clone(),
        pending_reason: None,
        reason: None,
        receipt_number: None,
        status: "succeeded",
    };
    core.account.refunds.add(refund);
}
