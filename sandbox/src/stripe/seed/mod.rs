//! What is put into the account: customers, payments, payouts, endpoints.

mod alone;
mod payment;
mod release;

use chrono::{DateTime, Utc};

use super::{
    Stripe,
    core::metadata,
    ledger::plain,
    model::{BalanceTransaction, Customer, Metadata, Subscription, WebhookEndpoint},
    webhooks::{Reach, Receiver},
};

pub use payment::{NewPayment, Payment};
pub(in crate::stripe) use release::release;

/// A customer to be made.
#[derive(Debug, Clone, Default)]
pub struct NewCustomer {
    /// What the id ends with; counted when there is none.
    pub name_of_id: Option<String>,
    /// The e-mail, in the letter case that it was typed in.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// What the application tied to it.
    pub metadata: Vec<(&'static str, String)>,
    /// When it was made; now when nothing is said.
    pub at: Option<DateTime<Utc>>,
}

impl Stripe {
    /// Makes a customer and gives its id. The search does not know it before [`Stripe::catch_up_search`].
    pub fn add_customer(&self, new: NewCustomer) -> String {
        self.shared.change(|core| {
            let id = match new.name_of_id {
                Some(name) => format!("cus_{name}"),
                None => core.new_id("cus"),
            };
            let owned = new.metadata.into_iter();
            core.account.customers.add(Customer {
                id: id.clone(),
                object: "customer",
                balance: 0,
                created: new.at.unwrap_or_else(|| core.time()).timestamp(),
                currency: None,
                description: None,
                email: new.email,
                livemode: core.live,
                metadata: owned
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
                name: new.name,
                deleted: false,
            });
            id
        })
    }

    /// Makes a subscription of a customer, in this status (`active`, `trialing`, `canceled` …), and gives its id.
    pub fn add_subscription(&self, customer: &str, status: &str) -> String {
        self.shared.change(|core| {
            let now = core.now();
            let subscription = Subscription {
                id: core.new_id("sub"),
                object: "subscription",
                cancel_at_period_end: false,
                canceled_at: (status == "canceled").then_some(now),
                created: now,
                currency: "usd".to_owned(),
                customer: customer.to_owned(),
                ended_at: None,
                livemode: core.live,
                metadata: Metadata::new(),
                status: status.to_owned(),
            };
            let id = subscription.id.clone();
            core.happened("customer.subscription.created", &subscription);
            core.account.subscriptions.add(subscription);
            id
        })
    }

    /// Makes a payment, in the past or now. One that is made now sends its events to the endpoints; one of the past
    /// has sent them, and only endpoints that answer with a fixed error missed them.
    ///
    /// # Panics
    /// When the customer does not exist.
    pub fn add_payment(&self, new: NewPayment) -> Payment {
        self.shared.change(|core| payment::make(core, new))
    }

    /// Makes a charge without a payment intent and a session, as old integrations do, and gives its id. One that is not
    /// `captured` is authorised only: no money has moved.
    ///
    /// # Panics
    /// When the customer does not exist.
    pub fn add_charge(&self, new: NewPayment, captured: bool) -> String {
        self.shared.change(|core| alone::make(core, new, captured))
    }

    /// Money that went to the bank: an entry in the balance that is no revenue.
    pub fn add_payout(&self, amount: i64, currency: &str, at: DateTime<Utc>) -> String {
        self.shared.change(|core| {
            let transaction = BalanceTransaction {
                id: core.new_id("txn"),
                reporting_category: "payout",
                source: Some(core.new_id("po")),
                kind: "payout",
                ..plain(-amount, 0, currency, at.timestamp())
            };
            let id = transaction.id.clone();
            core.account.transactions.add(transaction);
            id
        })
    }

    /// Makes a webhook endpoint that wants these types of events (`*` for all), and gives its id and its secret.
    pub fn add_endpoint(&self, url: &str, events: &[&str], reach: Reach) -> (String, String) {
        self.shared.change(|core| {
            let endpoint = WebhookEndpoint {
                id: core.new_id("we"),
                object: "webhook_endpoint",
                api_version: None,
                created: core.now(),
                description: None,
                enabled_events: events.iter().map(|event| (*event).to_owned()).collect(),
                livemode: core.live,
                metadata: metadata(&[]),
                status: "enabled",
                url: url.to_owned(),
            };
            let id = endpoint.id.clone();
            core.account.endpoints.add(endpoint);
            let receiver = Receiver::new(reach);
            let secret = receiver.secret().to_owned();
            core.deliveries.receivers.insert(id.clone(), receiver);
            (id, secret)
        })
    }
}
