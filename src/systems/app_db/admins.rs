//! Who is an admin of the app. The last one cannot be demoted or erased.

use sqlx::{PgConnection, Row};

use super::{
    AppDb, AppDbError, AppUser, Mapping, Purpose, Schema, schema,
    seen::{Seen, seen},
    sql::{count, ident, query},
    user::{Accounts, with_role},
};

/// Admins that are read at most. More are counted.
const MOST_READ: u32 = 1000;

/// An admin of the app, and when it was last seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Admin {
    /// The account.
    pub user: AppUser,
    /// When it was last seen.
    pub seen: Seen,
}

/// The admins of the app at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Admins {
    /// Those that were read.
    pub read: Vec<Admin>,
    /// How many there are.
    pub total: u64,
    /// How many of them can act: those who are not blocked.
    pub acting: u64,
}

impl AppDb {
    /// Every admin of the app, blocked ones too.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when accounts have no role.
    pub async fn admins(&self) -> Result<Admins, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let (mapping, _) = self.mapping.settled(&schema);
        let role = &mapping.user.admin_role;
        let users = with_role(&mut tx, &schema, &mapping, role, MOST_READ).await?;
        let accounts = Accounts::of(&schema, &mapping)?;
        let text = format!(
            "SELECT count(*) AS total, count(*) FILTER (WHERE {}) AS acting FROM {} u WHERE u.{}::text = $1",
            is_acting_admin(&accounts, &mapping),
            accounts.table.source(),
            ident(&mapping.user.role)
        );
        let counted = query(text).bind(role).fetch_one(&mut *tx).await?;
        let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
        let seen = seen(&mut tx, &schema, &mapping, &ids).await?;
        tx.rollback().await?;
        let read = users.into_iter().zip(seen);
        Ok(Admins {
            read: read.map(|(user, seen)| Admin { user, seen }).collect(),
            total: counted.try_get::<i64, _>("total")?.unsigned_abs(),
            acting: counted.try_get::<i64, _>("acting")?.unsigned_abs(),
        })
    }

    /// Admins who can act: those who are not blocked.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when accounts have no role.
    pub async fn admins_count(&self) -> Result<i64, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let accounts = Accounts::of(&schema, &self.mapping)?;
        accounts.column("u", &self.mapping.user.role)?;
        let text = format!(
            "SELECT count(*) FROM {} u WHERE {}",
            accounts.table.source(),
            is_acting_admin(&accounts, &self.mapping)
        );
        let admins = query(text).bind(&self.mapping.user.admin_role);
        let admins = count(admins, &mut tx).await?;
        tx.rollback().await?;
        Ok(admins)
    }

    /// Whether this account is an admin and no other admin could act without it. `false` when accounts have no role.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn is_last_admin(&self, user_id: &str) -> Result<bool, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let last = is_last(&mut tx, &schema, &self.mapping, user_id, false).await?;
        tx.rollback().await?;
        Ok(last)
    }
}

/// [`AppDb::is_last_admin`] in a transaction that is there already. With `lock`, the admins' rows are locked, so that two
/// admins who are erased at the same time cannot each count on the other.
pub(super) async fn is_last(
    connection: &mut PgConnection,
    schema: &Schema,
    mapping: &Mapping,
    user_id: &str,
    lock: bool,
) -> Result<bool, AppDbError> {
    let accounts = Accounts::of(schema, mapping)?;
    if accounts.has(&mapping.user.role).is_none() {
        return Ok(false);
    }
    let text = format!(
        "SELECT ({this_one}) AS this_one, u.{role}::text = $1 AND ({acting}) AS acting FROM {table} u
         WHERE u.{role}::text = $1 ORDER BY u.{id} {lock}",
        this_one = accounts.id_is("u", 2),
        role = ident(&mapping.user.role),
        acting = is_acting_admin(&accounts, mapping),
        table = accounts.table.source(),
        id = ident(&mapping.user.id),
        lock = if lock { "FOR UPDATE" } else { "" },
    );
    let admins: Vec<(bool, bool)> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(&mapping.user.admin_role)
        .bind(user_id)
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let is_admin = admins.iter().any(|(this_one, _)| *this_one);
    let others = admins.iter().any(|(this_one, acting)| !this_one && *acting);
    Ok(is_admin && !others)
}

fn is_acting_admin(accounts: &Accounts<'_>, mapping: &Mapping) -> String {
    let names = &mapping.user;
    let blocked = match accounts.flag() {
        Some(column) => format!(" AND u.{} IS NOT TRUE", ident(&column.name)),
        None => String::new(),
    };
    format!("u.{}::text = $1{blocked}", ident(&names.role))
}
