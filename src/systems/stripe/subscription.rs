//! Subscriptions, as far as it matters whether they go on charging somebody.

use serde::Deserialize;

use super::{
    Stripe, StripeError,
    listing::{Listed, identified},
};

#[derive(Debug, Clone, Deserialize)]
pub struct Subscription {
    /// `sub_…`
    pub id: String,
    /// `active`, `trialing`, `past_due`, `paused`, `canceled`, …
    pub status: String,
}

identified!(Subscription);

/// The statuses of subscriptions that are over.
const OVER: &[&str] = &["canceled", "incomplete_expired"];

impl Subscription {
    /// Whether it can still charge somebody. A status that is not known counts as running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !OVER.contains(&self.status.as_str())
    }
}

impl Stripe {
    /// Subscriptions of one customer that were not cancelled.
    pub async fn subscriptions_of(
        &self,
        customer: &str,
        most: usize,
    ) -> Result<Listed<Subscription>, StripeError> {
        self.list("subscriptions", &[("customer", customer)], most)
            .await
    }
}
