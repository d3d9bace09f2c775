//! Who carries out what: leases with a fencing token.

use chrono::Duration;
use sqlx::PgPool;
use uuid::Uuid;

use super::append::Fence;
use crate::domain::{Instant, RequestId};

/// A request that this replica may work on until the lease runs out.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// Which request.
    pub request: RequestId,
    /// The token that every append of this holder names.
    pub fence: Fence,
}

/// Takes one due request that nobody holds, the longest due first; `None` when there is none.
///
/// # Errors
/// The store's.
pub async fn claim(
    pool: &PgPool,
    owner: Uuid,
    now: Instant,
    length: Duration,
) -> Result<Option<Lease>, sqlx::Error> {
    let row = sqlx::query!(
        r#"with due as (
               select r.id from countersign.request r
               where r.due_at <= $2
                 and not exists (select from countersign.lease l where l.request_id = r.id and l.until > $2)
               order by r.due_at
               limit 1
               for update of r skip locked)
           insert into countersign.lease as l (request_id, owner, fence, until)
           select id, $1, 1, $3 from due
           on conflict (request_id) do update set owner = $1, fence = l.fence + 1, until = $3
           where l.until <= $2
           returning request_id, fence"#,
        owner,
        now,
        now + length,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Lease {
        request: RequestId(row.request_id),
        fence: Fence(row.fence),
    }))
}

/// Makes a lease longer; false when another replica has taken it.
///
/// # Errors
/// The store's.
pub async fn renew(pool: &PgPool, lease: Lease, until: Instant) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update countersign.lease set until = $3 where request_id = $1 and fence = $2",
        lease.request.0,
        lease.fence.0,
        until
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a lease back. The row stays, so that the fencing token goes on growing.
///
/// # Errors
/// The store's; then it runs out by itself.
pub async fn release(pool: &PgPool, lease: Lease, now: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.lease set until = $3 where request_id = $1 and fence = $2",
        lease.request.0,
        lease.fence.0,
        now
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// When the next request is due or the next lease runs out; `None` when nothing waits.
///
/// # Errors
/// The store's.
pub async fn next_due(pool: &PgPool) -> Result<Option<Instant>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select min(greatest(r.due_at, coalesce(l.until, r.due_at))) as due
           from countersign.request r left join countersign.lease l on l.request_id = r.id
           where r.due_at is not null"#
    )
    .fetch_one(pool)
    .await
}
