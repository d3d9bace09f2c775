//! When accounts were last seen, as far as the app keeps a record of it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row};

use super::{
    AppDbError, Snapshot,
    sql::{ident, query},
};

/// When something last happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// The app keeps no record of it: it has no such table or column, or none that our role may read.
    NotKept,
    /// There is a record, and nothing about this account in it.
    Never,
    /// Then.
    At(DateTime<Utc>),
}

impl Last {
    fn of(at: Option<DateTime<Utc>>) -> Self {
        at.map_or(Self::Never, Self::At)
    }

    /// The later of two records of the same thing.
    fn later(self, other: Self) -> Self {
        match (self, other) {
            (Self::At(one), Self::At(two)) => Self::At(one.max(two)),
            (Self::At(at), _) | (_, Self::At(at)) => Self::At(at),
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::NotKept, Self::NotKept) => Self::NotKept,
        }
    }
}

/// When an account was last seen, in each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// It signed in: by an event of that type, or by an attempt that worked.
    pub sign_in: Last,
    /// Any analytics event.
    pub event: Last,
    /// A speaking test.
    pub test: Last,
}

impl Seen {
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        match self.sign_in.later(self.event).later(self.test) {
            Last::At(at) => Some(at),
            Last::Never | Last::NotKept => None,
        }
    }
}

/// The latest times by account; `None` when the app has no such record.
type Times = Option<HashMap<String, DateTime<Utc>>>;

/// When each of these accounts was last seen, in their order.
pub(super) async fn seen(
    connection: &mut PgConnection,
    at: &Snapshot,
    ids: &[String],
) -> Result<Vec<Seen>, AppDbError> {
    let (events, attempts) = (&at.mapping.analytics_event, &at.mapping.login_attempt);
    let tests = &at.mapping.test_session;
    let event = Track {
        table: &events.table,
        owner: &events.user_id,
        at: &events.created_at,
        only: None,
    };
    let sign_in = Track {
        only: Some((&events.event_type, &events.sign_in)),
        ..event
    };
    let attempt = Track {
        table: &attempts.table,
        owner: &attempts.user_id,
        at: &attempts.created_at,
        only: Some((&attempts.success, "true")),
    };
    let test = Track {
        table: &tests.table,
        owner: &tests.user_id,
        at: &tests.created_at,
        only: None,
    };
    let mut times: Vec<Times> = Vec::new();
    for track in [sign_in, attempt, event, test] {
        times.push(track.times(connection, at, ids).await?);
    }
    let last = |track: usize, id: &String| match &times[track] {
        None => Last::NotKept,
        Some(times) => Last::of(times.get(id).copied()),
    };
    let each = ids.iter().map(|id| Seen {
        sign_in: last(0, id).later(last(1, id)),
        event: last(2, id),
        test: last(3, id),
    });
    Ok(each.collect())
}

/// One kind of trace: rows that name the account and a time.
#[derive(Clone, Copy)]
struct Track<'a> {
    table: &'a str,
    owner: &'a str,
    at: &'a str,
    /// Only rows with this value in this column.
    only: Option<(&'a str, &'a str)>,
}

impl Track<'_> {
    async fn times(
        self,
        connection: &mut PgConnection,
        at: &Snapshot,
        ids: &[String],
    ) -> Result<Times, AppDbError> {
        let table = at.table(self.table);
        let Some(table) = table.filter(|table| table.may_select) else {
            return Ok(None);
        };
        let (Some(owner), Some(at)) = (table.column(self.owner), table.moment("t", self.at)) else {
            return Ok(None);
        };
        let condition = match self.only {
            None => String::new(),
            Some((column, _)) => match table.column(column) {
                None => return Ok(None),
                Some(column) => format!("AND t.{}::text = $2", ident(&column.name)),
            },
        };
        let text = format!(
            "SELECT t.{owner}::text AS id, max({at}) AS at FROM {table} t
             WHERE t.{owner} {equals} ANY(CAST($1::text[] AS {kind}[])) AND {at} IS NOT NULL {condition} GROUP BY 1",
            owner = ident(&owner.name),
            equals = owner.equals,
            kind = owner.type_name,
            table = table.source(),
        );
        let mut latest = query(text).bind(ids);
        if let Some((_, value)) = self.only {
            latest = latest.bind(value);
        }
        let rows = latest.fetch_all(connection).await?;
        let times: Result<HashMap<_, _>, sqlx::Error> = rows
            .iter()
            .map(|row| Ok((row.try_get("id")?, row.try_get("at")?)))
            .collect();
        Ok(Some(times?))
    }
}
