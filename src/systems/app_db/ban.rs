//! Bans an account for as long as people want it, and lifts the ban.
//!
//! An erasure blocks the account too while it cools off, and lifts its block when it is stopped. The two must not undo each
//! other: whether an erasure is under way is looked at while the account's row is locked, which its block has to lock too.

use std::future::Future;

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row};

use super::{
    AppDbError, Claim, Mark, Purpose, Snapshot,
    accounts::{Accounts, RoleColumn},
    admins::is_last,
    block::write_flag,
    sessions::{SessionRows, end_sessions, may_end_sessions, of_account, strategy},
    sql::{ident, query},
    writes,
};

/// How an account stands, as far as a ban cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// It is an admin of the app.
    pub is_admin: bool,
    /// It is blocked. Empty counts as not.
    pub is_blocked: bool,
    /// Rows of its sign-in sessions; `None` when the database has no such table.
    pub sessions: Option<SessionRows>,
}

/// What banning or lifting the ban did. It is kept in the step's marker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banned {
    /// Sessions that had not expired when their rows were deleted.
    pub sessions_ended: u64,
    /// What deleting rows could not do, when nobody was signed in through the database.
    #[serde(default)]
    pub sessions_note: Option<String>,
}

impl Snapshot {
    /// How an account stands.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when the app cannot block accounts, [`AppDbError::Changed`] when there is no such account.
    pub async fn standing(&self, user_id: &str) -> Result<Standing, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        writes::possible(&mut tx).await?;
        let (is_admin, is_blocked) = read(&mut tx, self, user_id, "").await?;
        let sessions = of_account(&mut tx, self, user_id).await?;
        tx.rollback().await?;
        Ok(Standing {
            is_admin,
            is_blocked,
            sessions,
        })
    }

    /// Whether accounts can be banned in this app, this one among them.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] when it cannot be told who is an admin, or our role lacks a right.
    pub async fn may_ban(&self, user_id: &str) -> Result<(), AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        check_ban(&mut tx, self, user_id).await?;
        tx.rollback().await?;
        Ok(())
    }

    /// Blocks the account and deletes its session rows, in one transaction with the marker. `forbidden` is asked once the
    /// account's row is locked, and says what stands in the way.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] when the account is an admin or something stands in the way, [`AppDbError::Changed`] when it
    /// is gone or blocked by now, [`AppDbError::Schema`] when the app cannot block accounts. Nothing is changed then.
    pub async fn ban(
        &self,
        mark: &Mark,
        user_id: &str,
        forbidden: impl Future<Output = Result<Option<String>, AppDbError>> + Send,
    ) -> Result<Banned, AppDbError> {
        self.set_ban(mark, user_id, true, forbidden).await
    }

    /// Makes the account usable again, whoever blocked it. Sessions that were ended stay ended.
    ///
    /// # Errors
    /// As [`Snapshot::ban`]; whether the account is an admin does not matter.
    pub async fn unban(
        &self,
        mark: &Mark,
        user_id: &str,
        forbidden: impl Future<Output = Result<Option<String>, AppDbError>> + Send,
    ) -> Result<Banned, AppDbError> {
        self.set_ban(mark, user_id, false, forbidden).await
    }

    async fn set_ban(
        &self,
        mark: &Mark,
        user_id: &str,
        to: bool,
        forbidden: impl Future<Output = Result<Option<String>, AppDbError>> + Send,
    ) -> Result<Banned, AppDbError> {
        let mut tx = match self.db.claim(mark).await? {
            Claim::Done(outcome) => return Ok(outcome),
            Claim::Ours(tx) => tx,
        };
        let (is_admin, is_blocked) = read(&mut tx, self, user_id, "FOR UPDATE").await?;
        if let Some(why) = forbidden.await? {
            return Err(AppDbError::Blocked(why));
        }
        if to {
            check_ban(&mut tx, self, user_id).await?;
        }
        if to && is_admin {
            return Err(AppDbError::Blocked(
                "the account is an admin: demote first".into(),
            ));
        }
        if is_blocked == to {
            let already = if to { "blocked" } else { "not blocked" };
            return Err(AppDbError::Changed(format!(
                "the account is {already} by now. Nothing was changed"
            )));
        }
        let accounts = Accounts::of(self)?;
        let changed = write_flag(&mut tx, &accounts, user_id, to).await?;
        if changed != 1 {
            return Err(AppDbError::Blocked(format!(
                "the database changed {changed} rows instead of one, so nothing was kept"
            )));
        }
        let mut outcome = Banned {
            sessions_ended: 0,
            sessions_note: None,
        };
        if to {
            // Before they go: the person's own may be the last that say how people are signed in.
            outcome.sessions_note = strategy(&mut tx, self).await?.goes_on();
            let ended = end_sessions(&mut tx, self, user_id).await?;
            outcome.sessions_ended = ended.live;
        }
        self.db.finish(tx, mark, &outcome).await?;
        Ok(outcome)
    }
}

async fn check_ban(
    connection: &mut PgConnection,
    at: &Snapshot,
    user_id: &str,
) -> Result<(), AppDbError> {
    may_end_sessions(at)?;
    // Whether it is the last one does not matter: no admin is banned. It refuses when that cannot be told.
    is_last(connection, at, user_id, false).await?;
    Ok(())
}

/// Whether the account is an admin, and whether it is blocked.
async fn read(
    connection: &mut PgConnection,
    at: &Snapshot,
    user_id: &str,
    lock: &str,
) -> Result<(bool, bool), AppDbError> {
    let accounts = Accounts::of(at)?;
    let Some(flag) = accounts.flag() else {
        return Err(AppDbError::Schema(vec![at.missing("user.is_blocked")]));
    };
    at.may_update(accounts.table, &[&flag.name])?;
    let is_admin = match RoleColumn::of(&accounts)? {
        Some(role) => role.is_admin("u"),
        None => "false".to_owned(),
    };
    let text = format!(
        "SELECT {is_admin} AS is_admin, u.{} IS TRUE AS blocked FROM {} u WHERE {} {lock}",
        ident(&flag.name),
        accounts.table.source(),
        accounts.id_is("u", 1)
    );
    let rows = query(text).bind(user_id).fetch_all(connection).await?;
    let [row] = rows.as_slice() else {
        let gone = format!("there is no account {user_id} any more");
        return Err(AppDbError::Changed(gone));
    };
    Ok((row.try_get("is_admin")?, row.try_get("blocked")?))
}
