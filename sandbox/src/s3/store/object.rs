//! What a key holds: versions, each an object or a delete marker.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use s3s::dto::{Checksum, Metadata};

/// The version id of what was written while versions were not kept.
pub(in crate::s3) const NULL_VERSION: &str = "null";

/// One version of a key.
#[derive(Debug, Clone)]
pub(in crate::s3) struct Version {
    /// An opaque id, or [`NULL_VERSION`].
    pub(in crate::s3) id: String,
    pub(in crate::s3) modified: DateTime<Utc>,
    /// Under a legal hold this version cannot be deleted.
    pub(in crate::s3) legal_hold: bool,
    pub(in crate::s3) content: Content,
}

/// What a version is.
#[derive(Debug, Clone)]
pub(in crate::s3) enum Content {
    Object(Box<Object>),
    DeleteMarker,
}

/// Bytes and what is said about them.
#[derive(Debug, Clone)]
pub(in crate::s3) struct Object {
    pub(in crate::s3) body: Bytes,
    /// The size of what lies in a file; the body is empty then.
    pub(in crate::s3) spooled: Option<u64>,
    /// Without quotes: the MD5 in hex, or for a multipart object the MD5 of the parts' MD5s and their number.
    pub(in crate::s3) etag: String,
    pub(in crate::s3) attributes: Attributes,
    pub(in crate::s3) checksums: Checksum,
}

/// The headers that S3 keeps with an object and gives back.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct Attributes {
    pub(in crate::s3) content_type: Option<String>,
    pub(in crate::s3) content_disposition: Option<String>,
    pub(in crate::s3) content_encoding: Option<String>,
    pub(in crate::s3) content_language: Option<String>,
    pub(in crate::s3) cache_control: Option<String>,
    pub(in crate::s3) metadata: Option<Metadata>,
}

impl Version {
    /// The object, unless this is a delete marker.
    pub(in crate::s3) fn object(&self) -> Option<&Object> {
        match &self.content {
            Content::Object(object) => Some(object),
            Content::DeleteMarker => None,
        }
    }

    /// Bytes stored; a delete marker has none.
    pub(in crate::s3) fn size(&self) -> u64 {
        self.object().map_or(0, |object| {
            object.spooled.unwrap_or(object.body.len() as u64)
        })
    }
}
