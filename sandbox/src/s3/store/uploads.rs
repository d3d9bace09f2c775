//! Multipart uploads.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use md5::{Digest, Md5};
use s3s::{S3Error, S3Result, dto::Checksum, s3_error};

use super::{Attributes, Bucket, Object, Stamp, spool::Spool};

/// S3's least size of every part but the last, in bytes.
const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;
/// S3's highest part number.
const PART_NUMBER_MAX: i32 = 10_000;

/// An unfinished upload.
#[derive(Debug)]
pub(in crate::s3) struct Upload {
    pub(in crate::s3) initiated: DateTime<Utc>,
    pub(in crate::s3) attributes: Attributes,
    /// By part number; a part that is sent again replaces the one before.
    pub(in crate::s3) parts: BTreeMap<i32, Part>,
    /// Where the parts' bytes are, when they are not in memory.
    spool: Option<Spool>,
}

/// One part of an upload.
#[derive(Debug, Clone)]
pub(in crate::s3) struct Part {
    /// Empty when the bytes are in a file.
    pub(in crate::s3) body: Bytes,
    /// The part's size.
    pub(in crate::s3) bytes: u64,
    pub(in crate::s3) md5: [u8; 16],
    pub(in crate::s3) checksums: Checksum,
    pub(in crate::s3) modified: DateTime<Utc>,
}

/// What the completing client believes about a part.
#[derive(Debug)]
pub(in crate::s3) struct PartClaim {
    pub(in crate::s3) number: i32,
    /// Without quotes.
    pub(in crate::s3) etag: String,
    pub(in crate::s3) checksums: Checksum,
}

/// The object that an upload became.
#[derive(Debug, Clone)]
pub(in crate::s3) struct Completed {
    pub(in crate::s3) etag: String,
    pub(in crate::s3) version_id: Option<String>,
    key: String,
}

impl Part {
    /// The part's ETag, without quotes.
    pub(in crate::s3) fn etag(&self) -> String {
        hex::encode(self.md5)
    }
}

impl Bucket {
    /// Begins an upload. Fails with `InternalError` when there can be no file for it.
    pub(in crate::s3) fn begin_upload(
        &mut self,
        key: &str,
        attributes: Attributes,
        stamp: Stamp,
    ) -> S3Result<()> {
        let spool = self.spool.as_ref();
        let spool = spool.map(|folder| Spool::create(folder, key)).transpose();
        let spool =
            spool.map_err(|error| s3_error!(InternalError, "The file of the upload: {error}"))?;
        let upload = Upload {
            initiated: stamp.now,
            attributes,
            parts: BTreeMap::new(),
            spool,
        };
        self.uploads.insert((key.into(), stamp.new_id), upload);
        Ok(())
    }

    /// An unfinished upload. Fails with `NoSuchUpload`.
    pub(in crate::s3) fn upload(&self, key: &str, id: &str) -> S3Result<&Upload> {
        self.uploads
            .get(&(key.into(), id.into()))
            .ok_or_else(no_such_upload)
    }

    /// All unfinished uploads: key, upload id, upload.
    pub(in crate::s3) fn uploads(&self) -> impl Iterator<Item = (&str, &str, &Upload)> {
        let uploads = self.uploads.iter();
        uploads.map(|((key, id), upload)| (key.as_str(), id.as_str(), upload))
    }

