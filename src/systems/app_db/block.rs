//! Blocks an account and ends its sessions; lifts the block again without undoing somebody else's.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row};

use super::{
    AppDbError, Claim, Mark, Snapshot,
    accounts::Accounts,
    admins::is_last,
    sessions::{end_sessions, strategy},
    sql::{ident, query},
};

/// What blocking did. It is kept in the step's marker, where lifting finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockOutcome {
    /// What became of the account's flag.
    pub blocked: Blocked,
    /// Sessions that had not expired when their rows were deleted.
    pub sessions_ended: i64,
    /// What deleting rows could not do, when nobody was signed in through the database.
    pub sessions_note: Option<String>,
}

/// What became of the flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Blocked {
    /// It is set now and was not before.
    Done,
    /// It was set before: lifting this block leaves it set.
    AlreadyBlocked,
    /// It came too late: the block had been lifted before it was set, and was left.
    Forestalled,
    /// The app cannot block accounts.
    NoColumn {
        /// The Prisma field that it lacks.
        prisma: String,
    },
}

/// What lifting a block did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LiftOutcome {
    /// The account can be used again.
    Lifted,
    /// The account had been blocked before our block, and stays so.
    WasBlockedBefore,
    /// Our block had not set anything.
    NothingToLift,
    /// The account is not there any more.
    NoSuchUser,
}

impl Snapshot {
    /// Blocks the account and deletes its session rows, in one transaction with the marker. The rows of all admins are locked
    /// first, as before a demotion: whoever is left may be on the way out too.
    ///
    /// # Errors
    /// [`AppDbError::LastAdmin`] when no other admin could act then, [`AppDbError::Changed`] when there is no such account.
    /// Nothing is changed then.
    pub async fn block(&self, mark: &Mark, user_id: &str) -> Result<BlockOutcome, AppDbError> {
        let mut tx = match self.db.claim(mark).await? {
            Claim::Done(outcome) => return Ok(outcome),
            Claim::Ours(tx) => tx,
        };
        if is_last(&mut tx, self, user_id, true).await? {
            return Err(AppDbError::LastAdmin);
        }
        let blocked = set_flag(&mut tx, self, user_id).await?;
        // Before they go: the person's own may be the last that say how people are signed in.
        let strategy = strategy(&mut tx, self).await?;
        let ended = end_sessions(&mut tx, self, user_id).await?;
        let outcome = BlockOutcome {
            blocked,
            sessions_ended: i64::try_from(ended.live).unwrap_or(i64::MAX),
            sessions_note: strategy.goes_on(),
        };
        self.db.finish(tx, mark, &outcome).await?;
        Ok(outcome)
    }

    /// Takes back what the step `blocked_by` did: an account that was blocked before it stays blocked.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn lift_block(
        &self,
        mark: &Mark,
        blocked_by: &Mark,
        user_id: &str,
    ) -> Result<LiftOutcome, AppDbError> {
        let mut tx = match self.db.claim(mark).await? {
            Claim::Done(outcome) => return Ok(outcome),
            Claim::Ours(tx) => tx,
        };
        let block: Option<BlockOutcome> = super::marker::recorded(&mut tx, blocked_by).await?;
        let outcome = match block.map(|block| block.blocked) {
            // A runner that was thought dead may still be about to block: it finds this instead.
            None => {
                forestall(&mut tx, blocked_by).await?;
                LiftOutcome::NothingToLift
            }
            Some(Blocked::NoColumn { .. } | Blocked::Forestalled) => LiftOutcome::NothingToLift,
            Some(Blocked::AlreadyBlocked) => LiftOutcome::WasBlockedBefore,
            Some(Blocked::Done) => clear_flag(&mut tx, self, user_id).await?,
        };
        self.db.finish(tx, mark, &outcome).await?;
        Ok(outcome)
    }
}

async fn set_flag(
    connection: &mut PgConnection,
    at: &Snapshot,
    user_id: &str,
) -> Result<Blocked, AppDbError> {
    let accounts = Accounts::of(at)?;
    let flag = accounts.flag();
    let current = flag.map_or("NULL::bool".into(), |flag| {
        format!("u.{}", ident(&flag.name))
    });
    let text = format!(
        "SELECT {current} AS blocked FROM {} u WHERE {} FOR UPDATE",
        accounts.table.source(),
        accounts.id_is("u", 1)
    );
    let row = query(text)
        .bind(user_id)
        .fetch_optional(&mut *connection)
        .await?;
    let row =
        row.ok_or_else(|| AppDbError::Changed(format!("there is no account {user_id} any more")))?;
    if flag.is_none() {
        return Ok(Blocked::NoColumn {
            prisma: at.missing("user.is_blocked").prisma,
        });
    }
    if row.try_get::<Option<bool>, _>("blocked")? == Some(true) {
        return Ok(Blocked::AlreadyBlocked);
    }
    write_flag(connection, &accounts, user_id, true).await?;
    Ok(Blocked::Done)
}

async fn clear_flag(
    connection: &mut PgConnection,
    at: &Snapshot,
    user_id: &str,
) -> Result<LiftOutcome, AppDbError> {
    let accounts = Accounts::of(at)?;
    if accounts.flag().is_none() {
        return Err(AppDbError::Schema(vec![at.missing("user.is_blocked")]));
    }
    match write_flag(connection, &accounts, user_id, false).await? {
        0 => Ok(LiftOutcome::NoSuchUser),
        _ => Ok(LiftOutcome::Lifted),
    }
}

/// Sets or clears the flag; gives the number of rows.
pub(super) async fn write_flag(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    user_id: &str,
    blocked: bool,
) -> Result<u64, sqlx::Error> {
    let text = format!(
        "UPDATE {} u SET {} = {blocked}{} WHERE {}",
        accounts.table.source(),
        ident(&accounts.at.mapping.user.is_blocked),
        accounts.at.touch(accounts.table),
        accounts.id_is("u", 1)
    );
    let done = query(text).bind(user_id).execute(connection).await?;
    Ok(done.rows_affected())
}

async fn forestall(connection: &mut PgConnection, block: &Mark) -> Result<(), AppDbError> {
    let outcome = BlockOutcome {
        blocked: Blocked::Forestalled,
        sessions_ended: 0,
        sessions_note: None,
    };
    if super::marker::insert(connection, block).await? {
        super::marker::record(connection, block, &outcome).await?;
    }
    Ok(())
}
