//! The archives that are in the bucket, or may be: each is on record before its first byte, until it is deleted.

use futures::future::BoxFuture;
use serde_json::Value;

use crate::{
    domain::{Instant, event::StepResult, precision::certainly_before},
    journal::Store,
    operations::{StepContext, StepError},
    runtime,
    systems::{
        Systems,
        object_store::{ObjectKey, ObjectVersion, Prefix, StoreError},
    },
    work::{Job, JobContext, JobError, Schedule},
};

/// Puts a new archive of this request on record and gives its key, which no other try of this step has.
pub(super) async fn enter(context: &StepContext<'_>, user: &str) -> Result<ObjectKey, StepError> {
    let name = format!(
        "{FOLDER}/{}-{}.zip",
        context.request.label(),
        runtime::new_id().simple()
    );
    let key = key(name.clone())?;
    let expires = context.now + kept(context.systems);
    sqlx::query!(
        r#"insert into countersign.export_archive (key, request_id, user_id, begun_at, expires_at)
           values ($1, $2, $3, $4, $5)"#,
        name,
        context.request_id(),
        user,
        context.now,
        expires
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(key)
}

/// The archive is complete. When the person was erased meanwhile, it goes at once.
pub(super) async fn complete(
    context: &StepContext<'_>,
    key: &ObjectKey,
    result: &StepResult,
) -> Result<(), StepError> {
    let pool = &context.journal.pool;
    let done = sqlx::query!(
        "update countersign.export_archive set result = $2 where key = $1 and deleted_at is null",
        key.as_str(),
        Value::from_iter(result.clone())
    )
    .execute(pool)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    remove(context.systems, pool, key.to_string(), context.now).await?;
    Err(StepError::Failed(
        "the person was erased meanwhile, and the archive is deleted".to_owned(),
    ))
}

/// An archive that was completed before.
pub(super) struct Archive {
    pub key: ObjectKey,
    pub result: StepResult,
    pub expires_at: Instant,
}

/// The complete archive of this request, unless its time is over or it is not in the bucket any more.
pub(super) async fn archive(context: &StepContext<'_>) -> Result<Option<Archive>, StepError> {
    let row = sqlx::query!(
        r#"select key, result as "result!", expires_at from countersign.export_archive
           where request_id = $1 and result is not null and deleted_at is null and expires_at > $2
           order by begun_at desc limit 1"#,
        context.request_id(),
        context.now
    )
    .fetch_optional(&context.journal.pool)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let key = key(row.key)?;
    let result = serde_json::from_value(row.result)
        .map_err(|error| StepError::Failed(format!("the record of the archive: {error}")))?;
    let is_there = context.systems.documents.head(&key).await?.is_some();
    Ok(is_there.then_some(Archive {
        key,
        result,
        expires_at: row.expires_at,
    }))
}

/// Removes what earlier tries of this request left: half uploads and archives that nobody can be told of any more. Also
/// what counts as deleted: a try that was under way then may have completed it.
pub(super) async fn clear(context: &StepContext<'_>) -> Result<(), StepError> {
    let keys = sqlx::query_scalar!(
        "select key from countersign.export_archive where request_id = $1",
        context.request_id()
    )
    .fetch_all(&context.journal.pool)
    .await?;
    for name in keys {
        remove(context.systems, &context.journal.pool, name, context.now).await?;
    }
    Ok(())
}

/// The folder of the archives.
const FOLDER: &str = "exports";

/// Deletes archives whose time is over, and those that their run never completed or that nothing is known of any more, as
/// after a backup of the store was restored.
pub(super) const REMOVE_DUE: Job = Job {
    name: "delete old archives",
    schedule: Schedule::Every(chrono::Duration::minutes(10)),
    catch_up: chrono::Duration::minutes(10),
    deadline: std::time::Duration::from_secs(300),
    run: remove_old,
};

fn remove_old(context: JobContext) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let (systems, store) = (&context.systems, &context.journal.pool);
        Ok(remove_due(systems, store, context.now).await?)
    })
}

/// After a failure the others are tried all the same.
async fn remove_due(systems: &Systems, pool: &Store, now: Instant) -> Result<(), StepError> {
    let due = sqlx::query_scalar!(
        r#"select a.key from countersign.export_archive a
           left join countersign.request r on r.id = a.request_id
           where a.deleted_at is null
             and (a.expires_at <= $1 or a.result is null and not coalesce(r.open, false))"#,
        now
    )
    .fetch_all(pool)
    .await?;
    remove_all(systems, pool, due, now).await?;
    let unknown = not_on_record(systems, pool, now).await?;
    remove_all(systems, pool, unknown, now).await?;
    Ok(())
}

/// Archives in the bucket that are older than any is kept and that no record counts as there.
async fn not_on_record(
    systems: &Systems,
    pool: &Store,
    now: Instant,
) -> Result<Vec<String>, StepError> {
    let folder = [Prefix::own_folder(FOLDER)];
    let found = systems.documents.find(&folder, &[]).await?;
    let before = now - kept(systems);
    let mut old: Vec<String> = vec![];
    for versions in found.objects.chunk_by(|a, b| a.key == b.key) {
        let is_old = |one: &ObjectVersion| {
            one.last_modified
                .is_some_and(|at| certainly_before(at, before))
        };
        if versions.iter().all(is_old) {
            old.extend(versions.first().map(|one| one.key.to_string()));
        }
    }
    let on_record = sqlx::query_scalar!(
        "select key from countersign.export_archive where deleted_at is null and key = any($1)",
        &old
    )
    .fetch_all(pool)
    .await?;
    old.retain(|key| !on_record.contains(key));
    Ok(old)
}

/// Deletes every archive of a person's data, when the person is erased. Gives their number.
pub(in crate::operations) async fn remove_of_user(
    systems: &Systems,
    pool: &Store,
    user: &str,
    now: Instant,
) -> Result<u64, StepError> {
    let all = sqlx::query_scalar!(
        "select key from countersign.export_archive where user_id = $1 and deleted_at is null",
        user
    )
    .fetch_all(pool)
    .await?;
    remove_all(systems, pool, all, now).await
}

async fn remove_all(
    systems: &Systems,
    pool: &Store,
    names: Vec<String>,
    now: Instant,
) -> Result<u64, StepError> {
    let mut removed = 0;
    let mut failure = None;
    for name in names {
        match remove(systems, pool, name, now).await {
            Ok(()) => removed += 1,
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(removed), Err)
}

/// Removes one archive with all its versions, and what was uploaded of it.
async fn remove(
    systems: &Systems,
    pool: &Store,
    name: String,
    now: Instant,
) -> Result<(), StepError> {
    let key = key(name)?;
    let documents = &systems.documents;
    documents.abort_uploads(&key).await?;
    let found = documents.find(&[], std::slice::from_ref(&key)).await?;
    let report = documents.erase_list(found.objects).await?;
    if let Some(failed) = report.failed.first() {
        let error = StoreError::Answered {
            call: "DeleteObjects",
            code: failed.code.clone(),
            detail: "an archive was not deleted".to_owned(),
        };
        return Err(StepError::Retry(error.to_string()).quoting(error.words()));
    }
    sqlx::query!(
        "update countersign.export_archive set deleted_at = $2 where key = $1",
        key.as_str(),
        now
    )
    .execute(pool)
    .await?;
    Ok(())
}

fn kept(systems: &Systems) -> chrono::Duration {
    chrono::Duration::from_std(systems.exports.kept).unwrap_or_default()
}

fn key(name: String) -> Result<ObjectKey, StepError> {
    ObjectKey::new(name).map_err(|refused| StepError::Failed(refused.to_string()))
}
