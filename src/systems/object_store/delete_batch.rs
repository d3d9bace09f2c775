//! One call's worth of deletes, repeated until each version's fate is known.

use std::time::Duration;

use aws_sdk_s3::{
    config::{Builder, retry::RetryConfig},
    error::BuildError,
    operation::delete_objects::DeleteObjectsOutput,
    types::{Delete, ObjectIdentifier},
};

use super::{
    client::ObjectStore,
    delete_single::{erase_each, fits_bulk},
    erase::EraseReport,
    error::{StoreError, sort},
    found::ObjectVersion,
    settling::{Batch, Named},
};

/// Calls in a row that erase nothing before the rest is given up. A call that erases something starts the count anew, so
/// that a store under load is followed to the end, and the calls stay bounded by the batch's size.
const CALLS_WITHOUT_PROGRESS: u32 = 6;
/// The wait after the first such call; it doubles from call to call.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest wait between two calls.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// S3's id of what was written while versioning was not on.
const NULL_VERSION: &str = "null";

/// Deletes at most 1000 versions. In a bucket that keeps versions, one without an id is named `null`: it was found
/// before versioning was switched on, and a delete without an id would only hide it.
pub(super) async fn erase_batch(
    store: ObjectStore,
    mut versions: Vec<ObjectVersion>,
    keeps_versions: bool,
) -> EraseReport {
    if keeps_versions {
        for version in &mut versions {
            version
                .version_id
                .get_or_insert_with(|| NULL_VERSION.to_owned());
        }
    }
    let (bulk, single) = versions
        .into_iter()
        .partition(|version| fits_bulk(version.key.as_str()));
    let report = erase_bulk(&store, bulk).await;
    report.and(erase_each(&store, single).await)
}

async fn erase_bulk(store: &ObjectStore, versions: Vec<ObjectVersion>) -> EraseReport {
    let mut batch = Batch::new(versions);
    let mut fruitless = 0;
    while !batch.pending.is_empty() {
        let before = batch.pending.len();
        match delete(store, batch.pending.keys()).await {
            Ok(answer) => batch.settle(&answer),
            Err(error) => batch.call_failed(&error),
        }
        fruitless = if batch.pending.len() < before {
            0
        } else {
            fruitless + 1
        };
        if batch.pending.is_empty() || fruitless == CALLS_WITHOUT_PROGRESS {
            break;
        }
        batch.report.retries += 1;
        let clock = &store.clock;
        clock.sleep_until(clock.now() + wait_after(fruitless)).await;
    }
    batch.give_up()
}

async fn delete(
    store: &ObjectStore,
    versions: impl Iterator<Item = &Named>,
) -> Result<DeleteObjectsOutput, StoreError> {
    const CALL: &str = "DeleteObjects";
    let refused =
        |error: BuildError| StoreError::Refused(format!("{CALL} cannot be built: {error}"));
    let named = versions
        .map(|(key, version_id)| {
            ObjectIdentifier::builder()
                .key(key.as_str())
                .set_version_id(version_id.clone())
                .build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(refused)?;
    // Not quiet: a version counts as deleted because it is named in the answer, not because no error is.
    let delete = Delete::builder()
        .set_objects(Some(named))
        .quiet(false)
        .build()
        .map_err(refused)?;
    store
        .client
        .delete_objects()
        .bucket(store.bucket())
        .delete(delete)
        .customize()
        .config_override(Builder::new().retry_config(RetryConfig::disabled()))
        .send()
        .await
        .map_err(|error| sort(CALL, store.bucket(), &error))
}

fn wait_after(fruitless: u32) -> Duration {
    let doublings = fruitless.saturating_sub(1);
    FIRST_WAIT
        .saturating_mul(1 << doublings.min(16))
        .min(LONGEST_WAIT)
}
