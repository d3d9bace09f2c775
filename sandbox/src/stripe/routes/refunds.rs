//! Refunds.

use super::{Outcome, customers::Filter, done, list::Page, one, shown};
use crate::stripe::{
    core::{Core, NewRefunds},
    currency,
    ledger::Entry,
    model::{Charge, Dispute, Metadata, Refund},
    params::Params,
    refusal::Refusal,
};

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

/// What a refund is to be.
pub(in crate::stripe) struct Wanted {
    pub(in crate::stripe) charge: String,
    /// All that is left when nothing is said.
    pub(in crate::stripe) amount: Option<i64>,
    pub(in crate::stripe) reason: Option<String>,
    pub(in crate::stripe) metadata: Metadata,
}

pub(super) fn create(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (intent, charge) = (params.text("payment_intent")?, params.text("charge")?);
    let amount = params.integer("amount")?;
    let reason = params.choice("reason", &REASONS)?;
    let metadata = params.metadata()?;
    done(params)?;
    if amount.is_some_and(|amount| amount < 1) {
        return Err(Refusal::malformed(
            Some("parameter_invalid_integer"),
            "This value must be greater than or equal to 1.",
            "amount",
        ));
    }
    let charge = match (intent, charge) {
        (Some(intent), None) => charge_of(core, &intent)?,
        (None, Some(charge)) => charge,
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: charge, payment_intent.";
            return Err(Refusal::malformed(None, message, ""));
        }
        (None, None) => {
            let message = "One of the following params should be provided for this request: payment_intent or charge.";
            return Err(Refusal::malformed(Some("parameter_missing"), message, ""));
        }
    };
    let wanted = Wanted {
        charge,
        amount,
        reason,
        metadata,
    };
    make(core, wanted).map(|refund| shown(&refund))
}

pub(super) fn list(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (page, charge) = (Page::take(params)?, params.text("charge")?);
    let intent = params.text("payment_intent")?;
    let created = params.span("created")?;
    done(params)?;
    if let Some(id) = intent
        .as_deref()
        .filter(|id| core.account.intents.get(id).is_none())
    {
        return Err(Refusal::missing("payment_intent", id, "payment_intent"));
    }
    let all = core.account.refunds.newest(|refund| {
        created.holds(refund.created)
            && charge.is_none_or_equal(Some(&refund.charge))
            && intent.is_none_or_equal(refund.payment_intent.as_deref())
    });
    page.of(&all, "/v1/refunds")
}

pub(super) fn get(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    one(core.account.refunds.get(id), id, params)
}

fn charge_of(core: &Core, id: &str) -> Result<String, Refusal> {
    let intent = core.account.intents.get(id);
    let intent = intent.ok_or_else(|| Refusal::missing("payment_intent", id, "payment_intent"))?;
    let charge = intent.latest_charge.as_ref();
    let paid = charge.filter(|charge| core.account.charges.get(charge).is_some_and(|it| it.paid));
    paid.cloned().ok_or_else(|| {
        let message =
            format!("This PaymentIntent ({id}) does not have a successful charge to refund.");
        Refusal::invalid(None, message)
    })
}

/// Gives money back, or says why not.
pub(in crate::stripe) fn make(core: &mut Core, wanted: Wanted) -> Result<Refund, Refusal> {
    let charge = core.account.charges.get(&wanted.charge);
    let charge = charge
        .ok_or_else(|| Refusal::missing("charge", &wanted.charge, "charge"))?
        .clone();
    let amount = wanted.amount.unwrap_or_else(|| charge.refundable());
    refundable(core, &charge, amount)?;
    let id = core.new_id("re");
    let (status, pending_reason) = match core.new_refunds {
        NewRefunds::Succeed => ("succeeded", None),
        NewRefunds::Processing => ("pending", Some("processing")),
        NewRefunds::WaitForFunds => ("pending", Some("insufficient_funds")),
        NewRefunds::ChargePending => ("pending", Some("charge_pending")),
        NewRefunds::RequiresAction => ("requires_action", None),
        NewRefunds::Unheard => ("in_transit", None),
    };
    // Money that is not there yet leaves the balance only when it is.
    let has_left = matches!(
        core.new_refunds,
        NewRefunds::Succeed | NewRefunds::Processing
    );
    let entry = has_left.then(|| core.enter(Entry::refund(&charge, &id, amount)));
    let refund = Refund {
        object: "refund",
        amount,
        balance_transaction: entry,
        charge: charge.id.clone(),
        created: core.now(),
        currency: charge.currency.clone(),
        failure_balance_transaction: None,
        failure_reason: None,
        metadata: wanted.metadata,
        payment_intent: charge.payment_intent.clone(),
        pending_reason,
        reason: wanted.reason,
        receipt_number: None,
        status,
        id,
    };
    core.account.refunds.add(refund.clone());
    core.give_back(&charge.id, amount);
    core.happened("refund.created", &refund);
    if let Some(charge) = core.account.charges.get(&charge.id).cloned() {
        core.happened("charge.refunded", &charge);
    }
    Ok(refund)
}

fn refundable(core: &Core, charge: &Charge, amount: i64) -> Result<(), Refusal> {
    let id = charge.id.as_str();
    let refuse = |code, message: String| Err(Refusal::invalid(code, message).with("charge", id));
    if !charge.paid {
        return refuse(
            None,
            format!("Charge {id} is not refundable: it is not paid."),
        );
    }
    let mut disputes = core.account.disputes.iter();
    let stands = |dispute: &Dispute| !dispute.is_charge_refundable && dispute.status != "won";
    if disputes.any(|dispute| dispute.charge == id && stands(dispute)) {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return refuse(Some("charge_disputed"), message);
    }
    if charge.refundable() == 0 {
        let message = format!("Charge {id} has already been refunded.");
        return refuse(Some("charge_already_refunded"), message);
    }
    if amount > charge.refundable() {
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            currency::shown(amount, &charge.currency),
            currency::shown(charge.refundable(), &charge.currency)
        );
        return Err(Refusal::invalid(None, message).about("amount"));
    }
    Ok(())
}
