//! Whether an account's e-mail address says who somebody is: the app has verified it, and no other account has it too.

use sqlx::Row;

use super::{
    AppDb, AppDbError, Purpose, schema,
    sql::{ident, query},
    user::Accounts,
};

/// What the app knows of the address of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressStanding {
    /// Whether the app has verified it; `None` when it has no column for that.
    pub verified: Option<bool>,
    /// Whether another account has it too, in whichever letter case.
    pub shared: bool,
}

impl AppDb {
    /// What the app knows of an account's address; `None` when there is no such account.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when accounts have no address.
    pub async fn address_standing(
        &self,
        user_id: &str,
    ) -> Result<Option<AddressStanding>, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let accounts = Accounts::of(&schema, &self.mapping)?;
        let names = &self.mapping.user;
        let text = format!(
            "SELECT {verified} AS verified,
                    EXISTS (SELECT 1 FROM {table} o WHERE lower({others}::text) = lower({own}::text) AND o.{id} <> u.{id}) AS shared
             FROM {table} u WHERE {is_it}",
            verified = accounts.email_verified(),
            table = accounts.table.source(),
            others = accounts.column("o", &names.email)?,
            own = accounts.column("u", &names.email)?,
            id = ident(&names.id),
            is_it = accounts.id_is("u", 1),
        );
        let row = query(text).bind(user_id).fetch_optional(&mut *tx).await?;
        tx.rollback().await?;
        let read = |row: sqlx::postgres::PgRow| {
            Ok::<_, sqlx::Error>(AddressStanding {
                verified: row.try_get("verified")?,
                shared: row.try_get("shared")?,
            })
        };
        Ok(row.map(read).transpose()?)
    }
}
