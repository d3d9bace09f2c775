//! Erasing versions for good.

mod delete_batch;
mod delete_single;
mod settling;

use aws_sdk_s3::types::ObjectLockLegalHoldStatus;
use futures::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    client::ObjectStore,
    error::{StoreError, is_missing_right},
    found::ObjectVersion,
    key::ObjectKey,
};
use delete_batch::erase_batch;

/// Deletes in flight at once: S3 answers more with SlowDown.
pub const DELETE_CONCURRENCY: usize = 4;

/// Most versions that S3 deletes in one call.
const VERSIONS_PER_CALL: usize = 1000;

/// Failures that a report lists one by one; more are only counted.
pub const MAX_FAILURES_LISTED: usize = 1000;

/// Refused versions that are asked for Object Lock.
const MOST_ASKED: usize = 3;

/// What an erasure did. Only what the store confirmed is counted as erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseReport {
    /// Versions and markers whose deletion the store confirmed. S3 confirms the deletion of a version that is gone
    /// already, so a repeated erasure counts it again.
    pub deleted: u64,
    /// Versions and markers that the store said were not there any more.
    pub already_gone: u64,
    /// Versions and markers that are still there, or may be.
    pub failed_count: u64,
    /// The first [`MAX_FAILURES_LISTED`] of those.
    pub failed: Vec<Failed>,
    /// Calls that were made again.
    pub retries: u64,
}

/// One version or marker that was not erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    pub key: ObjectKey,
    /// S3's id of the version.
    pub version_id: Option<String>,
    /// S3's error code.
    pub code: String,
    /// S3's message.
    pub message: String,
    /// Whether trying again is of no use: a missing right, a legal hold, a retention time.
    pub permanent: bool,
    /// What has to be changed before it can be erased.
    pub cause: Cause,
}

/// Why the store keeps a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Object Lock: a legal hold or a retention time.
    Protected,
    /// The credentials lack this right.
    MissingRight(String),
    /// Refused, by Object Lock or for want of this right: the store does not say which.
    Refused(String),
    /// Something else; the code says it.
    Other,
}

impl Cause {
    /// What a refusal says by itself.
    pub(super) fn of(code: &str, message: &str, version_id: Option<&str>) -> Self {
        const ACTION: &str = "not authorized to perform: ";
        // The answer may hold the key too, so the action comes first.
        let action = message.split_once(ACTION).map(|(_, rest)| {
            let is_of_name = |char: &char| char.is_ascii_alphanumeric() || *char == ':';
            rest.chars().take_while(is_of_name).collect::<String>()
        });
        let lower = message.to_ascii_lowercase();
        let of_lock = ["object lock", "legal hold", "worm protected", "retention"];
        match action.filter(|action| action.starts_with("s3:")) {
            Some(action) => Self::MissingRight(action),
            None if code == "ObjectLocked" || of_lock.iter().any(|word| lower.contains(word)) => {
                Self::Protected
            }
            None if !is_missing_right(code) => Self::Other,
            None => Self::Refused(match version_id {
                Some(_) => "s3:DeleteObjectVersion".to_owned(),
                None => "s3:DeleteObject".to_owned(),
            }),
        }
    }
}

impl EraseReport {
    /// Whether the store confirmed every version that was given.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed_count == 0
    }

    /// Adds what another part of the same erasure did.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.deleted += other.deleted;
        self.already_gone += other.already_gone;
        self.failed_count += other.failed_count;
        self.retries += other.retries;
        let room = MAX_FAILURES_LISTED.saturating_sub(self.failed.len());
        self.failed.extend(other.failed.into_iter().take(room));
        self
    }
}

impl ObjectStore {
    /// Deletes each of `versions` by its version id, 1000 per call and [`DELETE_CONCURRENCY`] calls at once. What fails
    /// in passing is tried again with growing waits on the store's clock; what fails for good is reported. Since each
    /// version is named, the whole can be repeated.
    ///
    /// # Errors
    /// Only when the bucket's versioning cannot be read, and then nothing was deleted. Everything later is in the report.
    pub async fn erase(
        &self,
        versions: impl Stream<Item = ObjectVersion> + Send,
    ) -> Result<EraseReport, StoreError> {
        let keeps_versions = self.versioning().await?.keeps_versions();
        let batches = versions.chunks(VERSIONS_PER_CALL);
        let report = batches
            .map(|batch| erase_batch(self.clone(), batch, keeps_versions))
            .buffer_unordered(DELETE_CONCURRENCY)
            .fold(EraseReport::default(), |sum, part| {
                std::future::ready(sum.and(part))
            })
            .await;
        Ok(self.explained(report).await)
    }

    /// Of refusals that do not say why: whether it is Object Lock, as one of the versions tells.
    async fn explained(&self, mut report: EraseReport) -> EraseReport {
        let refused = report.failed.iter();
        let refused = refused.filter(|failed| matches!(failed.cause, Cause::Refused(_)));
        let mut is_protected = None;
        // A delete marker cannot be asked.
        for failed in refused.take(MOST_ASKED) {
            is_protected = is_protected.or(self.is_protected(failed).await);
        }
        let Some(is_protected) = is_protected else {
            return report;
        };
        for failed in report.failed.iter_mut() {
            if let Cause::Refused(right) = &failed.cause {
                failed.cause = match is_protected {
                    true => Cause::Protected,
                    false => Cause::MissingRight(right.clone()),
                };
            }
        }
        report
    }

    async fn is_protected(&self, version: &Failed) -> Option<bool> {
        let asked = self
            .client
            .head_object()
            .bucket(self.bucket())
            .key(version.key.as_str())
            .set_version_id(version.version_id.clone());
        let head = asked.send().await.ok()?;
        let is_held = head.object_lock_legal_hold_status() == Some(&ObjectLockLegalHoldStatus::On);
        Some(is_held || head.object_lock_mode().is_some())
    }

    /// As [`ObjectStore::erase`], for versions that are at hand.
    pub async fn erase_list(
        &self,
        versions: Vec<ObjectVersion>,
    ) -> Result<EraseReport, StoreError> {
        self.erase(stream::iter(versions)).await
    }
}
