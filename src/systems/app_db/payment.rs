//! The app's own record of a payment: whose it is, and how many credits it bought.

use sqlx::Row;

use super::{
    AppDb, AppDbError, Purpose, schema,
    sql::{ident, query},
};

/// What the app wrote down about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// Whose it is.
    pub user_id: String,
    /// How many credits it bought, when the app says so.
    pub credits: Option<i64>,
}

impl AppDb {
    /// The app's row about a payment that goes by any of these ids. `None` when the app keeps no such table, has no such
    /// row, or has rows that name different accounts.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn payment_row(&self, ids: &[String]) -> Result<Option<PaymentRow>, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let names = &self.mapping.payment;
        let table = schema.table(&self.mapping.table_ref(&names.table));
        let table = table.filter(|table| {
            table.column(&names.payment).is_some() && table.column(&names.user_id).is_some()
        });
        let Some(table) = table else {
            return Ok(None);
        };
        let credits = match table.column(&names.credits) {
            Some(column) => format!("p.{}::int8", ident(&column.name)),
            None => "NULL::int8".to_owned(),
        };
        let text = format!(
            "SELECT p.{}::text AS user_id, {credits} AS credits FROM {} p
             WHERE p.{}::text = ANY($1) AND p.{} IS NOT NULL",
            ident(&names.user_id),
            table.source(),
            ident(&names.payment),
            ident(&names.user_id),
        );
        let rows = query(text).bind(ids).fetch_all(&mut *tx).await?;
        tx.rollback().await?;
        let mut found: Option<PaymentRow> = None;
        for row in rows {
            let row = PaymentRow {
                user_id: row.try_get("user_id")?,
                credits: row.try_get("credits")?,
            };
            match &mut found {
                None => found = Some(row),
                Some(one) if one.user_id != row.user_id => return Ok(None),
                Some(one) => one.credits = one.credits.max(row.credits),
            }
        }
        Ok(found)
    }
}
