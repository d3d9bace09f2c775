//! Every setting by name: where it lives in the file, whether it is a secret, what it defaults to, and what it is for.
//! The environment uses the name as it stands; the file uses it in lower case under its section.

/// One setting.
#[derive(Debug)]
pub struct Name {
    /// The environment variable. The file's key is the same in lower case.
    pub env: &'static str,
    /// The section of the file that the key stands in.
    pub section: &'static str,
    /// How it is written and shown.
    pub kind: Kind,
    /// What happens when it is unset.
    pub need: Need,
    /// What it is for, as a hint to whoever has to set it.
    pub about: &'static str,
}

/// How a setting is written and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One value, shown as it is.
    Plain,
    /// One value that is never shown.
    Secret,
    /// A database URL: shown without its password.
    Database,
    /// Several values: an array in the file, separated by commas or spaces in the environment.
    List,
}

/// What happens when a setting is unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The service does not start without it.
    Required,
    /// It may be absent; what depends on it is off.
    Optional,
    /// This value is used.
    Default(&'static str),
}

impl Name {
    /// The key in the file: the name in lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.env.to_ascii_lowercase()
    }
}

macro_rules! names {
    ($($id:ident, $section:literal, $kind:expr, $need:expr, $about:literal;)*) => {
        $(#[doc = $about]
        pub const $id: &Name = &Name { env: stringify!($id), section: $section, kind: $kind, need: $need, about: $about };)*
        /// Every setting, in the order in which the effective configuration is shown.
        pub const ALL: &[&Name] = &[$($id),*];
    };
}

use Kind::{Database, List, Plain, Secret};
use Need::{Default, Optional, Required};

