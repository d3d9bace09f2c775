//! Payments: intents, charges, and what both come to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Currency, Money, PaymentId, Stripe, StripeError,
    call::{Fields, path},
    listing::{Expandable, Listed, identified, or_empty, quoted},
};

#[derive(Debug, Clone, Deserialize)]
pub struct PaymentIntent {
    /// `pi_…`
    pub id: String,
    /// What was asked for, in the smallest unit.
    pub amount: i64,
    /// What was received, in the smallest unit.
    pub amount_received: i64,
    pub currency: Currency,
    /// `succeeded`, `processing`, `requires_payment_method`, …
    pub status: String,
    /// Whether money moved.
    pub livemode: bool,
    /// When it was made.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub created: DateTime<Utc>,
    /// `cus_…`, when there is one.
    pub customer: Option<String>,
    /// The last try to pay.
    pub latest_charge: Option<Expandable<Charge>>,
    /// What the app keeps with it.
    #[serde(default, deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// One try to pay.
#[derive(Debug, Clone, Deserialize)]
pub struct Charge {
    /// `ch_…` or `py_…`
    pub id: String,
    /// What was asked for, in the smallest unit.
    pub amount: i64,
    /// What was taken, in the smallest unit.
    pub amount_captured: i64,
    /// What went back or is on its way back, in the smallest unit. It also counts what was authorised and never taken: the
    /// rest of a partial capture, or all of an authorisation that was cancelled. See [`Charge::given_back`].
    pub amount_refunded: i64,
    pub currency: Currency,
    /// `succeeded`, `pending`, `failed`.
    pub status: String,
    /// Whether the payer disputes it, or did.
    #[serde(default)]
    pub disputed: bool,
    /// Whether money moved.
    pub livemode: bool,
    /// When it was made.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub created: DateTime<Utc>,
    /// `cus_…`, when there is one.
    pub customer: Option<String>,
    /// The payment intent that it belongs to; old integrations have none.
    pub payment_intent: Option<String>,
    /// `txn_…`: what it came to on the account.
    pub balance_transaction: Option<String>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// How Stripe judged it.
    pub outcome: Option<Outcome>,
    /// What the app keeps with it.
    #[serde(default, deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// How Stripe judged a charge.
#[derive(Debug, Clone, Deserialize)]
pub struct Outcome {
    /// `normal`, `elevated`, `highest`.
    pub risk_level: Option<String>,
    /// `authorized`, `issuer_declined`, `blocked`, …
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

identified!(PaymentIntent, Charge);

impl Charge {
    /// What went back of the money that was taken, or is on its way back, in the smallest unit: without what was released.
    #[must_use]
    pub fn given_back(&self) -> i64 {
        let taken = self.amount_captured.max(0);
        // More than was authorised can be taken where the card allows it.
        let whole = self.amount.max(taken);
        let left = whole.saturating_sub(self.amount_refunded);
        taken - left.min(taken).max(0)
    }

    /// What was authorised, never taken, and counts as refunded all the same, in the smallest unit.
    #[must_use]
    pub fn released(&self) -> i64 {
        self.amount_refunded
            .saturating_sub(self.given_back())
            .max(0)
    }
}

/// One payment, however it was named.
#[derive(Debug, Clone)]
pub struct Payment {
    /// The id to refund it by: of the intent, of the charge when it has none.
    pub id: String,
    /// The charge, once one was made.
    pub charge: Option<String>,
    /// What was received; what was asked for as long as nothing was.
    pub amount: Money,
    /// What of it went back or is on its way back, in the smallest unit.
    pub refunded: i64,
    /// What was authorised and never taken, in the smallest unit, as far as it was released.
    pub released: i64,
    /// How it is: `succeeded`, or why not.
    pub status: String,
    /// Whether the payer disputes it, or did: it stays true whatever came of it. [`Stripe::disputes_of`] knows.
    pub disputed: bool,
    /// Whether money moved; false in test mode.
    pub livemode: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// `cus_…`, when there is one.
    pub customer: Option<String>,
    /// What the app keeps with it.
    pub metadata: BTreeMap<String, String>,
    /// `txn_…` of the charge.
    pub balance_transaction: Option<String>,
}

impl Payment {
    /// Whether the money came.
    #[must_use]
    pub fn has_succeeded(&self) -> bool {
        self.status == SUCCEEDED
    }

    /// What can still go back, in the smallest unit.
    #[must_use]
    pub fn rest(&self) -> i64 {
        self.amount.minor.saturating_sub(self.refunded).max(0)
    }

    /// Another amount of the same currency.
    #[must_use]
    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, &self.amount.currency)
    }

    fn of_intent(intent: PaymentIntent) -> Self {
        let charge = intent.latest_charge.as_ref().and_then(Expandable::whole);
        let received = intent.amount_received > 0;
        let minor = if received {
            intent.amount_received
        } else {
            intent.amount
        };
        Self {
            charge: intent.latest_charge.as_ref().map(|it| it.id().to_owned()),
            amount: Money::new(minor, &intent.currency),
            refunded: charge.map_or(0, Charge::given_back),
            released: charge.map_or(0, Charge::released),
            disputed: charge.is_some_and(|charge| charge.disputed),
            balance_transaction: charge.and_then(|charge| charge.balance_transaction.clone()),
            id: intent.id,
            status: intent.status,
            livemode: intent.livemode,
            created: intent.created,
            customer: intent.customer,
            metadata: intent.metadata,
        }
    }

