//! One payment: a checkout session, a payment intent, a charge and its entry in the balance.

use chrono::{DateTime, Utc};

use crate::stripe::{
    core::Core,
    currency,
    ledger::plain,
    model::{
        BalanceTransaction, BillingDetails, Card, Charge, CheckoutSession, CustomerDetails,
        Metadata, MethodDetails, Outcome, PaymentError, PaymentIntent,
    },
};

/// A payment to be made. Begin with [`NewPayment::of`].
#[derive(Debug, Clone)]
pub struct NewPayment {
    amount: i64,
    currency: String,
    name_of_ids: Option<String>,
    customer: Option<String>,
    email: Option<String>,
    name: Option<String>,
    reference: Option<String>,
    description: Option<String>,
    metadata: Metadata,
    checkout: bool,
    at: Option<DateTime<Utc>>,
    failure: Option<String>,
    risk: &'static str,
    settled: Option<(String, i64)>,
    captured: Option<i64>,
}

/// The ids of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// `pi_…`
    pub intent: String,
    /// `ch_…`
    pub charge: String,
    /// `cs_…`, when it went through the payment page.
    pub session: Option<String>,
}

impl NewPayment {
    /// A payment of an amount in the currency's smallest unit, by a guest, at the checkout, now.
    #[must_use]
    pub fn of(amount: i64, currency: &str) -> Self {
        Self {
            amount,
            currency: currency.to_owned(),
            name_of_ids: None,
            customer: None,
            email: None,
            name: None,
            reference: None,
            description: None,
            metadata: Metadata::new(),
            checkout: true,
            at: None,
            failure: None,
            risk: "normal",
            settled: None,
            captured: None,
        }
    }

    /// What the ids end with; they are counted otherwise.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name_of_ids = Some(name.to_owned());
        self
    }

    /// By a customer, by id. E-mail and name are the customer's.
    #[must_use]
    pub fn by(mut self, customer: &str) -> Self {
        self.customer = Some(customer.to_owned());
        self
    }

    /// By a guest who typed this.
    #[must_use]
    pub fn by_guest(mut self, email: &str, name: &str) -> Self {
        self.email = Some(email.to_owned());
        self.name = Some(name.to_owned());
        self
    }

    /// With the application's own reference, its user id.
    #[must_use]
    pub fn referring_to(mut self, reference: &str) -> Self {
        self.reference = Some(reference.to_owned());
        self
    }

    /// With one more fact that the application tied to the session, the payment and the charge.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.metadata.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With a text about what was bought.
    #[must_use]
    pub fn described(mut self, description: &str) -> Self {
        self.description = Some(description.to_owned());
        self
    }

    /// Not through the payment page.
    #[must_use]
    pub fn without_checkout(mut self) -> Self {
        self.checkout = false;
        self
    }

    /// In the past.
    #[must_use]
    pub fn at(mut self, at: DateTime<Utc>) -> Self {
        self.at = Some(at);
        self
    }

    /// Declined, with Stripe's code for it, for example `card_declined`.
    #[must_use]
    pub fn failed(mut self, code: &str) -> Self {
        self.failure = Some(code.to_owned());
        self
    }

    /// Authorised first, and taken only in part: Stripe releases the rest, and counts it as refunded. With 0 nothing is
    /// taken yet, and nothing released.
    #[must_use]
    pub fn captured(mut self, amount: i64) -> Self {
        self.captured = Some(amount);
        self
    }

    /// With this risk level: `normal`, `elevated` or `highest`.
    #[must_use]
    pub fn risky(mut self, level: &'static str) -> Self {
        self.risk = level;
        self
    }

    /// Booked in another currency than the one that was paid in.
    #[must_use]
    pub fn settled(mut self, amount: i64, currency: &str) -> Self {
        self.settled = Some((currency.to_owned(), amount));
        self
    }
}

impl NewPayment {
    /// Takes e-mail and name from its customer.
    pub(super) fn complete(&mut self, core: &Core) {
        if let Some(id) = &self.customer {
            let customer = core.account.customers.get(id);
            let Some(customer) = customer else {
                unreachable!("the payment's customer {id} was never made");
            };
            self.email.clone_from(&customer.email);
            self.name.clone_from(&customer.name);
        }
    }

    /// The ids that it gets.
    pub(super) fn ids(&self, core: &mut Core) -> Payment {
        Payment {
            intent: self.id(core, "pi"),
            charge: self.id(core, "ch"),
            session: self.checkout.then(|| self.id(core, "cs")),
        }
    }

    /// One id, by its name or counted.
    pub(super) fn id(&self, core: &mut Core, prefix: &'static str) -> String {
        match &self.name_of_ids {
            Some(name) => format!("{prefix}_{name}"),
            None => core.new_id(prefix),
        }
    }

    /// When it was made.
    pub(super) fn created(&self, core: &Core) -> i64 {
        self.at.unwrap_or_else(|| core.time()).timestamp()
    }

    /// What was taken of it.
    pub(super) fn taken(&self) -> i64 {
        match (&self.failure, self.captured) {
            (Some(_), _) => 0,
            (None, captured) => captured.unwrap_or(self.amount),
        }
    }

    /// What was authorised and will never be taken.
    fn released(&self) -> i64 {
        match self.taken() {
            0 => 0,
            taken => self.amount - taken,
        }
    }

    /// When it was made, if in the past.
    pub(super) fn past(&self) -> Option<DateTime<Utc>> {
        self.at
    }
}

