//! The service's own settings: a freeze stops every run that changes something, at all replicas.

use super::{Connection, Journal, ReadError, RecordError, read, sealed, stream::SETTINGS};
use crate::domain::{Instant, RequestId, ServiceSettings};

/// Times that a change is decided anew because somebody else changed the settings at the same time.
const TRIES: u32 = 5;

impl Journal {
    /// The settings that their verified events fold to.
    pub async fn settings(&self) -> Result<Option<ServiceSettings>, ReadError> {
        let events = self
            .events_of::<ServiceSettings>(&self.pool, SETTINGS)
            .await?;
        let settings = read::folded(SETTINGS, &events)?;
        if settings.is_none() && self.settings_are_shown().await? {
            sealed::report("event");
            return Err(ReadError::Tampered { version: 1 });
        }
        Ok(settings)
    }

    /// Whether everything is frozen. When the settings' events were changed or removed outside Countersign it is: what a freeze
    /// stops stays stopped until they are put right.
    pub async fn is_frozen(&self) -> Result<bool, sqlx::Error> {
        match self.settings().await {
            Ok(settings) => Ok(settings.is_some_and(|it| it.frozen)),
            Err(ReadError::Store(error)) => Err(error),
            Err(_) => Ok(true),
        }
    }

    /// Switches the freeze, once per request, and has the cards and audit lines of whatever is open drawn again: they say what
    /// is held.
    ///
    /// # Errors
    /// See [`RecordError`]; then nothing was switched.
    pub async fn switch_freeze(
        &self,
        on: bool,
        request: RequestId,
        now: Instant,
    ) -> Result<(), RecordError> {
        for _ in 0..TRIES {
            match self.try_to_switch(on, request, now).await {
                Err(RecordError::Conflict) => {}
                switched => return switched,
            }
        }
        Err(RecordError::Conflict)
    }

    async fn try_to_switch(
        &self,
        on: bool,
        request: RequestId,
        now: Instant,
    ) -> Result<(), RecordError> {
        let before = self.settings().await?;
        let event = before
            .clone()
            .unwrap_or_default()
            .switch_freeze(on, request);
        if let Some(event) = event {
            let mut tx = self.pool.begin().await?;
            let settings = self
                .append(&mut tx, SETTINGS, before, &[event], now, |_, _| {})
                .await?;
            project(&mut tx, &settings, now).await?;
            tx.commit().await?;
            self.appended.notify();
        }
        // The freeze holds from here on, also when somebody who is paused keeps a message locked: then this is tried again.
        sqlx::query!(
            r#"update countersign.message m
               set generation = m.generation + 1,
                   wanted_since = case when m.shown = m.wanted and m.shown_generation = m.generation then $1
                                       else m.wanted_since end
               from countersign.request r
               where r.id = m.request_id and r.open
                 and m.slot in ('approval:' || r.id, 'confirm:' || r.id, 'audit:' || r.id)"#,
            now
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn settings_are_shown(&self) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar!(
            r#"select exists(select from countersign.service_settings) as "shown!""#
        )
        .fetch_one(&self.pool)
        .await
    }
}

/// Brings the projection to these settings.
pub(super) async fn project(
    db: &mut Connection,
    settings: &ServiceSettings,
    at: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"insert into countersign.service_settings (version, frozen, updated_at) values ($1, $2, $3)
           on conflict (one) do update
           set version = excluded.version, frozen = excluded.frozen, updated_at = excluded.updated_at"#,
        settings.version,
        settings.frozen,
        at
    )
    .execute(db)
    .await?;
    Ok(())
}
