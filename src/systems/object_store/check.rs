//! Whether the bucket can be reached, and whether it keeps versions.

use aws_sdk_s3::{
    error::SdkError,
    types::{BucketVersioningStatus, MfaDeleteStatus},
};

use super::{
    client::ObjectStore,
    error::{StoreError, sort},
};

/// Whether a bucket keeps old versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// It never did: a delete removes the data.
    Never,
    /// The store knows no versions at all: it does not know the call that asks for them.
    NotSupported,
    /// Every write and every delete adds a version.
    Enabled,
    /// New writes replace the version `null`; the versions from before are still kept.
    Suspended,
}

impl Versioning {
    /// Whether data can lie in versions, so that erasing means erasing each of them by its id.
    #[must_use]
    pub fn keeps_versions(self) -> bool {
        matches!(self, Self::Enabled | Self::Suspended)
    }
}

/// What a check of the bucket saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreCheck {
    /// Whether the bucket keeps old versions.
    pub versioning: Versioning,
    /// Whether erasing a version takes a code from a device: then nothing can be erased from here.
    pub mfa_delete: bool,
}

impl ObjectStore {
    /// Asks for the bucket and for its versioning: credentials, name, region and rights in two small calls.
    ///
    /// # Errors
    /// [`StoreError::NoSuchBucket`], [`StoreError::Denied`], [`StoreError::Refused`] when the bucket is in another
    /// region than the settings say, or [`StoreError::Unavailable`].
    pub async fn check(&self) -> Result<StoreCheck, StoreError> {
        let bucket = self.bucket();
        if let Err(error) = self.client.head_bucket().bucket(bucket).send().await {
            // An answer to HEAD has no body, so S3 says what is wrong in the status and a header only.
            if let SdkError::ServiceError(answer) = &error {
                match answer.raw().status().as_u16() {
                    404 => {
                        return Err(StoreError::NoSuchBucket {
                            bucket: bucket.to_owned(),
                        });
                    }
                    301 | 307 | 400 => {
                        if let Some(region) = answer.raw().headers().get("x-amz-bucket-region") {
                            return Err(StoreError::Refused(format!(
                                "the bucket {bucket:?} is in region {region:?}, which is not the configured one"
                            )));
                        }
                    }
                    _ => {}
                }
            }
            return Err(sort("HeadBucket", bucket, &error));
        }
        self.versioning_state().await
    }

    /// Whether the bucket keeps versions.
    ///
    /// # Errors
    /// As [`ObjectStore::check`]. A missing right is an error, for without the answer nothing can be called erased.
    pub async fn versioning(&self) -> Result<Versioning, StoreError> {
        Ok(self.versioning_state().await?.versioning)
    }

    async fn versioning_state(&self) -> Result<StoreCheck, StoreError> {
        const CALL: &str = "GetBucketVersioning";
        let bucket = self.bucket();
        let asked = self.client.get_bucket_versioning().bucket(bucket);
        let answer = match asked.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let error = sort(CALL, bucket, &error);
                if !knows_no_versions(&error) {
                    return Err(error);
                }
                return Ok(StoreCheck {
                    versioning: Versioning::NotSupported,
                    mfa_delete: false,
                });
            }
        };
        let versioning = match answer.status() {
            None => Versioning::Never,
            Some(BucketVersioningStatus::Enabled) => Versioning::Enabled,
            Some(BucketVersioningStatus::Suspended) => Versioning::Suspended,
            // Other stores than AWS say in a word what AWS says by leaving the status out.
            Some(other) if matches!(other.as_str().trim(), "" | "Disabled") => Versioning::Never,
            Some(other) => {
                return Err(StoreError::Answered {
                    call: CALL,
                    code: "UnknownStatus".to_owned(),
                    detail: format!(
                        "the versioning status {:?} is not known here",
                        other.as_str()
                    ),
                });
            }
        };
        Ok(StoreCheck {
            versioning,
            mfa_delete: answer.mfa_delete() == Some(&MfaDeleteStatus::Enabled),
        })
    }
}

/// Whether a store refuses the question for the versioning because it has none. Most say so with 501 or 405, some with a
/// 400 about the request; AWS answers the question, and refuses it only for want of a right or for wrong settings.
fn knows_no_versions(error: &StoreError) -> bool {
    match error {
        StoreError::Unsupported { .. } => true,
        StoreError::Answered { code, .. } => matches!(
            code.as_str(),
            "400"
                | "405"
                | "BadRequest"
                | "InvalidArgument"
                | "InvalidRequest"
                | "NotSupported"
                | "OperationNotSupported"
                | "UnsupportedOperation"
                | "VersioningNotSupported"
        ),
        _ => false,
    }
}
