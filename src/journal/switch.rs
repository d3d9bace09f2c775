//! Switches that hold for all replicas.

use sqlx::PgPool;

use crate::domain::Instant;

/// Stops every run that changes something.
pub const FREEZE: &str = "freeze";

/// Sets a switch.
///
/// # Errors
/// The store's.
pub async fn set(
    pool: &PgPool,
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
    Ok(())
}

/// Whether a switch is on; one that was never set is off.
///
/// # Errors
/// The store's.
pub async fn is_on(pool: &PgPool, name: &str) -> Result<bool, sqlx::Error> {
    let on = sqlx::query_scalar!("select is_on from countersign.switch where name = $1", name)
        .fetch_optional(pool)
        .await?;
    Ok(on.unwrap_or(false))
}
