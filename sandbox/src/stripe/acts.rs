//! What happens to the account without its application: banks, cardholders, people at the dashboard.

use chrono::{DateTime, Utc};

use super::{
    NewRefunds, Stripe,
    core::{Core, metadata},
    ledger::Entry,
    model::{Dispute, EarlyFraudWarning, EvidenceDetails, Metadata, Refund},
    routes::{Wanted, make_deleted, make_refund},
    seed::release,
};

/// How a pending refund ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The money arrived.
    Succeeded,
    /// It came back, with Stripe's reason for it: `expired_or_canceled_card`, `lost_or_stolen_card`, `unknown` …
    Failed(String),
    /// Somebody called it off.
    Canceled,
}

impl Stripe {
    /// Writes history: what `act` does has happened at that time. For filling an account before anybody asks it.
    pub fn back_then<T>(&self, at: DateTime<Utc>, act: impl FnOnce(&Self) -> T) -> T {
        self.shared.change(|core| core.back_then = Some(at));
        let out = act(self);
        self.shared.change(|core| core.back_then = None);
        out
    }

    /// Says what refunds are right after they were made.
    pub fn set_new_refunds(&self, what: NewRefunds) {
        self.shared.change(|core| core.new_refunds = what);
    }

    /// What refunds are right after they were made.
    #[must_use]
    pub fn new_refunds(&self) -> NewRefunds {
        self.shared.read(|core| core.new_refunds)
    }

    /// Has every answer say `null` instead of `{}` where no metadata are, as Stripe's reference allows.
    pub fn set_null_metadata(&self, null: bool) {
        self.shared.change(|core| core.null_metadata = null);
    }

    /// Ends a refund, also one that had succeeded and then failed at the bank. Sends `refund.updated` or
    /// `refund.failed`. Nothing happens when the refund is not there.
    pub fn settle_refund(&self, id: &str, how: &Settlement) {
        self.shared.change(|core| settle(core, id, how));
    }

    /// Somebody gives money back at the dashboard; the refund, or what Stripe says against it.
    ///
    /// # Errors
    /// Stripe's message, when it refuses.
    pub fn refund_at_dashboard(&self, charge: &str, amount: Option<i64>) -> Result<Refund, String> {
        let wanted = Wanted {
            charge: charge.to_owned(),
            amount,
            reason: None,
            metadata: Metadata::new(),
        };
        self.shared
            .change(|core| make_refund(core, wanted).map_err(|refusal| refusal.summary()))
    }

    /// The cardholder's bank disputes a charge: `needs_response`, or `warning_needs_response` for a mere inquiry, which
    /// takes no money yet. Gives the dispute's id, or none when the charge is not there.
    pub fn dispute(
        &self,
        charge: &str,
        reason: &str,
        status: &str,
        due_by: Option<DateTime<Utc>>,
    ) -> Option<String> {
        self.shared
            .change(|core| dispute(core, charge, reason, status, due_by))
    }

    /// A dispute ends: `won`, `lost` or `warning_closed`.
    pub fn close_dispute(&self, id: &str, status: &str) {
        self.shared.change(|core| {
            let Some(dispute) = core.account.disputes.get_mut(id) else {
                return;
            };
            status.clone_into(&mut dispute.status);
            let dispute = dispute.clone();
            let charge = core.account.charges.get(&dispute.charge).cloned();
            if let Some(charge) = charge.filter(|_| status == "won") {
                core.enter(Entry::reversal(&charge, id, dispute.amount));
            }
            core.happened("charge.dispute.closed", &dispute);
        });
    }

    /// Somebody gives up a payment that was authorised and not taken. Stripe counts all of it as refunded. Nothing happens
    /// when the payment is not there, or its money was taken.
    pub fn cancel_payment(&self, intent: &str) {
        self.shared.change(|core| {
            let now = core.now();
            let Some(intent) = core.account.intents.get_mut(intent) else {
                return;
            };
            if intent.status != "requires_capture" {
                return;
            }
            intent.status = "canceled";
            intent.canceled_at = Some(now);
            intent.amount_capturable = 0;
            let intent = intent.clone();
            core.happened("payment_intent.canceled", &intent);
            let id = intent.latest_charge.as_deref().unwrap_or_default();
            let Some(charge) = core.account.charges.get(id).cloned() else {
                return;
            };
            release(core, &charge, charge.amount, now);
            core.give_back(&charge.id, charge.amount);
            if let Some(charge) = core.account.charges.get(&charge.id).cloned() {
                core.happened("charge.refunded", &charge);
            }
        });
    }

    /// Somebody ends a subscription at the dashboard, at once.
    pub fn cancel_subscription(&self, id: &str) {
        self.shared.change(|core| {
            let now = core.now();
            let Some(subscription) = core.account.subscriptions.get_mut(id) else {
                return;
            };
            "canceled".clone_into(&mut subscription.status);
            subscription.canceled_at = Some(now);
            subscription.ended_at = Some(now);
            let subscription = subscription.clone();
            core.happened("customer.subscription.deleted", &subscription);
        });
    }

