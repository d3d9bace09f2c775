//! Multipart uploads.

use s3s::{
    S3Request, S3Result,
    dto::{
        AbortMultipartUploadInput, AbortMultipartUploadOutput, Checksum,
        CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart,
        CreateMultipartUploadInput, CreateMultipartUploadOutput, UploadPartInput, UploadPartOutput,
    },
    s3_error,
};

use super::{Api, etag};
use crate::s3::{
    checksum::{Promise, receive},
    store::{Attributes, Part, PartClaim, check_key},
};

pub(super) async fn create_multipart_upload(
    api: &Api,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<CreateMultipartUploadOutput> {
    let input = request.input;
    check_key(&input.key)?;
    let attributes = Attributes {
        content_type: input.content_type,
        content_disposition: input.content_disposition,
        content_encoding: input.content_encoding,
        content_language: input.content_language,
        cache_control: input.cache_control,
        metadata: input.metadata,
    };
    let stamp = api.stamp();
    let upload_id = stamp.new_id.clone();
    let mut store = api.0.store();
    store
        .bucket_mut(&input.bucket)?
        .begin_upload(&input.key, attributes, stamp)?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(upload_id),
        checksum_algorithm: input.checksum_algorithm,
        checksum_type: input.checksum_type,
        ..Default::default()
    })
}

pub(super) async fn upload_part(
    api: &Api,
    request: S3Request<UploadPartInput>,
) -> S3Result<UploadPartOutput> {
    let S3Request {
        input,
        trailing_headers,
        ..
    } = request;
    api.0
        .store()
        .bucket(&input.bucket)?
        .upload(&input.key, &input.upload_id)?;
    let promise = Promise {
        checksums: Checksum {
            checksum_crc32: input.checksum_crc32,
            checksum_crc32c: input.checksum_crc32c,
            checksum_crc64nvme: input.checksum_crc64nvme,
            checksum_sha1: input.checksum_sha1,
            checksum_sha256: input.checksum_sha256,
            checksum_type: None,
        },
        content_md5: input.content_md5,
        trailers: trailing_headers,
    };
    let received = receive(input.body, promise).await?;
    let checksums = received.checksums.clone();
    let part = Part {
        bytes: received.bytes.len() as u64,
        body: received.bytes,
        md5: received.md5,
        checksums: received.checksums,
        modified: (api.0.now)(),
    };
    let e_tag = etag(&part.etag());
    let mut store = api.0.store();
    let bucket = store.bucket_mut(&input.bucket)?;
    bucket.put_part(&input.key, &input.upload_id, input.part_number, part)?;
    Ok(UploadPartOutput {
        e_tag,
        checksum_crc32: checksums.checksum_crc32,
        checksum_crc32c: checksums.checksum_crc32c,
        checksum_crc64nvme: checksums.checksum_crc64nvme,
        checksum_sha1: checksums.checksum_sha1,
        checksum_sha256: checksums.checksum_sha256,
        ..Default::default()
    })
}

pub(super) async fn complete_multipart_upload(
    api: &Api,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<CompleteMultipartUploadOutput> {
    let input = request.input;
    let parts = input
        .multipart_upload
        .and_then(|upload| upload.parts)
        .unwrap_or_default();
    let claims = parts.into_iter().map(claim).collect::<S3Result<Vec<_>>>()?;
    let stamp = api.stamp();
    let mut store = api.0.store();
    let bucket = store.bucket_mut(&input.bucket)?;
    let done = bucket.complete_upload(&input.key, &input.upload_id, &claims, stamp)?;
    Ok(CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: etag(&done.etag),
        version_id: done.version_id,
        ..Default::default()
    })
}

pub(super) async fn abort_multipart_upload(
    api: &Api,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<AbortMultipartUploadOutput> {
    let input = request.input;
    let mut store = api.0.store();
    store
        .bucket_mut(&input.bucket)?
        .abort_upload(&input.key, &input.upload_id)?;
    Ok(AbortMultipartUploadOutput::default())
}

fn claim(part: CompletedPart) -> S3Result<PartClaim> {
    let malformed = || s3_error!(MalformedXML, "Each part needs a PartNumber and an ETag");
    Ok(PartClaim {
        number: part.part_number.ok_or_else(malformed)?,
        etag: part.e_tag.ok_or_else(malformed)?.into_value(),
        checksums: Checksum {
            checksum_crc32: part.checksum_crc32,
            checksum_crc32c: part.checksum_crc32c,
            checksum_crc64nvme: part.checksum_crc64nvme,
            checksum_sha1: part.checksum_sha1,
            checksum_sha256: part.checksum_sha256,
            checksum_type: None,
        },
    })
}
