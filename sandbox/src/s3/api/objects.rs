//! Objects: put, get, head, copy.

use std::ops::Range;

use s3s::{
    Body, S3Request, S3Result,
    dto::{
        Checksum, ChecksumMode, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource,
        ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, IfMatch,
        IfNoneMatch, MetadataDirective, ObjectLockLegalHoldStatus, PutObjectInput, PutObjectOutput,
        StreamingBlob,
    },
    s3_error,
};

use super::{Api, etag, size, timestamp};
use crate::s3::{
    checksum::{Promise, receive},
    store::{Attributes, Bucket, Object, Version, check_key},
};

pub(super) async fn put_object(
    api: &Api,
    request: S3Request<PutObjectInput>,
) -> S3Result<PutObjectOutput> {
    let S3Request {
        input,
        trailing_headers,
        ..
    } = request;
    check_key(&input.key)?;
    api.0.store().bucket(&input.bucket)?;
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
    let object = Object {
        body: received.bytes,
        spooled: None,
        etag: hex::encode(received.md5),
        attributes: Attributes {
            content_type: input.content_type,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            cache_control: input.cache_control,
            metadata: input.metadata,
        },
        checksums: received.checksums.clone(),
    };
    let mut store = api.0.store();
    let bucket = store.bucket_mut(&input.bucket)?;
    check_conditions(
        bucket,
        &input.key,
        input.if_match.as_ref(),
        input.if_none_match.as_ref(),
    )?;
    let e_tag = etag(&object.etag);
    let version = bucket.write(&input.key, object, api.stamp());
    Ok(PutObjectOutput {
        e_tag,
        version_id: bucket.told_id(&version),
        checksum_crc32: received.checksums.checksum_crc32,
        checksum_crc32c: received.checksums.checksum_crc32c,
        checksum_crc64nvme: received.checksums.checksum_crc64nvme,
        checksum_sha1: received.checksums.checksum_sha1,
        checksum_sha256: received.checksums.checksum_sha256,
        ..Default::default()
    })
}

pub(super) async fn get_object(
    api: &Api,
    request: S3Request<GetObjectInput>,
) -> S3Result<GetObjectOutput> {
    let input = request.input;
    let (object, version_id, version) = {
        let store = api.0.store();
        let bucket = store.bucket(&input.bucket)?;
        let version = bucket.read(&input.key, input.version_id.as_deref())?;
        let object = version.object().ok_or_else(|| s3_error!(NoSuchKey))?;
        (object.clone(), bucket.told_id(version), version.clone())
    };
    if object.spooled.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "The object was uploaded into a file, which has to be read itself."
        ));
    }
    let whole = object.body.len() as u64;
    let range = input.range.map(|range| range.check(whole)).transpose()?;
    let body = match &range {
        Some(range) => object
            .body
            .slice(to_usize(range.start)?..to_usize(range.end)?),
        None => object.body,
    };
    // A digest of the whole says nothing about a part of it.
    let wanted = range.is_none() && asks_for_checksum(input.checksum_mode.as_ref());
    let checksums = if wanted {
        object.checksums
    } else {
        Checksum::default()
    };
    Ok(GetObjectOutput {
        accept_ranges: Some("bytes".into()),
        content_length: size(body.len() as u64),
        content_range: range.map(|range| content_range(&range, whole)),
        body: Some(StreamingBlob::from(Body::from(body))),
        e_tag: etag(&object.etag),
        last_modified: Some(timestamp(version.modified)),
        version_id,
        content_type: object.attributes.content_type,
        content_disposition: object.attributes.content_disposition,
        content_encoding: object.attributes.content_encoding,
        content_language: object.attributes.content_language,
        cache_control: object.attributes.cache_control,
        metadata: object.attributes.metadata,
        checksum_crc32: checksums.checksum_crc32,
        checksum_crc32c: checksums.checksum_crc32c,
        checksum_crc64nvme: checksums.checksum_crc64nvme,
        checksum_sha1: checksums.checksum_sha1,
        checksum_sha256: checksums.checksum_sha256,
        ..Default::default()
    })
}

