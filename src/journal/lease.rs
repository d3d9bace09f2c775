//! Who carries out what: leases with a fencing token.
//!
//! How long a lease lasts is measured by the store's clock alone. The clocks of replicas may differ by more than that, and
//! one that is ahead must not take a living run over. When a request may be taken (`look_at`) is a time of the domain and
//! comes in as an argument.

use std::time::Duration;

use uuid::Uuid;

use super::{append::Fence, store::Store};
use crate::domain::{Instant, RequestId};

/// A request that this replica may work on until the lease runs out.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    pub request: RequestId,
    /// The token that every append of this holder names.
    pub fence: Fence,
    /// Whether its last holder had not given it back.
    pub is_taken_over: bool,
    /// The version that the request had then.
    pub version: i64,
}

/// How often another request is tried for when somebody else took the same one a moment ago.
const TRIES: u32 = 5;

/// Takes one due request that nobody holds and that does not rest, the longest due first; `None` when there is none.
/// A request or lease that somebody has locked, as a replica that is paused inside a transaction does, is passed over.
/// It reads the index of what may be taken in order and passes over what is held, which is little, so its cost does not
/// grow with the number of open requests. Leases are looked up one by one: every request that ever ran has one, and a plan
/// that reads them all would grow with the history.
pub async fn claim(
    pool: &Store,
    owner: Uuid,
    now: Instant,
    length: Duration,
) -> Result<Option<Lease>, sqlx::Error> {
    for _ in 0..TRIES {
        let due = sqlx::query!(
            r#"with due as (
                   select r.id, r.version, coalesce(not free.given_back, false) as taken_over
                   from countersign.request r
                   left join lateral (
                       select l.fence, l.given_back from countersign.lease l
                       where l.request_id = r.id and l.until <= now()
                       for update skip locked) free on true
                   where r.look_at <= $2
                     and (free.fence is not null
                          or (select l.fence from countersign.lease l where l.request_id = r.id limit 1) is null)
                   order by r.look_at, r.id
                   limit 1
                   for update of r skip locked),
               taken as (
                   insert into countersign.lease as l (request_id, owner, fence, until, given_back)
                   select id, $1, 1, now() + make_interval(secs => $3), false from due
                   on conflict (request_id) do update
                       set owner = excluded.owner, fence = l.fence + 1, until = excluded.until, given_back = false
                   where l.until <= now()
                   returning fence)
               select due.id as "id!", due.version as "version!", due.taken_over as "taken_over!", taken.fence as "fence?"
               from due left join taken on true"#,
            owner,
            now,
            length.as_secs_f64(),
        )
        .fetch_optional(pool)
        .await?;
        let Some(due) = due else {
            return Ok(None);
        };
        if let Some(fence) = due.fence {
            return Ok(Some(Lease {
                request: RequestId(due.id),
                fence: Fence(fence),
                is_taken_over: due.taken_over,
                version: due.version,
            }));
        }
    }
    Ok(None)
}

/// Makes a lease last for `length` from now; false when another replica has taken it.
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

/// Gives a lease back; nobody takes the request again before `rests_until`, unless something was appended to it after `seen`,
/// the version that its holder read or recorded last. The row stays, so that the fencing token goes on growing.
///
/// # Errors
/// The store's; then it runs out by itself.
pub async fn release(
    pool: &Store,
    lease: Lease,
    seen: i64,
    rests_until: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"with given_back as (
               update countersign.lease set until = now(), given_back = true
               where request_id = $1 and fence = $2 returning request_id)
           update countersign.request r set look_at = greatest(r.due_at, $3)
           from given_back where r.id = given_back.request_id and r.due_at is not null and r.version <= $4"#,
        lease.request.0,
        lease.fence.0,
        rests_until,
        seen
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// When the next request that nobody holds may be taken; `None` when nothing waits.
pub async fn next_due(pool: &Store) -> Result<Option<Instant>, sqlx::Error> {
    let next = sqlx::query_scalar!(
        r#"select r.look_at as "look_at!" from countersign.request r
           where r.look_at is not null
             and coalesce((select l.until from countersign.lease l where l.request_id = r.id limit 1), now()) <= now()
           order by r.look_at
           limit 1"#
    );
    next.fetch_optional(pool).await
}
