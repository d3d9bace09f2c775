//! Writing and deleting by the bucket's versioning.

use chrono::{DateTime, Utc};
use s3s::{S3Result, s3_error};

use super::{Bucket, Content, NULL_VERSION, Object, Version, bucket::is_version_id};
use crate::s3::settings::Versioning;

/// Time and id for a change.
pub(in crate::s3) struct Stamp {
    pub(in crate::s3) now: DateTime<Utc>,
    /// Used when the bucket keeps versions.
    pub(in crate::s3) new_id: String,
}

/// What a delete did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::s3) struct Deleted {
    /// The version that was named, whether or not it was there.
    pub(in crate::s3) version_id: Option<String>,
    /// The id of the delete marker that was written, or of the one that was removed.
    pub(in crate::s3) marker_id: Option<String>,
}

impl Bucket {
    /// Stores an object as the newest version, and gives that version back.
    pub(in crate::s3) fn write(&mut self, key: &str, object: Object, stamp: Stamp) -> Version {
        let version = self.version(Content::Object(Box::new(object)), stamp);
        self.push(key, version.clone());
        version
    }

    /// Deletes without naming a version: writes a marker where versions are kept.
    pub(in crate::s3) fn delete(&mut self, key: &str, stamp: Stamp) -> Deleted {
        if self.versioning == Versioning::Unset {
            self.remove(key, NULL_VERSION);
            return Deleted::default();
        }
        let marker = self.version(Content::DeleteMarker, stamp);
        let marker_id = Some(marker.id.clone());
        self.push(key, marker);
        Deleted {
            version_id: None,
            marker_id,
        }
    }

    /// Deletes one version for good. One that is not there counts as deleted. Fails with `AccessDenied` under a
    /// legal hold and with `NoSuchVersion` for an id that cannot be one.
    pub(in crate::s3) fn delete_version(
        &mut self,
        key: &str,
        version_id: &str,
    ) -> S3Result<Deleted> {
        if !is_version_id(version_id) {
            return Err(s3_error!(
                NoSuchVersion,
                "The specified version does not exist."
            ));
        }
        let held = self
            .find(key, version_id)
            .is_some_and(|version| version.legal_hold);
        if held {
            return Err(s3_error!(
                AccessDenied,
                "Access Denied because object protected by object lock."
            ));
        }
        let removed = self.remove(key, version_id);
        let marker = removed.filter(|version| version.object().is_none());
        Ok(Deleted {
            version_id: Some(version_id.into()),
            marker_id: marker.map(|marker| marker.id),
        })
    }

    /// Puts a version under legal hold or lifts it; the latest when none is named. Fails with `InvalidRequest` unless
    /// the bucket keeps versions, as Object Lock does, and with `NoSuchVersion`.
    pub(in crate::s3) fn set_legal_hold(
        &mut self,
        key: &str,
        version_id: Option<&str>,
        on: bool,
    ) -> S3Result<()> {
        if self.versioning != Versioning::Enabled {
            return Err(s3_error!(
                InvalidRequest,
                "Bucket is missing Object Lock Configuration"
            ));
        }
        let versions = self
            .keys
            .get_mut(key)
            .map_or(&mut [][..], Vec::as_mut_slice);
        let version = match version_id {
            Some(id) => versions.iter_mut().find(|version| version.id == id),
            None => versions.last_mut(),
        };
        let version = version
            .ok_or_else(|| s3_error!(NoSuchVersion, "The specified version does not exist."))?;
        version.legal_hold = on;
        Ok(())
    }

    fn version(&self, content: Content, stamp: Stamp) -> Version {
        let keeps = self.versioning == Versioning::Enabled;
        Version {
            id: if keeps {
                stamp.new_id
            } else {
                NULL_VERSION.into()
            },
            modified: stamp.now,
            legal_hold: false,
            content,
        }
    }

    /// Adds the newest version; there is at most one `null` version of a key.
    fn push(&mut self, key: &str, version: Version) {
        if version.id == NULL_VERSION {
            self.remove(key, NULL_VERSION);
        }
        self.keys.entry(key.into()).or_default().push(version);
    }

    fn find(&self, key: &str, version_id: &str) -> Option<&Version> {
        self.keys
            .get(key)?
            .iter()
            .find(|version| version.id == version_id)
    }

    fn remove(&mut self, key: &str, version_id: &str) -> Option<Version> {
        let versions = self.keys.get_mut(key)?;
        let index = versions
            .iter()
            .position(|version| version.id == version_id)?;
        let removed = versions.remove(index);
        if versions.is_empty() {
            self.keys.remove(key);
        }
        Some(removed)
    }
}
