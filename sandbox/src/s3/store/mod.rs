//! The store: buckets, keys, versions and unfinished uploads, in memory. Nothing here knows HTTP; the errors are S3's.

mod bucket;
mod history;
mod listing;
mod object;
mod spool;
mod uploads;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use s3s::{S3Result, s3_error};

pub(super) use bucket::Bucket;
pub(super) use history::{Deleted, Stamp};
pub(super) use listing::{Entry, Page, Query};
pub(super) use object::{Attributes, Content, NULL_VERSION, Object, Version};
pub(super) use uploads::{Part, PartClaim};

use super::settings::BucketSettings;

/// S3's limit for the length of a key, in bytes of UTF-8.
const KEY_BYTES: usize = 1024;

/// All buckets by name.
#[derive(Default)]
pub(super) struct Store {
    buckets: BTreeMap<String, Bucket>,
}

impl Store {
    /// Adds a bucket. Fails with `BucketAlreadyOwnedByYou`.
    pub(super) fn create(&mut self, settings: BucketSettings, now: DateTime<Utc>) -> S3Result<()> {
        if self.buckets.contains_key(&settings.name) {
            return Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "You already own this bucket."
            ));
        }
        self.buckets
            .insert(settings.name, Bucket::new(settings.versioning, now));
        Ok(())
    }

    /// Every bucket, by name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&String, &Bucket)> {
        self.buckets.iter()
    }

    /// One bucket. Fails with `NoSuchBucket`.
    pub(super) fn bucket(&self, name: &str) -> S3Result<&Bucket> {
        let bucket = self.buckets.get(name);
        bucket.ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }

    /// One bucket, to change it. Fails with `NoSuchBucket`.
    pub(super) fn bucket_mut(&mut self, name: &str) -> S3Result<&mut Bucket> {
        let bucket = self.buckets.get_mut(name);
        bucket.ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }
}

/// Refuses a key that S3 would refuse.
pub(super) fn check_key(key: &str) -> S3Result<()> {
    if key.len() > KEY_BYTES {
        return Err(s3_error!(KeyTooLongError, "Your key is too long"));
    }
    Ok(())
}
