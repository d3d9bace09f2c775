//! How the app's tables and columns are called: the `[app.schema]` section of the configuration.
//! The defaults are the runbook's names.

mod export;
mod heirs;
pub(super) mod keys;
mod link;
mod moved;
mod payment;
mod policy;
mod records;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::names::{ColumnRef, TableRef};

pub use export::ExportPolicy;
pub use link::LinkColumn;
pub use payment::PaymentMapping;
pub use policy::Policy;
pub use records::{LoginAttemptMapping, SupportTicketMapping};

/// The `[app.schema]` section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// The Postgres schema that unqualified table names are in.
    pub schema: String,
    /// The accounts.
    pub user: UserMapping,
    /// The sign-in sessions.
    pub session: SessionMapping,
    /// The speaking tests that a person took.
    pub test_session: TestSessionMapping,
    /// The analytics events, where manual credits are noted.
    pub analytics_event: AnalyticsEventMapping,
    pub subscription: SubscriptionMapping,
    /// The attempts to sign in.
    pub login_attempt: LoginAttemptMapping,
    pub support_ticket: SupportTicketMapping,
    /// The key to the account in the table of vocabulary progress: `Table.column`.
    pub flashcard_progress: ColumnRef,
    /// The key to the account in the table of pronunciation progress: `Table.column`.
    pub pronunciation_progress: ColumnRef,
    pub payment: PaymentMapping,
    /// What an erasure does with the rows of a table, by table name. Without an entry they are deleted.
    pub tables: BTreeMap<String, Policy>,
    /// Columns that hold an e-mail address without a foreign key, whose rows an erasure deletes: `Table.column`.
    pub email_columns: Vec<ColumnRef>,
    /// Columns that refer to another row without a foreign key. They are followed as if they had one: its rows go with the
    /// row that they refer to, or as the policy of their table says. `"Website.userId"` holds a user's id;
    /// `"Visit.websiteId -> Website.id"` holds a value of the column behind the arrow. A schema without any foreign key
    /// (`relationMode = "prisma"`) needs a line for each relation that leads from an account to its data:
    ///
    /// ```toml
    /// [app.schema]
    /// link_columns = ["Website.userId", "Visit.websiteId -> Website.id", "PageView.visitId -> Visit.id"]
    /// ```
    pub link_columns: Vec<LinkColumn>,
    /// Columns that hold keys or URLs of a person's files: `Table.column`.
    pub user_columns: Vec<ColumnRef>,
    /// What an export holds back, beyond what looks like a secret.
    pub export: ExportPolicy,
}

/// Names around the accounts' table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserMapping {
    pub table: String,
    /// The primary key.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// When the address was confirmed, or whether; empty until then.
    pub email_verified: String,
    /// The display name.
    pub name: String,
    /// The role: text, an enum, a list of these, or a flag that is set for admins.
    pub role: String,
    /// The credits that are left.
    pub credits: String,
    /// Whether the account is blocked.
    pub is_blocked: String,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed; set with every change, in every table that has a column of this name.
    pub updated_at: String,
    /// The value of the role column that makes somebody an admin.
    pub admin_role: String,
    /// The value that a demoted admin gets.
    pub user_role: String,
}

/// Names around the sessions' table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionMapping {
    pub table: String,
    /// The key to the account.
    pub user_id: String,
    /// When it ends.
    pub expires: String,
}

/// Names around the test sessions' table. The runbook says `createdAt` and `bandScore`; the app as it is has `date` and
/// `score`, which are taken when the runbook's are not there (see [`Mapping::resolved`]).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TestSessionMapping {
    pub table: String,
    /// The primary key.
    pub id: String,
    /// The key to the account.
    pub user_id: String,
    /// When it was made.
    pub created_at: String,
    /// The result.
    pub band_score: String,
    /// How far it got.
    pub status: String,
}

/// Names around the analytics events' table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnalyticsEventMapping {
    pub table: String,
    /// The key to the account.
    pub user_id: String,
    /// What happened: text or an enum.
    pub event_type: String,
    /// More about it, as JSON.
    pub metadata: String,
    /// When it happened.
    pub created_at: String,
    /// The event type under which manual credits are noted.
    pub manual_credit: String,
    /// The event type under which credits that were taken back by hand are noted, where the app has it.
    pub manual_removal: String,
    /// The event type under which sign-ins are noted.
    pub sign_in: String,
}

