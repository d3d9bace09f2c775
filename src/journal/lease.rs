//! Who carries out what: leases with a fencing token.
//!
//! How long a lease lasts is measured by the store's clock alone. The clocks of replicas may differ by more than that, and
//! one that is ahead must not take a living run over. When a request is due, and until when it rests, is a time of the
//! domain and comes in as an argument.

use std::time::Duration;

use uuid::Uuid;

use super::{append::Fence, store::Store};
use crate::domain::{Instant, RequestId};

/// A request that this replica may work on until the lease runs out.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// Which request.
    pub request: RequestId,
    /// The token that every append of this holder names.
    pub fence: Fence,
    /// Whether its last holder had not given it back.
    pub is_taken_over: bool,
}

/// Takes one due request that nobody holds and that does not rest, the longest due first; `None` when there is none.
/// A request or lease that somebody has locked, as a replica that is paused inside a transaction does, is passed over.
///
/// # Errors
/// The store's.
pub async fn claim(
    pool: &Store,
    owner: Uuid,
    now: Instant,
    length: Duration,
) -> Result<Option<Lease>, sqlx::Error> {
    let row = sqlx::query!(
        r#"with fresh as (
               select r.id, r.due_at, false as taken_over from countersign.request r
               where r.due_at <= $2
                 and not exists (select from countersign.lease l where l.request_id = r.id)
               order by r.due_at
               limit 1
               for update of r skip locked),
           held_before as (
               select r.id, r.due_at, l.rests_until is null as taken_over
               from countersign.request r join countersign.lease l on l.request_id = r.id
               where r.due_at <= $2 and l.until <= now() and (l.rests_until is null or l.rests_until <= $2)
               order by r.due_at
               limit 1
               for update of r, l skip locked),
           due as (
               select id, taken_over from (select * from fresh union all select * from held_before) found
               order by due_at
               limit 1)
           insert into countersign.lease as l (request_id, owner, fence, until)
           select id, $1, 1, now() + make_interval(secs => $3) from due
           on conflict (request_id) do update
               set owner = excluded.owner, fence = l.fence + 1, until = excluded.until, rests_until = null
           where l.until <= now() and (l.rests_until is null or l.rests_until <= $2)
           returning request_id, fence, (select taken_over from due) as "taken_over!""#,
        owner,
        now,
        length.as_secs_f64(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Lease {
        request: RequestId(row.request_id),
        fence: Fence(row.fence),
        is_taken_over: row.taken_over,
    }))
}

/// Makes a lease last for `length` from now; false when another replica has taken it.
///
/// # Errors
/// The store's.
pub async fn renew(pool: &Store, lease: Lease, length: Duration) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update countersign.lease set until = now() + make_interval(secs => $3)
         where request_id = $1 and fence = $2",
        lease.request.0,
        lease.fence.0,
        length.as_secs_f64(),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a lease back; nobody takes the request again before `rests_until`. The row stays, so that the fencing token
/// goes on growing.
///
/// # Errors
/// The store's; then it runs out by itself.
pub async fn release(pool: &Store, lease: Lease, rests_until: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.lease set until = now(), rests_until = $3 where request_id = $1 and fence = $2",
        lease.request.0,
        lease.fence.0,
        rests_until
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// When the next request that nobody holds is due and has rested; `None` when nothing waits.
///
/// # Errors
/// The store's.
pub async fn next_due(pool: &Store) -> Result<Option<Instant>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select min(greatest(r.due_at, l.rests_until)) as due
           from countersign.request r left join countersign.lease l on l.request_id = r.id
           where r.due_at is not null and (l.until is null or l.until <= now())"#
    )
    .fetch_one(pool)
    .await
}
