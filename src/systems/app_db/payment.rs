//! The app's own record of a payment: whose it is, and how many credits it bought.

use sqlx::Row;

use super::{
    AppDbError, Purpose, Snapshot,
    sql::{ident, query},
};

/// What the app wrote down about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// Whose it is.
    pub user_id: String,
    /// How many credits it bought, when the app says so.
    pub credits: Option<i64>,
    /// The app's word for how it is, of the row that says how many credits; `None` where it keeps none.
    pub status: Option<String>,
}

/// Words, in lower case, with which an app begins a payment that it has not finished.
const UNFINISHED: &[&str] = &[
    "pending",
    "processing",
    "created",
    "open",
    "unpaid",
    "incomplete",
    "failed",
    "expired",
    "canceled",
    "cancelled",
];

impl PaymentRow {
    /// Whether the app has begun the payment and not finished it: then it gave nothing for it.
    #[must_use]
    pub fn is_only_begun(&self) -> bool {
        let status = self.status.as_deref().map(str::to_lowercase);
        status
            .is_some_and(|word| UNFINISHED.contains(&word.as_str()) || word.starts_with("requires"))
    }

    /// How many credits the app has given for it, as far as the row says: a payment that the app has only begun gave none.
    #[must_use]
    pub fn counted(&self) -> Option<i64> {
        self.credits
            .filter(|credits| *credits > 0 && !self.is_only_begun())
    }
}

impl Snapshot {
    /// The app's row about a payment that goes by any of these ids. `None` when the app keeps no such table, has no such
    /// row, or has rows that name different accounts.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn payment_row(&self, ids: &[String]) -> Result<Option<PaymentRow>, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let names = &self.mapping.payment;
        let table = self.table(&names.table);
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
        let status = match table.column(&names.status) {
            Some(column) => format!("p.{}::text", ident(&column.name)),
            None => "NULL::text".to_owned(),
        };
        let text = format!(
            "SELECT p.{}::text AS user_id, {credits} AS credits, {status} AS status FROM {} p
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
                status: row.try_get("status")?,
            };
            match &mut found {
                None => found = Some(row),
                Some(one) if one.user_id != row.user_id => return Ok(None),
                // What one row has counted is counted, whatever others have begun.
                Some(one) if (row.counted(), row.credits) > (one.counted(), one.credits) => {
                    *one = row;
                }
                Some(_) => {}
            }
        }
        Ok(found)
    }
}
