//! OpenAI: a thin typed client. The app's key answers for models and quota; only an admin key can read costs.

mod cost;
mod model;
mod probe;

use std::time::Duration;

pub use cost::Costs;
pub use model::Model;
pub use probe::{Probe, RateLimit, is_chat_model};

use super::http::{SetupError, VendorClient, VendorSettings};

/// The vendor's name.
const VENDOR: &str = "OpenAI";
/// The codes and types of a 429 that mean money, not pace (reference of November 2026).
pub const MONEY_CODES: &[&str] = &[
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_usage_limit_exceeded",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
];

/// Where OpenAI is, how it is asked, and what the app uses of it.
#[derive(Debug, Clone)]
pub struct OpenAiSettings {
    /// The app's key.
    pub key: String,
    pub admin_key: Option<String>,
    /// The base URL, with `/v1`.
    pub base: String,
    /// The models that the app uses, by id.
    pub models: Vec<String>,
    /// The budget of a month in whole US dollars.
    pub budget: Option<u32>,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a whole call may take.
    pub timeout: Duration,
}

/// A client of one organisation. Cheap to clone; its `Debug` shows no key.
#[derive(Debug, Clone)]
pub struct OpenAi {
    app: VendorClient,
    admin: Option<VendorClient>,
    models: Vec<String>,
    budget: Option<u32>,
}

impl OpenAi {
    /// Makes a client. Nothing is asked yet.
    pub fn new(settings: &OpenAiSettings) -> Result<Self, SetupError> {
        let client = |key: &str, key_setting| {
            VendorClient::new(&VendorSettings {
                vendor: VENDOR,
                key_setting,
                key: key.to_owned(),
                base: settings.base.clone(),
                request_id: "x-request-id",
                final_codes: MONEY_CODES,
                connect: settings.connect,
                timeout: settings.timeout,
            })
        };
        let admin = settings.admin_key.as_deref();
        Ok(Self {
            app: client(&settings.key, "OPENAI_API_KEY")?,
            admin: admin
                .map(|key| client(key, "OPENAI_ADMIN_KEY"))
                .transpose()?,
            models: settings.models.clone(),
            budget: settings.budget,
        })
    }

    /// The models that the app uses, as the settings name them.
    #[must_use]
    pub fn models_in_use(&self) -> &[String] {
        &self.models
    }

    /// The budget of a month in whole US dollars.
    #[must_use]
    pub fn budget(&self) -> Option<u32> {
        self.budget
    }
}
