//! What a search finds.

use serde::{Deserialize, Serialize};

use super::key::ObjectKey;
use crate::runtime::Instant;

/// One version of one object, or one delete marker: the unit that is erased.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ObjectVersion {
    pub key: ObjectKey,
    /// S3's id of this version: `null` for what was written while versioning was not on; absent in a bucket that
    /// never had versions.
    pub version_id: Option<String>,
    /// Whether this is a marker that only hides older versions.
    pub delete_marker: bool,
    /// Whether this is what a read of the key sees.
    pub latest: bool,
    /// The size in bytes; 0 for a marker.
    pub bytes: u64,
    /// When S3 took it.
    pub last_modified: Option<Instant>,
}

/// Everything that a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Every version and every delete marker, by key.
    pub objects: Vec<ObjectVersion>,
    /// Objects that a reader sees now.
    pub current_objects: u64,
    /// Versions that hold data, the current ones among them.
    pub versions: u64,
    pub delete_markers: u64,
    /// Bytes of all versions.
    pub bytes: u64,
}

impl Found {
    /// Whether there is nothing, not even a marker.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Counts one more page.
    pub fn add(&mut self, page: Vec<ObjectVersion>) {
        for object in &page {
            if object.delete_marker {
                self.delete_markers += 1;
            } else {
                self.versions += 1;
                self.bytes += object.bytes;
                self.current_objects += u64::from(object.latest);
            }
        }
        self.objects.extend(page);
    }
}