    /// Somebody deletes a customer at the dashboard. Nothing happens when it is gone already.
    pub fn delete_customer_at_dashboard(&self, id: &str) {
        self.shared.change(|core| {
            // What is gone already is as it should be.
            let _ = make_deleted(core, id);
        });
    }

    /// A customer is not there any more, not even as a deleted one: as for a key of another account.
    pub fn forget_customer(&self, id: &str) {
        self.shared.change(|core| core.account.customers.remove(id));
    }

    /// Somebody changes whose a customer is, at the dashboard or in the application: the address, and what is tied to it.
    pub fn change_customer(&self, id: &str, email: &str, tied: &[(&str, &str)]) {
        self.shared.change(|core| {
            if let Some(customer) = core.account.customers.get_mut(id) {
                customer.email = Some(email.to_owned());
                customer.metadata = metadata(tied);
                let customer = customer.clone();
                core.happened("customer.updated", &customer);
            }
        });
    }

    /// The card's network warns of fraud. Gives the warning's id, or none when the charge is not there.
    pub fn warn_of_fraud(&self, charge: &str, fraud_type: &str) -> Option<String> {
        self.shared.change(|core| {
            let charge = core.account.charges.get(charge)?.clone();
            let warning = EarlyFraudWarning {
                id: core.new_id("issfr"),
                object: "radar.early_fraud_warning",
                actionable: !charge.refunded && !charge.disputed,
                charge: charge.id,
                created: core.now(),
                fraud_type: fraud_type.to_owned(),
                livemode: core.live,
                payment_intent: charge.payment_intent,
            };
            core.account.warnings.add(warning.clone());
            core.happened("radar.early_fraud_warning.created", &warning);
            Some(warning.id)
        })
    }

    /// Lets the search know every customer as it is now; a deleted one is found no more.
    pub fn catch_up_search(&self) {
        self.shared.change(|core| {
            let customers = core.account.customers.iter();
            core.searchable = customers.filter(|it| !it.deleted).cloned().collect();
        });
    }
}

fn settle(core: &mut Core, id: &str, how: &Settlement) {
    let Some(mut refund) = core.account.refunds.get(id).cloned() else {
        return;
    };
    let Some(charge) = core.account.charges.get(&refund.charge).cloned() else {
        return;
    };
    refund.pending_reason = None;
    if *how == Settlement::Succeeded {
        refund.status = "succeeded";
        if refund.balance_transaction.is_none() {
            let entry = Entry::refund(&charge, id, refund.amount);
            refund.balance_transaction = Some(core.enter(entry));
        }
    } else {
        // The money comes back only if it had left.
        if refund.balance_transaction.is_some() {
            let entry = Entry::failed_refund(&charge, id, refund.amount);
            refund.failure_balance_transaction = Some(core.enter(entry));
        }
        core.give_back(&charge.id, -refund.amount);
        refund.status = "canceled";
        if let Settlement::Failed(reason) = how {
            refund.status = "failed";
            refund.failure_reason = Some(reason.clone());
        }
    }
    if let Some(there) = core.account.refunds.get_mut(id) {
        *there = refund.clone();
    }
    core.happened("refund.updated", &refund);
    core.happened("charge.refund.updated", &refund);
    if refund.status == "failed" {
        core.happened("refund.failed", &refund);
    }
}

fn dispute(
    core: &mut Core,
    charge: &str,
    reason: &str,
    status: &str,
    due_by: Option<DateTime<Utc>>,
) -> Option<String> {
    let charge = core.account.charges.get_mut(charge)?;
    charge.disputed = true;
    let charge = charge.clone();
    let inquiry = status.starts_with("warning_");
    let dispute = Dispute {
        id: core.new_id("du"),
        object: "dispute",
        amount: charge.amount_captured,
        charge: charge.id.clone(),
        created: core.now(),
        currency: charge.currency.clone(),
        evidence_details: EvidenceDetails {
            due_by: due_by.map(|at| at.timestamp()),
            has_evidence: false,
            past_due: due_by.is_some_and(|at| at < core.time()),
            submission_count: 0,
        },
        is_charge_refundable: inquiry,
        livemode: core.live,
        metadata: Metadata::new(),
        payment_intent: charge.payment_intent.clone(),
        reason: reason.to_owned(),
        status: status.to_owned(),
    };
    if !inquiry {
        core.enter(Entry::dispute(&charge, &dispute.id, dispute.amount));
    }
    core.set_actionable(&charge.id, false);
    core.account.disputes.add(dispute.clone());
    core.happened("charge.dispute.created", &dispute);
    Some(dispute.id)
}
