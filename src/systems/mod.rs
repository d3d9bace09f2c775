//! The systems that Countersign operates on, one file or folder each. They know nothing of Slack.

pub mod app_db;
pub mod object_store;
pub mod stripe;

use std::{collections::BTreeSet, time::Duration};

use crate::journal::AuditKey;
use app_db::AppDb;
use object_store::{ObjectStore, PrefixTemplate};
use stripe::Stripe;

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
    /// Whether a deletion deletes the person's customers at Stripe too.
    pub delete_stripe_customer: bool,
    /// The user ids of accounts that must not be deleted.
    pub legal_hold: BTreeSet<String>,
    /// What an erasure cannot reach, and for how long it stays there.
    pub beyond_reach: Vec<BeyondReach>,
    /// How long an export lives.
    pub exports: Exports,
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
    /// What.
    pub what: String,
    /// Why it is out of reach, and what becomes of it.
    pub why: String,
}
