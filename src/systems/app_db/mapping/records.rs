//! Names around what is read about a person and never changed.

use serde::Deserialize;

/// Names around the table of attempts to sign in. Only those that worked and name an account count: the app lets anybody
/// write failed ones for any address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoginAttemptMapping {
    pub table: String,
    /// The key to the account.
    pub user_id: String,
    /// Whether it worked.
    pub success: String,
    /// When it was.
    pub created_at: String,
}

/// Names around the support tickets' table, which the app may not have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SupportTicketMapping {
    pub table: String,
    /// The key to the account.
    pub user_id: String,
    pub subject: String,
    /// How far it got.
    pub status: String,
    /// When it was written.
    pub created_at: String,
}

impl Default for LoginAttemptMapping {
    fn default() -> Self {
        Self {
            table: "LoginAttempt".into(),
            user_id: "userId".into(),
            success: "success".into(),
            created_at: "createdAt".into(),
        }
    }
}

impl Default for SupportTicketMapping {
    fn default() -> Self {
        Self {
            table: "SupportTicket".into(),
            user_id: "userId".into(),
            subject: "subject".into(),
            status: "status".into(),
            created_at: "createdAt".into(),
        }
    }
}
