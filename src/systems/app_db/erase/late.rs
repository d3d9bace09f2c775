//! Erases what names a person whose account is gone: rows that the app wrote afterwards, from what it still knew.

use super::{ErasedRows, done_before, finish};
use crate::systems::app_db::{
    AppDb, AppDbError, CONTENTION_ATTEMPTS, Mark, Purpose, accounts::Accounts, failure::Failure,
    sql::query, survey::survey_late,
};

impl AppDb {
    /// Erases rows that name an erased account by its id or its address, with everything below them, once per mark. The
    /// same columns count and the same policies hold as in [`AppDb::erase`].
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when the account itself is there again, which takes a plan of its own, and otherwise as
    /// [`AppDb::erase`].
    pub async fn erase_late(
        &self,
        mark: &Mark,
        user_id: &str,
        email: Option<&str>,
    ) -> Result<ErasedRows, AppDbError> {
        let mut attempt = 1;
        loop {
            match self.try_erase_late(mark, user_id, email).await {
                Err(failure) if failure.is_contention() && attempt < CONTENTION_ATTEMPTS => {
                    attempt += 1;
                }
                result => return result.map_err(AppDbError::from),
            }
        }
    }

    async fn try_erase_late(
        &self,
        mark: &Mark,
        user_id: &str,
        email: Option<&str>,
    ) -> Result<ErasedRows, Failure> {
        let (mut tx, ours) = self.begin_marked(Purpose::Erase, mark).await?;
        if !ours {
            return done_before(tx, mark).await;
        }
        let at = self.open_in(&mut tx).await?;
        let accounts = Accounts::of(&at)?;
        let text = format!(
            "SELECT 1 FROM {} t WHERE {}",
            accounts.table.source(),
            accounts.id_is("t", 1)
        );
        if query(text)
            .bind(user_id)
            .fetch_optional(&mut *tx)
            .await?
            .is_some()
        {
            let says = format!(
                "the account {user_id} is there again: settle this request, and ask for its deletion anew"
            );
            return Err(AppDbError::Changed(says).into());
        }
        let survey = survey_late(&mut tx, &at, user_id, email).await?;
        if !survey.blockers.is_empty() {
            return Err(AppDbError::Blocked(survey.blockers.join("; ")).into());
        }
        finish(tx, mark, &survey).await
    }
}
