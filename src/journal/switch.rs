//! Switches that hold for all replicas.

use sqlx::PgExecutor;

use super::{
    Journal,
    sealed::{self, Sealed, SealedRow, SwitchRow},
};
use crate::{audit_key::AuditKey, domain::Instant};

/// Stops every run that changes something.
pub const FREEZE: &str = "freeze";

/// Sets a switch, and has the cards and audit lines of whatever is open drawn again: they say what the switch holds.
///
/// # Errors
/// The store's.
pub async fn set(
    journal: &Journal,
    name: &str,
    is_on: bool,
    by: &str,
    now: Instant,
) -> Result<(), sqlx::Error> {
    let row = SwitchRow {
        name: name.to_owned(),
        is_on,
        changed_by: by.to_owned(),
        changed_at: now,
    };
    sqlx::query!(
        r#"insert into countersign.switch (name, is_on, changed_by, changed_at, mac) values ($1, $2, $3, $4, $5)
           on conflict (name) do update set is_on = $2, changed_by = $3, changed_at = $4, mac = $5"#,
        name,
        is_on,
        by,
        now,
        row.mac(&journal.key)
    )
    .execute(&journal.pool)
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
    .execute(&journal.pool)
    .await?;
    Ok(())
}

/// Whether a switch is on; one that was never set is off. One whose row was changed or removed outside Countersign is on: what
/// it stops stays stopped until it is set again.
///
/// # Errors
/// The store's.
pub async fn is_on(
    db: impl PgExecutor<'_>,
    key: &AuditKey,
    name: &str,
) -> Result<bool, sqlx::Error> {
    let stored = sqlx::query!(
        r#"select s.name as "name?", s.is_on as "is_on?", s.changed_by as "changed_by?", s.changed_at as "changed_at?",
                  s.mac as "mac?",
                  case when s.name is null
                       then exists(select from countersign.request r where r.operation = $1 and r.state = 'succeeded')
                       else true end as "was_set!"
           from (select 1) one left join countersign.switch s on s.name = $1"#,
        name
    )
    .fetch_one(db)
    .await?;
    let row = (
        stored.name,
        stored.is_on,
        stored.changed_by,
        stored.changed_at,
        stored.mac,
    );
    let (Some(name), Some(is_on), Some(changed_by), Some(changed_at), Some(mac)) = row else {
        if stored.was_set {
            sealed::report(SwitchRow::TABLE);
        }
        return Ok(stored.was_set);
    };
    let row = SwitchRow {
        name,
        is_on,
        changed_by,
        changed_at,
    };
    let genuine = Sealed { row, mac }.open(key);
    Ok(genuine.is_none_or(|row| row.is_on))
}
