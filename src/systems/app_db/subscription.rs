//! Whether somebody still pays: an account with a running subscription is not erased under it.

use chrono::{DateTime, Utc};

use super::{
    AppDb, AppDbError, Purpose, schema,
    sql::{count, ident, moment, query},
};

impl AppDb {
    /// Subscriptions of the account that are running: by the status column, and not past their end when there is
    /// such a column. With `since` only those that were made after it, or may have been: the app may tell seconds or days. `None` when the app has no such table, or none that
    /// says whose a subscription is, how it is and, where that is asked, when it was made.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn running_subscriptions(
        &self,
        user_id: &str,
        since: Option<DateTime<Utc>>,
    ) -> Result<Option<i64>, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let names = &self.mapping.subscription;
        let table = schema.table(&self.mapping.table_ref(&names.table));
        let table = table.filter(|table| table.column(&names.status).is_some());
        let owner = table.and_then(|table| table.column(&names.user_id));
        let (Some(table), Some(owner)) = (table, owner) else {
            return Ok(None);
        };
        let unended = match table.column(&names.ends_at) {
            Some(column) => {
                let column = ident(&column.name);
                format!("AND (s.{column} IS NULL OR s.{column} > now())")
            }
            None => String::new(),
        };
        let made_since = match since.map(|_| table.column(&names.created_at)) {
            None => "$3::timestamptz IS NULL".to_owned(),
            Some(None) => return Ok(None),
            Some(Some(column)) => match moment(table, "s", &column.name) {
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
}

/// The coarsest unit in which the app may tell the time of a column of this type. What was made within one unit may have
/// been made later than it says.
fn unit(type_name: &str) -> &'static str {
    match type_name {
        "pg_catalog.date" => "1 day",
        _ => "1 second",
    }
}