    /// Stores a part. Fails with `NoSuchUpload` and `InvalidArgument` (part number).
    pub(in crate::s3) fn put_part(
        &mut self,
        key: &str,
        id: &str,
        number: i32,
        mut part: Part,
    ) -> S3Result<()> {
        if !(1..=PART_NUMBER_MAX).contains(&number) {
            return Err(s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and {PART_NUMBER_MAX}, inclusive"
            ));
        }
        let upload = self.uploads.get_mut(&(key.into(), id.into()));
        let upload = upload.ok_or_else(no_such_upload)?;
        if let Some(spool) = &mut upload.spool {
            spool.write(number, &part.body)?;
            part.body = Bytes::new();
        }
        upload.parts.insert(number, part);
        Ok(())
    }

    /// Forgets an upload and its parts. Fails with `NoSuchUpload`.
    pub(in crate::s3) fn abort_upload(&mut self, key: &str, id: &str) -> S3Result<()> {
        let removed = self.uploads.remove(&(key.into(), id.into()));
        removed.map(|_| ()).ok_or_else(no_such_upload)
    }

    /// Makes the object of the parts that are claimed. Completing a finished upload again gives the same answer.
    /// Fails with `NoSuchUpload`, `MalformedXML`, `InvalidPartOrder`, `InvalidPart` and `EntityTooSmall`; the upload
    /// then stays as it is.
    pub(in crate::s3) fn complete_upload(
        &mut self,
        key: &str,
        id: &str,
        claims: &[PartClaim],
        stamp: Stamp,
    ) -> S3Result<Completed> {
        if let Some(done) = self.completed.get(id).filter(|done| done.key == key) {
            return Ok(done.clone());
        }
        let object = assemble(self.upload(key, id)?, claims)?;
        let etag = object.etag.clone();
        let version = self.write(key, object, stamp);
        let done = Completed {
            etag,
            version_id: self.told_id(&version),
            key: key.into(),
        };
        self.uploads.remove(&(key.into(), id.into()));
        self.completed.insert(id.into(), done.clone());
        Ok(done)
    }
}

fn assemble(upload: &Upload, claims: &[PartClaim]) -> S3Result<Object> {
    if claims.is_empty() {
        return Err(s3_error!(
            MalformedXML,
            "You must specify at least one part"
        ));
    }
    if !claims.is_sorted_by(|one, next| one.number < next.number) {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ));
    }
    let parts = claims.iter().map(|claim| claimed(upload, claim));
    let parts: Vec<&Part> = parts.collect::<S3Result<_>>()?;
    let all_but_last = parts.iter().rev().skip(1);
    if all_but_last
        .into_iter()
        .any(|part| part.bytes < PART_BYTES_MIN)
    {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size"
        ));
    }
    let mut body = BytesMut::with_capacity(parts.iter().map(|part| part.body.len()).sum());
    let mut md5s = Md5::new();
    for part in &parts {
        body.extend_from_slice(&part.body);
        md5s.update(part.md5);
    }
    let whole = parts.iter().map(|part| part.bytes).sum();
    Ok(Object {
        body: body.freeze(),
        spooled: upload.spool.as_ref().map(|_| whole),
        etag: format!("{}-{}", hex::encode(md5s.finalize()), parts.len()),
        attributes: upload.attributes.clone(),
        checksums: Checksum::default(),
    })
}

fn claimed<'a>(upload: &'a Upload, claim: &PartClaim) -> S3Result<&'a Part> {
    let part = upload.parts.get(&claim.number);
    let part =
        part.filter(|part| part.etag() == claim.etag && agree(&claim.checksums, &part.checksums));
    part.ok_or_else(|| {
        s3_error!(
            InvalidPart,
            "One or more of the specified parts could not be found. \
             The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
        )
    })
}

/// Whether each digest that is claimed is the one that was computed.
fn agree(claimed: &Checksum, computed: &Checksum) -> bool {
    let pairs = [
        (&claimed.checksum_crc32, &computed.checksum_crc32),
        (&claimed.checksum_crc32c, &computed.checksum_crc32c),
        (&claimed.checksum_crc64nvme, &computed.checksum_crc64nvme),
        (&claimed.checksum_sha1, &computed.checksum_sha1),
        (&claimed.checksum_sha256, &computed.checksum_sha256),
    ];
    pairs
        .iter()
        .all(|(claimed, computed)| claimed.is_none() || claimed == computed)
}

fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )
}
