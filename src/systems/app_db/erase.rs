//! Erases an account's rows: one transaction, child first, with the marker, and with counts that are checked.

mod cut;
mod delete;
mod late;
mod order;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    AppDb, AppDbError, CONTENTION_ATTEMPTS, Mark, Purpose, Tx,
    accounts::Accounts,
    failure::Failure,
    files, marker,
    sql::query,
    survey::{Intent, Survey, survey},
};

/// How the erasure knows that the account is still the one that was planned.
#[derive(Clone, Copy)]
pub enum EmailCheck<'a> {
    /// Its address is this one, letter case included; `None`: it has none.
    Is(Option<&'a str>),
    /// Its address passes this test (against a keyed hash, say).
    Matches(&'a (dyn Fn(Option<&str>) -> bool + Sync)),
}

/// What must hold inside the transaction, or nothing is changed.
#[derive(Clone, Copy)]
pub struct Planned<'a> {
    /// The account is the one that was planned.
    pub email: EmailCheck<'a>,
    /// The files are the ones that were written down.
    pub files: FileCheck<'a>,
}

/// What must be known of the files that rows name before the rows go, which are the only index of some of them.
#[derive(Clone, Copy)]
pub enum FileCheck<'a> {
    /// The caller does not erase files.
    NotErased,
    /// Every value of the configured file columns in rows that go passes this test.
    AllKnown(&'a (dyn Fn(&str) -> bool + Sync)),
}

/// What an erasure did. It is kept in the step's marker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedRows {
    /// Rows deleted, by table.
    pub deleted: BTreeMap<String, i64>,
    /// Rows kept by policy and cut off, by table.
    pub kept: BTreeMap<String, i64>,
    /// Rows of which only the link was cut, by `table.column`.
    pub unlinked: BTreeMap<String, i64>,
}

impl ErasedRows {
    /// Rows deleted over all tables.
    #[must_use]
    pub fn total_deleted(&self) -> i64 {
        self.deleted.values().sum()
    }

    /// Rows that were deleted, or kept and cut off, or cut off from others, over all tables.
    #[must_use]
    pub fn total(&self) -> i64 {
        let cut = self.kept.values().chain(self.unlinked.values());
        self.total_deleted() + cut.sum::<i64>()
    }
}

impl AppDb {
    /// Erases the account and all related rows, once per mark: a repeated call returns the first one's counts.
    /// The plan is worked out again inside the transaction, and what it counts is what must be deleted.
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when the account is gone or another one than planned, [`AppDbError::NewFiles`] when its
    /// rows name files that are not known yet, [`AppDbError::Blocked`] when something stands in the way. In every case of an error nothing was changed, except that a lost connection during
    /// the commit leaves it open: calling again settles it.
    pub async fn erase(
        &self,
        mark: &Mark,
        user_id: &str,
        planned: Planned<'_>,
    ) -> Result<ErasedRows, AppDbError> {
        let mut attempt = 1;
        loop {
            match self.try_erase(mark, user_id, planned).await {
                Err(failure) if failure.is_contention() && attempt < CONTENTION_ATTEMPTS => {
                    attempt += 1;
                }
                result => return result.map_err(AppDbError::from),
            }
        }
    }

    /// What [`AppDb::erase`] did under this mark; `None` when it did nothing, and then it never will: whoever is about to
    /// finds the marker without a result. Waits for an erasure that is under way.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn forestall_erasure(&self, mark: &Mark) -> Result<Option<ErasedRows>, AppDbError> {
        let (mut tx, ours) = self.begin_marked(Purpose::Change, mark).await?;
        if ours {
            tx.commit().await?;
            return Ok(None);
        }
        let done = marker::recorded(&mut tx, mark).await?;
        tx.rollback().await?;
        Ok(done)
    }

    async fn try_erase(
        &self,
        mark: &Mark,
        user_id: &str,
        planned: Planned<'_>,
    ) -> Result<ErasedRows, Failure> {
        let (mut tx, ours) = self.begin_marked(Purpose::Erase, mark).await?;
        if !ours {
            return done_before(tx, mark).await;
        }
        let at = self.open_in(&mut tx).await?;
        let accounts = Accounts::of(&at)?;
        lock_account(&mut tx, &accounts, user_id).await?;
        let survey = survey(&mut tx, &at, user_id, Intent::Erase).await?;
        let email = survey.email.as_deref();
        let is_planned = match planned.email {
            EmailCheck::Is(expected) => expected == email,
            EmailCheck::Matches(test) => test(email),
        };
        if !is_planned {
            let changed =
                format!("account {user_id} has another e-mail address than when this was planned");
            return Err(AppDbError::Changed(changed).into());
        }
        if !survey.blockers.is_empty() {
            return Err(AppDbError::Blocked(survey.blockers.join("; ")).into());
        }
        if let FileCheck::AllKnown(is_known) = planned.files {
            let new = files::count_unknown(&mut tx, &survey.graph, is_known).await?;
            if new > 0 {
                return Err(AppDbError::NewFiles(new).into());
            }
        }
        finish(tx, mark, &survey).await
    }
}

/// What the step did when it was applied before.
async fn done_before(mut tx: Tx, mark: &Mark) -> Result<ErasedRows, Failure> {
    let done = marker::recorded(&mut tx, mark).await?;
    tx.rollback().await?;
    let missing = || AppDbError::Other(format!("the marker of step {} has no result", mark.step));
    Ok(done.ok_or_else(missing)?)
}

/// Cuts and deletes what was surveyed, checks that it is gone, and commits it with the marker.
async fn finish(mut tx: Tx, mark: &Mark, survey: &Survey<'_>) -> Result<ErasedRows, Failure> {
    let mut erased = ErasedRows::default();
    cut::cut_links(&mut tx, survey, &mut erased).await?;
    delete::delete(&mut tx, survey, &mut erased).await?;
    sqlx::raw_sql("SET CONSTRAINTS ALL IMMEDIATE")
        .execute(&mut *tx)
        .await?;
    delete::check_gone(&mut tx, &survey.graph).await?;
    marker::record(&mut tx, mark, &erased).await?;
    tx.commit().await?;
    Ok(erased)
}

/// Rows that point to the account cannot be added while its row is locked.
async fn lock_account(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    user_id: &str,
) -> Result<(), Failure> {
    let text = format!(
        "SELECT 1 FROM {} t WHERE {} FOR UPDATE",
        accounts.table.source(),
        accounts.id_is("t", 1)
    );
    match query(text).bind(user_id).fetch_optional(connection).await? {
        Some(_) => Ok(()),
        None => Err(AppDbError::Changed(format!("there is no account {user_id} any more")).into()),
    }
}
