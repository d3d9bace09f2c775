//! Switches that hold for all replicas.

use sqlx::PgExecutor;

use super::store::Store;
use crate::domain::Instant;

/// Stops every run that changes something.
pub const FREEZE: &str = "freeze";

/// Sets a switch, and has the cards and audit lines of whatever is open drawn again: they say what the switch holds.
///
/// # Errors
/// The store's.
pub async fn set(
    pool: &Store,
    name: &str,
    is_on: bool,
    by: &str,
    now: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"insert into countersign.switch (name, is_on, changed_by, changed_at) values ($1, $2, $3, $4)
           on conflict (name) do update set is_on = $2, changed_by = $3, changed_at = $4"#,
        name,
        is_on,
        by,
        now
    )
    .execute(pool)
    .await?;
    // The switch holds from here on, also when somebody who is paused keeps a message locked: then this is tried again.
    sqlx::query!(
        r#"update countersign.message m
           set generation = m.generation + 1,
               wanted_since = case when m.shown = m.wanted and m.shown_generation = m.generation then $1
                                   else m.wanted_since end
           from countersign.request r
           where r.id = m.request_id and r.open and m.slot in ('approval:' || r.id, 'audit:' || r.id)"#,
        now
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Whether a switch is on; one that was never set is off.
///
/// # Errors
/// The store's.
pub async fn is_on(db: impl PgExecutor<'_>, name: &str) -> Result<bool, sqlx::Error> {
    let on = sqlx::query_scalar!("select is_on from countersign.switch where name = $1", name)
        .fetch_optional(db)
        .await?;
    Ok(on.unwrap_or(false))
}
