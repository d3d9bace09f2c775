//! Looks at every account, batch by batch: for what cannot be searched for, such as a keyed hash of an address.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};

use super::{AppDbError, Purpose, Snapshot, accounts::Accounts, sql::ident};

/// Accounts of one batch.
const BATCH: u64 = 5_000;

/// What is looked at of one account.
#[derive(Debug, Clone, Copy)]
pub struct ScannedAccount<'a> {
    /// The app's user id, as text.
    pub id: &'a str,
    /// The e-mail address; `None` when the account has none.
    pub email: Option<&'a str>,
    /// When it was made, where the app keeps that.
    pub created_at: Option<DateTime<Utc>>,
}

impl Snapshot {
    /// Looks at every account at one moment and keeps what `look` finds. Memory holds one account and the findings.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn scan_accounts<T: Send>(
        &self,
        look: &(dyn Fn(ScannedAccount<'_>) -> Option<T> + Sync),
    ) -> Result<Vec<T>, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let accounts = Accounts::of(self)?;
        let declare = format!(
            "SET TRANSACTION READ ONLY; DECLARE countersign_scan NO SCROLL CURSOR FOR SELECT u.{}::text, {}::text, {} FROM {} u",
            ident(&self.mapping.user.id),
            accounts.column("u", "email")?,
            created_at(&accounts, &self.mapping.user.created_at),
            accounts.table.source()
        );
        sqlx::raw_sql(AssertSqlSafe(declare))
            .execute(&mut *tx)
            .await?;
        let mut found = Vec::new();
        loop {
            let fetch = format!("FETCH FORWARD {BATCH} FROM countersign_scan");
            let mut rows = sqlx::raw_sql(AssertSqlSafe(fetch)).fetch(&mut *tx);
            let mut seen = 0;
            while let Some(row) = rows.try_next().await? {
                seen += 1;
                found.extend(look(ScannedAccount {
                    id: row.try_get(0)?,
                    email: row.try_get(1)?,
                    created_at: row.try_get(2)?,
                }));
            }
            if seen < BATCH {
                break;
            }
        }
        tx.rollback().await?;
        Ok(found)
    }
}

/// A column without a time zone is read as UTC, as Prisma writes it.
fn created_at(accounts: &Accounts<'_>, name: &str) -> String {
    match accounts.has(name) {
        Some(column) if column.type_name == "pg_catalog.timestamp" => {
            format!("u.{} AT TIME ZONE 'UTC'", ident(name))
        }
        Some(column) if column.type_name == "pg_catalog.timestamptz" => {
            format!("u.{}", ident(name))
        }
        _ => "NULL::timestamptz".to_owned(),
    }
}
