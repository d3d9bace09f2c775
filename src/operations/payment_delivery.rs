//! Whether the app has heard of a payment from Stripe: the events that say so, as far as Stripe could deliver them.

use chrono::{DateTime, Duration, Utc};

use crate::{
    domain::precision::certainly_before,
    systems::stripe::{Event, Payment, Stripe, StripeError},
};

/// The events at which an app adds credits.
const PAID: &[&str] = &[
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "payment_intent.succeeded",
    "charge.succeeded",
];
/// Undelivered events that are looked at.
const MOST_EVENTS: usize = 1_000;
/// How long Stripe tries to deliver an event to a live endpoint.
const DELIVERED_FOR: Duration = Duration::days(3);
/// How long Stripe keeps an event.
const EVENTS_KEPT: Duration = Duration::days(30);

/// What Stripe knows of the delivery.
pub(super) enum Delivery {
    /// Stripe still tries to deliver this event of the payment.
    Tried(Event),
    /// Stripe could not deliver this event of the payment, and has given up.
    GivenUp(Event),
    /// No event of the payment waits.
    NothingWaits,
    /// More events are undelivered than were looked at, and none of these is of the payment.
    TooMany,
    /// The payment is older than the events that Stripe keeps.
    TooOld,
}

/// Looks among the events that were not delivered everywhere.
pub(super) async fn of(
    stripe: &Stripe,
    payment: &Payment,
    now: DateTime<Utc>,
) -> Result<Delivery, StripeError> {
    // In doubt Stripe is asked, and an event counts as one that may still arrive.
    if certainly_before(payment.created, now - EVENTS_KEPT) {
        return Ok(Delivery::TooOld);
    }
    let found = stripe
        .undelivered_events(PAID, payment.created, MOST_EVENTS)
        .await?;
    let waits = |event: &Event| event.pending_webhooks > 0 && is_about(event, payment);
    Ok(match found.items.into_iter().find(waits) {
        Some(event) if certainly_before(event.created, now - DELIVERED_FOR) => {
            Delivery::GivenUp(event)
        }
        Some(event) => Delivery::Tried(event),
        None if found.more => Delivery::TooMany,
        None => Delivery::NothingWaits,
    })
}

fn is_about(event: &Event, payment: &Payment) -> bool {
    let object = &event.data.object;
    let is = |name: &str| {
        let id = object.get(name).and_then(serde_json::Value::as_str);
        id.is_some_and(|id| id == payment.id || payment.charge.as_deref() == Some(id))
    };
    is("id") || is("payment_intent")
}
