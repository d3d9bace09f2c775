//! Gives an account another role, and never takes the last admin's.

use sqlx::{PgConnection, Row};

use super::{
    AppDb, AppDbError, Claim, Column, Mapping, Mark, Schema,
    admins::is_last,
    schema,
    sql::{ident, query, touch},
    user::Accounts,
};

/// What stands for a role that is empty.
pub const NO_ROLE: &str = "none";

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

impl AppDb {
    /// Whether the app's role column can hold this role.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] with what it can hold, or [`AppDbError::Schema`] when there is no such column.
    pub async fn check_role(&self, role: &str) -> Result<(), AppDbError> {
        let schema = self.schema().await?;
        role_column(&schema, &self.mapping, role)?;
        Ok(())
    }

    /// Changes the role, in one transaction with the marker. Before a role of admin is taken away, the rows of all admins
    /// are locked in one order, so that of two admins who are demoted at the same time one stays.
    ///
    /// # Errors
    /// [`AppDbError::LastAdmin`] when it is the last admin's, [`AppDbError::Blocked`] when the column cannot hold the role,
    /// [`AppDbError::Changed`] when the account is gone or has another role than was planned. Nothing is changed then.
    pub async fn change_role(&self, mark: &Mark, change: RoleChange<'_>) -> Result<(), AppDbError> {
        let mut tx = match self.claim::<()>(mark).await? {
            Claim::Done(()) => return Ok(()),
            Claim::Ours(tx) => tx,
        };
        let schema = schema::read(&mut tx).await?;
        let mapping = &self.mapping;
        if change.from == mapping.user.admin_role
            && is_last(&mut tx, &schema, mapping, change.user_id, true).await?
        {
            return Err(AppDbError::LastAdmin);
        }
        write(&mut tx, &schema, mapping, change).await?;
        self.finish(tx, mark, &()).await
    }
}

async fn write(
    connection: &mut PgConnection,
    schema: &Schema,
    mapping: &Mapping,
    change: RoleChange<'_>,
) -> Result<(), AppDbError> {
    let accounts = Accounts::of(schema, mapping)?;
    let column = role_column(schema, mapping, change.to)?;
    let (name, table) = (ident(&column.name), accounts.table.source());
    let is_this = accounts.id_is("u", 1);
    let text = format!("SELECT u.{name}::text AS role FROM {table} u WHERE {is_this} FOR UPDATE");
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
        "UPDATE {table} u SET {name} = CAST($2::text AS {kind}){touch} WHERE {is_this} RETURNING u.{name}::text AS role",
        kind = column.type_name,
        touch = touch(accounts.table, mapping),
    );
    let written = query(text).bind(change.user_id).bind(change.to);
    let written = written.fetch_all(connection).await?;
    let [row] = written.as_slice() else {
        return Err(AppDbError::Blocked(format!(
            "the database changed {} rows instead of one, so nothing was kept",
            written.len()
        )));
    };
    // A trigger of the app's own may have another opinion.
    let role: Option<String> = row.try_get("role")?;
    match role.as_deref() {
        Some(role) if role == change.to => Ok(()),
        other => Err(AppDbError::Blocked(format!(
            "the database made {} of the role {}, so nothing was kept",
            other.unwrap_or(NO_ROLE),
            change.to
        ))),
    }
}

/// The role column, when it can hold this role.
fn role_column<'a>(
    schema: &'a Schema,
    mapping: &'a Mapping,
    role: &str,
) -> Result<&'a Column, AppDbError> {
    let accounts = Accounts::of(schema, mapping)?;
    accounts.column("u", &mapping.user.role)?;
    let name = format!("{}.{}", mapping.user.table, mapping.user.role);
    let column = accounts.table.column(&mapping.user.role);
    let refused = |why: String| Err(AppDbError::Blocked(why));
    match column {
        None => refused(format!("there is no column {name}")),
        Some(column) if !column.enum_labels.is_empty() => {
            if column.enum_labels.iter().any(|label| label == role) {
                return Ok(column);
            }
            refused(format!(
                "the enum of {name} has no value {role} (it has {}): correct admin_role or user_role in [app.schema.user], \
                 or add the value in schema.prisma",
                column.enum_labels.join(", ")
            ))
        }
        Some(column) if column.is_text && !column.generated => Ok(column),
        Some(column) => refused(format!(
            "{name} is of type {} and cannot be set to a role's name",
            column.type_name
        )),
    }
}