/// Names around the subscriptions' table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubscriptionMapping {
    pub table: String,
    /// The key to the account.
    pub user_id: String,
    /// How it is: text or an enum.
    pub status: String,
    pub ends_at: String,
    /// How much was paid for it.
    pub amount: String,
    pub currency: String,
    /// When it was made.
    pub created_at: String,
    /// The values of the status under which it runs, in any letter case.
    pub running: Vec<String>,
}

impl Default for SubscriptionMapping {
    fn default() -> Self {
        Self {
            table: "Subscription".into(),
            user_id: "userId".into(),
            status: "status".into(),
            ends_at: "expiresAt".into(),
            amount: "amount".into(),
            currency: "currency".into(),
            created_at: "createdAt".into(),
            running: ["active", "trialing", "past_due"].map(String::from).into(),
        }
    }
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            schema: "public".into(),
            user: UserMapping::default(),
            session: SessionMapping::default(),
            test_session: TestSessionMapping::default(),
            analytics_event: AnalyticsEventMapping::default(),
            subscription: SubscriptionMapping::default(),
            login_attempt: LoginAttemptMapping::default(),
            support_ticket: SupportTicketMapping::default(),
            flashcard_progress: ColumnRef::new("UserFlashcardProgress", "userId"),
            pronunciation_progress: ColumnRef::new("UserPronunciationProgress", "userId"),
            payment: PaymentMapping::default(),
            tables: BTreeMap::new(),
            email_columns: [
                ("LoginAttempt", "email"),
                ("PasswordResetToken", "email"),
                ("VerificationToken", "identifier"),
            ]
            .map(|(table, column)| ColumnRef::new(table, column))
            .into(),
            link_columns: Vec::new(),
            user_columns: vec![ColumnRef::new("Response", "audioUrl")],
            export: ExportPolicy::default(),
        }
    }
}

impl Default for UserMapping {
    fn default() -> Self {
        Self {
            table: "User".into(),
            id: "id".into(),
            email: "email".into(),
            email_verified: "emailVerified".into(),
            name: "name".into(),
            role: "role".into(),
            credits: "credits".into(),
            is_blocked: "isBlocked".into(),
            created_at: "createdAt".into(),
            updated_at: "updatedAt".into(),
            admin_role: "ADMIN".into(),
            user_role: "USER".into(),
        }
    }
}

impl Default for SessionMapping {
    fn default() -> Self {
        Self {
            table: "Session".into(),
            user_id: "userId".into(),
            expires: "expires".into(),
        }
    }
}

impl Default for TestSessionMapping {
    fn default() -> Self {
        Self {
            table: "TestSession".into(),
            id: "id".into(),
            user_id: "userId".into(),
            created_at: "createdAt".into(),
            band_score: "bandScore".into(),
            status: "status".into(),
        }
    }
}

impl Default for AnalyticsEventMapping {
    fn default() -> Self {
        Self {
            table: "AnalyticsEvent".into(),
            user_id: "userId".into(),
            event_type: "type".into(),
            metadata: "metadata".into(),
            created_at: "createdAt".into(),
            manual_credit: "MANUAL_CREDIT_ADDED".into(),
            manual_removal: "MANUAL_CREDIT_REMOVED".into(),
            sign_in: "LOGIN".into(),
        }
    }
}

impl Mapping {
    /// The table of this configured name, in the app's schema unless the name says another (`other.Table`).
    #[must_use]
    pub fn table_ref(&self, name: &str) -> TableRef {
        TableRef::parse(name, &self.schema)
    }

    /// The accounts' table.
    #[must_use]
    pub fn user_table(&self) -> TableRef {
        self.table_ref(&self.user.table)
    }

    /// What an erasure does with this table when the configuration says so.
    #[must_use]
    pub fn policy(&self, table: &TableRef) -> Option<&Policy> {
        self.tables
            .iter()
            .find(|(name, _)| self.table_ref(name) == *table)
            .map(|(_, policy)| policy)
    }
}