    fn of_charge(charge: Charge) -> Self {
        let captured = charge.amount_captured > 0;
        let minor = if captured {
            charge.amount_captured
        } else {
            charge.amount
        };
        let (refunded, released) = (charge.given_back(), charge.released());
        // Stripe calls a charge succeeded as soon as it is authorised.
        let status = match charge.status.as_str() {
            SUCCEEDED if !captured => UNCAPTURED.to_owned(),
            _ => charge.status,
        };
        Self {
            charge: Some(charge.id.clone()),
            amount: Money::new(minor, &charge.currency),
            refunded,
            released,
            disputed: charge.disputed,
            balance_transaction: charge.balance_transaction,
            id: charge.id,
            status,
            livemode: charge.livemode,
            created: charge.created,
            customer: charge.customer,
            metadata: charge.metadata,
        }
    }
}

const INTENTS: &str = "payment_intents";
const CHARGES: &str = "charges";
const SUCCEEDED: &str = "succeeded";
/// Our word for a charge that is authorised and was not taken.
const UNCAPTURED: &str = "uncaptured";

impl Stripe {
    /// One payment by any of its ids; `None` for a session in which nothing was paid directly.
    ///
    /// # Errors
    /// [`StripeError`]; [`StripeError::is_missing`] when there is none.
    pub async fn payment(&self, id: &PaymentId) -> Result<Option<Payment>, StripeError> {
        let intent = match id {
            PaymentId::Intent(id) => id.clone(),
            PaymentId::Charge(id) => {
                let charge: Charge = self.charge(id).await?;
                match &charge.payment_intent {
                    Some(intent) => intent.clone(),
                    None => return Ok(Some(Payment::of_charge(charge))),
                }
            }
            PaymentId::Session(id) => match self.session(id).await?.payment_intent {
                Some(intent) => intent.id().to_owned(),
                None => return Ok(None),
            },
        };
        let intent = self.payment_intent(&intent).await?;
        Ok(Some(Payment::of_intent(intent)))
    }

    /// One payment intent with its last charge.
    pub async fn payment_intent(&self, id: &str) -> Result<PaymentIntent, StripeError> {
        let expand = [("expand[]", "latest_charge")];
        self.get(INTENTS, &path(INTENTS, id), &expand).await
    }

    pub async fn payments_of_customer(
        &self,
        customer: &str,
        most: usize,
    ) -> Result<Listed<Payment>, StripeError> {
        let query = [("customer", customer), ("expand[]", "data.latest_charge")];
        let found: Listed<PaymentIntent> = self.list(INTENTS, &query, most).await?;
        Ok(Listed {
            items: found.items.into_iter().map(Payment::of_intent).collect(),
            more: found.more,
        })
    }

    /// Payments in whose metadata `name` is exactly `value`. The search lags as [`Stripe::search_customers_by_email`] does.
    pub async fn search_payments(
        &self,
        name: &str,
        value: &str,
        most: usize,
    ) -> Result<Listed<Payment>, StripeError> {
        let query = format!("metadata[{}]:{}", quoted(name), quoted(value));
        let expand = [("expand[]", "data.latest_charge")];
        let found: Listed<PaymentIntent> = self.search(INTENTS, &query, &expand, most).await?;
        Ok(Listed {
            items: found.items.into_iter().map(Payment::of_intent).collect(),
            more: found.more,
        })
    }

    pub async fn charge(&self, id: &str) -> Result<Charge, StripeError> {
        self.get(CHARGES, &path(CHARGES, id), &[]).await
    }

    /// Charges since a time, failed ones too.
    pub async fn charges_since(
        &self,
        since: DateTime<Utc>,
        most: usize,
    ) -> Result<Listed<Charge>, StripeError> {
        let since = since.timestamp().to_string();
        let query: &Fields<'_> = &[("created[gte]", &since)];
        self.list(CHARGES, query, most).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(amount: i64, captured: i64, refunded: i64) -> Charge {
        let charge = serde_json::json!({
            "id": "ch_1", "amount": amount, "amount_captured": captured, "amount_refunded": refunded,
            "currency": "usd", "status": "succeeded", "livemode": true, "created": 0
        });
        serde_json::from_value(charge).expect("a charge")
    }

    #[test]
    fn what_was_released_and_never_taken_did_not_go_back() {
        for (amount, captured, refunded, given_back, left) in [
            (20_675, 20_675, 0, 0, 20_675),
            (20_675, 20_300, 375, 0, 20_300),
            (20_675, 20_300, 5_375, 5_000, 15_300),
            (20_675, 20_300, 20_675, 20_300, 0),
            (20_675, 20_675, 375, 375, 20_300),
            // More was taken than was authorised first.
            (1_000, 1_200, 0, 0, 1_200),
            (1_000, 1_200, 200, 200, 1_000),
        ] {
            let charge = charge(amount, captured, refunded);
            assert_eq!(charge.given_back(), given_back, "{charge:?}");
            let payment = Payment::of_charge(charge);
            assert_eq!((payment.refunded, payment.rest()), (given_back, left));
            assert_eq!(payment.released, refunded - given_back);
        }
    }

    #[test]
    fn of_an_authorisation_that_was_cancelled_nothing_went_back() {
        let payment = Payment::of_charge(charge(999, 0, 999));
        assert_eq!(payment.refunded, 0);
        assert!(!payment.has_succeeded());
    }
}
