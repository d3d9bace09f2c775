//! Four times a year: whether somebody has looked at who is an admin of the app.

use super::NAME;
use crate::{
    domain::{Quarter, request::label},
    journal::Store,
};

/// The first review of a quarter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// The request: `OPS-1042`.
    pub request: String,
    /// Who asked for it, by Slack id.
    pub by: String,
}

/// Whether a quarter is due for a review: the service was in use when it began. Who starts in the middle of one is asked
/// for the first time when the next begins.
pub async fn is_due(store: &Store, quarter: Quarter) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce((select at from countersign.event order by seq limit 1) < $1, false) as "due!""#,
        quarter.begin()
    )
    .fetch_one(store)
    .await
}

/// The first review that was answered of those that were asked for since a quarter began.
pub async fn reviewed(store: &Store, quarter: Quarter) -> Result<Option<Reviewed>, sqlx::Error> {
    let found = sqlx::query!(
        r#"select number, requester from countersign.request
           where operation = $1 and state = 'succeeded' and asked_at >= $2 order by number limit 1"#,
        NAME,
        quarter.begin()
    )
    .fetch_optional(store)
    .await?;
    Ok(found.map(|row| Reviewed {
        request: label(row.number),
        by: row.requester,
    }))
}
