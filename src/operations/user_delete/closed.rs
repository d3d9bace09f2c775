//! What is tidied up after requests that were settled half way: nobody carries out their last steps any more.

use futures::future::BoxFuture;
use uuid::Uuid;

use super::settled::attest;
use crate::{
    domain::{Event, Instant, Request, RequestId},
    journal::{
        Journal, ReadError, Recorded, read,
        sealed::{ErasureEntry, ErasureSubject, Sealed},
    },
    operations::{
        StepError,
        erasure::{case::suffix, ledger::forget_subject, step},
        subject::step_of_round,
    },
    systems::{
        Systems,
        app_db::{AppDb, Mark},
    },
    work::{Job, JobContext, JobError, Schedule},
};

/// Tidies up after closed requests.
pub(super) const FORGET: Job = Job {
    name: "forget closed deletions",
    schedule: Schedule::Every(chrono::Duration::minutes(10)),
    catch_up: chrono::Duration::minutes(10),
    deadline: std::time::Duration::from_secs(300),
    run: forget,
};

fn forget(context: JobContext) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(
        async move { Ok(forget_closed(&context.systems, &context.journal, context.now).await?) },
    )
}

/// Tidies up after closed requests. Their work lists name the person and go. Whether the rows went is asked of the app's
/// database, for the answer to a commit can be lost. When they were not erased, the erasure was given up, and a replay of
/// the ledger must not bring it about. When they were, nobody is left to read about, and the texts beside the journal go
/// as the last step would have had it, once a certificate says so. What cannot be read stays as it is, with the address.
async fn forget_closed(
    systems: &Systems,
    journal: &Journal,
    now: Instant,
) -> Result<(), StepError> {
    let (app_db, store, key) = (&systems.app_db, &journal.pool, &journal.key);
    for list in [
        "delete from countersign.erasure_object where (request_id, key, version_id) in
            (select o.request_id, o.key, o.version_id
             from countersign.erasure_object o join countersign.request r on r.id = o.request_id
             where not r.open and r.updated_at <= $1 limit $2)",
        "delete from countersign.erasure_key where (request_id, key) in
            (select k.request_id, k.key
             from countersign.erasure_key k join countersign.request r on r.id = k.request_id
             where not r.open and r.updated_at <= $1 limit $2)",
    ] {
        store.in_batches(list, now).await?;
    }
    settle_doubts(app_db, journal).await?;
    let unfinished = sqlx::query!(
        r#"select l.request_id, l.user_id, l.email_identity, l.mac from countersign.erasure_ledger l
           join countersign.request r on r.id = l.request_id
           where not r.open and l.erased_at is not null and l.forgotten_at is null"#
    )
    .fetch_all(store)
    .await?;
    for one in unfinished {
        let sealed = Sealed {
            row: ErasureEntry {
                request_id: one.request_id,
                user_id: one.user_id,
                email_identity: one.email_identity,
            },
            mac: one.mac,
        };
        let Some(entry) = sealed.open(key) else {
            continue;
        };
        let Some(closed) = closed(journal, entry.request_id).await? else {
            continue;
        };
        let Some(erased_at) = closed.erased_at(app_db).await? else {
            continue;
        };
        attest(systems, &entry, &closed.request, erased_at, now).await?;
        forget_subject(store, key, entry.request_id, &entry.user_id, now).await?;
    }
    forget_replayed(app_db, journal, now).await?;
    sqlx::query!(
        r#"delete from countersign.erasure_subject s using countersign.request r
           where r.id = s.request_id and not r.open
             and not exists (select from countersign.erasure_ledger l
                             where l.request_id = s.request_id and l.erased_at is not null and l.forgotten_at is null)"#
    )
    .execute(store)
    .await?;
    Ok(())
}

