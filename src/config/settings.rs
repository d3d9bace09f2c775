//! The settings as the rest of the service sees them: one plain tree, fully checked.

use std::{net::SocketAddr, num::NonZeroU8, path::PathBuf, time::Duration};

use ipnet::IpNet;

use super::{database_url::DatabaseUrl, effective::Effective, secret::Secret, vendors::Vendors};
use crate::audit_key::AuditKey;

/// Everything that can be configured.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the service listens.
    pub server: Server,
    /// Our app in Slack.
    pub slack: Slack,
    /// The channels that the service writes to, by id.
    pub channels: Channels,
    /// Who may do what.
    pub roles: Roles,
    /// The app that is operated on.
    pub app: App,
    /// Countersign's own store.
    pub store: Store,
    /// The rules of approval, and the team's own limits.
    pub policy: Policy,
    /// The app's files.
    pub s3: S3,
    /// The vendors, each ready or off.
    pub vendors: Vendors,
    /// The accounts of Slack that belong to one human: each list is one person.
    pub linked: Vec<Vec<String>>,
    /// What is in force and where it came from, without secrets.
    pub effective: Effective,
}

/// Where the service listens.
#[derive(Debug, Clone)]
pub struct Server {
    /// The address and port.
    pub listen: SocketAddr,
}

/// Our app in Slack.
#[derive(Debug, Clone)]
pub struct Slack {
    /// Signs every request from Slack.
    pub signing_secret: Secret,
    /// Authorises our calls (`xoxb-…`).
    pub bot_token: Secret,
    /// Opens Socket Mode connections (`xapp-…`); without it Slack calls over HTTP.
    pub app_token: Option<Secret>,
    /// The base URL of the Web API, without a slash at the end.
    pub api_url: String,
    /// Our own workspace (`T…`).
    pub team_id: String,
}

/// The channels that the service writes to, by id.
#[derive(Debug, Clone)]
pub struct Channels {
    /// Where approvals are asked for.
    pub approvals: String,
    /// Where everything that was done is told, and where the chain's head is witnessed.
    pub audit: String,
    /// Where incidents go.
    pub incident: String,
}

/// Who may do what.
#[derive(Debug, Clone)]
pub struct Roles {
    /// Ask for and approve everything. Never empty.
    pub admins: Vec<RoleEntry>,
    /// Ask for changes.
    pub operators: Vec<RoleEntry>,
    /// Look.
    pub viewers: Vec<RoleEntry>,
}

/// One holder of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleEntry {
    /// A person, by Slack user id (`U…` or `W…`).
    User(String),
    /// Everyone in a user group, by its id (`S…`).
    Group(String),
}

/// The app that is operated on.
#[derive(Debug, Clone)]
pub struct App {
    pub database: DatabaseUrl,
    /// Its public URL, without a slash at the end.
    pub url: Option<String>,
    /// Its Prisma migrations folder.
    pub migrations_dir: Option<PathBuf>,
    /// The user ids of accounts that must not be deleted.
    pub legal_hold: Vec<String>,
    /// The mapping of its tables and columns, as it stands under `[app.schema]`.
    pub schema: toml::Table,
}

/// Countersign's own store.
#[derive(Debug, Clone)]
pub struct Store {
    /// Its database; the app's when none of its own is set.
    pub database: DatabaseUrl,
    /// The bucket for certificates, exports, backups and reports. Never the app's.
    pub bucket: String,
    /// The key of the audit chain.
    pub audit_key: AuditKey,
}

/// The rules of approval, and the team's own limits. The two-person rule itself is not among them: it is always on.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Countersignatures that a sensitive operation needs.
    pub approvals_sensitive: NonZeroU8,
    /// Countersignatures that a destructive operation needs.
    pub approvals_destructive: NonZeroU8,
    /// How long what cannot be undone waits after its approval.
    pub cooling_off: Duration,
    /// How long a request waits for its approval.
    pub approval_expiry: Duration,
    /// Up to how many credits are a mere change.
    pub credits_limit: u32,
    /// How long a download link works.
    pub link_expiry: Duration,
    /// How long the archive of an export is kept.
    pub export_retention: Duration,
    /// What deleting a user does to the Stripe customer.
    pub stripe_customer: StripeCustomer,
    /// How long backups and history keep erased data.
    pub backup_retention: Duration,
    /// The monthly OpenAI budget in whole US dollars.
    pub openai_budget: Option<u32>,
    /// Networks that are never shut out.
    pub protected_networks: Vec<IpNet>,
}

/// What deleting a user does to the Stripe customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripeCustomer {
    /// It is deleted too.
    Delete,
    /// It is kept, and the certificate says so.
    Keep,
}

/// The app's files.
#[derive(Debug, Clone)]
pub struct S3 {
    /// The app's bucket.
    pub bucket: String,
    /// The prefix of one user's files: holds `{id}` once, and ends in a slash.
    pub user_prefix: String,
    /// Columns that hold keys or URLs of files.
    pub user_columns: Vec<ColumnName>,
    /// The region of both buckets.
    pub region: String,
    /// An S3-compatible service; Amazon's own when `None`.
    pub endpoint: Option<String>,
    /// Fixed credentials; the machine's own role when `None`.
    pub credentials: Option<AwsCredentials>,
}

/// A column of the app's database, named as `Table.column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnName {
    pub table: String,
    pub column: String,
}

/// Fixed AWS credentials.
#[derive(Debug, Clone)]
pub struct AwsCredentials {
    pub access_key_id: String,
    pub secret_access_key: Secret,
    /// The session token of temporary credentials.
    pub session_token: Option<Secret>,
}
