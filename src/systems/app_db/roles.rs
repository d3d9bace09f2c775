//! Gives an account another role, and never takes the last admin's.

use sqlx::{PgConnection, Row};

use super::{
    AppDbError, AppUser, Claim, Mark, Purpose, Snapshot,
    accounts::{Accounts, NO_ROLE, RoleColumn},
    admins::is_last,
    sql::{ident, query},
    writes,
};

/// One account's way from one role to another, as it was planned.
#[derive(Debug, Clone, Copy)]
pub struct RoleChange<'a> {
    /// The account.
    pub user_id: &'a str,
    /// The role that it has now; [`NO_ROLE`] when it has none.
    pub from: &'a str,
    /// The role that it gets.
    pub to: &'a str,
}

impl Snapshot {
    /// The role that an account has after it becomes an admin, or stops being one: [`NO_ROLE`] when none is left.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] when the column cannot hold it, or [`AppDbError::Schema`] when there is no such column.
    pub async fn role_after(&self, user: &AppUser, admin: bool) -> Result<String, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        writes::possible(&mut tx).await?;
        tx.rollback().await?;
        let accounts = Accounts::of(self)?;
        let column = RoleColumn::needed(&accounts)?;
        column.check_writable(&accounts)?;
        let role = column.after(user.role.as_deref(), admin);
        if !column.is_list() {
            column.check(&role)?;
        }
        Ok(role)
    }

    /// Changes the role, in one transaction with the marker. Before a role of admin is taken away, the rows of all admins
    /// are locked in one order, so that of two admins who are demoted at the same time one stays.
    ///
    /// # Errors
    /// [`AppDbError::LastAdmin`] when it is the last admin's, [`AppDbError::Blocked`] when the column cannot hold the role,
    /// [`AppDbError::Changed`] when the account is gone or has another role than was planned. Nothing is changed then.
    pub async fn change_role(&self, mark: &Mark, change: RoleChange<'_>) -> Result<(), AppDbError> {
        let mut tx = match self.db.claim::<()>(mark).await? {
            Claim::Done(()) => return Ok(()),
            Claim::Ours(tx) => tx,
        };
        let accounts = Accounts::of(self)?;
        let column = RoleColumn::needed(&accounts)?;
        column.check_writable(&accounts)?;
        if column.names_admin(change.from) && is_last(&mut tx, self, change.user_id, true).await? {
            return Err(AppDbError::LastAdmin);
        }
        write(&mut tx, &accounts, &column, change).await?;
        self.db.finish(tx, mark, &()).await
    }
}

async fn write(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    column: &RoleColumn<'_>,
    change: RoleChange<'_>,
) -> Result<(), AppDbError> {
    let table = accounts.table.source();
    let is_this = accounts.id_is("u", 1);
    let shown = column.text("u");
    let text = format!("SELECT {shown} AS role FROM {table} u WHERE {is_this} FOR UPDATE OF u");
    let rows = query(text).bind(change.user_id);
    let rows = rows.fetch_all(&mut *connection).await?;
    let [row] = rows.as_slice() else {
        let gone = format!("there is no account {} any more", change.user_id);
        return Err(AppDbError::Changed(gone));
    };
    let role: Option<String> = row.try_get("role")?;
    let role = role.as_deref().unwrap_or(NO_ROLE);
    if role != change.from {
        return Err(AppDbError::Changed(format!(
            "the role is {role} now, and not {} as it was planned. Nothing was changed",
            change.from
        )));
    }
    let text = format!(
        "UPDATE {table} u SET {name} = {value}{touch} WHERE {is_this} RETURNING {shown} AS role",
        name = ident(&column.column.name),
        value = column.changed("u", 2, column.names_admin(change.to)),
        touch = accounts.at.touch(accounts.table),
    );
    let written = query(text).bind(change.user_id).bind(change.to);
    let written = written.fetch_all(connection).await?;
    let [row] = written.as_slice() else {
        return Err(AppDbError::Blocked(format!(
            "the database changed {} rows instead of one, so nothing was kept",
            written.len()
        )));
    };
    // A trigger of the app may store another role.
    let role: Option<String> = row.try_get("role")?;
    if role.as_deref().unwrap_or(NO_ROLE) == change.to {
        return Ok(());
    }
    Err(AppDbError::Blocked(format!(
        "the database stored another role than {}, so nothing was kept",
        change.to
    )))
}
