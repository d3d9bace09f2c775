//! The archives that are in the bucket, or may be: each is on record before its first byte, until it is deleted.

use futures::future::BoxFuture;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    audit_key::AuditKey,
    domain::{Instant, event::StepResult, precision::certainly_before},
    journal::{
        Journal, Store,
        sealed::{self, ArchiveRow, Sealed, SealedRow},
    },
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
    let row = ArchiveRow {
        key: name,
        request_id: context.request_id(),
        user_id: user.to_owned(),
        begun_at: context.now,
        expires_at: context.now + kept(context.systems),
        result: None,
    };
    sqlx::query!(
        r#"insert into countersign.export_archive (key, request_id, user_id, begun_at, expires_at, mac)
           values ($1, $2, $3, $4, $5, $6)"#,
        row.key,
        row.request_id,
        row.user_id,
        row.begun_at,
        row.expires_at,
        row.mac(&context.journal.key)
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
    let mut tx = context.journal.pool.begin().await?;
    let condition = "request_id = $1 and deleted_at is null for update";
    let rows = sealed::select::<ArchiveRow>(&mut *tx, condition, context.request_id()).await?;
    let this = rows
        .into_iter()
        .find(|stored| stored.row.key == key.as_str());
    if let Some(stored) = this {
        let mut row = stored.open(&context.journal.key).ok_or_else(changed)?;
        row.result = Some(Value::from_iter(result.clone()));
        sqlx::query!(
            "update countersign.export_archive set result = $2, mac = $3 where key = $1",
            row.key,
            row.result,
            row.mac(&context.journal.key)
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        return Ok(());
    }
    tx.rollback().await?;
    remove(
        context.systems,
        &context.journal.pool,
        key.to_string(),
        context.now,
    )
    .await?;
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
    let condition =
        "request_id = $1 and result is not null and deleted_at is null order by begun_at desc";
    let (pool, id) = (&context.journal.pool, context.request_id());
    let rows = sealed::select::<ArchiveRow>(pool, condition, id).await?;
    let newest = rows
        .into_iter()
        .find(|stored| stored.row.expires_at > context.now);
    let Some(stored) = newest else {
        return Ok(None);
    };
    let row = stored.open(&context.journal.key).ok_or_else(changed)?;
    let key = key(row.key)?;
    let result = serde_json::from_value(row.result.unwrap_or_default())
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
    let (pool, id) = (&context.journal.pool, context.request_id());
    let rows = sealed::select(pool, "request_id = $1", id).await?;
    for name in genuine_keys(&context.journal.key, rows) {
        remove(context.systems, &context.journal.pool, name, context.now).await?;
    }
    Ok(())
}

/// A row of an archive that is to be deleted.
struct Due {
    key: String,
    request_id: Uuid,
    user_id: String,
    begun_at: Instant,
    expires_at: Instant,
    result: Option<Value>,
    mac: Vec<u8>,
}

impl Due {
    fn sealed(self) -> Sealed<ArchiveRow> {
        let row = ArchiveRow {
            key: self.key,
            request_id: self.request_id,
            user_id: self.user_id,
            begun_at: self.begun_at,
            expires_at: self.expires_at,
            result: self.result,
        };
        Sealed { row, mac: self.mac }
    }
}

/// The keys of the rows that Countersign wrote. Nothing is deleted because of another one.
fn genuine_keys(key: &AuditKey, rows: Vec<Sealed<ArchiveRow>>) -> Vec<String> {
    let genuine = rows.into_iter().filter_map(|stored| stored.open(key));
    genuine.map(|row| row.key).collect()
}

fn changed() -> StepError {
    let says = "what was written down of the archive has been changed outside Countersign: run `countersign audit verify`";
    StepError::Failed(says.to_owned())
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
    Box::pin(async move { Ok(remove_due(&context.systems, &context.journal, context.now).await?) })
}

/// After a failure the others are tried all the same.
async fn remove_due(systems: &Systems, journal: &Journal, now: Instant) -> Result<(), StepError> {
    let pool = &journal.pool;
    let due = sqlx::query_as!(
        Due,
        r#"select a.key, a.request_id, a.user_id, a.begun_at, a.expires_at, a.result, a.mac
           from countersign.export_archive a
           left join countersign.request r on r.id = a.request_id
           where a.deleted_at is null
             and (a.expires_at <= $1 or a.result is null and not coalesce(r.open, false))"#,
        now
    )
    .fetch_all(pool)
    .await?;
    let due = due.into_iter().map(Due::sealed).collect();
    let due = genuine_keys(&journal.key, due);
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
    journal: &Journal,
    user: &str,
    now: Instant,
) -> Result<u64, StepError> {
    let all = sqlx::query_as!(
        Due,
        r#"select key, request_id, user_id, begun_at, expires_at, result, mac
           from countersign.export_archive where user_id = $1 and deleted_at is null"#,
        user
    )
    .fetch_all(&journal.pool)
    .await?;
    let all = all.into_iter().map(Due::sealed).collect();
    let all = genuine_keys(&journal.key, all);
    remove_all(systems, &journal.pool, all, now).await
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
