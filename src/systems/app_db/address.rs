//! Whether an account's e-mail address is that account's alone.

use sqlx::Row;

use super::{
    AppDbError, Purpose, Snapshot,
    accounts::Accounts,
    sql::{ident, query},
};

impl Snapshot {
    /// Whether another account has this account's address too, in whichever letter case; `None` when there is no such
    /// account.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when accounts have no address.
    pub async fn shares_address(&self, user_id: &str) -> Result<Option<bool>, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let accounts = Accounts::of(self)?;
        let names = &self.mapping.user;
        let text = format!(
            "SELECT EXISTS (SELECT 1 FROM {table} o WHERE lower({others}::text) = lower({own}::text) AND o.{id} <> u.{id})
             FROM {table} u WHERE {is_it}",
            table = accounts.table.source(),
            others = accounts.column("o", "email")?,
            own = accounts.column("u", "email")?,
            id = ident(&names.id),
            is_it = accounts.id_is("u", 1),
        );
        let shares = query(text).bind(user_id).fetch_optional(&mut *tx).await?;
        tx.rollback().await?;
        Ok(shares.map(|row| row.try_get(0)).transpose()?)
    }
}
