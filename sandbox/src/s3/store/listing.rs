//! Pages of keys and of versions, with prefix, delimiter and markers.

use std::ops::Bound;

use super::{Bucket, NULL_VERSION, Version};

/// What to list.
#[derive(Debug, Default)]
pub(in crate::s3) struct Query<'a> {
    /// Only keys that start with this; a plain string prefix.
    pub(in crate::s3) prefix: &'a str,
    /// Keys that have this after the prefix are rolled up to a common prefix.
    pub(in crate::s3) delimiter: Option<&'a str>,
    /// Only what comes after this key or common prefix.
    pub(in crate::s3) after: Option<&'a str>,
    /// Entries per page, common prefixes included.
    pub(in crate::s3) max: usize,
}

/// One page.
#[derive(Debug)]
pub(in crate::s3) struct Page<'a> {
    pub(in crate::s3) entries: Vec<Entry<'a>>,
    /// Whether more follows after the last entry.
    pub(in crate::s3) truncated: bool,
}

/// One line of a page.
#[derive(Debug, Clone, Copy)]
pub(in crate::s3) enum Entry<'a> {
    Version {
        key: &'a str,
        version: &'a Version,
        latest: bool,
    },
    CommonPrefix(&'a str),
}

impl Entry<'_> {
    /// The key or the common prefix.
    pub(in crate::s3) fn name(&self) -> &str {
        match self {
            Self::Version { key, .. } => key,
            Self::CommonPrefix(prefix) => prefix,
        }
    }
}

impl Bucket {
    /// A page of the keys whose latest version is an object.
    pub(in crate::s3) fn list(&self, query: &Query<'_>) -> Page<'_> {
        let current = self.after(query.prefix, query.after, false);
        let current = current.filter_map(|(key, versions)| {
            let version = versions
                .last()
                .filter(|version| version.object().is_some())?;
            Some((key, version, true))
        });
        page(current, query)
    }

    /// A page of all versions and delete markers. With a marker it goes on after that version of the key
    /// [`Query::after`], else after that key.
    pub(in crate::s3) fn list_versions(&self, query: &Query<'_>, marker: Option<&str>) -> Page<'_> {
        let keys = self.after(query.prefix, query.after, marker.is_some());
        let versions = keys.flat_map(|(key, versions)| {
            let resumed = marker.filter(|_| query.after == Some(key));
            let skipped = resumed.map_or(0, |marker| listed_before(versions, marker));
            let newest_first = versions.iter().rev().enumerate().skip(skipped);
            newest_first.map(move |(age, version)| (key, version, age == 0))
        });
        page(versions, query)
    }

    fn after<'a>(
        &'a self,
        prefix: &str,
        after: Option<&str>,
        inclusive: bool,
    ) -> impl Iterator<Item = (&'a str, &'a [Version])> {
        let start = match after {
            Some(after) if after >= prefix && inclusive => Bound::Included(after),
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let prefix = prefix.to_owned();
        self.keys
            .range::<str, _>((start, Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(&prefix))
            .map(|(key, versions)| (key.as_str(), versions.as_slice()))
    }
}

/// How many of a key's versions, the newest first, came up to the marker. When the marker's version has been deleted
/// meanwhile, its time-ordered id still tells; a lister then rather sees a version twice than never.
fn listed_before(versions: &[Version], marker: &str) -> usize {
    let newest_first = || versions.iter().rev();
    match newest_first().position(|version| version.id == marker) {
        Some(index) => index + 1,
        None if marker == NULL_VERSION => 0,
        None => newest_first()
            .take_while(|version| version.id != NULL_VERSION && version.id.as_str() > marker)
            .count(),
    }
}

fn page<'a>(
    versions: impl Iterator<Item = (&'a str, &'a Version, bool)>,
    query: &Query<'_>,
) -> Page<'a> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for (key, version, latest) in versions {
        let entry = match common_prefix(key, query) {
            Some(prefix) if query.after == Some(prefix) => continue,
            Some(prefix) if entries.last().is_some_and(|last| is_prefix(last, prefix)) => continue,
            Some(prefix) => Entry::CommonPrefix(prefix),
            None => Entry::Version {
                key,
                version,
                latest,
            },
        };
        if entries.len() == query.max {
            // S3 calls an empty page that was asked for (`max-keys=0`) complete.
            return Page {
                entries,
                truncated: query.max > 0,
            };
        }
        entries.push(entry);
    }
    Page {
        entries,
        truncated: false,
    }
}

fn is_prefix(entry: &Entry<'_>, prefix: &str) -> bool {
    matches!(entry, Entry::CommonPrefix(last) if *last == prefix)
}

fn common_prefix<'a>(key: &'a str, query: &Query<'_>) -> Option<&'a str> {
    let delimiter = query.delimiter?;
    let rest = key.get(query.prefix.len()..)?;
    let end = query.prefix.len() + rest.find(delimiter)? + delimiter.len();
    key.get(..end)
}
