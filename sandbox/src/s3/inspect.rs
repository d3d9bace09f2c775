//! Looking into the store and arranging it, without HTTP: for tests and for the demo's panel.

use std::path::PathBuf;

use bytes::Bytes;
use md5::{Digest, Md5};
use s3s::dto::Checksum;

use super::{
    Call, Dialect, Faults, S3Server,
    settings::{BucketFacts, Versioning},
    store::{Attributes, Object, check_key},
};

/// One version in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// The key.
    pub key: String,
    /// The version's id; `null` where versions are not kept.
    pub version_id: String,
    /// Bytes; 0 for a delete marker.
    pub size: u64,
    /// Whether this is a delete marker.
    pub delete_marker: bool,
    /// Whether this is the key's latest version.
    pub latest: bool,
    /// Whether a legal hold keeps it.
    pub legal_hold: bool,
}

impl S3Server {
    /// The switchboard of faults.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.shared.faults.clone()
    }

    /// The switchboard of what differs from AWS.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.shared.dialect.clone()
    }

    /// Every version and delete marker of a bucket, by key, the newest first. A bucket that does not exist is empty.
    #[must_use]
    pub fn objects(&self, bucket: &str) -> Vec<StoredObject> {
        let store = self.shared.store();
        let versions = store
            .bucket(bucket)
            .into_iter()
            .flat_map(|bucket| bucket.versions());
        let objects = versions.map(|(key, version, latest)| StoredObject {
            key: key.to_owned(),
            version_id: version.id.clone(),
            size: version.size(),
            delete_marker: version.object().is_none(),
            latest,
            legal_hold: version.legal_hold,
        });
        objects.collect()
    }

    /// How many versions and delete markers a bucket has under a prefix: 0 means that nothing is left.
    #[must_use]
    pub fn count(&self, bucket: &str, prefix: &str) -> usize {
        let store = self.shared.store();
        let versions = store
            .bucket(bucket)
            .into_iter()
            .flat_map(|bucket| bucket.versions());
        versions.filter(|(key, ..)| key.starts_with(prefix)).count()
    }

    /// Unfinished multipart uploads of a bucket: key and upload id.
    #[must_use]
    pub fn uploads(&self, bucket: &str) -> Vec<(String, String)> {
        let store = self.shared.store();
        let uploads = store
            .bucket(bucket)
            .into_iter()
            .flat_map(|bucket| bucket.uploads());
        uploads
            .map(|(key, id, _)| (key.to_owned(), id.to_owned()))
            .collect()
    }

    /// Stores an object by the bucket's versioning and gives its version id back. Fails for a missing bucket and for
    /// a key that is too long.
    pub fn put(
        &self,
        bucket: &str,
        key: &str,
        bytes: impl Into<Bytes>,
        content_type: &str,
    ) -> anyhow::Result<String> {
        check_key(key)?;
        let body = bytes.into();
        let object = Object {
            etag: hex::encode(Md5::digest(&body)),
            body,
            spooled: None,
            attributes: Attributes {
                content_type: Some(content_type.to_owned()),
                ..Attributes::default()
            },
            checksums: Checksum::default(),
        };
        let stamp = self.shared.stamp();
        let version = self
            .shared
            .store()
            .bucket_mut(bucket)?
            .write(key, object, stamp);
        Ok(version.id)
    }

    /// Stores an object that is only said to have `bytes` bytes: it is listed and deleted like any other, and cannot be
    /// read. Fails for a missing bucket and for a key that is too long.
    pub fn put_size(&self, bucket: &str, key: &str, bytes: u64) -> anyhow::Result<()> {
        check_key(key)?;
        let object = Object {
            etag: hex::encode(Md5::digest(bytes.to_be_bytes())),
            body: Bytes::new(),
            spooled: Some(bytes),
            attributes: Attributes::default(),
            checksums: Checksum::default(),
        };
        let stamp = self.shared.stamp();
        let mut store = self.shared.store();
        store.bucket_mut(bucket)?.write(key, object, stamp);
        Ok(())
    }

    /// Deletes a key without naming a version, which writes a delete marker where versions are kept. Fails for a
    /// missing bucket.
    pub fn delete(&self, bucket: &str, key: &str) -> anyhow::Result<()> {
        let stamp = self.shared.stamp();
        self.shared.store().bucket_mut(bucket)?.delete(key, stamp);
        Ok(())
    }

    /// The bytes of a key's latest version; `None` when there is none, it is a delete marker or it lies in a
    /// file.
    #[must_use]
    pub fn get(&self, bucket: &str, key: &str) -> Option<Bytes> {
        let store = self.shared.store();
        let version = store.bucket(bucket).ok()?.read(key, None).ok()?;
        let object = version.object()?;
        object.spooled.is_none().then(|| object.body.clone())
    }

    /// Puts a version (the latest when none is named) under legal hold, or lifts it: deleting that version then gives
    /// `AccessDenied`. Fails unless the bucket keeps versions, as Object Lock does, and for a missing version.
    pub fn set_legal_hold(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        on: bool,
    ) -> anyhow::Result<()> {
        let mut store = self.shared.store();
        Ok(store
            .bucket_mut(bucket)?
            .set_legal_hold(key, version_id, on)?)
    }

    /// Switches versioning. Fails for a missing bucket.
    pub fn set_versioning(&self, bucket: &str, versioning: Versioning) -> anyhow::Result<()> {
        self.shared.store().bucket_mut(bucket)?.versioning = versioning;
        Ok(())
    }

    /// Changes what a bucket says about itself. Fails for a missing bucket.
    pub fn configure(
        &self,
        bucket: &str,
        change: impl FnOnce(&mut BucketFacts),
    ) -> anyhow::Result<()> {
        change(&mut self.shared.store().bucket_mut(bucket)?.facts);
        Ok(())
    }

    /// Lets the parts of later uploads to a bucket go into files in `folder`, named after the keys, and not into memory.
    /// What was uploaded so has a size and is listed and deleted as ever, but its content is in the file alone, which
    /// stays. Fails for a missing bucket.
    pub fn spool_uploads(&self, bucket: &str, folder: PathBuf) -> anyhow::Result<()> {
        self.shared.store().bucket_mut(bucket)?.spool = Some(folder);
        Ok(())
    }

    /// Every call with a good signature so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.all()
    }

    /// Empties the record of calls.
    pub fn clear_calls(&self) {
        self.shared.calls.clear();
    }
}
