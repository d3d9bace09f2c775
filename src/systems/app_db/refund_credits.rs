//! Takes credits from an account before money goes back, and gives them back when the money did not go.

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{AppDbError, Claim, CreditWay, Mark, Snapshot, credits::Balance, marker};

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

impl Snapshot {
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
        let mut tx = match self.db.claim(mark).await? {
            Claim::Done(outcome) => return Ok(outcome),
            Claim::Ours(tx) => tx,
        };
        let balance = Balance::of(self)?;
        let before = balance.lock(&mut tx, user_id).await?;
        let after = balance.after(before, CreditWay::Remove, due)?;
        let taken = before.saturating_sub(after);
        if taken > 0 {
            balance.write(&mut tx, user_id, after).await?;
        }
        let outcome = CreditsTaken {
            before,
            taken,
            missing: due.saturating_sub(taken).max(0),
        };
        self.db.finish(tx, mark, &outcome).await?;
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
        let mut tx = match self.db.claim(mark).await? {
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
                let balance = Balance::of(self)?;
                match balance.lock(&mut tx, user_id).await {
                    Err(AppDbError::Changed(_)) => CreditsGivenBack::NoSuchUser(taken),
                    Err(error) => return Err(error),
                    Ok(before) => {
                        let after = balance.after(before, CreditWay::Add, taken)?;
                        balance.write(&mut tx, user_id, after).await?;
                        CreditsGivenBack::Given(taken)
                    }
                }
            }
        };
        self.db.finish(tx, mark, &outcome).await?;
        Ok(outcome)
    }
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
