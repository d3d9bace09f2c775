//! Takes credits from an account before money goes back, and gives them back when the money did not go.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row};

use super::{
    AppDb, AppDbError, Claim, Mapping, Mark, marker, schema,
    sql::{ident, query, touch},
    user::Accounts,
};

/// What taking credits did. It is kept in the step's marker, where giving them back finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditsTaken {
    /// How many the account had.
    pub before: i64,
    /// How many are gone now.
    pub taken: i64,
    /// How many should have gone and were not there any more.
    pub missing: i64,
}

/// What giving credits back did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CreditsGivenBack {
    /// So many are on the account again.
    Given(i64),
    /// None had been taken.
    Nothing,
    /// So many should be, but the account is not there any more.
    NoSuchUser(i64),
}

impl AppDb {
    /// Takes this many credits, or as many as there are, in one transaction with the marker.
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when there is no such account, [`AppDbError::Schema`] when the app has no credits.
    pub async fn take_credits(
        &self,
        mark: &Mark,
        user_id: &str,
        due: i64,
    ) -> Result<CreditsTaken, AppDbError> {
        let mut tx = match self.claim(mark).await? {
            Claim::Done(outcome) => return Ok(outcome),
            Claim::Ours(tx) => tx,
        };
        let schema = schema::read(&mut tx).await?;
        let accounts = Accounts::of(&schema, &self.mapping)?;
        let credits = accounts.column("u", &self.mapping.user.credits)?;
        let text = format!(
            "SELECT {credits}::int8 AS credits FROM {} u WHERE {} FOR UPDATE",
            accounts.table.source(),
            accounts.id_is("u", 1)
        );
        let row = query(text)
            .bind(user_id)
            .fetch_optional(&mut *tx)
            .await?
            .ok_or_else(|| {
                AppDbError::Changed(format!("there is no account {user_id} any more"))
            })?;
        let before = row.try_get::<Option<i64>, _>("credits")?.unwrap_or(0);
        let taken = due.min(before).max(0);
        if taken > 0 {
            add(&mut tx, &accounts, &self.mapping, user_id, -taken).await?;
        }
        let outcome = CreditsTaken {
            before,
            taken,
            missing: due.saturating_sub(taken).max(0),
        };
        self.finish(tx, mark, &outcome).await?;
        Ok(outcome)
    }

    /// Gives back what the step `taken_by` took. A runner that was thought dead and is still about to take them takes
    /// none any more.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn give_credits_back(
        &self,
        mark: &Mark,
        taken_by: &Mark,
        user_id: &str,
    ) -> Result<CreditsGivenBack, AppDbError> {
        let mut tx = match self.claim(mark).await? {
            Claim::Done(outcome) => return Ok(outcome),
            Claim::Ours(tx) => tx,
        };
        let taken: Option<CreditsTaken> = marker::recorded(&mut tx, taken_by).await?;
        let outcome = match taken {
            None => {
                forestall(&mut tx, taken_by).await?;
                CreditsGivenBack::Nothing
            }
            Some(CreditsTaken { taken: 0, .. }) => CreditsGivenBack::Nothing,
            Some(CreditsTaken { taken, .. }) => {
                let schema = schema::read(&mut tx).await?;
                let accounts = Accounts::of(&schema, &self.mapping)?;
                match add(&mut tx, &accounts, &self.mapping, user_id, taken).await? {
                    0 => CreditsGivenBack::NoSuchUser(taken),
                    _ => CreditsGivenBack::Given(taken),
                }
            }
        };
        self.finish(tx, mark, &outcome).await?;
        Ok(outcome)
    }
}

/// Adds to the account's credits; a negative number takes, never below zero. Gives the number of rows.
async fn add(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    mapping: &Mapping,
    user_id: &str,
    credits: i64,
) -> Result<u64, AppDbError> {
    let column = accounts.column("u", &mapping.user.credits)?;
    let text = format!(
        "UPDATE {} u SET {} = GREATEST(0, {column} + $2::int8){} WHERE {}",
        accounts.table.source(),
        ident(&mapping.user.credits),
        touch(accounts.table, mapping),
        accounts.id_is("u", 1)
    );
    let done = query(text)
        .bind(user_id)
        .bind(credits)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

async fn forestall(connection: &mut PgConnection, taken_by: &Mark) -> Result<(), AppDbError> {
    let nothing = CreditsTaken {
        before: 0,
        taken: 0,
        missing: 0,
    };
    if marker::insert(connection, taken_by).await? {
        marker::record(connection, taken_by, &nothing).await?;
    }
    Ok(())
}
