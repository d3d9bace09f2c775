//! What an erasure keeps in the store between its steps: the address, and the lists of files.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{files::Count, named::Named};
use crate::{
    journal::Connection,
    operations::{StepContext, StepError},
    systems::object_store::{EraseReport, ObjectKey, ObjectVersion},
};

pub(super) async fn keep_email(
    context: &StepContext<'_>,
    user: &str,
    email: Option<&str>,
) -> Result<(), StepError> {
    sqlx::query!(
        r#"insert into countersign.erasure_subject (request_id, user_id, email) values ($1, $2, $3)
           on conflict (request_id) do update set user_id = excluded.user_id, email = excluded.email"#,
        context.request_id(),
        user,
        email
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

pub(super) async fn email(context: &StepContext<'_>) -> Result<Option<String>, StepError> {
    let row = sqlx::query_scalar!(
        "select email from countersign.erasure_subject where request_id = $1",
        context.request_id()
    )
    .fetch_optional(&context.journal.pool)
    .await?;
    row.ok_or_else(|| StepError::Failed("the address to look for was not kept".into()))
}

pub(super) async fn write_versions(
    context: &StepContext<'_>,
    page: &[ObjectVersion],
) -> Result<(), StepError> {
    let keys: Vec<String> = page.iter().map(|v| v.key.to_string()).collect();
    let versions: Vec<String> = page.iter().map(version).collect();
    let markers: Vec<bool> = page.iter().map(|v| v.delete_marker).collect();
    let bytes = page
        .iter()
        .map(|v| i64::try_from(v.bytes).unwrap_or(i64::MAX));
    let bytes: Vec<i64> = bytes.collect();
    // What was just found is there, also when the same version was erased before and somebody wrote it again.
    sqlx::query!(
        r#"insert into countersign.erasure_object (request_id, key, version_id, delete_marker, bytes)
           select $1, k, v, m, b from unnest($2::text[], $3::text[], $4::bool[], $5::bigint[]) as t(k, v, m, b)
           where not exists (select from countersign.erasure_key n
                             where n.request_id = $1 and n.key = k and n.kept)
           on conflict (request_id, key, version_id) do update set erased = false, bytes = excluded.bytes"#,
        context.request_id(),
        &keys,
        &versions,
        &markers,
        &bytes
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// Begins the lists anew: a try that was broken off may have written down what is not so any more.
pub(super) async fn begin_lists(context: &StepContext<'_>, named: &Named) -> Result<(), StepError> {
    let id = context.request_id();
    let own: Vec<String> = named.own.iter().map(ToString::to_string).collect();
    let kept: BTreeSet<ObjectKey> = named.shared.union(&named.doubtful).cloned().collect();
    let mut tx = context.journal.pool.begin().await?;
    sqlx::query!(
        "delete from countersign.erasure_object where request_id = $1",
        id
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from countersign.erasure_key where request_id = $1",
        id
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"insert into countersign.erasure_key (request_id, key, kept)
           select $1, k, false from unnest($2::text[]) as k on conflict do nothing"#,
        id,
        &own
    )
    .execute(&mut *tx)
    .await?;
    keep(&mut tx, id, &kept, false).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes files off the list that rows name which stay. What is kept once stays kept. Of the keys that a row may mean only
/// those count that are on the list.
pub(super) async fn keep_shared(
    context: &StepContext<'_>,
    shared: &BTreeSet<ObjectKey>,
) -> Result<(), StepError> {
    let mut tx = context.journal.pool.begin().await?;
    keep(&mut tx, context.request_id(), shared, true).await?;
    tx.commit().await?;
    Ok(())
}

async fn keep(
    db: &mut Connection,
    id: Uuid,
    shared: &BTreeSet<ObjectKey>,
    only_listed: bool,
) -> Result<(), sqlx::Error> {
    let keys: Vec<String> = shared.iter().map(ToString::to_string).collect();
    sqlx::query!(
        r#"insert into countersign.erasure_key (request_id, key, kept)
           select $1, k, true from unnest($2::text[]) as k
           where not $3 or exists (select from countersign.erasure_object o
                                   where o.request_id = $1 and o.key = k and not o.erased)
           on conflict (request_id, key) do update set kept = true"#,
        id,
        &keys,
        only_listed
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"delete from countersign.erasure_object
           where request_id = $1 and key = any($2::text[]) and not erased"#,
        id,
        &keys
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A version's place in the order in which versions are erased.
pub(super) struct Place {
    key: String,
    version: String,
}

impl Place {
    pub(super) fn of(version_of: &ObjectVersion) -> Self {
        Self {
            key: version_of.key.to_string(),
            version: version(version_of),
        }
    }
}

pub(super) async fn open_versions(
    context: &StepContext<'_>,
    after: Option<&Place>,
    most: i64,
) -> Result<Vec<ObjectVersion>, StepError> {
    let rows = sqlx::query!(
        r#"select key, version_id, delete_marker, bytes from countersign.erasure_object
           where request_id = $1 and not erased and (key, version_id) > ($2, $3)
           order by key, version_id limit $4"#,
        context.request_id(),
        after.map_or("", |place| place.key.as_str()),
        after.map_or("", |place| place.version.as_str()),
        most
    )
    .fetch_all(&context.journal.pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ObjectVersion {
                key: key(row.key)?,
                version_id: Some(row.version_id).filter(|id| !id.is_empty()),
                delete_marker: row.delete_marker,
                latest: false,
                bytes: row.bytes.unsigned_abs(),
                last_modified: None,
            })
        })
        .collect()
}

/// Ticks off what the store confirmed. When more failed than the report lists, nothing is: deleting a version
/// that is gone does no harm.
pub(super) async fn tick_off(
    context: &StepContext<'_>,
    batch: &[ObjectVersion],
    report: &EraseReport,
) -> Result<(), StepError> {
    if report.failed_count != report.failed.len() as u64 {
        return Ok(());
    }
    let failed: BTreeSet<(String, String)> = report
        .failed
        .iter()
        .map(|f| (f.key.to_string(), f.version_id.clone().unwrap_or_default()))
        .collect();
    let (keys, versions): (Vec<String>, Vec<String>) = batch
        .iter()
        .map(|v| (v.key.to_string(), version(v)))
        .filter(|place| !failed.contains(place))
        .unzip();
    sqlx::query!(
        r#"update countersign.erasure_object o set erased = true
           from unnest($2::text[], $3::text[]) as t(k, v)
           where o.request_id = $1 and o.key = t.k and o.version_id = t.v"#,
        context.request_id(),
        &keys,
        &versions
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// The keys that rows named: the person's own, or those that are kept for others.
pub(super) async fn keys(
    context: &StepContext<'_>,
    kept: bool,
) -> Result<Vec<ObjectKey>, StepError> {
    let keys = sqlx::query_scalar!(
        "select key from countersign.erasure_key where request_id = $1 and kept = $2 order by key",
        context.request_id(),
        kept
    )
    .fetch_all(&context.journal.pool)
    .await?;
    keys.into_iter().map(key).collect()
}

pub(super) async fn count(context: &StepContext<'_>) -> Result<Count, StepError> {
    let row = sqlx::query!(
        r#"select count(distinct key) as "keys!", count(*) filter (where not delete_marker) as "versions!",
                  count(*) filter (where delete_marker) as "markers!", coalesce(sum(bytes), 0)::bigint as "bytes!"
           from countersign.erasure_object where request_id = $1"#,
        context.request_id()
    )
    .fetch_one(&context.journal.pool)
    .await?;
    Ok(Count {
        keys: row.keys.unsigned_abs(),
        versions: row.versions.unsigned_abs(),
        delete_markers: row.markers.unsigned_abs(),
        bytes: row.bytes.unsigned_abs(),
    })
}

fn version(of: &ObjectVersion) -> String {
    of.version_id.clone().unwrap_or_default()
}

fn key(text: String) -> Result<ObjectKey, StepError> {
    ObjectKey::new(text).map_err(|refused| StepError::Failed(refused.to_string()))
}
