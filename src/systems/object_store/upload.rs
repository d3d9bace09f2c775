//! Writing an object whose length is not known before it ends: an export, a backup.

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::BytesMut;
use sha2::{Digest, Sha256};

use super::{
    client::ObjectStore,
    error::{StoreError, sort},
    found::ObjectVersion,
    key::ObjectKey,
};

/// Size of a part, and the memory that an upload takes. S3 takes parts of 5 MiB and more.
pub const PART_BYTES: usize = 8 * 1024 * 1024;

/// Most parts that S3 takes.
const MAX_PARTS: usize = 10_000;

/// The largest object that an upload can write: [`PART_BYTES`] in each part, about 84 GB. Larger parts would need more
/// memory than one upload may take.
pub const MAX_UPLOAD_BYTES: u64 = PART_BYTES as u64 * MAX_PARTS as u64;

/// An object that is being written. Nothing can be read at its key before [`Upload::finish`]; an upload that is not
/// finished has to be given up with [`Upload::abort`], or its parts stay in the bucket, unseen and paid for.
#[must_use = "finish or abort it: its parts stay in the bucket"]
pub struct Upload {
    store: ObjectStore,
    key: ObjectKey,
    upload_id: String,
    parts: Vec<CompletedPart>,
    buffer: BytesMut,
    bytes: u64,
    hash: Sha256,
}

impl ObjectStore {
    /// Starts an upload to `key`.
    pub async fn start_upload(
        &self,
        key: &ObjectKey,
        content_type: &str,
    ) -> Result<Upload, StoreError> {
        const CALL: &str = "CreateMultipartUpload";
        let answer = self
            .client
            .create_multipart_upload()
            .bucket(self.bucket())
            .key(key.as_str())
            .content_type(content_type)
            .send()
            .await
            .map_err(|error| sort(CALL, self.bucket(), &error))?;
        let upload_id = answer.upload_id().ok_or_else(|| StoreError::Answered {
            call: CALL,
            code: "NoUploadId".to_owned(),
            detail: "the answer names no upload".to_owned(),
        })?;
        Ok(Upload {
            store: self.clone(),
            key: key.clone(),
            upload_id: upload_id.to_owned(),
            parts: Vec::new(),
            buffer: BytesMut::new(),
            bytes: 0,
            hash: Sha256::new(),
        })
    }
}

impl Upload {
    /// Adds `chunk`, sending a part whenever one is full.
    ///
    /// # Errors
    /// Any [`StoreError`]; [`StoreError::Refused`] when the object gets too large. The upload has to be aborted then.
    pub async fn write(&mut self, mut chunk: &[u8]) -> Result<(), StoreError> {
        self.hash.update(chunk);
        self.bytes += chunk.len() as u64;
        while !chunk.is_empty() {
            if self.buffer.capacity() < PART_BYTES {
                // In one piece: growing by doubling would hold the part twice for a moment.
                let mut whole = BytesMut::with_capacity(PART_BYTES);
                whole.extend_from_slice(&self.buffer);
                self.buffer = whole;
            }
            let room = PART_BYTES - self.buffer.len();
            let (now, later) = chunk.split_at(room.min(chunk.len()));
            self.buffer.extend_from_slice(now);
            chunk = later;
            if self.buffer.len() == PART_BYTES {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    /// Bytes taken so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes the object appear at its key, and returns its version and the SHA-256 of its content in lower-case hex. On
    /// an error the upload is aborted.
    pub async fn finish(mut self) -> Result<(ObjectVersion, String), StoreError> {
        let completed = match self.complete().await {
            Err(error) if error.code() == "NoSuchUpload" => self.completed_before(error).await,
            other => other,
        };
        match completed {
            Ok(version) => Ok((version, hex::encode(self.hash.finalize()))),
            Err(error) => {
                // The first error is the one that helps; a failed clean-up is for the bucket's lifecycle rule.
                let _ = self.abort().await;
                Err(error)
            }
        }
    }

    /// Gives the upload up and frees its parts.
    ///
    /// # Errors
    /// Any [`StoreError`]: the parts may still be in the bucket.
    pub async fn abort(self) -> Result<(), StoreError> {
        self.store
            .client
            .abort_multipart_upload()
            .bucket(self.store.bucket())
            .key(self.key.as_str())
            .upload_id(&self.upload_id)
            .send()
            .await
            .map_err(|error| sort("AbortMultipartUpload", self.store.bucket(), &error))?;
        Ok(())
    }

    async fn send_part(&mut self) -> Result<(), StoreError> {
        if self.parts.len() == MAX_PARTS {
            return Err(StoreError::Refused(format!(
                "an object of more than {MAX_PARTS} parts of {PART_BYTES} bytes cannot be written"
            )));
        }
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let part = std::mem::take(&mut self.buffer).freeze();
        let answer = self
            .store
            .client
            .upload_part()
            .bucket(self.store.bucket())
            .key(self.key.as_str())
            .upload_id(&self.upload_id)
            .part_number(number)
            .body(ByteStream::from(part.clone()))
            .send()
            .await
            .map_err(|error| sort("UploadPart", self.store.bucket(), &error))?;
        // The same memory takes the next part: parts that came and went on several threads would leave room for one with
        // the allocator on each of them.
        self.buffer = part.try_into_mut().unwrap_or_default();
        self.buffer.clear();
        self.parts.push(
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(answer.e_tag().map(str::to_owned))
                .set_checksum_crc32(answer.checksum_crc32().map(str::to_owned))
                .build(),
        );
        Ok(())
    }

    /// The upload is not open any more: the answer to the call that completed it was lost, when the object is there.
    async fn completed_before(&self, error: StoreError) -> Result<ObjectVersion, StoreError> {
        match self.store.head(&self.key).await? {
            Some(head) if head.bytes == self.bytes => Ok(ObjectVersion {
                key: self.key.clone(),
                version_id: head.version_id,
                delete_marker: false,
                latest: true,
                bytes: self.bytes,
                last_modified: head.last_modified,
            }),
            _ => Err(error),
        }
    }

    async fn complete(&mut self) -> Result<ObjectVersion, StoreError> {
        // An object has at least one part, so an empty one has one empty part.
        if !self.buffer.is_empty() || self.parts.is_empty() {
            self.send_part().await?;
        }
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(std::mem::take(&mut self.parts)))
            .build();
        let answer = self
            .store
            .client
            .complete_multipart_upload()
            .bucket(self.store.bucket())
            .key(self.key.as_str())
            .upload_id(&self.upload_id)
            .multipart_upload(parts)
            .send()
            .await
            .map_err(|error| sort("CompleteMultipartUpload", self.store.bucket(), &error))?;
        Ok(ObjectVersion {
            key: self.key.clone(),
            version_id: answer.version_id().map(str::to_owned),
            delete_marker: false,
            latest: true,
            bytes: self.bytes,
            last_modified: None,
        })
    }
}