/// Makes the objects and their events.
pub(super) fn make(core: &mut Core, mut new: NewPayment) -> Payment {
    new.complete(core);
    let ids = new.ids(core);
    let transaction = (new.taken() > 0).then(|| new.id(core, "txn"));
    let created = new.created(core);
    let charge = charge(core, &new, &ids, transaction.clone(), created);
    let intent = intent(core, &new, &ids, created);
    if let Some(id) = transaction {
        core.account
            .transactions
            .add(entry(&new, &ids, id, created));
    }
    core.account.charges.add(charge.clone());
    core.account.intents.add(intent.clone());
    if new.released() > 0 {
        super::release(core, &charge, new.released(), created);
    }
    let session = ids
        .session
        .as_ref()
        .map(|id| session(core, &new, &ids, id, created));
    let past = new.at;
    if new.failure.is_some() {
        core.happened_at("charge.failed", &charge, past);
        core.happened_at("payment_intent.payment_failed", &intent, past);
    } else {
        core.happened_at("charge.succeeded", &charge, past);
        if new.taken() > 0 {
            core.happened_at("payment_intent.succeeded", &intent, past);
        }
    }
    if let Some(session) = session {
        if new.failure.is_none() {
            core.happened_at("checkout.session.completed", &session, past);
        }
        core.account.sessions.add(session);
    }
    ids
}

pub(super) fn charge(
    core: &Core,
    new: &NewPayment,
    ids: &Payment,
    transaction: Option<String>,
    created: i64,
) -> Charge {
    let paid = new.failure.is_none();
    let message = "Your card was declined.".to_owned();
    let fingerprint = new.email.as_deref().unwrap_or(&ids.charge);
    Charge {
        id: ids.charge.clone(),
        object: "charge",
        amount: new.amount,
        amount_captured: new.taken(),
        amount_refunded: new.released(),
        balance_transaction: transaction,
        billing_details: BillingDetails {
            email: new.email.clone(),
            name: new.name.clone(),
        },
        captured: new.taken() > 0,
        created,
        currency: new.currency.clone(),
        customer: new.customer.clone(),
        description: new.description.clone(),
        disputed: false,
        failure_code: new.failure.clone(),
        failure_message: (!paid).then(|| message.clone()),
        livemode: core.live,
        metadata: new.metadata.clone(),
        outcome: Outcome {
            network_status: if paid {
                "approved_by_network"
            } else {
                "declined_by_network"
            },
            reason: new.failure.clone(),
            risk_level: new.risk,
            risk_score: match new.risk {
                "highest" => 88,
                "elevated" => 67,
                _ => 12,
            },
            seller_message: if paid {
                "Payment complete.".to_owned()
            } else {
                message
            },
            kind: if paid {
                "authorized"
            } else {
                "issuer_declined"
            },
        },
        paid,
        payment_intent: Some(ids.intent.clone()),
        payment_method_details: MethodDetails {
            kind: "card",
            card: Card {
                brand: "visa",
                country: "DE",
                fingerprint: hex::encode(fingerprint.bytes().take(8).collect::<Vec<_>>()),
                last4: "4242".to_owned(),
            },
        },
        receipt_email: new.email.clone(),
        refunded: false,
        status: if paid { "succeeded" } else { "failed" },
    }
}

fn intent(core: &Core, new: &NewPayment, ids: &Payment, created: i64) -> PaymentIntent {
    let paid = new.failure.is_none();
    PaymentIntent {
        id: ids.intent.clone(),
        object: "payment_intent",
        amount: new.amount,
        amount_capturable: if paid && new.taken() == 0 {
            new.amount
        } else {
            0
        },
        amount_received: new.taken(),
        canceled_at: None,
        capture_method: if new.captured.is_some() {
            "manual"
        } else {
            "automatic"
        },
        created,
        currency: new.currency.clone(),
        customer: new.customer.clone(),
        description: new.description.clone(),
        last_payment_error: new.failure.as_ref().map(|code| PaymentError {
            charge: ids.charge.clone(),
            code: code.clone(),
            message: "Your card was declined.".to_owned(),
            kind: "card_error",
        }),
        latest_charge: Some(ids.charge.clone()),
        livemode: core.live,
        metadata: new.metadata.clone(),
        receipt_email: new.email.clone(),
        status: match (paid, new.taken()) {
            (true, 0) => "requires_capture",
            (true, _) => "succeeded",
            (false, _) => "requires_payment_method",
        },
    }
}

fn session(
    core: &Core,
    new: &NewPayment,
    ids: &Payment,
    id: &str,
    created: i64,
) -> CheckoutSession {
    let paid = new.failure.is_none();
    CheckoutSession {
        id: id.to_owned(),
        object: "checkout.session",
        amount_total: new.amount,
        client_reference_id: new.reference.clone(),
        created,
        currency: new.currency.clone(),
        customer: new.customer.clone(),
        customer_details: CustomerDetails {
            email: new.email.clone(),
            name: new.name.clone(),
        },
        livemode: core.live,
        metadata: new.metadata.clone(),
        mode: "payment",
        payment_intent: Some(ids.intent.clone()),
        payment_status: if paid { "paid" } else { "unpaid" },
        status: if paid { "complete" } else { "open" },
    }
}

/// What the payment brings.
pub(super) fn entry(
    new: &NewPayment,
    ids: &Payment,
    id: String,
    created: i64,
) -> BalanceTransaction {
    let same = (new.currency.clone(), new.taken());
    let (currency, amount) = new.settled.as_ref().unwrap_or(&same);
    #[expect(clippy::cast_precision_loss, reason = "amounts are far below 2^52")]
    let rate = (currency != &new.currency).then(|| *amount as f64 / new.taken() as f64);
    BalanceTransaction {
        id,
        description: new.description.clone(),
        exchange_rate: rate,
        source: Some(ids.charge.clone()),
        ..plain(*amount, currency::fee(*amount, currency), currency, created)
    }
}
