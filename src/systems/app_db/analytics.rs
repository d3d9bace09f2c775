//! The app's analytics events, in which changes of credits are noted.

use serde_json::Value;
use sqlx::PgConnection;

use super::{
    AppDbError, Column, Snapshot, Table,
    sql::{ident, query},
};

/// The events' table, able to take an event of one type.
pub(super) struct EventTable<'a> {
    table: &'a Table,
    at: &'a Snapshot,
    event_type: &'a str,
    filled: Vec<(&'a Column, Fill)>,
}

/// What is written into a column that has to be filled and that no event is about.
#[derive(Clone, Copy)]
enum Fill {
    /// The id of the request, as the row's own.
    RequestId,
    Now,
    /// The time in UTC, for a column without a time zone, as Prisma writes it.
    NowInUtc,
}

pub(super) struct NewEvent<'a> {
    /// The row's id where the database gives none: the request's.
    pub id: &'a str,
    /// Whose it is.
    pub user_id: &'a str,
    /// More about it.
    pub metadata: &'a Value,
}

impl<'a> EventTable<'a> {
    /// The table, when an event of this type can be written into it.
    ///
    /// # Errors
    /// [`AppDbError::Schema`] with what is missing, [`AppDbError::Blocked`] when a column has to be filled and nothing
    /// says with what.
    pub(super) fn of(at: &'a Snapshot, event_type: &'a str) -> Result<Self, AppDbError> {
        let names = &at.mapping.analytics_event;
        let missing = at.event_gaps(event_type);
        let table = at.table(&names.table);
        let (Some(table), true) = (table, missing.is_empty()) else {
            return Err(AppDbError::Schema(missing));
        };
        if !table.may_insert {
            return Err(AppDbError::Blocked(format!(
                "the database role of DATABASE_URL has no INSERT right on {}",
                at.label(table)
            )));
        }
        let known = [&names.user_id, &names.event_type, &names.metadata];
        let mut filled = vec![];
        for column in &table.columns {
            let left_out = column.nullable || column.has_default || column.generated;
            if left_out || known.contains(&&column.name) {
                continue;
            }
            let fill = fill(at, table, column).ok_or_else(|| {
                AppDbError::Blocked(format!(
                    "column {}.{} has no default, and nothing says what to write into it",
                    at.label(table),
                    column.name
                ))
            })?;
            filled.push((column, fill));
        }
        Ok(Self {
            table,
            at,
            event_type,
            filled,
        })
    }

    /// Writes one event.
    pub(super) async fn insert(
        &self,
        connection: &mut PgConnection,
        event: &NewEvent<'_>,
    ) -> Result<(), sqlx::Error> {
        let names = &self.at.mapping.analytics_event;
        let mut columns = vec![];
        let mut values = vec![];
        for (parameter, name) in (1_u32..).zip([&names.user_id, &names.event_type, &names.metadata])
        {
            let type_name = self.table.column(name).map(|column| &column.type_name);
            columns.push(ident(name));
            values.push(cast(parameter, type_name.map_or("pg_catalog.text", |t| t)));
        }
        for (column, fill) in &self.filled {
            columns.push(ident(&column.name));
            values.push(match fill {
                Fill::RequestId => cast(4, &column.type_name),
                Fill::Now => "now()".to_owned(),
                Fill::NowInUtc => "now() AT TIME ZONE 'UTC'".to_owned(),
            });
        }
        // The parameter of the id is named in any case: it is bound in any case.
        let text = format!(
            "INSERT INTO {} ({}) SELECT {} WHERE $4::text IS NOT NULL",
            self.table.quoted(),
            columns.join(", "),
            values.join(", ")
        );
        query(text)
            .bind(event.user_id)
            .bind(self.event_type)
            .bind(event.metadata.to_string())
            .bind(event.id)
            .execute(connection)
            .await?;
        Ok(())
    }
}

fn cast(parameter: u32, type_name: &str) -> String {
    format!("CAST(${parameter}::text AS {type_name})")
}

/// Prisma fills a row's id and its time of change in the app, so the database has no default for them.
fn fill(at: &Snapshot, table: &Table, column: &Column) -> Option<Fill> {
    let is_id = table.primary_key == [column.name.clone()];
    let times = [
        &at.mapping.analytics_event.created_at,
        &at.mapping.user.updated_at,
    ];
    let is_time = times.contains(&&column.name);
    match column.type_name.as_str() {
        "pg_catalog.uuid" if is_id => Some(Fill::RequestId),
        _ if is_id && column.is_text => Some(Fill::RequestId),
        "pg_catalog.timestamptz" if is_time => Some(Fill::Now),
        "pg_catalog.timestamp" if is_time => Some(Fill::NowInUtc),
        _ => None,
    }
}
