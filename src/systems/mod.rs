//! The systems that Countersign operates on, one file or folder each. They know nothing of Slack.

pub mod app_db;
pub mod http;
pub mod object_store;
pub mod openai;
mod requirement;
pub mod stripe;
pub mod vercel;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ipnet::IpNet;

use crate::audit_key::AuditKey;
use app_db::AppDb;
use object_store::{ObjectStore, PrefixTemplate};
use openai::OpenAi;
use stripe::Stripe;
use vercel::Vercel;

pub use requirement::{Gap, Requirement};

/// A system that an installation may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// Payments.
    Stripe,
    /// The app's AI.
    OpenAi,
    /// Hosting.
    Vercel,
}

impl System {
    /// Its name, as people know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stripe => "Stripe",
            Self::OpenAi => "OpenAI",
            Self::Vercel => "Vercel",
        }
    }
}

/// A system is not configured. The text names the settings to set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Off(String);

/// All systems of one installation.
#[derive(Debug, Clone)]
pub struct Systems {
    /// The application's database.
    pub app_db: AppDb,
    /// The application's files.
    pub files: ObjectStore,
    /// Certificates and reports: never the application's bucket.
    pub documents: ObjectStore,
    /// Where one user's files are.
    pub user_prefix: PrefixTemplate,
    /// The key of keyed hashes and of signatures on certificates.
    pub key: AuditKey,
    /// Up to how many credits move without a second admin.
    pub credits_limit: u32,
    /// Payments; `None` without a key.
    pub stripe: Option<Stripe>,
    /// The app's AI; `None` without a key.
    pub openai: Option<OpenAi>,
    /// Hosting; `None` without a token and a project.
    pub vercel: Option<Vercel>,
    /// What each system lacks that is not configured: which settings to set.
    pub off: BTreeMap<System, String>,
    /// Networks that are never shut out.
    pub protected_networks: Vec<IpNet>,
    /// Whether a deletion deletes the person's customers at Stripe too.
    pub delete_stripe_customer: bool,
    /// The user ids of accounts that must not be deleted.
    pub legal_hold: BTreeSet<String>,
    /// What an erasure cannot reach, and for how long it stays there.
    pub beyond_reach: Vec<BeyondReach>,
    /// How long an export lives.
    pub exports: Exports,
}

impl Systems {
    /// What is missing for a system.
    ///
    /// # Errors
    /// [`Off`] when it is not configured.
    pub fn check(&self, system: System) -> Result<(), Off> {
        match self.off.get(&system) {
            Some(lacks) => Err(Off(lacks.clone())),
            None => Ok(()),
        }
    }

    /// The client of Stripe.
    ///
    /// # Errors
    /// [`Off`] without one.
    pub fn need_stripe(&self) -> Result<&Stripe, Off> {
        self.need(System::Stripe, self.stripe.as_ref())
    }

    /// The client of OpenAI.
    ///
    /// # Errors
    /// [`Off`] without one.
    pub fn need_openai(&self) -> Result<&OpenAi, Off> {
        self.need(System::OpenAi, self.openai.as_ref())
    }

    /// The client of Vercel.
    ///
    /// # Errors
    /// [`Off`] without one.
    pub fn need_vercel(&self) -> Result<&Vercel, Off> {
        self.need(System::Vercel, self.vercel.as_ref())
    }

    fn need<'a, T>(&self, system: System, client: Option<&'a T>) -> Result<&'a T, Off> {
        self.check(system)?;
        client.ok_or_else(|| Off(format!("{} is not configured", system.name())))
    }
}

/// How long an export lives, and what none can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exports {
    /// How long a link to the archive works.
    pub link: Duration,
    /// How long the archive is kept.
    pub kept: Duration,
    /// What other systems hold about a person, and why it is not in the archive.
    pub beyond_reach: Vec<BeyondReach>,
}

/// A copy of personal data that Countersign cannot reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeyondReach {
    /// Which copy it is: a stable name of ours.
    pub kind: &'static str,
    pub what: String,
    /// Why it is out of reach, and what becomes of it.
    pub why: String,
}
