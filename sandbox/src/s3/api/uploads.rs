//! Multipart uploads.

use s3s::{
    S3Request, S3Result,
    dto::{
        AbortMultipartUploadInput, AbortMultipartUploadOutput, Checksum,
        CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart,
        CreateMultipartUploadInput, CreateMultipartUploadOutput, ListMultipartUploadsInput,
        ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput, MultipartUpload,
        Part as ListedPart, UploadPartInput, UploadPartOutput,
    },
    s3_error,
};

use super::{
    Api, etag,
    lists::{Encoding, not_empty, page_size},
    size, timestamp,
};
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
        .begin_upload(&input.key, attributes, stamp);
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

pub(super) async fn list_parts(
    api: &Api,
    request: S3Request<ListPartsInput>,
) -> S3Result<ListPartsOutput> {
    let input = request.input;
    let max = page_size(input.max_parts)?;
    let marker = input.part_number_marker.unwrap_or(0);
    let store = api.0.store();
    let upload = store
        .bucket(&input.bucket)?
        .upload(&input.key, &input.upload_id)?;
    let mut after = upload.parts.iter().filter(|(number, _)| **number > marker);
    let parts: Vec<ListedPart> = after
        .by_ref()
        .take(max.unsigned_abs() as usize)
        .map(listed)
        .collect();
    let truncated = max > 0 && after.next().is_some();
    Ok(ListPartsOutput {
        is_truncated: Some(truncated),
        next_part_number_marker: parts
            .last()
            .filter(|_| truncated)
            .and_then(|part| part.part_number),
        max_parts: Some(max),
        part_number_marker: Some(marker),
        parts: Some(parts),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        ..Default::default()
    })
}

pub(super) async fn list_multipart_uploads(
    api: &Api,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<ListMultipartUploadsOutput> {
    let input = request.input;
    if input.delimiter.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "Uploads are listed without a delimiter here."
        ));
    }
    let max = page_size(input.max_uploads)?;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let prefix = input.prefix.unwrap_or_default();
    let key_marker = input.key_marker.unwrap_or_default();
    let id_marker = not_empty(input.upload_id_marker.as_deref());
    let store = api.0.store();
    let after = |key: &str, id: &str| {
        key > key_marker.as_str()
            || (key == key_marker && id_marker.is_some_and(|marker| id > marker))
    };
    let mut matching = store
        .bucket(&input.bucket)?
        .uploads()
        .filter(|(key, id, _)| key.starts_with(&prefix) && after(key, id));
    let page: Vec<_> = matching
        .by_ref()
        .take(max.unsigned_abs() as usize)
        .collect();
    let truncated = max > 0 && matching.next().is_some();
    let next = page.last().filter(|_| truncated);
    let uploads = page.iter().map(|(key, id, upload)| MultipartUpload {
        key: Some(encoding.apply(key)),
        upload_id: Some((*id).to_owned()),
        initiated: Some(timestamp(upload.initiated)),
        ..Default::default()
    });
    Ok(ListMultipartUploadsOutput {
        is_truncated: Some(truncated),
        max_uploads: Some(max),
        next_key_marker: next.map(|(key, ..)| encoding.apply(key)),
        next_upload_id_marker: next.map(|(_, id, _)| (*id).to_owned()),
        uploads: Some(uploads.collect()),
        prefix: Some(encoding.apply(&prefix)),
        key_marker: Some(encoding.apply(&key_marker)),
        encoding_type: input.encoding_type,
        bucket: Some(input.bucket),
        ..Default::default()
    })
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

fn listed((number, part): (&i32, &Part)) -> ListedPart {
    ListedPart {
        part_number: Some(*number),
        size: size(part.body.len() as u64),
        e_tag: etag(&part.etag()),
        last_modified: Some(timestamp(part.modified)),
        checksum_crc32: part.checksums.checksum_crc32.clone(),
        checksum_crc32c: part.checksums.checksum_crc32c.clone(),
        checksum_crc64nvme: part.checksums.checksum_crc64nvme.clone(),
        checksum_sha1: part.checksums.checksum_sha1.clone(),
        checksum_sha256: part.checksums.checksum_sha256.clone(),
    }
}
