//! The list of all versions and delete markers.

use s3s::{
    S3Request, S3Result,
    dto::{
        DeleteMarkerEntry, ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion,
        ObjectVersionStorageClass,
    },
    s3_error,
};

use super::{
    Api, etag,
    lists::{Encoding, common_prefixes, last_name, not_empty, page_size},
    size, timestamp,
};
use crate::s3::store::{Entry, Page, Query};

pub(super) async fn list_object_versions(
    api: &Api,
    request: S3Request<ListObjectVersionsInput>,
) -> S3Result<ListObjectVersionsOutput> {
    let input = request.input;
    let max_keys = page_size(input.max_keys)?;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let key_marker = not_empty(input.key_marker.as_deref());
    let version_marker = not_empty(input.version_id_marker.as_deref());
    if version_marker.is_some() && key_marker.is_none() {
        return Err(s3_error!(
            InvalidArgument,
            "A version-id marker cannot be specified without a key marker."
        ));
    }
    let query = Query {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: not_empty(input.delimiter.as_deref()),
        after: key_marker,
        max: max_keys.unsigned_abs() as usize,
    };
    let store = api.0.store();
    let page = store
        .bucket(&input.bucket)?
        .list_versions(&query, version_marker);
    let (versions, delete_markers) = split(&page, encoding);
    let next_key = last_name(&page).filter(|_| page.truncated);
    let next_version = last_version(&page).filter(|_| page.truncated);
    Ok(ListObjectVersionsOutput {
        max_keys: Some(max_keys),
        is_truncated: Some(page.truncated),
        next_key_marker: next_key.map(|key| encoding.apply(key)),
        next_version_id_marker: next_version.map(str::to_owned),
        versions: Some(versions),
        delete_markers: Some(delete_markers),
        common_prefixes: Some(common_prefixes(&page, encoding)),
        prefix: Some(encoding.apply(query.prefix)),
        key_marker: Some(encoding.apply(key_marker.unwrap_or_default())),
        version_id_marker: Some(version_marker.unwrap_or_default().to_owned()),
        delimiter: query.delimiter.map(|delimiter| encoding.apply(delimiter)),
        encoding_type: input.encoding_type,
        name: Some(input.bucket),
        request_charged: None,
    })
}

fn split(page: &Page<'_>, encoding: Encoding) -> (Vec<ObjectVersion>, Vec<DeleteMarkerEntry>) {
    let mut versions = Vec::new();
    let mut markers = Vec::new();
    for entry in &page.entries {
        let Entry::Version {
            key,
            version,
            latest,
        } = entry
        else {
            continue;
        };
        match version.object() {
            Some(object) => versions.push(ObjectVersion {
                key: Some(encoding.apply(key)),
                version_id: Some(version.id.clone()),
                is_latest: Some(*latest),
                size: size(version.size()),
                e_tag: etag(&object.etag),
                last_modified: Some(timestamp(version.modified)),
                storage_class: Some(ObjectVersionStorageClass::from_static(
                    ObjectVersionStorageClass::STANDARD,
                )),
                ..Default::default()
            }),
            None => markers.push(DeleteMarkerEntry {
                key: Some(encoding.apply(key)),
                version_id: Some(version.id.clone()),
                is_latest: Some(*latest),
                last_modified: Some(timestamp(version.modified)),
                owner: None,
            }),
        }
    }
    (versions, markers)
}

fn last_version<'a>(page: &Page<'a>) -> Option<&'a str> {
    match page.entries.last()? {
        Entry::Version { version, .. } => Some(&version.id),
        Entry::CommonPrefix(_) => None,
    }
}
