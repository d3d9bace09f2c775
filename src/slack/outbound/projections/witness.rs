//! Posts the chain's head to the audit channel on a schedule: a witness outside the database, so that a tail
//! that was cut off together with the stored head is found all the same.

use async_trait::async_trait;

use super::Projection;
use crate::{
    domain::Instant,
    journal::{
        chain,
        hash::{GENESIS, stored},
        sealed,
    },
    slack::{
        cards,
        outbound::{
            Outbound,
            drawn::{DrawError, Drawn},
            row::Due,
        },
    },
};

pub(super) struct Witness;

#[async_trait]
impl Projection for Witness {
    fn kinds(&self) -> &'static [&'static str] {
        &["head"]
    }

    async fn note(&self, outbound: &Outbound) -> Result<(), sqlx::Error> {
        let store = &outbound.journal.pool;
        let head = match chain::head(store, &outbound.journal.key).await {
            Ok(head) if head.position > 0 => head,
            Ok(_) => return Ok(()),
            Err(chain::SealError::Store(error)) => return Err(error),
            Err(error) => {
                tracing::error!(%error, "the chain's head cannot be posted");
                return Ok(());
            }
        };
        let name = slot_name(outbound.clock.now(), outbound.witness_every);
        let posted = sqlx::query_scalar!(
            r#"select exists(select from countersign.message where slot = $1)
                   or coalesce((select max(wanted) from countersign.message where slot like 'head:%') >= $2, false)
                   as "posted!""#,
            name,
            head.position
        )
        .fetch_one(store)
        .await?;
        if posted {
            return Ok(());
        }
        let audit = &outbound.channels.audit;
        outbound.want_by_itself(name, audit, head.position).await
    }

    async fn draw(&self, outbound: &Outbound, due: &Due) -> Result<Drawn, DrawError> {
        let position = due.wanted;
        let link = sqlx::query!(
            r#"select c.hash, c.event_hash, before.hash as "before?", e.at
               from countersign.chain c join countersign.event e on e.seq = c.event_seq
               left join countersign.chain before on before.position = c.position - 1
               where c.position = $1"#,
            position
        )
        .fetch_optional(&outbound.journal.pool)
        .await?
        .ok_or(DrawError::Nothing("no such link"))?;
        let before = match position {
            1 => Some(GENESIS),
            _ => link.before.as_deref().and_then(stored),
        };
        let linked = before.zip(stored(&link.event_hash));
        let key = &outbound.journal.key;
        let linked = linked.map(|(before, event)| key.link(&before, position, &event));
        if linked.is_none_or(|hash| hash.as_slice() != link.hash) {
            sealed::report("chain");
            return Err(DrawError::Nothing(
                "the link was changed outside Countersign",
            ));
        }
        let card = cards::chain_head(position, &hex::encode(link.hash), link.at);
        Ok(Drawn::of(card, position))
    }
}

/// One name per period, whichever replica comes first.
fn slot_name(now: Instant, every: chrono::Duration) -> String {
    let seconds = every.num_seconds().max(1);
    format!("head:{}", now.timestamp() / seconds * seconds)
}
