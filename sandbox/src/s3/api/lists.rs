//! Lists of objects, and what all lists share.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use s3s::{
    S3Request, S3Result,
    dto::{
        CommonPrefix, EncodingType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
        ListObjectsV2Output, Object, ObjectStorageClass,
    },
    s3_error,
};

use super::{Api, etag, size, timestamp};
use crate::s3::{
    server::percent_encode,
    store::{Entry, Page, Query},
};

/// S3's limit for the entries of one page, which is also the default.
const ENTRIES_PER_PAGE: i32 = 1000;

pub(super) async fn list_objects_v2(
    api: &Api,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<ListObjectsV2Output> {
    let input = request.input;
    let max_keys = page_size(input.max_keys)?;
    let resumed = input
        .continuation_token
        .as_deref()
        .map(read_token)
        .transpose()?;
    let after = resumed.as_deref().or(input.start_after.as_deref());
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let store = api.0.store();
    let page = store.bucket(&input.bucket)?.list(&Query {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: not_empty(input.delimiter.as_deref()),
        after,
        max: max_keys.unsigned_abs() as usize,
    });
    let next = last_name(&page).filter(|_| page.truncated);
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        max_keys: Some(max_keys),
        key_count: i32::try_from(page.entries.len()).ok(),
        is_truncated: Some(page.truncated),
        next_continuation_token: next.map(|name| URL_SAFE_NO_PAD.encode(name)),
        contents: Some(contents(&page, encoding)),
        common_prefixes: Some(common_prefixes(&page, encoding)),
        continuation_token: input.continuation_token,
        prefix: Some(encoding.apply(input.prefix.as_deref().unwrap_or_default())),
        delimiter: input.delimiter.map(|delimiter| encoding.apply(&delimiter)),
        start_after: input.start_after.map(|start| encoding.apply(&start)),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

pub(super) async fn list_objects(
    api: &Api,
    request: S3Request<ListObjectsInput>,
) -> S3Result<ListObjectsOutput> {
    let input = request.input;
    let max_keys = page_size(input.max_keys)?;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let delimiter = not_empty(input.delimiter.as_deref());
    let store = api.0.store();
    let page = store.bucket(&input.bucket)?.list(&Query {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter,
        after: not_empty(input.marker.as_deref()),
        max: max_keys.unsigned_abs() as usize,
    });
    // Without a delimiter S3 leaves it to the client to go on after the last key.
    let next = last_name(&page).filter(|_| page.truncated && delimiter.is_some());
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        max_keys: Some(max_keys),
        is_truncated: Some(page.truncated),
        next_marker: next.map(|name| encoding.apply(name)),
        contents: Some(contents(&page, encoding)),
        common_prefixes: Some(common_prefixes(&page, encoding)),
        marker: Some(encoding.apply(input.marker.as_deref().unwrap_or_default())),
        prefix: Some(encoding.apply(input.prefix.as_deref().unwrap_or_default())),
        delimiter: input.delimiter.map(|delimiter| encoding.apply(&delimiter)),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

/// How keys are written into the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    Url,
}

impl Encoding {
    /// What the client asked for. Fails with `InvalidArgument`.
    pub(super) fn of(asked: Option<&EncodingType>) -> S3Result<Self> {
        match asked.map(EncodingType::as_str) {
            None => Ok(Self::Plain),
            Some(EncodingType::URL) => Ok(Self::Url),
            Some(_) => Err(s3_error!(
                InvalidArgument,
                "Invalid Encoding Method specified in Request"
            )),
        }
    }

    /// The key as it is written.
    pub(super) fn apply(self, key: &str) -> String {
        match self {
            Self::Plain => key.to_owned(),
            Self::Url => percent_encode(key),
        }
    }
}

/// The size of a page from the `max-keys` that was asked for. Fails with `InvalidArgument`.
pub(super) fn page_size(asked: Option<i32>) -> S3Result<i32> {
    match asked {
        None => Ok(ENTRIES_PER_PAGE),
        Some(asked) if asked >= 0 => Ok(asked.min(ENTRIES_PER_PAGE)),
        Some(_) => Err(s3_error!(
            InvalidArgument,
            "Argument maxKeys must be an integer between 0 and 2147483647"
        )),
    }
}

/// Clients send an empty value where they mean none.
pub(super) fn not_empty(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}

/// The key or common prefix that the page ends with.
pub(super) fn last_name<'a>(page: &'a Page<'_>) -> Option<&'a str> {
    page.entries.last().map(Entry::name)
}

/// The common prefixes of a page.
pub(super) fn common_prefixes(page: &Page<'_>, encoding: Encoding) -> Vec<CommonPrefix> {
    let prefixes = page.entries.iter().filter_map(|entry| match entry {
        Entry::CommonPrefix(prefix) => Some(encoding.apply(prefix)),
        Entry::Version { .. } => None,
    });
    prefixes
        .map(|prefix| CommonPrefix {
            prefix: Some(prefix),
        })
        .collect()
}

fn contents(page: &Page<'_>, encoding: Encoding) -> Vec<Object> {
    let objects = page.entries.iter().filter_map(|entry| match entry {
        Entry::Version { key, version, .. } => Some(Object {
            key: Some(encoding.apply(key)),
            size: size(version.size()),
            e_tag: version.object().and_then(|object| etag(&object.etag)),
            last_modified: Some(timestamp(version.modified)),
            storage_class: Some(ObjectStorageClass::from_static(
                ObjectStorageClass::STANDARD,
            )),
            ..Default::default()
        }),
        Entry::CommonPrefix(_) => None,
    });
    objects.collect()
}

fn read_token(token: &str) -> S3Result<String> {
    let decoded = URL_SAFE_NO_PAD.decode(token).ok();
    let name = decoded
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|name| !name.is_empty());
    name.ok_or_else(|| {
        s3_error!(
            InvalidArgument,
            "The continuation token provided is incorrect"
        )
    })
}