/// Completes or deletes the entries of which nobody noted that the rows were gone. One whose rows may have gone, although
/// the marker is not there, stays as it is: the database can have been restored since, and a person has to look.
async fn settle_doubts(app_db: &AppDb, journal: &Journal) -> Result<(), StepError> {
    let store = &journal.pool;
    let entries = sqlx::query!(
        r#"select l.request_id, l.begun_at from countersign.erasure_ledger l
           join countersign.request r on r.id = l.request_id
           where not r.open and l.erased_at is null"#
    )
    .fetch_all(store)
    .await?;
    for entry in entries {
        let id = entry.request_id;
        let Some(closed) = closed(journal, id).await? else {
            continue;
        };
        if have_rows_gone(app_db, id, step::ROWS, closed.round()).await? {
            // Whatever was made after the beginning is somebody else's: until the commit the id was taken.
            sqlx::query!(
                r#"update countersign.erasure_ledger set erased_at = coalesce(begun_at, entered_at)
                   where request_id = $1 and erased_at is null"#,
                id
            )
            .execute(store)
            .await?;
        } else if entry.begun_at.is_none() {
            sqlx::query!(
                "delete from countersign.erasure_ledger where request_id = $1 and erased_at is null",
                id
            )
            .execute(store)
            .await?;
        }
    }
    Ok(())
}

/// A replay has no entry of its own; what it was at when it was settled stands beside the address.
async fn forget_replayed(app_db: &AppDb, journal: &Journal, now: Instant) -> Result<(), StepError> {
    let (store, key) = (&journal.pool, &journal.key);
    let replayed = sqlx::query!(
        r#"select s.request_id, s.user_id as "user_id!", s.email, s.mac from countersign.erasure_subject s
           join countersign.request r on r.id = s.request_id
           where not r.open and s.user_id is not null
             and not exists (select from countersign.erasure_ledger l where l.request_id = s.request_id)"#
    )
    .fetch_all(store)
    .await?;
    for one in replayed {
        let sealed = Sealed {
            row: ErasureSubject {
                request_id: one.request_id,
                user_id: Some(one.user_id.clone()),
                email: one.email,
            },
            mac: one.mac,
        };
        if sealed.open(key).is_none() {
            continue;
        }
        let Some(closed) = closed(journal, one.request_id).await? else {
            continue;
        };
        let rows = format!("{}{}", step::ROWS, suffix(&one.user_id));
        if have_rows_gone(app_db, one.request_id, &rows, closed.round()).await? {
            forget_subject(store, key, one.request_id, &one.user_id, now).await?;
        }
    }
    Ok(())
}

/// A request that is over by its events: what its projection says may have been changed.
struct Closed {
    request: Request,
    events: Vec<Recorded>,
}

/// The request when it is over; `None` when it is not, or its journal was changed or makes no request.
async fn closed(journal: &Journal, id: Uuid) -> Result<Option<Closed>, StepError> {
    let id = RequestId(id);
    let events = match journal.events(id).await {
        Ok(events) => events,
        Err(ReadError::Store(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let request = read::replay(id, &events).ok();
    let request = request.filter(|request| request.state.is_terminal());
    Ok(request.map(|request| Closed { request, events }))
}

impl Closed {
    fn round(&self) -> i32 {
        self.request.plan.as_ref().map_or(0, |plan| plan.round)
    }

    /// When the deletion of the rows was first tried, when they are gone. A try that failed without any doubt before it does
    /// not count when another one followed: nothing went.
    async fn erased_at(&self, app_db: &AppDb) -> Result<Option<Instant>, StepError> {
        let mut begun: Option<Instant> = None;
        let (mut has_failed, mut in_doubt, mut done) = (false, false, false);
        for Recorded { event, at, .. } in &self.events {
            match event {
                Event::StepStarted { step, .. } if step == step::ROWS => {
                    in_doubt |= begun.is_some() && !has_failed;
                    begun = begun.filter(|_| !has_failed).or(Some(*at));
                    has_failed = false;
                }
                Event::StepDeferred { step, .. } if step == step::ROWS => in_doubt = true,
                Event::RunFailed { step, .. } if step == step::ROWS => has_failed = !in_doubt,
                Event::StepSucceeded { step, .. } if step == step::ROWS => {
                    done = true;
                    break;
                }
                _ => {}
            }
        }
        let are_gone =
            done || have_rows_gone(app_db, self.request.id.0, step::ROWS, self.round()).await?;
        Ok(begun.filter(|_| are_gone))
    }
}

/// Whether the rows went in any round; from now on they cannot go any more under these marks.
async fn have_rows_gone(
    app_db: &AppDb,
    request_id: Uuid,
    rows: &str,
    rounds: i32,
) -> Result<bool, StepError> {
    let mut gone = false;
    for round in 1..=rounds {
        let mark = Mark {
            request_id,
            step: step_of_round(rows, round),
        };
        gone |= app_db.forestall_erasure(&mark).await?.is_some();
    }
    Ok(gone)
}
