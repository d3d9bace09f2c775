//! Subscriptions.

use serde::Serialize;

use super::{Metadata, collection::object};

/// A customer pays again and again.
#[derive(Debug, Clone, Serialize)]
pub struct Subscription {
    /// `sub_…`
    pub id: String,
    /// `subscription`
    pub object: &'static str,
    /// Whether it ends by itself with the period that is paid.
    pub cancel_at_period_end: bool,
    /// When somebody ended it.
    pub canceled_at: Option<i64>,
    /// When it was made.
    pub created: i64,
    /// Three small letters.
    pub currency: String,
    /// Who pays.
    pub customer: String,
    /// When it was over.
    pub ended_at: Option<i64>,
    /// Whether it belongs to the live account.
    pub livemode: bool,
    /// What the application tied to it.
    pub metadata: Metadata,
    /// `incomplete`, `incomplete_expired`, `trialing`, `active`, `past_due`, `canceled`, `unpaid` or `paused`
    pub status: String,
}
object!(Subscription, "subscription");

impl Subscription {
    /// Whether it is over for good.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        ["canceled", "incomplete_expired"].contains(&self.status.as_str())
    }
}
