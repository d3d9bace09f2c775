//! Whether somebody still pays: an account with a running subscription is not erased under it.

use chrono::{DateTime, Utc};

use super::{
    AppDbError, Column, Purpose, Snapshot, SubscriptionMapping, Table,
    columns::ENDS,
    sql::{count, ident, plain, query},
};

/// Where a running subscription is read from, for the people who have to settle it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionEnd {
    pub table: String,
    /// The column with the end; `None` when none was found and only the status counts.
    pub column: Option<String>,
}

impl Snapshot {
    /// Subscriptions of the account that are running: by the status column, and not past their end when there is
    /// such a column: the configured one, or one of a common name. With `since` only those that were made after it, or may
    /// have been: the app may tell seconds or days. `None` when the app has no such table, or none that
    /// says whose a subscription is, how it is and, where that is asked, when it was made.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn running_subscriptions(
        &self,
        user_id: &str,
        since: Option<DateTime<Utc>>,
    ) -> Result<Option<i64>, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let names = &self.mapping.subscription;
        let table = self.table(&names.table);
        let table = table.filter(|table| table.column(&names.status).is_some());
        let owner = table.and_then(|table| table.column(&names.user_id));
        let (Some(table), Some(owner)) = (table, owner) else {
            return Ok(None);
        };
        let unended = match end(table, names).and_then(|column| past_end(table, &column.name)) {
            Some(past) => format!("AND NOT coalesce({past}, false)"),
            None => String::new(),
        };
        let made_since = match since.map(|_| table.column(&names.created_at)) {
            None => "$3::timestamptz IS NULL".to_owned(),
            Some(None) => return Ok(None),
            Some(Some(column)) => match table.moment("s", &column.name) {
                Some(made) => format!("{made} + interval '{}' > $3", unit(&column.type_name)),
                None => return Ok(None),
            },
        };
        let text = format!(
            "SELECT count(*) FROM {} s WHERE {} AND lower(s.{}::text) = ANY($2) {unended} AND {made_since}",
            table.source(),
            owner.holds("s", 1),
            ident(&names.status),
        );
        let running: Vec<String> = names.running.iter().map(|s| s.to_lowercase()).collect();
        let rows = count(query(text).bind(user_id).bind(running).bind(since), &mut tx).await?;
        tx.rollback().await?;
        Ok(Some(rows))
    }

    /// Which column says when a subscription ends. `None` without a table of subscriptions.
    #[must_use]
    pub fn subscription_end(&self) -> Option<SubscriptionEnd> {
        let names = &self.mapping.subscription;
        let table = self.table(&names.table)?;
        Some(SubscriptionEnd {
            table: self.label(table),
            column: end(table, names).map(|column| column.name.clone()),
        })
    }
}

/// The column with the end: the configured one, otherwise the one with the surest of the common names. A column that holds no
/// time is none.
pub(super) fn end<'a>(table: &'a Table, names: &SubscriptionMapping) -> Option<&'a Column> {
    let is_time = |column: &&Column| table.moment("s", &column.name).is_some();
    let configured = table.column(&names.ends_at).filter(is_time);
    configured.or_else(|| {
        let by_name = |name: &&str| {
            let mut columns = table.columns.iter();
            columns.find(|column| plain(&column.name) == **name && is_time(column))
        };
        // An empty name says that the app has none.
        let wanted = ENDS.iter().filter(|_| !names.ends_at.is_empty());
        wanted.copied().find_map(|name| by_name(&name))
    })
}

/// Whether the end is past. What ends on a day runs until that day is over.
fn past_end(table: &Table, name: &str) -> Option<String> {
    let column = table.column(name)?;
    if column.type_name == "pg_catalog.date" {
        let name = ident(&column.name);
        return Some(format!(
            "((s.{name} + 1)::timestamp AT TIME ZONE 'UTC' <= now())"
        ));
    }
    table
        .moment("s", name)
        .map(|end| format!("({end} <= now())"))
}

/// The coarsest unit in which the app may tell the time of a column of this type. What was made within one unit may have
/// been made later than it says.
fn unit(type_name: &str) -> &'static str {
    match type_name {
        "pg_catalog.date" => "1 day",
        _ => "1 second",
    }
}
