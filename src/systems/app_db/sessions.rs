//! How the app keeps people signed in, which decides whether ending somebody's sessions is possible at all.

use super::{
    AppDb, AppDbError, Mapping, Purpose, Schema, Table, schema,
    sql::{count, ident, query},
    user::Accounts,
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

impl AppDb {
    /// Works out where sign-in sessions live.
    ///
    /// # Errors
    /// When the database cannot be reached, or has no accounts' table.
    pub async fn session_strategy(&self) -> Result<SessionStrategy, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let strategy = strategy(&mut tx, &schema, &self.mapping).await?;
        tx.rollback().await?;
        Ok(strategy)
    }

    /// How many sign-in sessions of this account the database has; `None` when it has none of anybody's.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn sessions_of(&self, user_id: &str) -> Result<Option<u64>, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let rows = of_account(&mut tx, &schema, &self.mapping, user_id).await?;
        tx.rollback().await?;
        Ok(rows)
    }
}

/// [`AppDb::session_strategy`] in a transaction that is there already.
pub(super) async fn strategy(
    connection: &mut sqlx::PgConnection,
    schema: &Schema,
    mapping: &Mapping,
) -> Result<SessionStrategy, AppDbError> {
    let accounts = Accounts::of(schema, mapping)?;
    let anybody = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} LIMIT 1) u",
        accounts.table.source()
    );
    if count(query(anybody), connection).await? == 0 {
        return Ok(SessionStrategy::None);
    }
    let name = &mapping.session.table;
    let Some(table) = session_table(schema, mapping) else {
        return Ok(jwt(&format!(
            "there is no table {name} with a {} column",
            mapping.session.user_id
        )));
    };
    let any = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} LIMIT 1) s",
        table.source()
    );
    if count(query(any), connection).await? == 0 {
        return Ok(jwt(&format!(
            "{name} is empty although the app has accounts"
        )));
    }
    let rows = format!(
        "SELECT count(*) FROM {} s WHERE {}",
        table.source(),
        is_live(table, mapping)
    );
    let rows = count(query(rows), connection).await?;
    Ok(SessionStrategy::Database { rows })
}

/// How many sessions of one account the database has; `None` without a table of sessions.
pub(super) async fn of_account(
    connection: &mut sqlx::PgConnection,
    schema: &Schema,
    mapping: &Mapping,
    user_id: &str,
) -> Result<Option<u64>, AppDbError> {
    let table = session_table(schema, mapping);
    let Some((table, owner)) =
        table.and_then(|table| Some((table, table.column(&mapping.session.user_id)?)))
    else {
        return Ok(None);
    };
    let text = format!(
        "SELECT count(*) FROM {} s WHERE s.{} = CAST($1::text AS {})",
        table.source(),
        ident(&owner.name),
        owner.type_name
    );
    let rows = count(query(text).bind(user_id), connection).await?;
    Ok(Some(rows.unsigned_abs()))
}

/// Whether the session `s` has not expired; always, where the app does not say when. A column without a time zone is in
/// UTC, as Prisma writes it.
pub(super) fn is_live(table: &Table, mapping: &Mapping) -> String {
    match table.column(&mapping.session.expires) {
        Some(column) if column.type_name == "pg_catalog.timestamp" => {
            format!("s.{} > now() AT TIME ZONE 'UTC'", ident(&column.name))
        }
        Some(column) => format!("s.{} > now()", ident(&column.name)),
        None => "true".to_owned(),
    }
}

/// The sessions' table when it exists and says whose a session is.
pub(super) fn session_table<'a>(schema: &'a Schema, mapping: &Mapping) -> Option<&'a Table> {
    schema
        .table(&mapping.table_ref(&mapping.session.table))
        .filter(|table| table.column(&mapping.session.user_id).is_some())
}

fn jwt(because: &str) -> SessionStrategy {
    SessionStrategy::Jwt {
        why: format!(
            "{because}: the app signs people in with JWT cookies, which stay valid until they expire (30 days by default). \
             Only rotating NEXTAUTH_SECRET ends them, and everybody else's with them"
        ),
    }
}
