//! Single objects: written, read, and lent out by link.

use std::{
    collections::HashMap,
    fmt,
    time::{Duration, SystemTime},
};

use aws_sdk_s3::{error::SdkError, presigning::PresigningConfig, primitives::ByteStream};

use super::{
    client::ObjectStore,
    error::{NOT_IMPLEMENTED, StoreError, sort},
    found::ObjectVersion,
    key::ObjectKey,
    listing::{size, time},
};
use crate::runtime::Instant;

/// Largest object that is read into memory: certificates and reports have kilobytes.
pub const MAX_GET_BYTES: u64 = 16 * 1024 * 1024;

/// Longest life that a signed link can have, by S3's rules.
const MAX_LINK_LIFE: Duration = Duration::from_secs(604_800);

/// An object that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its content.
    pub bytes: Vec<u8>,
    /// What the object is said to be.
    pub head: Head,
}

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The size in bytes.
    pub bytes: u64,
    /// The media type.
    pub content_type: Option<String>,
    /// The version that a reader sees, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// When it was written.
    pub last_modified: Option<Instant>,
    /// The writer's own names and values.
    pub metadata: HashMap<String, String>,
}

/// A link that lets whoever has it read one object. It is not shown by `Debug`, so that it does not get into logs.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedUrl(String);

impl PresignedUrl {
    /// The link, for the one person that it is meant for.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PresignedUrl(not shown)")
    }
}

impl ObjectStore {
    /// Writes an object, and returns the version that was written, which [`ObjectStore::erase_list`] can erase again.
    pub async fn put(
        &self,
        key: &ObjectKey,
        bytes: Vec<u8>,
        content_type: &str,
        metadata: HashMap<String, String>,
    ) -> Result<ObjectVersion, StoreError> {
        let length = bytes.len() as u64;
        let answer = self
            .client
            .put_object()
            .bucket(self.bucket())
            .key(key.as_str())
            .content_type(content_type)
            .set_metadata(Some(metadata))
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(|error| sort("PutObject", self.bucket(), &error))?;
        Ok(ObjectVersion {
            key: key.clone(),
            version_id: answer.version_id().map(str::to_owned),
            delete_marker: false,
            latest: true,
            bytes: length,
            last_modified: None,
        })
    }

    /// Writes an object unless there is one at `key` already, which is left as it is. `false`: there was one, perhaps
    /// our own, when the first answer was lost on its way. Read it to know what is stored. A store that says that it
    /// knows no conditional writes is written to without the condition.
    pub async fn put_new(
        &self,
        key: &ObjectKey,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<bool, StoreError> {
        let request = self
            .client
            .put_object()
            .bucket(self.bucket())
            .key(key.as_str())
            .if_none_match("*")
            .content_type(content_type)
            .body(ByteStream::from(bytes.clone()));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error.raw_response().map(|answer| answer.status().as_u16())
                    == Some(NOT_IMPLEMENTED) =>
            {
                self.put(key, bytes, content_type, HashMap::new()).await?;
                Ok(true)
            }
            Err(error) => match sort("PutObject", self.bucket(), &error) {
                StoreError::Answered { code, .. } if code == "PreconditionFailed" => Ok(false),
                // Another write to the key is under way: S3 wants to be asked again.
                StoreError::Answered { call, code, detail }
                    if code == "ConditionalRequestConflict" =>
                {
                    Err(StoreError::Unavailable {
                        call,
                        detail: format!("{code}: {detail}"),
                    })
                }
                other => Err(other),
            },
        }
    }

    /// Reads an object of at most [`MAX_GET_BYTES`].
    ///
    /// # Errors
    /// [`StoreError::NoSuchKey`] when there is none, [`StoreError::Refused`] when it is too large, or any other.
    pub async fn get(&self, key: &ObjectKey) -> Result<StoredObject, StoreError> {
        const CALL: &str = "GetObject";
        let request = self
            .client
            .get_object()
            .bucket(self.bucket())
            .key(key.as_str());
        let answer = request
            .send()
            .await
            .map_err(|error| match error.as_service_error() {
                Some(service) if service.is_no_such_key() => StoreError::NoSuchKey {
                    key: key.to_string(),
                },
                _ => sort(CALL, self.bucket(), &error),
            })?;
        let head = Head {
            bytes: size(answer.content_length()),
            content_type: answer.content_type().map(str::to_owned),
            version_id: answer.version_id().map(str::to_owned),
            last_modified: time(answer.last_modified()),
            metadata: answer.metadata().cloned().unwrap_or_default(),
        };
        let mut body = answer.body;
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| StoreError::Unavailable {
                call: CALL,
                detail: format!("the answer broke off: {error}"),
            })?;
            if (bytes.len() + chunk.len()) as u64 > MAX_GET_BYTES {
                return Err(StoreError::Refused(format!(
                    "the object {:?} is larger than {MAX_GET_BYTES} bytes and is not read into memory",
                    key.as_str()
                )));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(StoredObject { bytes, head })
    }

    /// What is known of an object; `None` when there is none.
    ///
    /// # Errors
    /// Any [`StoreError`]. Without the right to list, S3 answers [`StoreError::Denied`] for an object that is not there.
    pub async fn head(&self, key: &ObjectKey) -> Result<Option<Head>, StoreError> {
        let request = self
            .client
            .head_object()
            .bucket(self.bucket())
            .key(key.as_str());
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(error)) if error.err().is_not_found() => return Ok(None),
            Err(error) => return Err(sort("HeadObject", self.bucket(), &error)),
        };
        Ok(Some(Head {
            bytes: size(answer.content_length()),
            content_type: answer.content_type().map(str::to_owned),
            version_id: answer.version_id().map(str::to_owned),
            last_modified: time(answer.last_modified()),
            metadata: answer.metadata().cloned().unwrap_or_default(),
        }))
    }

    /// A link to download the object, which works for `expires` (or until temporary credentials end, when that is
    /// earlier). A browser saves the file and does not show it. Nothing is asked of the store.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when `expires` is under a second or over seven days, or without credentials.
    pub async fn presign_get(
        &self,
        key: &ObjectKey,
        expires: Duration,
    ) -> Result<PresignedUrl, StoreError> {
        if expires < Duration::from_secs(1) || expires > MAX_LINK_LIFE {
            return Err(StoreError::Refused(
                "a link must live for at least a second and at most seven days".to_owned(),
            ));
        }
        // A link's life starts now by our clock, which is the one that people are told its end by.
        let life = PresigningConfig::builder()
            .start_time(SystemTime::from(self.clock.now()))
            .expires_in(expires)
            .build()
            .map_err(|error| StoreError::Refused(format!("no link: {error}")))?;
        let signed = self
            .client
            .get_object()
            .bucket(self.bucket())
            .key(key.as_str())
            .response_content_disposition("attachment")
            .presigned(life)
            .await
            .map_err(|error| sort("presigning GetObject", self.bucket(), &error))?;
        Ok(PresignedUrl(signed.uri().to_owned()))
    }
}
