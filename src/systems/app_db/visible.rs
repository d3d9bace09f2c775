//! What our role may not see: tables whose rows Postgres hides from it.

use sqlx::Row;

use super::{AppDb, AppDbError, Purpose, schema::APP_RELATIONS, sql::query};

impl AppDb {
    /// The tables on which row-level security is active for our role, with their schema where it is not the app's main one.
    /// Statements on them fail, because rows that are hidden would not be counted.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn hidden_tables(&self) -> Result<Vec<String>, AppDbError> {
        let mut tx = self.begin(Purpose::Read).await?;
        let text = format!(
            "SELECT CASE WHEN n.nspname = $1 THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS name
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE {APP_RELATIONS} AND row_security_active(c.oid) ORDER BY 1"
        );
        let rows = query(text)
            .bind(&self.mapping.schema)
            .fetch_all(&mut *tx)
            .await?;
        tx.rollback().await?;
        let names: Result<Vec<String>, sqlx::Error> =
            rows.iter().map(|row| row.try_get("name")).collect();
        Ok(names?)
    }
}
