//! What a Stripe account holds, field by field as the API shows it. Amounts are in the currency's smallest unit,
//! times in seconds since 1970.

mod balance;
mod charge;
mod collection;
mod customer;
mod dispute;
mod event;
mod intent;
mod refund;
mod session;
mod subscription;

use std::collections::BTreeMap;

pub use balance::{BalanceTransaction, Fee};
pub use charge::{BillingDetails, Card, Charge, MethodDetails, Outcome};
pub use collection::{Collection, Object};
pub use customer::Customer;
pub use dispute::{Dispute, EarlyFraudWarning, EvidenceDetails};
pub use event::{Event, EventData, EventRequest, WebhookEndpoint};
pub use intent::{PaymentError, PaymentIntent};
pub use refund::Refund;
pub use session::{CheckoutSession, CustomerDetails};
pub use subscription::Subscription;

/// Free facts that an application ties to an object.
pub type Metadata = BTreeMap<String, String>;
