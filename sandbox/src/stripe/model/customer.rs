//! Customers.

use serde::Serialize;

use super::{Metadata, collection::object};

/// A customer. Several may have the same e-mail.
#[derive(Debug, Clone, Serialize)]
pub struct Customer {
    /// `cus_…`
    pub id: String,
    /// `customer`
    pub object: &'static str,
    /// Not used here.
    pub balance: i64,
    /// When it was made.
    pub created: i64,
    /// The default currency.
    pub currency: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// As it was given: letter case is kept.
    pub email: Option<String>,
    /// Whether it belongs to the live account.
    pub livemode: bool,
    /// What the application tied to it.
    pub metadata: Metadata,
    /// The name.
    pub name: Option<String>,
    /// Whether it was deleted; then the API shows hardly more than that.
    #[serde(skip)]
    pub deleted: bool,
}
object!(Customer, "customer");
