//! Deletes one by one: of the few keys that a bulk delete cannot name, and where the store knows no bulk deletes.

use super::{Cause, EraseReport, Failed, settling::Named};
use crate::systems::object_store::{
    client::ObjectStore,
    error::{StoreError, sort},
    key::ObjectKey,
};

/// Whether a bulk delete can carry `key`: its body is XML 1.0, which has no way to write most control characters. One
/// such key makes S3 refuse the whole call, and with it the other 999 versions.
pub(super) fn fits_bulk(key: &str) -> bool {
    key.chars().all(
        |char| matches!(char, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..='\u{10ffff}'),
    )
}

/// Deletes versions one call each, naming the key in the address, where everything can be written. The SDK repeats what
/// fails in passing.
pub(super) async fn erase_each(store: &ObjectStore, versions: Vec<Named>) -> EraseReport {
    let mut report = EraseReport::default();
    for (key, version_id) in versions {
        match delete(store, &key, version_id.as_deref()).await {
            Ok(()) => report.deleted += 1,
            Err(error) if matches!(error.code(), "NoSuchVersion" | "NoSuchKey") => {
                report.already_gone += 1;
            }
            Err(error) => {
                let message = error.to_string();
                report.failed_count += 1;
                report.failed.push(Failed {
                    cause: Cause::of(error.code(), &message, version_id.as_deref()),
                    key,
                    version_id,
                    code: error.code().to_owned(),
                    message,
                    permanent: !error.is_retryable(),
                });
            }
        }
    }
    report
}

async fn delete(
    store: &ObjectStore,
    key: &ObjectKey,
    version_id: Option<&str>,
) -> Result<(), StoreError> {
    const CALL: &str = "DeleteObject";
    let answer = store
        .client
        .delete_object()
        .bucket(store.bucket())
        .key(key.as_str())
        .set_version_id(version_id.map(str::to_owned))
        .send()
        .await
        .map_err(|error| sort(CALL, store.bucket(), &error))?;
    if version_id.is_none() && answer.delete_marker() == Some(true) {
        return Err(StoreError::Unavailable {
            call: CALL,
            detail: "the bucket began to keep versions meanwhile: the data was hidden, not erased"
                .to_owned(),
        });
    }
    Ok(())
}