names! {
    COUNTERSIGN_LISTEN, "server", Plain, Default("127.0.0.1:8080"), "the address and port that the service listens on";
    SLACK_SIGNING_SECRET, "slack", Secret, Required, "the signing secret of the Slack app, under Basic Information";
    SLACK_BOT_TOKEN, "slack", Secret, Required, "the bot token of the Slack app (xoxb-…), under OAuth & Permissions";
    SLACK_APP_TOKEN, "slack", Secret, Optional, "the app-level token (xapp-…) with connections:write, for Socket Mode";
    SLACK_API_URL, "slack", Plain, Default("https://slack.com/api"), "the base URL of Slack's Web API";
    SLACK_TEAM_ID, "slack", Plain, Required, "the id of our own workspace (T…): people of any other are strangers";
    COUNTERSIGN_APPROVALS_CHANNEL, "channels", Plain, Required, "the id of the channel (C… or G…) in which approvals are asked for";
    COUNTERSIGN_AUDIT_CHANNEL, "channels", Plain, Required, "the id of the channel (C… or G…) that gets the audit trail";
    COUNTERSIGN_INCIDENT_CHANNEL, "channels", Plain, Required, "the id of the channel (C… or G…) that incidents reach";
    COUNTERSIGN_ADMINS, "roles", List, Required, "who may ask for and approve everything: user ids (U…, W…) or user-group ids (S…)";
    COUNTERSIGN_OPERATORS, "roles", List, Optional, "who may ask for changes: user ids (U…, W…) or user-group ids (S…)";
    COUNTERSIGN_VIEWERS, "roles", List, Optional, "who may look: user ids (U…, W…) or user-group ids (S…)";
    COUNTERSIGN_APPROVALS_SENSITIVE, "policy", Plain, Default("1"), "how many countersignatures a sensitive operation needs (1 to 9)";
    COUNTERSIGN_APPROVALS_DESTRUCTIVE, "policy", Plain, Default("1"), "how many countersignatures a destructive operation needs (1 to 9)";
    COUNTERSIGN_COOLING_OFF, "policy", Plain, Default("10m"), "how long what cannot be undone waits after its approval (1s to 7days)";
    COUNTERSIGN_APPROVAL_EXPIRY, "policy", Plain, Default("4h"), "how long a request waits for its approval (5s to 30days)";
    COUNTERSIGN_CREDITS_LIMIT, "policy", Plain, Default("50"), "up to how many credits one person may add or remove on one account within 24 hours without a second admin";
    COUNTERSIGN_LINK_EXPIRY, "policy", Plain, Default("1h"), "how long a download link for an export works (1m to 7days, the most that S3 signs for)";
    COUNTERSIGN_EXPORT_RETENTION, "policy", Plain, Default("24h"), "how long the archive of an export is kept before it is deleted (1h to 7days)";
    COUNTERSIGN_STRIPE_CUSTOMER, "policy", Plain, Default("keep"), "whether deleting a user deletes the Stripe customer or keeps it: delete (needs STRIPE_SECRET_KEY) or keep";
    COUNTERSIGN_BACKUP_RETENTION, "policy", Plain, Default("30days"), "how long the database's backups and history keep erased data (up to 10years)";
    COUNTERSIGN_OPENAI_BUDGET, "policy", Plain, Optional, "the monthly OpenAI budget in US dollars that the cost so far is held against";
    COUNTERSIGN_PROTECTED_NETWORKS, "policy", List, Optional, "addresses and networks that `ip ban` must never shut out: our own office, monitoring and servers";
    DATABASE_URL, "app", Database, Required, "the app's Postgres database, as the app itself has it";
    APP_URL, "app", Plain, Optional, "the app's public URL, for its sign-in and health checks";
    COUNTERSIGN_MIGRATIONS_DIR, "app", Plain, Optional, "the app's Prisma migrations folder, to compare with what is applied";
    COUNTERSIGN_LEGAL_HOLD, "app", List, Optional, "the app's user ids of accounts under a legal hold, which must not be deleted";
    COUNTERSIGN_DATABASE_URL, "store", Database, Optional, "Countersign's own Postgres database; the app's when unset";
    COUNTERSIGN_AUDIT_KEY, "store", Secret, Required, "the key of the audit chain: at least 32 bytes, for example from `openssl rand -base64 32`";
    COUNTERSIGN_BUCKET, "store", Plain, Required, "the bucket for certificates, exports, backups and reports: never the app's own";
    S3_BUCKET, "s3", Plain, Required, "the app's bucket, which holds its users' files";
    S3_USER_PREFIX, "s3", Plain, Default("user-{id}/"), "the prefix of one user's files, with {id} for the app user id";
    S3_USER_COLUMNS, "s3", List, Optional, "the columns that hold keys or URLs of files, as Table.column";
    AWS_REGION, "s3", Plain, Required, "the region of both buckets";
    AWS_ACCESS_KEY_ID, "s3", Plain, Optional, "the access key; without it the machine's own role is used";
    AWS_SECRET_ACCESS_KEY, "s3", Secret, Optional, "the secret of the access key";
    AWS_SESSION_TOKEN, "s3", Secret, Optional, "the session token of temporary credentials";
    AWS_ENDPOINT_URL_S3, "s3", Plain, Optional, "the URL of an S3-compatible service; Amazon's own when unset";
    STRIPE_SECRET_KEY, "stripe", Secret, Optional, "a secret or restricted key of Stripe (sk_… or rk_…)";
    STRIPE_WEBHOOK_SECRET, "stripe", Secret, Optional, "the signing secret of the Stripe webhook (whsec_…)";
    STRIPE_API_BASE, "stripe", Plain, Default("https://api.stripe.com"), "the base URL of Stripe's API";
    VERCEL_TOKEN, "vercel", Secret, Optional, "a Vercel token that reaches the project";
    VERCEL_PROJECT_ID, "vercel", Plain, Optional, "the id of the Vercel project (prj_…)";
    VERCEL_TEAM_ID, "vercel", Plain, Optional, "the id of the Vercel team (team_…); unset for a personal account";
    VERCEL_WEBHOOK_SECRET, "vercel", Secret, Optional, "the secret of the Vercel webhook";
    VERCEL_API_BASE, "vercel", Plain, Default("https://api.vercel.com"), "the base URL of Vercel's API";
    NEON_API_KEY, "neon", Secret, Optional, "a Neon API key that reaches the project";
    NEON_PROJECT_ID, "neon", Plain, Optional, "the id of the Neon project";
    NEON_API_BASE, "neon", Plain, Default("https://console.neon.tech/api/v2"), "the base URL of Neon's API";
    OPENAI_API_KEY, "openai", Secret, Optional, "the API key that the app uses";
    OPENAI_ADMIN_KEY, "openai", Secret, Optional, "an admin key (sk-admin-…), which alone can read costs";
    OPENAI_API_BASE, "openai", Plain, Default("https://api.openai.com/v1"), "the base URL of OpenAI's API";
    OPENAI_MODELS, "openai", List, Optional, "the ids of the models that the app uses, such as gpt-4o, whisper-1";
    RESEND_API_KEY, "resend", Secret, Optional, "a Resend API key";
    RESEND_FROM, "resend", Plain, Optional, "the sender of the mails, such as `Support <support@example.com>`";
    RESEND_API_BASE, "resend", Plain, Default("https://api.resend.com"), "the base URL of Resend's API";
    GOOGLE_CLIENT_ID, "google", Plain, Optional, "the OAuth client id that the app signs people in with";
}

/// Names that mean the same as another one when that one is unset, as the vendor's own tools read them.
pub const ALIASES: &[(&str, &Name)] = &[
    ("AWS_DEFAULT_REGION", AWS_REGION),
    ("AWS_ENDPOINT_URL", AWS_ENDPOINT_URL_S3),
];

/// The setting with this environment name.
#[must_use]
pub fn by_env(env: &str) -> Option<&'static Name> {
    ALL.iter().copied().find(|name| name.env == env)
}

/// The file's tables that are not plain settings: the section and the key.
pub const TABLES: &[(&str, &str)] = &[("app", "schema"), ("people", "linked")];

/// The known name that `wrong` was most likely meant to be, when one is near enough.
#[must_use]
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// How alike two names must be (Jaro-Winkler, 0 to 1) before one is offered for the other.
const LIKENESS: f64 = 0.8;
