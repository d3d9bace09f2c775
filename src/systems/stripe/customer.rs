//! Customers. Several may share an e-mail address, and a guest who pays has none.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Stripe, StripeError,
    call::path,
    listing::{Listed, identified, or_empty, quoted},
};

#[derive(Debug, Clone, Deserialize)]
pub struct Customer {
    /// `cus_…`
    pub id: String,
    /// The address; of a deleted customer there is none.
    pub email: Option<String>,
    /// Whether it was deleted: then hardly anything else is there.
    #[serde(default)]
    pub deleted: bool,
    /// Whether it is real.
    #[serde(default)]
    pub livemode: bool,
    /// When it was made.
    #[serde(default, with = "chrono::serde::ts_seconds_option")]
    pub created: Option<DateTime<Utc>>,
    /// What the app keeps with it.
    #[serde(default, deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
}

identified!(Customer);

const CUSTOMERS: &str = "customers";

impl Stripe {
    /// Customers with exactly this address, in this letter case.
    pub async fn customers_by_email(
        &self,
        email: &str,
        most: usize,
    ) -> Result<Listed<Customer>, StripeError> {
        self.list(CUSTOMERS, &[("email", email)], most).await
    }

    /// Customers with this address in any letter case. The search lags: by a minute as a rule, by up to an hour in an
    /// outage, and some countries have none.
    pub async fn search_customers_by_email(
        &self,
        email: &str,
        most: usize,
    ) -> Result<Listed<Customer>, StripeError> {
        let query = format!("email:{}", quoted(email));
        let mut found: Listed<Customer> = self.search(CUSTOMERS, &query, &[], most).await?;
        // The search also finds addresses that merely hold the words of this one.
        found.items.retain(|customer| {
            let other = customer.email.as_deref().unwrap_or_default();
            other.to_lowercase() == email.to_lowercase()
        });
        Ok(found)
    }

    /// Customers in whose metadata `name` is exactly `value`. The search lags as that by address does.
    pub async fn search_customers_by_metadata(
        &self,
        name: &str,
        value: &str,
        most: usize,
    ) -> Result<Listed<Customer>, StripeError> {
        let query = format!("metadata[{}]:{}", quoted(name), quoted(value));
        self.search(CUSTOMERS, &query, &[], most).await
    }

    /// One customer; a deleted one too.
    pub async fn customer(&self, id: &str) -> Result<Customer, StripeError> {
        self.get(CUSTOMERS, &path(CUSTOMERS, id), &[]).await
    }

    /// Deletes a customer, for ever. Its subscriptions end at once; its payments stay. Of one that was deleted before
    /// Stripe says that there is none.
    pub async fn delete_customer(&self, id: &str) -> Result<Customer, StripeError> {
        if id.is_empty() {
            return Err(StripeError::NoId);
        }
        self.delete(CUSTOMERS, &path(CUSTOMERS, id)).await
    }
}
