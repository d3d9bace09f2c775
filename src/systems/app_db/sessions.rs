//! How the app keeps people signed in, which decides whether ending somebody's sessions is possible at all.

use sqlx::{PgConnection, Row, postgres::PgRow};

use super::{
    AppDbError, Column, Purpose, Snapshot, Table,
    accounts::Accounts,
    sql::{count, query},
};

/// Where sign-in sessions live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionStrategy {
    /// In the database: deleting rows signs people out.
    Database {
        /// Sessions that have not expired.
        rows: i64,
    },
    /// In signed cookies: nothing in the database ends them.
    Jwt {
        /// What shows it, and what would help instead.
        why: String,
    },
    /// Nobody can be signed in: there are no accounts.
    None,
}

impl SessionStrategy {
    /// Why sessions go on although rows were deleted, when they do.
    #[must_use]
    pub fn goes_on(self) -> Option<String> {
        match self {
            Self::Jwt { why } => Some(why),
            Self::Database { .. } | Self::None => None,
        }
    }
}

/// Rows of one account's sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionRows {
    /// Those that have not expired: somebody is signed in through them.
    pub live: u64,
    /// Those that have.
    pub expired: u64,
}

impl SessionRows {
    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            live: row.try_get::<i64, _>("live")?.unsigned_abs(),
            expired: row.try_get::<i64, _>("expired")?.unsigned_abs(),
        })
    }
}

impl Snapshot {
    /// Works out where sign-in sessions live.
    ///
    /// # Errors
    /// When the database cannot be reached, or has no accounts' table.
    pub async fn session_strategy(&self) -> Result<SessionStrategy, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let strategy = strategy(&mut tx, self).await?;
        tx.rollback().await?;
        Ok(strategy)
    }
}

/// [`Snapshot::session_strategy`] in a transaction that is there already.
pub(super) async fn strategy(
    connection: &mut PgConnection,
    at: &Snapshot,
) -> Result<SessionStrategy, AppDbError> {
    let accounts = Accounts::of(at)?;
    let anybody = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} LIMIT 1) u",
        accounts.table.source()
    );
    if count(query(anybody), connection).await? == 0 {
        return Ok(SessionStrategy::None);
    }
    let name = &at.mapping.session.table;
    let Some((table, _)) = session_table(at) else {
        return Ok(jwt(&format!(
            "there is no table {name} with a {} column",
            at.mapping.session.user_id
        )));
    };
    let text = format!(
        "SELECT count(*) AS rows, count(*) FILTER (WHERE {}) AS live FROM {} s",
        is_live(table, at),
        table.source()
    );
    let row = query(text).fetch_one(connection).await?;
    // Rows that were left from before the app changed over to cookies say nothing about who is signed in now.
    Ok(match (row.try_get("rows")?, row.try_get("live")?) {
        (0_i64, _) => jwt(&format!("{name} is empty although the app has accounts")),
        (_, 0_i64) => jwt(&format!("every row of {name} has expired")),
        (_, live) => SessionStrategy::Database { rows: live },
    })
}

/// The rows of one account's sessions; `None` without a table of sessions.
pub(super) async fn of_account(
    connection: &mut PgConnection,
    at: &Snapshot,
    user_id: &str,
) -> Result<Option<SessionRows>, AppDbError> {
    let Some((table, owner)) = session_table(at) else {
        return Ok(None);
    };
    let text = format!(
        "SELECT count(*) FILTER (WHERE {live}) AS live, count(*) FILTER (WHERE NOT {live}) AS expired
         FROM {} s WHERE {}",
        table.source(),
        owner.is("s", 1),
        live = is_live(table, at),
    );
    let row = query(text).bind(user_id).fetch_one(connection).await?;
    Ok(Some(SessionRows::read(&row)?))
}

/// Deletes the rows of one account's sessions and gives what they were; nothing without a table of sessions.
pub(super) async fn end_sessions(
    connection: &mut PgConnection,
    at: &Snapshot,
    user_id: &str,
) -> Result<SessionRows, AppDbError> {
    let Some((table, owner)) = session_table(at) else {
        return Ok(SessionRows::default());
    };
    let text = format!(
        "WITH gone AS (DELETE FROM {} s WHERE {} RETURNING {} AS live)
         SELECT count(*) FILTER (WHERE live) AS live, count(*) FILTER (WHERE NOT live) AS expired FROM gone",
        table.source(),
        owner.is("s", 1),
        is_live(table, at),
    );
    let row = query(text).bind(user_id).fetch_one(connection).await?;
    Ok(SessionRows::read(&row)?)
}

/// Whether the session `s` has not expired; always, where the app does not say when.
pub(super) fn is_live(table: &Table, at: &Snapshot) -> String {
    match table.moment("s", &at.mapping.session.expires) {
        Some(expires) => format!("coalesce({expires} > now(), true)"),
        None => "true".to_owned(),
    }
}

/// The sessions' table with the column that says whose a session is, when both exist.
pub(super) fn session_table(at: &Snapshot) -> Option<(&Table, &Column)> {
    let names = &at.mapping.session;
    let table = at.table(&names.table)?;
    Some((table, table.column(&names.user_id)?))
}

/// Whether our role may delete sessions, where the app keeps them in its database.
///
/// # Errors
/// [`AppDbError::Blocked`] when it may not.
pub(super) fn may_end_sessions(at: &Snapshot) -> Result<(), AppDbError> {
    match session_table(at).filter(|(table, _)| !table.may_delete) {
        Some((table, _)) => Err(AppDbError::Blocked(format!(
            "the database role of DATABASE_URL has no DELETE right on {}",
            at.label(table)
        ))),
        None => Ok(()),
    }
}

fn jwt(because: &str) -> SessionStrategy {
    SessionStrategy::Jwt {
        why: format!(
            "{because}: the app signs people in with JWT cookies, which go on for as long as they are used, and for 30 days \
             after their last use unless the app says otherwise. A new NEXTAUTH_SECRET ends everybody's; one person's end \
             only if the app's jwt callback looks at the account (isBlocked, role)"
        ),
    }
}
