//! When a quarter begins, the approvals channel is asked to review the app's admins. The message is kept current: once
//! somebody has looked, it says who.

use async_trait::async_trait;

use super::Projection;
use crate::{
    domain::Quarter,
    operations::admins_review,
    slack::{
        cards,
        outbound::{
            Outbound,
            drawn::{DrawError, Drawn},
            row::Due,
        },
    },
};

/// What the message shows: that nobody has looked yet, then who has.
const ASKS: i64 = 1;
const ANSWERED: i64 = 2;

pub(super) struct Review;

#[async_trait]
impl Projection for Review {
    fn kinds(&self) -> &'static [&'static str] {
        &["review"]
    }

    async fn note(&self, outbound: &Outbound) -> Result<(), sqlx::Error> {
        let quarter = Quarter::of(outbound.clock.now());
        let name = format!("review:{quarter}");
        let store = &outbound.journal.pool;
        let known = sqlx::query_scalar!(
            "select wanted from countersign.message where slot = $1",
            name
        )
        .fetch_optional(store)
        .await?;
        if known == Some(ANSWERED) || !admins_review::is_due(store, quarter).await? {
            return Ok(());
        }
        let wanted = match admins_review::reviewed(store, quarter).await? {
            Some(_) => ANSWERED,
            None => ASKS,
        };
        if known == Some(wanted) {
            return Ok(());
        }
        let approvals = &outbound.channels.approvals;
        outbound.want_by_itself(name, approvals, wanted).await
    }

    async fn draw(&self, outbound: &Outbound, due: &Due) -> Result<Drawn, DrawError> {
        let quarter = due.slot.split_once(':').and_then(|(_, it)| it.parse().ok());
        let quarter = quarter.ok_or(DrawError::Nothing("no quarter"))?;
        let reviewed = admins_review::reviewed(&outbound.journal.pool, quarter).await?;
        let shows = if reviewed.is_some() { ANSWERED } else { ASKS };
        let card = cards::review_of_quarter(quarter, reviewed.as_ref());
        Ok(Drawn::of(card, shows))
    }
}
