//! Who is an admin of the app. The last one cannot be demoted or erased.

use sqlx::{PgConnection, Row};

use super::{
    AppDbError, AppUser, Mapping, Purpose, Snapshot,
    accounts::{Accounts, NO_ROLE, RoleColumn, unclear},
    seen::{Seen, seen},
    sql::{count, ident, query},
    user,
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

impl Snapshot {
    /// Every admin of the app, blocked ones too.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when accounts have no role, [`AppDbError::Blocked`] when it cannot be told who is an admin.
    pub async fn admins(&self) -> Result<Admins, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let accounts = Accounts::of(self)?;
        let role = RoleColumn::needed(&accounts)?;
        check_rows(&mut tx, &accounts, &role).await?;
        let users = user::admins(&mut tx, &accounts, &role, MOST_READ).await?;
        let text = format!(
            "SELECT count(*) AS total, count(*) FILTER (WHERE {}) AS acting FROM {} u WHERE {}",
            is_acting_admin(&accounts, &role),
            accounts.table.source(),
            role.is_admin("u")
        );
        let counted = query(text).fetch_one(&mut *tx).await?;
        let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
        let seen = seen(&mut tx, self, &ids).await?;
        tx.rollback().await?;
        let read = users.into_iter().zip(seen);
        Ok(Admins {
            read: read.map(|(user, seen)| Admin { user, seen }).collect(),
            total: counted.try_get::<i64, _>("total")?.unsigned_abs(),
            acting: counted.try_get::<i64, _>("acting")?.unsigned_abs(),
        })
    }

    /// Admins who can act: those who are not blocked.
    pub async fn admins_count(&self) -> Result<i64, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let accounts = Accounts::of(self)?;
        let role = RoleColumn::needed(&accounts)?;
        check_rows(&mut tx, &accounts, &role).await?;
        let text = format!(
            "SELECT count(*) FROM {} u WHERE {}",
            accounts.table.source(),
            is_acting_admin(&accounts, &role)
        );
        let admins = count(query(text), &mut tx).await?;
        tx.rollback().await?;
        Ok(admins)
    }

    /// Whether this account is an admin and no other admin could act without it. `false` when accounts have no role.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] when that cannot be told.
    pub async fn is_last_admin(&self, user_id: &str) -> Result<bool, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let last = is_last(&mut tx, self, user_id, false).await?;
        tx.rollback().await?;
        Ok(last)
    }
}

/// [`Snapshot::is_last_admin`] in a transaction that is there already. With `lock`, the admins' rows are locked, so that two
/// admins who are erased at the same time cannot each count on the other.
pub(super) async fn is_last(
    connection: &mut PgConnection,
    at: &Snapshot,
    user_id: &str,
    lock: bool,
) -> Result<bool, AppDbError> {
    let accounts = Accounts::of(at)?;
    let Some(role) = RoleColumn::of(&accounts)? else {
        return Ok(false);
    };
    check_rows(connection, &accounts, &role).await?;
    let text = format!(
        "SELECT {this_one} AS this_one, {is_admin} AS is_admin, {acting} AS acting, {ordinary} AS ordinary, {role} AS role
         FROM {table} u WHERE {is_admin} OR {this_one} ORDER BY u.{id} {lock}",
        this_one = accounts.id_is("u", 1),
        is_admin = role.is_admin("u"),
        acting = is_acting_admin(&accounts, &role),
        ordinary = role.is_ordinary("u"),
        role = role.text("u"),
        table = accounts.table.source(),
        id = ident(&at.mapping.user.id),
        lock = if lock { "FOR UPDATE" } else { "" },
    );
    let rows: Vec<Standing> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(user_id)
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let this_one = rows.iter().find(|row| row.this_one);
    let Some(this_one) = this_one.filter(|row| !row.ordinary || row.is_admin) else {
        return Ok(false);
    };
    // A role of another name may be the admins' real one, and an admin who is blocked helps nobody.
    if !this_one.is_admin && !rows.iter().any(|row| row.acting) {
        let blocked = rows.iter().any(|row| row.is_admin);
        return Err(nobody(&at.mapping, this_one.role.as_deref(), blocked));
    }
    let others = rows.iter().any(|row| !row.this_one && row.acting);
    Ok(this_one.is_admin && !others)
}

/// One account, as far as the question needs it.
#[derive(sqlx::FromRow)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that one query states one by one"
)]
struct Standing {
    this_one: bool,
    is_admin: bool,
    acting: bool,
    ordinary: bool,
    role: Option<String>,
}

/// Nobody can act as an admin by the configured name, and the account has a role that is not the ordinary one: it may be the
/// admins' real name. `blocked` says that there are admins by that name, and all of them are blocked.
fn nobody(mapping: &Mapping, role: Option<&str>, blocked: bool) -> AppDbError {
    let role = role.unwrap_or(NO_ROLE);
    let (admin, ordinary) = (&mapping.user.admin_role, &mapping.user.user_role);
    let admins = match blocked {
        true => format!("every account with the role {admin} is blocked"),
        false => format!("no account has the role {admin}"),
    };
    unclear(
        mapping,
        &format!("{admins}, and this one has the role {role}, which is not {ordinary} either"),
    )
}

/// Refuses when a row holds roles in a form that is not understood: whoever has them may be an admin.
async fn check_rows(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    role: &RoleColumn<'_>,
) -> Result<(), AppDbError> {
    let Some(is_unclear) = role.is_unclear("u") else {
        return Ok(());
    };
    let text = format!(
        "SELECT count(*) FROM {} u WHERE {is_unclear}",
        accounts.table.source()
    );
    match count(query(text), connection).await? {
        0 => Ok(()),
        rows => {
            let why = format!("in {rows} rows it is not a JSON array of texts");
            Err(unclear(&accounts.at.mapping, &why))
        }
    }
}

fn is_acting_admin(accounts: &Accounts<'_>, role: &RoleColumn<'_>) -> String {
    let blocked = match accounts.flag() {
        Some(column) => format!(" AND u.{} IS NOT TRUE", ident(&column.name)),
        None => String::new(),
    };
    format!("({}{blocked})", role.is_admin("u"))
}
