//! A charge without a payment intent, as old integrations make it.

use super::payment::{self, NewPayment};
use crate::stripe::core::Core;

/// Makes the charge and its event. The money is taken at once, or only authorised: then it can be captured for some days.
pub(super) fn make(core: &mut Core, new: NewPayment, captured: bool) -> String {
    let mut new = match captured {
        true => new.without_checkout(),
        false => new.without_checkout().captured(0),
    };
    new.complete(core);
    let ids = new.ids(core);
    let created = new.created(core);
    let transaction = captured.then(|| new.id(core, "txn"));
    let mut charge = payment::charge(core, &new, &ids, transaction.clone(), created);
    charge.payment_intent = None;
    if let Some(id) = transaction {
        let entry = payment::entry(&new, &ids, id, created);
        core.account.transactions.add(entry);
    }
    core.account.charges.add(charge.clone());
    core.happened_at("charge.succeeded", &charge, new.past());
    charge.id
}
