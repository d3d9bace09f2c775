//! What the app wrote down about money: sums per currency and status, never one sum over both.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row;

use super::{
    AppDbError, MissingColumn, Purpose, Snapshot, Table,
    sql::{ident, query},
};

/// What the app's rows of some time come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRevenue {
    /// The table that they stand in.
    pub table: String,
    /// Over the whole time.
    pub totals: Vec<RevenueSum>,
    /// The same by day (UTC).
    pub days: Vec<(NaiveDate, RevenueSum)>,
    /// What is missing to tell states apart.
    pub no_status: Option<MissingColumn>,
}

/// A sum of rows of one currency and status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevenueSum {
    /// As the app writes it; empty when it wrote none.
    pub currency: String,
    /// As the app writes it; empty when it wrote none, or has no such column.
    pub status: String,
    /// How many rows.
    pub rows: i64,
    /// The sum as a decimal number.
    pub amount: String,
}

/// The types that can be summed.
const NUMBERS: [&str; 6] = [
    "pg_catalog.int2",
    "pg_catalog.int4",
    "pg_catalog.int8",
    "pg_catalog.numeric",
    "pg_catalog.float4",
    "pg_catalog.float8",
];

/// The columns that a sum needs, as SQL over the alias `r`.
struct Source<'s> {
    table: &'s Table,
    amount: String,
    currency: String,
    created: String,
    status: Option<String>,
    no_status: Option<MissingColumn>,
}

impl Snapshot {
    /// The table that revenue would be summed from.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when the app has none that tells amount, currency and time.
    pub fn revenue_table(&self) -> Result<String, AppDbError> {
        Ok(source(self)?.table.name.clone())
    }

    /// Sums the app's rows from a time up to another one, which is not included.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when the app has no table that tells amount, currency and time.
    pub async fn revenue(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<AppRevenue, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let source = source(self)?;
        // A column of floating point is summed as the decimals that it shows.
        let text = format!(
            "SELECT s.currency, s.status, s.day, count(*) AS rows, coalesce(sum(s.amount), 0)::text AS amount
             FROM (SELECT coalesce(r.{}::text, '') AS currency, {} AS status, r.{}::numeric AS amount,
                          ({} AT TIME ZONE 'UTC')::date AS day
                   FROM {} r WHERE {} >= $1 AND {} < $2) s
             GROUP BY GROUPING SETS ((s.currency, s.status), (s.currency, s.status, s.day))
             ORDER BY s.day, s.currency, s.status",
            source.currency,
            source.status.as_deref().unwrap_or("''"),
            source.amount,
            source.created,
            source.table.source(),
            source.created,
            source.created,
        );
        let rows = query(text).bind(from).bind(to).fetch_all(&mut *tx).await?;
        tx.rollback().await?;
        let mut revenue = AppRevenue {
            table: source.table.name.clone(),
            totals: vec![],
            days: vec![],
            no_status: source.no_status,
        };
        for row in rows {
            let sum = RevenueSum {
                currency: row.try_get("currency")?,
                status: row.try_get("status")?,
                rows: row.try_get("rows")?,
                amount: row.try_get("amount")?,
            };
            match row.try_get("day")? {
                Some(day) => revenue.days.push((day, sum)),
                None => revenue.totals.push(sum),
            }
        }
        Ok(revenue)
    }
}

/// The payments' table when it tells all that is needed, else the subscriptions'. What the latter lacks is the error.
fn source(at: &Snapshot) -> Result<Source<'_>, AppDbError> {
    let source = of_table(at, "payment").or_else(|_| of_table(at, "subscription"));
    source.map_err(AppDbError::Schema)
}

fn of_table<'s>(at: &'s Snapshot, section: &str) -> Result<Source<'s>, Vec<MissingColumn>> {
    let named = |key: &str| at.named(&format!("{section}.{key}"));
    // Of money no other column is proposed.
    let missing = |key: &str| MissingColumn {
        perhaps: None,
        ..at.missing(&format!("{section}.{key}"))
    };
    let (table, _) = at.mapping.place(&format!("{section}.amount"));
    let Some(table) = at.schema.table(&table) else {
        return Err(vec![missing("amount")]);
    };
    let amount = named("amount").filter(|column| NUMBERS.contains(&column.type_name.as_str()));
    let currency = named("currency");
    let created = named("created_at").and_then(|column| table.moment("r", &column.name));
    let (Some(amount), Some(currency), Some(created)) = (amount, currency, &created) else {
        let lacking = [
            (amount.is_none(), "amount"),
            (currency.is_none(), "currency"),
            (created.is_none(), "created_at"),
        ];
        let lacking = lacking.into_iter().filter(|(lacks, _)| *lacks);
        return Err(lacking.map(|(_, key)| missing(key)).collect());
    };
    let status = named("status");
    Ok(Source {
        table,
        amount: ident(&amount.name),
        currency: ident(&currency.name),
        created: created.clone(),
        no_status: status.is_none().then(|| missing("status")),
        status: status.map(|status| format!("coalesce(r.{}::text, '')", ident(&status.name))),
    })
}
