//! Lists of unfinished uploads and of their parts.

use s3s::{
    S3Request, S3Result,
    dto::{
        ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput,
        MultipartUpload, Part as ListedPart,
    },
    s3_error,
};

use super::{
    Api, etag,
    lists::{Encoding, not_empty, page_size},
    size, timestamp,
};
use crate::s3::store::Part;

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

fn listed((number, part): (&i32, &Part)) -> ListedPart {
    ListedPart {
        part_number: Some(*number),
        size: size(part.bytes),
        e_tag: etag(&part.etag()),
        last_modified: Some(timestamp(part.modified)),
        checksum_crc32: part.checksums.checksum_crc32.clone(),
        checksum_crc32c: part.checksums.checksum_crc32c.clone(),
        checksum_crc64nvme: part.checksums.checksum_crc64nvme.clone(),
        checksum_sha1: part.checksums.checksum_sha1.clone(),
        checksum_sha256: part.checksums.checksum_sha256.clone(),
    }
}
