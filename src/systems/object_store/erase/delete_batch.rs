//! One call's worth of deletes, repeated until each version's fate is known.

use std::{sync::atomic::Ordering, time::Duration};

use aws_sdk_s3::{
    config::{Builder, http::HttpRequest, retry::RetryConfig},
    error::BuildError,
    operation::delete_objects::DeleteObjectsOutput,
    types::{Delete, ObjectIdentifier},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};

use super::{
    EraseReport,
    delete_single::{erase_each, fits_bulk},
    settling::{Batch, Named},
};
use crate::systems::object_store::{
    client::ObjectStore,
    error::{StoreError, sort},
    found::ObjectVersion,
};

/// Calls in a row that erase nothing before the rest is given up. A call that erases something starts the count anew, so
/// that a store under load is followed to the end, and the calls stay bounded by the batch's size.
const CALLS_WITHOUT_PROGRESS: u32 = 6;
/// The wait after the first such call; it doubles from call to call.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest wait between two calls.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Headers of the SDK's own checksum. Stores that want an MD5 often refuse them.
const CHECKSUM_HEADERS: [&str; 3] = [
    "x-amz-sdk-checksum-algorithm",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc64nvme",
];
/// S3's id of what was written while versioning was not on.
const NULL_VERSION: &str = "null";

/// How versions are deleted. Stores differ in what they take; one that refuses a form is tried with the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In bulk, with the SDK's checksum.
    Checksum,
    /// In bulk, with an MD5 of the list, as all clients sent until 2024.
    Md5,
    /// One by one.
    Single,
}

impl Form {
    /// The form that this store took before.
    fn of(store: &ObjectStore) -> Self {
        match store.bulk_form.load(Ordering::Relaxed) {
            0 => Self::Checksum,
            1 => Self::Md5,
            _ => Self::Single,
        }
    }

    fn remember(self, store: &ObjectStore) {
        store.bulk_form.store(self as u8, Ordering::Relaxed);
    }

    /// The form to try when the store refused this one as a whole. What is about rights is no matter of the form.
    fn after(self, error: &StoreError) -> Option<Self> {
        match (self, error) {
            (Self::Checksum, StoreError::Answered { .. } | StoreError::Unsupported { .. }) => {
                Some(Self::Md5)
            }
            (Self::Md5, StoreError::Answered { .. } | StoreError::Unsupported { .. }) => {
                Some(Self::Single)
            }
            _ => None,
        }
    }
}

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
    let (bulk, single): (Vec<_>, Vec<_>) = versions
        .into_iter()
        .map(|version| (version.key, version.version_id))
        .partition(|(key, _)| fits_bulk(key.as_str()));
    let report = erase_bulk(&store, bulk).await;
    report.and(erase_each(&store, single).await)
}

async fn erase_bulk(store: &ObjectStore, versions: Vec<Named>) -> EraseReport {
    let mut batch = Batch::new(versions);
    let mut form = Form::of(store);
    let mut fruitless = 0;
    while !batch.pending.is_empty() {
        if form == Form::Single {
            let pending = std::mem::take(&mut batch.pending).into_keys().collect();
            let report = erase_each(store, pending).await;
            if report.deleted > 0 {
                form.remember(store);
            }
            return batch.give_up().and(report);
        }
        let before = batch.pending.len();
        match delete(store, batch.pending.keys(), form).await {
            Ok(answer) => {
                form.remember(store);
                batch.settle(&answer);
            }
            Err(error) => match form.after(&error) {
                Some(next) => {
                    form = next;
                    continue;
                }
                None => batch.call_failed(&error),
            },
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
    form: Form,
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
    let mut call = store
        .client
        .delete_objects()
        .bucket(store.bucket())
        .delete(delete)
        .customize()
        .config_override(Builder::new().retry_config(RetryConfig::disabled()));
    if form == Form::Md5 {
        call = call.mutate_request(digest_by_md5);
    }
    call.send()
        .await
        .map_err(|error| sort(CALL, store.bucket(), &error))
}

fn digest_by_md5(request: &mut HttpRequest) {
    let digest = request.body().bytes().map(Md5::digest);
    if let Some(digest) = digest {
        let headers = request.headers_mut();
        for name in CHECKSUM_HEADERS {
            headers.remove(name);
        }
        headers.insert("content-md5", STANDARD.encode(digest));
    }
}

fn wait_after(fruitless: u32) -> Duration {
    let doublings = fruitless.saturating_sub(1);
    FIRST_WAIT
        .saturating_mul(1 << doublings.min(16))
        .min(LONGEST_WAIT)
}
