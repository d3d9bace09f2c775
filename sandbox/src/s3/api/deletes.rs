//! Deletes, one by one and in bulk.

use s3s::{
    S3Request, S3Result,
    dto::{
        DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput,
        DeletedObject, Error, ObjectIdentifier,
    },
    s3_error,
};

use super::Api;
use crate::s3::{calls, store::Deleted};

/// S3's limit for the keys of one `DeleteObjects`.
const KEYS_PER_CALL: usize = 1000;

pub(super) async fn delete_object(
    api: &Api,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<DeleteObjectOutput> {
    let input = request.input;
    api.0.store().bucket(&input.bucket)?;
    let deleted = delete(api, &input.bucket, &input.key, input.version_id.as_deref())?;
    Ok(DeleteObjectOutput {
        delete_marker: deleted.marker_id.is_some().then_some(true),
        version_id: deleted.version_id.or(deleted.marker_id),
        request_charged: None,
    })
}

pub(super) async fn delete_objects(
    api: &Api,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<DeleteObjectsOutput> {
    check_digest_is_sent(&request.headers)?;
    let input = request.input;
    let asked = input.delete.objects;
    if let Some(call) = request.extensions.get::<calls::Entry>() {
        call.add_keys(asked.iter().map(|object| object.key.clone()));
    }
    api.0.store().bucket(&input.bucket)?;
    if asked.is_empty() || asked.len() > KEYS_PER_CALL {
        return Err(s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        ));
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    let mut deleted = Vec::new();
    let mut errors = Vec::new();
    for object in asked {
        match delete(
            api,
            &input.bucket,
            &object.key,
            object.version_id.as_deref(),
        ) {
            Ok(_) if quiet => {}
            Ok(done) => deleted.push(told(object, done)),
            Err(error) => errors.push(Error {
                code: Some(error.code().as_str().to_owned()),
                message: error.message().map(str::to_owned),
                key: Some(object.key),
                version_id: object.version_id,
            }),
        }
    }
    Ok(DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(errors),
        request_charged: None,
    })
}

fn delete(api: &Api, bucket: &str, key: &str, version_id: Option<&str>) -> S3Result<Deleted> {
    if let Some(failure) = api.0.faults.of_delete(key, version_id) {
        return Err(failure.error());
    }
    api.0.dialect.check_delete(version_id)?;
    let stamp = api.stamp();
    let mut store = api.0.store();
    let bucket = store.bucket_mut(bucket)?;
    match version_id {
        Some(version_id) => bucket.delete_version(key, version_id),
        None => Ok(bucket.delete(key, stamp)),
    }
}

fn told(object: ObjectIdentifier, deleted: Deleted) -> DeletedObject {
    DeletedObject {
        key: Some(object.key),
        version_id: deleted.version_id,
        delete_marker: deleted.marker_id.is_some().then_some(true),
        delete_marker_version_id: deleted.marker_id,
    }
}

/// S3 wants a digest of this body: it must never delete by a garbled list.
fn check_digest_is_sent(headers: &http::HeaderMap) -> S3Result<()> {
    let is_digest = |name: &http::HeaderName| {
        name == "content-md5"
            || name == "x-amz-trailer"
            || name.as_str().starts_with("x-amz-checksum-")
    };
    if headers.keys().any(is_digest) {
        return Ok(());
    }
    Err(s3_error!(
        InvalidRequest,
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
    ))
}
