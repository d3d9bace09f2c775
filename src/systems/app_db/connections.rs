//! Who is connected to the app's database. Texts of queries are never read: they may hold personal data.

mod idle;
mod view;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{AppDb, AppDbError, Purpose};

pub use idle::{Ended, Idle, IdlePlan};

/// Transactions that are listed when they wait idly; the rest is counted.
pub const WAITING_SHOWN: i64 = 10;

/// The connections at one moment, by the server's own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connections {
    /// Those to the app's database, the largest group first.
    pub groups: Vec<Group>,
    /// Those to all databases of the server.
    pub server: i64,
    /// What the server allows.
    pub limits: ServerLimits,
    /// How long the longest idle one has been idle.
    pub oldest_idle: Option<Duration>,
    /// Those that keep a transaction open and do nothing, the oldest first; at most [`WAITING_SHOWN`].
    pub waiting: Vec<Waiting>,
    /// Those whose state our role may not see.
    pub hidden: i64,
    /// The role that we are, as the server names it.
    pub role: String,
    /// Whether we reach the server through a transaction-mode pooler.
    pub pooled: bool,
}

/// Connections that have state, role and application in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they do; `None` where our role may not see it.
    pub state: Option<String>,
    /// The role that they are.
    pub user: String,
    /// How the client calls itself, see [`presentable`].
    pub application: String,
    pub count: i64,
}

/// How many connections may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// To the whole server.
    pub most: i64,
    /// Of these, kept for superusers and for roles with a reservation.
    pub reserved: i64,
    /// To the app's database, when it has a limit of its own.
    pub database: Option<i64>,
}

impl ServerLimits {
    /// What is left for ordinary roles.
    #[must_use]
    pub fn usable(&self) -> i64 {
        (self.most - self.reserved).max(0)
    }
}

/// A connection that keeps a transaction open and does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The server's process.
    pub pid: i32,
    /// The role that it is.
    pub user: String,
    /// How the client calls itself.
    pub application: String,
    /// How long it has done nothing.
    pub idle: Duration,
    /// How long its transaction is open.
    pub open: Duration,
}

/// Connections to the app's database by what they do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCounts {
    /// Working.
    pub active: i32,
    /// Open and unused.
    pub idle: i32,
    /// With an open transaction and without work, aborted ones included.
    pub idle_in_transaction: i32,
    /// In other states, or in ones that our role may not see.
    pub other: i32,
    /// To all databases of the server.
    pub server: i32,
    /// What the server allows ordinary roles.
    pub most: i32,
}

impl AppDb {
    /// The connections as they are now.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn connections(&self) -> Result<Connections, AppDbError> {
        let mut tx = self.begin(Purpose::Read).await?;
        let found = view::look(&mut tx, self.pooled).await?;
        tx.rollback().await?;
        Ok(found)
    }

    /// How many connections there are, by state: one cheap query.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn connection_counts(&self) -> Result<StateCounts, AppDbError> {
        let mut tx = self.begin(Purpose::Read).await?;
        let counts = view::counts(&mut tx).await?;
        tx.rollback().await?;
        Ok(counts)
    }

    /// The app's own connections that have been idle since before `before`.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses, or there is no table of accounts.
    pub async fn idle_connections(&self, before: DateTime<Utc>) -> Result<IdlePlan, AppDbError> {
        let mut tx = self.begin(Purpose::Change).await?;
        let plan = idle::plan(&mut tx, self, before).await?;
        tx.rollback().await?;
        Ok(plan)
    }
}

/// A client's name for itself, as it may be shown and kept: one line, and without what may be somebody's address.
fn presentable(application: &str) -> String {
    let name = application.replace(char::is_control, " ");
    match name.trim() {
        "" => "(no name)".to_owned(),
        name if name.contains('@') => "(a name with an address)".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_an_address_and_without_control_characters() {
        assert_eq!(presentable(" vercel\n1 "), "vercel 1");
        assert_eq!(presentable(""), "(no name)");
        assert_eq!(
            presentable("psql of ada@example.com"),
            "(a name with an address)"
        );
    }
}
