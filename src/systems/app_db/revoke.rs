//! Ends sign-in sessions that live in the database: everybody's, or one account's.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{
    AppDbError, Claim, Column, Mark, Purpose, Snapshot, Table,
    accounts::{Accounts, RoleColumn},
    sessions::{is_live, session_table},
    sql::{ident, query},
    writes,
};

/// Whose sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Everybody's.
    All,
    /// Those of the account with this id.
    Of(&'a str),
}

/// The sessions as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSessions {
    pub table: String,
    /// Sessions that have not expired.
    pub live: i64,
    /// Rows of sessions that have expired already.
    pub expired: i64,
    /// Accounts with a session that has not expired.
    pub people: i64,
    /// How many of these are admins; `None` when that cannot be told.
    pub admins: Option<i64>,
    /// Accounts without any row of a session, over the whole app.
    pub without: i64,
    /// Keys to sessions, with what becomes of the rows that hold them: `Device.sessionId: CASCADE`.
    pub related: Vec<String>,
    /// Whether our role may delete sessions.
    pub may_delete: bool,
}

/// What a revocation did. It is kept in the step's marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Rows that were deleted.
    pub rows: i64,
    /// How many of them had not expired.
    pub live: i64,
    /// Accounts that these belonged to.
    pub people: i64,
}

impl Snapshot {
    /// Counts the sessions that would end; `None` when the app has no table of sessions.
    ///
    /// # Errors
    /// When the database cannot be reached, or has no accounts' table.
    pub async fn live_sessions(
        &self,
        whose: Whose<'_>,
    ) -> Result<Option<LiveSessions>, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        writes::possible(&mut tx).await?;
        let Some(sessions) = Sessions::of(self)? else {
            return Ok(None);
        };
        let row = query(sessions.counting(whose)?);
        let row = whose.bind(row);
        let row = row.fetch_one(&mut *tx).await?;
        tx.rollback().await?;
        Ok(Some(LiveSessions {
            table: self.label(sessions.table),
            live: row.try_get("live")?,
            expired: row.try_get("expired")?,
            people: row.try_get("people")?,
            admins: row.try_get("admins")?,
            without: row.try_get("without")?,
            related: sessions.related(),
            may_delete: sessions.table.may_delete,
        }))
    }

    /// Deletes the rows of the sessions, once per mark: a repeated call returns what the first one did.
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when the table is gone; in every case nothing was changed, except that a connection lost
    /// during the commit leaves it open: calling again settles it.
    pub async fn revoke_sessions(
        &self,
        mark: &Mark,
        whose: Whose<'_>,
    ) -> Result<Revoked, AppDbError> {
        let mut tx = match self.db.claim(mark).await? {
            Claim::Done(revoked) => return Ok(revoked),
            Claim::Ours(tx) => tx,
        };
        let sessions = Sessions::of(self)?;
        let sessions = sessions.ok_or_else(|| {
            AppDbError::Changed("there is no table of sessions any more".to_owned())
        })?;
        // What is deleted is what is counted, whatever the app does in between.
        let text = format!(
            "WITH gone AS (DELETE FROM {table} s WHERE {whose} RETURNING s.{owner} AS owner, {live} AS live)
             SELECT count(*) AS rows, count(*) FILTER (WHERE live) AS live,
                    count(DISTINCT owner) FILTER (WHERE live) AS people FROM gone",
            table = sessions.table.source(),
            whose = sessions.is_whose(whose, 1),
            owner = ident(&sessions.owner.name),
            live = is_live(sessions.table, self),
        );
        let row = whose.bind(query(text)).fetch_one(&mut *tx).await?;
        let revoked = Revoked {
            rows: row.try_get("rows")?,
            live: row.try_get("live")?,
            people: row.try_get("people")?,
        };
        self.db.finish(tx, mark, &revoked).await?;
        Ok(revoked)
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

impl Whose<'_> {
    fn bind<'q>(&self, query: Query<'q>) -> Query<'q> {
        match self {
            Self::All => query,
            Self::Of(id) => query.bind((*id).to_owned()),
        }
    }
}

/// The table of sessions, with the column that says whose one is.
struct Sessions<'a> {
    table: &'a Table,
    owner: &'a Column,
    at: &'a Snapshot,
}

impl<'a> Sessions<'a> {
    fn of(at: &'a Snapshot) -> Result<Option<Self>, AppDbError> {
        Accounts::of(at)?;
        let found = session_table(at);
        Ok(found.map(|(table, owner)| Self { table, owner, at }))
    }

    fn is_whose(&self, whose: Whose<'_>, parameter: u32) -> String {
        match whose {
            Whose::All => "true".to_owned(),
            Whose::Of(_) => self.owner.is("s", parameter),
        }
    }

    /// The parameter is the account's id. Ids are compared as text: without a foreign
    /// key the columns may be of different types.
    fn counting(&self, whose: Whose<'_>) -> Result<String, AppDbError> {
        let names = &self.at.mapping.user;
        let accounts = Accounts::of(self.at)?;
        let (id, owner) = (
            accounts.column("u", "id")?,
            format!("s.{}", ident(&self.owner.name)),
        );
        let (users, sessions) = (accounts.table.source(), self.table.source());
        let admins = match RoleColumn::of(&accounts).ok().flatten() {
            Some(role) => format!(
                "(SELECT count(*) FROM {users} u WHERE {}
                    AND u.{}::text IN (SELECT owner::text FROM counted WHERE live))",
                role.is_admin("u"),
                ident(&names.id),
            ),
            None => "NULL::int8".to_owned(),
        };
        Ok(format!(
            "WITH counted AS (SELECT {owner} AS owner, {live} AS live FROM {sessions} s WHERE {whose})
             SELECT count(*) FILTER (WHERE live) AS live, count(*) FILTER (WHERE NOT live) AS expired,
                    count(DISTINCT owner) FILTER (WHERE live) AS people, {admins} AS admins,
                    (SELECT count(*) FROM {users} u
                     WHERE NOT EXISTS (SELECT FROM {sessions} s WHERE {owner}::text = {id}::text)) AS without
             FROM counted",
            live = is_live(self.table, self.at),
            whose = self.is_whose(whose, 1),
        ))
    }

    /// What becomes of rows that point to sessions.
    fn related(&self) -> Vec<String> {
        let tables = &self.at.schema.tables;
        let is_ours = |index: usize| std::ptr::eq(&raw const tables[index], self.table);
        let keys = self.at.schema.foreign_keys.iter();
        let related: BTreeSet<String> = keys
            .filter(|key| is_ours(key.parent) && !is_ours(key.child))
            .map(|key| {
                let child = self.at.label_at(key.child);
                format!("{child}.{}: {}", key.columns.join(", "), key.on_delete)
            })
            .collect();
        related.into_iter().collect()
    }
}
