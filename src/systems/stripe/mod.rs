//! Stripe: a thin typed client. Ids and amounts are Stripe's own; what a failed call means for the next one is said by
//! [`StripeError::retry`]. Nothing is tried again in here: whoever calls knows what a second try would cost.

mod balance;
mod call;
mod customer;
mod dispute;
pub mod error;
mod event;
mod listing;
pub mod money;
mod payment;
mod payment_id;
mod refund;
mod session;
mod subscription;
pub mod webhook;

use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::http::{SetupError, VendorSettings, client};

pub use balance::{Balance, BalanceTransaction, Funds};
pub use call::as_code;
pub use customer::Customer;
pub use dispute::{Dispute, EarlyFraudWarning, EvidenceDetails};
pub use error::{Doing, Refusal, Retry, StripeError};
pub use event::{Event, EventData, WebhookEndpoint};
pub use listing::{Expandable, Listed};
pub use money::{Currency, Money, MoneyError};
pub use payment::{Charge, Outcome, Payment, PaymentIntent};
pub use payment_id::{PaymentId, is_link, is_stripe_link};
pub use refund::{NewRefund, Refund, RefundStatus};
pub use session::{CheckoutSession, CustomerDetails};
pub use subscription::Subscription;

/// The version of the API that answers are read in, whatever the account's default is.
pub const API_VERSION: &str = "2026-10-28.endive";

/// Where Stripe is and how it is asked.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    /// A secret or restricted key.
    pub key: String,
    /// The base URL, without `/v1`.
    pub base: String,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a whole call may take.
    pub timeout: Duration,
}

/// A client of one account. Cheap to clone; its `Debug` does not show the key.
#[derive(Debug, Clone)]
pub struct Stripe {
    http: reqwest::Client,
    base: String,
    test_mode: bool,
}

/// How secret and restricted keys of test mode begin, also those of an organisation (Stripe's rule).
const TEST_KEYS: [&str; 4] = ["sk_test_", "rk_test_", "sk_org_test_", "rk_org_test_"];

impl Stripe {
    /// Makes a client. Nothing is asked yet.
    pub fn new(settings: &StripeSettings) -> Result<Self, SetupError> {
        let version = (
            HeaderName::from_static("stripe-version"),
            HeaderValue::from_static(API_VERSION),
        );
        let http = client(
            &VendorSettings {
                vendor: "Stripe",
                key_setting: "STRIPE_SECRET_KEY",
                key: settings.key.clone(),
                base: settings.base.clone(),
                request_id: call::REQUEST_ID,
                final_codes: &[],
                connect: settings.connect,
                timeout: settings.timeout,
            },
            [version],
        )?;
        Ok(Self {
            http,
            base: settings.base.trim_end_matches('/').to_owned(),
            test_mode: TEST_KEYS.iter().any(|of| settings.key.starts_with(of)),
        })
    }

    /// Whether the key is one of test mode, in which no money moves.
    #[must_use]
    pub fn is_test_mode(&self) -> bool {
        self.test_mode
    }

    /// Why a payment of the other mode than the key's is none to work with; `None` for one of the key's mode.
    #[must_use]
    pub fn other_mode(&self, livemode: bool) -> Option<&'static str> {
        match (self.test_mode, livemode) {
            (false, false) => Some(
                "this is a payment of Stripe's test mode, and STRIPE_SECRET_KEY is a live key: no money moved",
            ),
            (true, true) => Some(
                "this is a live payment, and STRIPE_SECRET_KEY is a test key: nothing is done with real money",
            ),
            _ => None,
        }
    }
}