pub(super) async fn head_object(
    api: &Api,
    request: S3Request<HeadObjectInput>,
) -> S3Result<HeadObjectOutput> {
    let input = request.input;
    let store = api.0.store();
    let bucket = store.bucket(&input.bucket)?;
    let version = bucket.read(&input.key, input.version_id.as_deref())?;
    let object = version.object().ok_or_else(|| s3_error!(NoSuchKey))?;
    let wanted = asks_for_checksum(input.checksum_mode.as_ref());
    let checksums = if wanted {
        object.checksums.clone()
    } else {
        Checksum::default()
    };
    let attributes = object.attributes.clone();
    Ok(HeadObjectOutput {
        accept_ranges: Some("bytes".into()),
        content_length: size(version.size()),
        e_tag: etag(&object.etag),
        last_modified: Some(timestamp(version.modified)),
        version_id: bucket.told_id(version),
        object_lock_legal_hold_status: version
            .legal_hold
            .then(|| ObjectLockLegalHoldStatus::from_static(ObjectLockLegalHoldStatus::ON)),
        content_type: attributes.content_type,
        content_disposition: attributes.content_disposition,
        content_encoding: attributes.content_encoding,
        content_language: attributes.content_language,
        cache_control: attributes.cache_control,
        metadata: attributes.metadata,
        checksum_crc32: checksums.checksum_crc32,
        checksum_crc32c: checksums.checksum_crc32c,
        checksum_crc64nvme: checksums.checksum_crc64nvme,
        checksum_sha1: checksums.checksum_sha1,
        checksum_sha256: checksums.checksum_sha256,
        ..Default::default()
    })
}

pub(super) async fn copy_object(
    api: &Api,
    request: S3Request<CopyObjectInput>,
) -> S3Result<CopyObjectOutput> {
    let input = request.input;
    check_key(&input.key)?;
    let CopySource::Bucket {
        bucket: source_bucket,
        key: source_key,
        version_id,
    } = &input.copy_source
    else {
        return Err(s3_error!(
            NotImplemented,
            "Only <bucket>/<key> can be copied from."
        ));
    };
    let mut store = api.0.store();
    let (source, source_version): (Version, _) = {
        let bucket = store.bucket(source_bucket)?;
        let version = bucket.read(source_key, version_id.as_deref())?;
        (version.clone(), bucket.told_id(version))
    };
    let mut object = source
        .object()
        .cloned()
        .ok_or_else(|| s3_error!(NoSuchKey))?;
    let directive = input
        .metadata_directive
        .as_ref()
        .map(MetadataDirective::as_str);
    if directive == Some(MetadataDirective::REPLACE) {
        object.attributes = Attributes {
            content_type: input.content_type,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            cache_control: input.cache_control,
            metadata: input.metadata,
        };
    }
    let e_tag = etag(&object.etag);
    let bucket = store.bucket_mut(&input.bucket)?;
    let version = bucket.write(&input.key, object, api.stamp());
    Ok(CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            e_tag,
            last_modified: Some(timestamp(version.modified)),
            ..Default::default()
        }),
        copy_source_version_id: source_version,
        version_id: bucket.told_id(&version),
        ..Default::default()
    })
}

/// A conditional write: `If-None-Match: *` wants no object there, `If-Match` wants this one.
fn check_conditions(
    bucket: &Bucket,
    key: &str,
    if_match: Option<&IfMatch>,
    if_none_match: Option<&IfNoneMatch>,
) -> S3Result<()> {
    let current = bucket.read(key, None).ok().and_then(Version::object);
    let is = |condition: &ETagCondition| match (condition.as_etag(), current) {
        (Some(etag), Some(object)) => etag.value() == object.etag,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    if if_match.is_some_and(|condition| !is(condition)) || if_none_match.is_some_and(is) {
        return Err(s3_error!(
            PreconditionFailed,
            "At least one of the pre-conditions you specified did not hold"
        ));
    }
    Ok(())
}

fn asks_for_checksum(mode: Option<&ChecksumMode>) -> bool {
    mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED)
}

fn content_range(range: &Range<u64>, whole: u64) -> String {
    format!(
        "bytes {}-{}/{whole}",
        range.start,
        range.end.saturating_sub(1)
    )
}

fn to_usize(position: u64) -> S3Result<usize> {
    usize::try_from(position).map_err(|_| s3_error!(InvalidRange))
}
