//! Posts the chain's head to the audit channel on a schedule: a witness outside the database, so that a tail
//! that was cut off together with the stored head is found all the same.

use super::{Outbound, slots::Slot};
use crate::{domain::Instant, journal::chain};

impl Outbound {
    pub(super) async fn witness(&self) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let head = match chain::head(&self.journal.pool, &self.journal.key).await {
            Ok(head) if head.position > 0 => head,
            Ok(_) => return Ok(()),
            Err(chain::SealError::Store(error)) => return Err(error),
            Err(error) => {
                tracing::error!(%error, "the chain's head cannot be posted");
                return Ok(());
            }
        };
        let name = slot_name(now, self.witness_every);
        let posted = sqlx::query_scalar!(
            r#"select exists(select from countersign.message where slot = $1)
                   or coalesce((select max(wanted) from countersign.message where slot like 'head:%') >= $2, false)
                   as "posted!""#,
            name,
            head.position
        )
        .fetch_one(&self.journal.pool)
        .await?;
        if posted {
            return Ok(());
        }
        let slot = Slot {
            name,
            recipient: self.channels.audit.clone(),
            thread_of: None,
            wanted: head.position,
            passes: false,
        };
        self.want_by_itself(&slot, now).await
    }
}

/// One name per period, whichever replica comes first.
fn slot_name(now: Instant, every: chrono::Duration) -> String {
    let seconds = every.num_seconds().max(1);
    format!("head:{}", now.timestamp() / seconds * seconds)
}
