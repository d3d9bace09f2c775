//! What an erasure keeps in the store between its steps: the address, and the lists of files.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{
    audit_key::AuditKey,
    journal::{
        Connection,
        sealed::{self, ErasureKey, ErasureObject, ErasureSubject, Sealed, SealedRow},
    },
    operations::{StepContext, StepError, named_files::Named},
    systems::object_store::{EraseReport, ObjectKey, ObjectVersion},
};

/// How many files.
#[derive(Default)]
pub(super) struct Count {
    pub keys: u64,
    pub versions: u64,
    pub delete_markers: u64,
    pub bytes: u64,
}

pub(super) async fn keep_email(
    context: &StepContext<'_>,
    user: &str,
    email: Option<&str>,
) -> Result<(), StepError> {
    let row = ErasureSubject {
        request_id: context.request_id(),
        user_id: Some(user.to_owned()),
        email: email.map(str::to_owned),
    };
    sqlx::query!(
        r#"insert into countersign.erasure_subject (request_id, user_id, email, mac) values ($1, $2, $3, $4)
           on conflict (request_id) do update set user_id = excluded.user_id, email = excluded.email, mac = excluded.mac"#,
        row.request_id,
        row.user_id,
        row.email,
        row.mac(&context.journal.key)
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

pub(super) async fn email(context: &StepContext<'_>) -> Result<Option<String>, StepError> {
    let id = context.request_id();
    let rows =
        sealed::select::<ErasureSubject>(&context.journal.pool, "request_id = $1", id).await?;
    let row = opened(context, rows)?.into_iter().next();
    row.map(|row| row.email)
        .ok_or_else(|| StepError::Failed("the address to look for was not kept".into()))
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
    let macs: Vec<Vec<u8>> = page
        .iter()
        .map(|found| {
            let row = ErasureObject {
                request_id: context.request_id(),
                key: found.key.to_string(),
                version_id: version(found),
                delete_marker: found.delete_marker,
            };
            row.mac(&context.journal.key)
        })
        .collect();
    // What was just found is there, also when the same version was erased before and somebody wrote it again.
    sqlx::query!(
        r#"insert into countersign.erasure_object (request_id, key, version_id, delete_marker, bytes, mac)
           select $1, k, v, m, b, c
           from unnest($2::text[], $3::text[], $4::bool[], $5::bigint[], $6::bytea[]) as t(k, v, m, b, c)
           where not exists (select from countersign.erasure_key n
                             where n.request_id = $1 and n.key = k and n.kept)
           on conflict (request_id, key, version_id) do update
               set erased = false, bytes = excluded.bytes, delete_marker = excluded.delete_marker, mac = excluded.mac"#,
        context.request_id(),
        &keys,
        &versions,
        &markers,
        &bytes,
        &macs
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
        r#"insert into countersign.erasure_key (request_id, key, kept, mac)
           select $1, k, false, c from unnest($2::text[], $3::bytea[]) as t(k, c) on conflict do nothing"#,
        id,
        &own,
        &macs(&context.journal.key, id, &own, false)
    )
    .execute(&mut *tx)
    .await?;
    keep(&mut tx, &context.journal.key, id, &kept, false).await?;
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
    let (key, id) = (&context.journal.key, context.request_id());
    keep(&mut tx, key, id, shared, true).await?;
    tx.commit().await?;
    Ok(())
}

async fn keep(
    db: &mut Connection,
    key: &AuditKey,
    id: Uuid,
    shared: &BTreeSet<ObjectKey>,
    only_listed: bool,
) -> Result<(), sqlx::Error> {
    let keys: Vec<String> = shared.iter().map(ToString::to_string).collect();
    sqlx::query!(
        r#"insert into countersign.erasure_key (request_id, key, kept, mac)
           select $1, k, true, c from unnest($2::text[], $4::bytea[]) as t(k, c)
           where not $3 or exists (select from countersign.erasure_object o
                                   where o.request_id = $1 and o.key = k and not o.erased)
           on conflict (request_id, key) do update set kept = true, mac = excluded.mac"#,
        id,
        &keys,
        only_listed,
        &macs(key, id, &keys, true)
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

/// The MACs of the rows of some keys.
fn macs(key: &AuditKey, request_id: Uuid, keys: &[String], kept: bool) -> Vec<Vec<u8>> {
    let row = |name: &String| ErasureKey {
        request_id,
        key: name.clone(),
        kept,
    };
    keys.iter().map(|name| row(name).mac(key)).collect()
}

/// The rows, when all of them are what Countersign wrote. Nothing is erased by a list that somebody else changed.
fn opened<R: SealedRow>(
    context: &StepContext<'_>,
    rows: Vec<Sealed<R>>,
) -> Result<Vec<R>, StepError> {
    let rows: Option<Vec<R>> = rows
        .into_iter()
        .map(|row| row.open(&context.journal.key))
        .collect();
    rows.ok_or_else(|| {
        let says = "what was written down of this erasure has been changed outside Countersign: run `countersign audit verify`";
        StepError::Failed(says.to_owned())
    })
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
        r#"select key, version_id, delete_marker, bytes, mac from countersign.erasure_object
           where request_id = $1 and not erased and (key, version_id) > ($2, $3)
           order by key, version_id limit $4"#,
        context.request_id(),
        after.map_or("", |place| place.key.as_str()),
        after.map_or("", |place| place.version.as_str()),
        most
    )
    .fetch_all(&context.journal.pool)
    .await?;
    let bytes: Vec<u64> = rows.iter().map(|row| row.bytes.unsigned_abs()).collect();
    let sealed = rows.into_iter().map(|row| Sealed {
        row: ErasureObject {
            request_id: context.request_id(),
            key: row.key,
            version_id: row.version_id,
            delete_marker: row.delete_marker,
        },
        mac: row.mac,
    });
    let rows = opened(context, sealed.collect())?;
    rows.into_iter()
        .zip(bytes)
        .map(|(row, bytes)| {
            Ok(ObjectVersion {
                key: key(row.key)?,
                version_id: Some(row.version_id).filter(|id| !id.is_empty()),
                delete_marker: row.delete_marker,
                latest: false,
                bytes,
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
    let id = context.request_id();
    let condition = "request_id = $1 order by key";
    let rows = sealed::select::<ErasureKey>(&context.journal.pool, condition, id).await?;
    let rows = opened(context, rows)?.into_iter();
    rows.filter(|row| row.kept == kept)
        .map(|row| key(row.key))
        .collect()
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
