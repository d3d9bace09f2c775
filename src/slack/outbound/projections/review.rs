//! When a quarter begins, the approvals channel is asked to review the app's admins. The message is kept current: once
//! somebody has looked, it says who.

use super::{
    Outbound,
    draw::{DrawError, Drawn},
    pictures::Wanted,
    slots::{self, Slot},
};
use crate::{domain::Quarter, slack::cards, watch};

/// What the message shows: that nobody has looked yet, then who has.
const ASKS: i64 = 1;
const ANSWERED: i64 = 2;

impl Outbound {
    pub(super) async fn ask_for_review(&self) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let quarter = Quarter::of(now);
        let name = slots::review(quarter);
        let store = &self.journal.pool;
        let known = sqlx::query_scalar!(
            "select wanted from countersign.message where slot = $1",
            name
        )
        .fetch_optional(store)
        .await?;
        if known == Some(ANSWERED) || !watch::is_due(store, quarter).await? {
            return Ok(());
        }
        let wanted = match watch::reviewed(store, quarter).await? {
            Some(_) => ANSWERED,
            None => ASKS,
        };
        if known == Some(wanted) {
            return Ok(());
        }
        let slot = Slot {
            name,
            recipient: self.channels.approvals.clone(),
            thread_of: None,
            wanted,
            passes: false,
        };
        self.want_by_itself(&slot, now).await
    }

    pub(super) async fn draw_review(&self, quarter: Quarter) -> Result<Drawn, DrawError> {
        let reviewed = watch::reviewed(&self.journal.pool, quarter).await?;
        Ok(Drawn {
            shows: if reviewed.is_some() { ANSWERED } else { ASKS },
            only_to: None,
            card: cards::review_of_quarter(quarter, reviewed.as_ref()),
            pictures: Wanted::default(),
        })
    }
}
