//! One bucket: its keys, its unfinished uploads and its configuration.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, Utc};
use s3s::{S3Error, S3Result, s3_error};

use super::{
    NULL_VERSION, Version,
    uploads::{Completed, Upload},
};
use crate::s3::settings::{BucketFacts, Versioning};

/// A bucket.
pub(in crate::s3) struct Bucket {
    pub(in crate::s3) created: DateTime<Utc>,
    pub(in crate::s3) versioning: Versioning,
    pub(in crate::s3) facts: BucketFacts,
    /// Where the parts of uploads go instead of into memory.
    pub(in crate::s3) spool: Option<PathBuf>,
    /// Each key's versions, the newest last; a key without versions is not in here.
    pub(super) keys: BTreeMap<String, Vec<Version>>,
    /// Unfinished uploads by key and upload id.
    pub(super) uploads: BTreeMap<(String, String), Upload>,
    /// Finished uploads by upload id, so that completing one again gives the same answer.
    pub(super) completed: BTreeMap<String, Completed>,
}

impl Bucket {
    /// An empty bucket.
    pub(super) fn new(versioning: Versioning, now: DateTime<Utc>) -> Self {
        Self {
            created: now,
            versioning,
            facts: BucketFacts::default(),
            spool: None,
            keys: BTreeMap::new(),
            uploads: BTreeMap::new(),
            completed: BTreeMap::new(),
        }
    }

    /// Every version of every key: keys in order, the newest version first, which is marked as the latest.
    pub(in crate::s3) fn versions(&self) -> impl Iterator<Item = (&str, &Version, bool)> {
        self.keys.iter().flat_map(|(key, versions)| {
            let newest_first = versions.iter().rev().enumerate();
            newest_first.map(move |(age, version)| (key.as_str(), version, age == 0))
        })
    }

    /// What a reader gets: the version named, else the latest. Fails with `NoSuchKey`, `NoSuchVersion`, or
    /// `MethodNotAllowed` when a delete marker is named.
    pub(in crate::s3) fn read(&self, key: &str, version_id: Option<&str>) -> S3Result<&Version> {
        let versions = self.keys.get(key).map_or(&[][..], Vec::as_slice);
        let Some(version_id) = version_id else {
            return match versions.last() {
                Some(version) if version.object().is_some() => Ok(version),
                Some(marker) => Err(behind_marker(no_such_key(), marker)),
                None => Err(no_such_key()),
            };
        };
        let version = versions.iter().find(|version| version.id == version_id);
        let version = version
            .ok_or_else(|| s3_error!(NoSuchVersion, "The specified version does not exist."))?;
        if version.object().is_none() {
            let refused = s3_error!(
                MethodNotAllowed,
                "The specified method is not allowed against this resource."
            );
            return Err(behind_marker(refused, version));
        }
        Ok(version)
    }

    /// Whether versions' ids are told: not in a bucket that never kept versions.
    pub(in crate::s3) fn told_id(&self, version: &Version) -> Option<String> {
        (self.versioning != Versioning::Unset).then(|| version.id.clone())
    }
}

/// Whether this could be the id of a version of ours.
pub(super) fn is_version_id(id: &str) -> bool {
    id == NULL_VERSION || (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn no_such_key() -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

/// Says in the headers, as S3 does, that a delete marker is in the way.
fn behind_marker(mut error: S3Error, marker: &Version) -> S3Error {
    let mut headers = http::HeaderMap::new();
    headers.insert(
        "x-amz-delete-marker",
        http::HeaderValue::from_static("true"),
    );
    if let Ok(id) = http::HeaderValue::from_str(&marker.id) {
        headers.insert("x-amz-version-id", id);
    }
    error.set_headers(headers);
    error
}
