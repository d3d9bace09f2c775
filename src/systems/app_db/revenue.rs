//! What the app wrote down about money: sums per currency and status, never one sum over both.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row;

use super::{
    AppDb, AppDbError, Column, Mapping, MissingColumn, Purpose, Schema, Table, schema,
    sql::{ident, moment, query},
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

impl AppDb {
    /// The table that revenue would be summed from.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] when the app has none that tells amount, currency and time.
    pub async fn revenue_table(&self) -> Result<String, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        tx.rollback().await?;
        Ok(source(&schema, &self.mapping)?.table.name.clone())
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
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let source = source(&schema, &self.mapping)?;
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
fn source<'s>(schema: &'s Schema, mapping: &Mapping) -> Result<Source<'s>, AppDbError> {
    let payments = &mapping.payment;
    let names = [
        &payments.table,
        &payments.amount,
        &payments.currency,
        &payments.created_at,
        &payments.status,
    ];
    if let Ok(source) = of_table(schema, mapping, "payment", names) {
        return Ok(source);
    }
    let subscriptions = &mapping.subscription;
    let names = [
        &subscriptions.table,
        &subscriptions.amount,
        &subscriptions.currency,
        &subscriptions.created_at,
        &subscriptions.status,
    ];
    of_table(schema, mapping, "subscription", names).map_err(AppDbError::Schema)
}

fn of_table<'s>(
    schema: &'s Schema,
    mapping: &Mapping,
    section: &str,
    [name, amount, currency, created, status]: [&String; 5],
) -> Result<Source<'s>, Vec<MissingColumn>> {
    let Some(table) = schema.table(&mapping.table_ref(name)) else {
        let whole = MissingColumn::new(name, "", &format!("model {name} {{ … }}"));
        let whole = whole.set_by(&format!("[app.schema.{section}] table"));
        return Err(vec![whole]);
    };
    let gap = |key: &str, column: &String, prisma: &str| {
        MissingColumn::new(name, column, &format!("{column} {prisma}"))
            .set_by(&format!("[app.schema.{section}] {key}"))
    };
    let mut missing = vec![];
    let counts = |column: &Column| NUMBERS.contains(&column.type_name.as_str());
    if !table.column(amount).is_some_and(counts) {
        missing.push(gap("amount", amount, "Decimal"));
    }
    if table.column(currency).is_none() {
        missing.push(gap("currency", currency, "String"));
    }
    let created_at = moment(table, "r", created);
    if created_at.is_none() {
        missing.push(gap("created_at", created, "DateTime @default(now())"));
    }
    let Some(created) = created_at.filter(|_| missing.is_empty()) else {
        return Err(missing);
    };
    let has_status = table.column(status).is_some();
    Ok(Source {
        table,
        amount: ident(amount),
        currency: ident(currency),
        created,
        status: has_status.then(|| format!("coalesce(r.{}::text, '')", ident(status))),
        no_status: (!has_status).then(|| gap("status", status, "String")),
    })
}
