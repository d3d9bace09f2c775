//! One page of a listing, in a bucket with versions and in one without.

use super::{
    client::ObjectStore,
    error::{StoreError, sort},
    found::ObjectVersion,
    names::{Names, broken, own_key},
};
use crate::runtime::Instant;
use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    primitives::DateTime,
    types::EncodingType,
};

/// Where a listing starts or goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Position {
    Start,
    /// After this text, which may be a key or not.
    AfterText(String),
    /// After this key and, within it, after this version.
    AfterVersion {
        key: String,
        version_id: Option<String>,
    },
    /// With the token that the page before gave.
    Token(String),
}

/// What one page is asked for.
#[derive(Debug, Clone)]
pub(super) struct Ask<'a> {
    /// Only keys that start with this.
    pub(super) prefix: &'a str,
    /// Where the page starts.
    pub(super) from: Position,
    /// Most entries of the page; the store's own limit when `None`.
    pub(super) most: Option<i32>,
}

/// One page, and where the next one starts when there is one.
pub(super) struct Page {
    /// What was listed under the prefix, versions before delete markers, each in the store's order.
    pub(super) objects: Vec<ObjectVersion>,
    pub(super) next: Option<Position>,
}

/// Lists one page of all versions and delete markers.
async fn versions_page(store: &ObjectStore, ask: &Ask<'_>) -> Result<Page, StoreError> {
    const CALL: &str = "ListObjectVersions";
    let (key_marker, version_marker) = match ask.from.clone() {
        Position::AfterVersion { key, version_id } => (Some(key), version_id),
        Position::AfterText(text) => (Some(text), None),
        Position::Start | Position::Token(_) => (None, None),
    };
    let answer = store
        .client
        .list_object_versions()
        .bucket(store.bucket())
        .prefix(ask.prefix)
        .set_max_keys(ask.most)
        .encoding_type(EncodingType::Url)
        .set_key_marker(key_marker)
        .set_version_id_marker(version_marker)
        .send()
        .await
        .map_err(|error| sort_listing(CALL, store, &error))?;
    let names = Names::of(answer.encoding_type());
    let mut objects = Vec::new();
    for version in answer.versions() {
        let key = names.read(version.key())?;
        if key.starts_with(ask.prefix) {
            objects.push(ObjectVersion {
                key: own_key(key)?,
                version_id: version.version_id().map(str::to_owned),
                delete_marker: false,
                latest: version.is_latest().unwrap_or(false),
                bytes: size(version.size()),
                last_modified: time(version.last_modified()),
            });
        }
    }
    for marker in answer.delete_markers() {
        let key = names.read(marker.key())?;
        if key.starts_with(ask.prefix) {
            objects.push(ObjectVersion {
                key: own_key(key)?,
                version_id: marker.version_id().map(str::to_owned),
                delete_marker: true,
                latest: marker.is_latest().unwrap_or(false),
                bytes: 0,
                last_modified: time(marker.last_modified()),
            });
        }
    }
    let next = if answer.is_truncated() == Some(true) {
        let key = names.read(answer.next_key_marker())?;
        let version_id = answer.next_version_id_marker().map(str::to_owned);
        Some(Position::AfterVersion { key, version_id })
    } else {
        None
    };
    going_on(CALL, &ask.from, Page { objects, next })
}

/// Lists one page of a bucket that never had versions.
async fn objects_page(store: &ObjectStore, ask: &Ask<'_>) -> Result<Page, StoreError> {
    const CALL: &str = "ListObjectsV2";
    let (token, start_after) = match ask.from.clone() {
        Position::Token(token) => (Some(token), None),
        Position::AfterText(text) => (None, Some(text)),
        Position::Start | Position::AfterVersion { .. } => (None, None),
    };
    let answer = store
        .client
        .list_objects_v2()
        .bucket(store.bucket())
        .prefix(ask.prefix)
        .set_max_keys(ask.most)
        .encoding_type(EncodingType::Url)
        .set_start_after(start_after)
        .set_continuation_token(token)
        .send()
        .await
        .map_err(|error| sort_listing(CALL, store, &error))?;
    let names = Names::of(answer.encoding_type());
    let mut objects = Vec::new();
    for object in answer.contents() {
        let key = names.read(object.key())?;
        // What the store answers beyond the prefix is not ours to touch.
        if !key.starts_with(ask.prefix) {
            continue;
        }
        objects.push(ObjectVersion {
            key: own_key(key)?,
            version_id: None,
            delete_marker: false,
            latest: true,
            bytes: size(object.size()),
            last_modified: time(object.last_modified()),
        });
    }
    let next = if answer.is_truncated() == Some(true) {
        let token = answer
            .next_continuation_token()
            .ok_or_else(|| broken(CALL))?;
        Some(Position::Token(token.to_owned()))
    } else {
        None
    };
    going_on(CALL, &ask.from, Page { objects, next })
}

/// Lists one page, of all versions where the bucket keeps them.
pub(super) async fn page(
    store: &ObjectStore,
    ask: &Ask<'_>,
    keeps_versions: bool,
) -> Result<Page, StoreError> {
    if keeps_versions {
        versions_page(store, ask).await
    } else {
        objects_page(store, ask).await
    }
}

/// A page whose successor is itself would be read for ever.
fn going_on(call: &'static str, from: &Position, page: Page) -> Result<Page, StoreError> {
    if page.next.as_ref() == Some(from) {
        Err(broken(call))
    } else {
        Ok(page)
    }
}

fn sort_listing<E>(
    call: &'static str,
    store: &ObjectStore,
    error: &SdkError<E, HttpResponse>,
) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    sort(call, store.bucket(), error)
}

/// The size of an object; S3 never answers a negative one.
pub(super) fn size(bytes: Option<i64>) -> u64 {
    bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .unwrap_or(0)
}

pub(super) fn time(time: Option<&DateTime>) -> Option<Instant> {
    time.and_then(|time| Instant::from_timestamp(time.secs(), time.subsec_nanos()))
}
