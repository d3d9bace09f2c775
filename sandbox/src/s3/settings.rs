//! What a server is started with, and what a bucket says about itself.

use std::net::SocketAddr;

use s3s::dto::{CORSRule, LoggingEnabled, PublicAccessBlockConfiguration};

use crate::runtime::Now;

/// How the server is started.
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The clock for object times and for the expiry of presigned links.
    pub now: Now,
    /// The one access key that is known.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
    /// The region that requests must be signed for.
    pub region: String,
    /// The buckets that exist from the start.
    pub buckets: Vec<BucketSettings>,
}

/// A bucket that exists from the start.
#[derive(Debug, Clone)]
pub struct BucketSettings {
    /// Its name, by S3's rules.
    pub name: String,
    /// Whether it keeps versions.
    pub versioning: Versioning,
}

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Versioning {
    /// Never switched on: each key has one object, with the version id `null`.
    #[default]
    Unset,
    /// Each write adds a version, each plain delete a marker.
    Enabled,
    /// Old versions stay; new writes replace the `null` version.
    Suspended,
}

/// The configuration of one bucket that is read but hardly ever written; a new bucket has what AWS gives it today.
#[derive(Debug, Clone)]
pub struct BucketFacts {
    /// `None` answers `NoSuchCORSConfiguration`.
    pub cors: Option<Vec<CORSRule>>,
    /// `None` answers `NoSuchPublicAccessBlockConfiguration`.
    pub public_access_block: Option<PublicAccessBlockConfiguration>,
    /// Whether the bucket's policy makes it public; `None` (no policy at all) answers `NoSuchBucketPolicy`.
    pub policy_is_public: Option<bool>,
    /// How objects are encrypted; `None` answers `ServerSideEncryptionConfigurationNotFoundError`.
    pub encryption: Option<Encryption>,
    /// Where access logs go; `None` says that there are none.
    pub logging: Option<LoggingEnabled>,
}

/// How a bucket encrypts its objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// With S3's own keys (`AES256`).
    ManagedByS3,
    /// With this key of KMS (`aws:kms`).
    Kms {
        /// The key's id or ARN.
        key_id: String,
    },
}

impl Default for BucketFacts {
    fn default() -> Self {
        Self {
            cors: None,
            public_access_block: Some(PublicAccessBlockConfiguration {
                block_public_acls: Some(true),
                block_public_policy: Some(true),
                ignore_public_acls: Some(true),
                restrict_public_buckets: Some(true),
            }),
            policy_is_public: None,
            encryption: Some(Encryption::ManagedByS3),
            logging: None,
        }
    }
}
