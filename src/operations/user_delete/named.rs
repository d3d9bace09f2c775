//! Which files rows name, and whether they go with the person.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use crate::systems::{
    Systems,
    app_db::{AppDbError, FileValues, StayingFiles},
    object_store::{NotOurs, ObjectKey, ObjectStore, Prefix},
};

/// The keys that rows name around one account.
pub(in crate::operations) struct Named {
    /// Rows that go name them, and no row that stays does.
    pub own: Vec<ObjectKey>,
    /// Rows that stay name them: other people's rows, or rows that a policy keeps. The files stay, also those under the
    /// person's prefix.
    pub shared: BTreeSet<ObjectKey>,
    /// Why other values do not name files in our bucket.
    pub not_ours: Vec<String>,
}

/// The keys that rows name before the person's rows are gone.
pub(super) async fn named(
    systems: &Systems,
    user: &str,
    prefix: &Prefix,
) -> Result<Named, AppDbError> {
    let may_lie_there = |value: &str| may_lie_under(&systems.files, prefix, value);
    let search = StayingFiles {
        prefix: prefix.as_str(),
        keys: &[],
        is_wanted: &may_lie_there,
    };
    let values = systems.app_db.file_values(user, search).await?;
    Ok(sorted_out(&systems.files, prefix, values))
}

/// Whether a value in a row of somebody else may name a file under the prefix.
pub(in crate::operations) fn may_lie_under(
    files: &ObjectStore,
    prefix: &Prefix,
    value: &str,
) -> bool {
    let lies_there = |key: &str| key.starts_with(prefix.as_str());
    !meant(files, value, &lies_there).is_empty()
}

/// The keys that the found values name.
pub(in crate::operations) fn sorted_out(
    files: &ObjectStore,
    prefix: &Prefix,
    values: FileValues,
) -> Named {
    let lies_there = |key: &str| key.starts_with(prefix.as_str());
    let mut named = Named {
        own: vec![],
        shared: BTreeSet::new(),
        not_ours: vec![],
    };
    for value in &values.staying {
        named.shared.extend(meant(files, value, &lies_there));
    }
    for value in values.going {
        match files.key_of_value(&value.value) {
            Ok(key) if value.shared_with_others => {
                named.shared.insert(key);
            }
            Ok(key) => named.own.push(key),
            Err(reason) => named.not_ours.push(reason.to_string()),
        }
    }
    named.own.retain(|key| !named.shared.contains(key));
    named.own.sort_unstable();
    named.own.dedup();
    named
}

/// Of the files under the prefix and with these keys those that rows name now that the person's rows are gone.
pub(super) async fn still_named(
    systems: &Systems,
    prefix: &Prefix,
    keys: &[ObjectKey],
) -> Result<BTreeSet<ObjectKey>, AppDbError> {
    let texts: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let known: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
    let goes = |key: &str| key.starts_with(prefix.as_str()) || known.contains(key);
    let search = StayingFiles {
        prefix: prefix.as_str(),
        keys: &texts,
        is_wanted: &|value| !meant(&systems.files, value, &goes).is_empty(),
    };
    let values = systems.app_db.staying_file_values(search).await?;
    let keys = values
        .iter()
        .flat_map(|value| meant(&systems.files, value, &goes));
    Ok(keys.collect())
}

/// Whether the file of a value that goes was written down, or needs no writing down: it is not in our bucket, or it
/// lies under the prefix, which is searched.
pub(super) fn is_known(
    files: &ObjectStore,
    prefix: &Prefix,
    keys: &BTreeSet<ObjectKey>,
    value: &str,
) -> bool {
    files.key_of_value(value).map_or(true, |key| {
        key.as_str().starts_with(prefix.as_str()) || keys.contains(&key)
    })
}

/// The files that a value may mean, of those that would go. A key of our bucket means itself. What is neither that nor
/// clearly elsewhere can be another way to our files (a CDN, a path of the app): then every part that reads like one of
/// them counts, for a file too much that stays does less harm than somebody's file that is gone.
fn meant(files: &ObjectStore, value: &str, goes: &dyn Fn(&str) -> bool) -> Vec<ObjectKey> {
    match files.key_of_value(value) {
        Ok(key) => Vec::from_iter(Some(key).filter(|key| goes(key.as_str()))),
        Err(NotOurs::NoKey(_) | NotOurs::OtherBucket(_)) => vec![],
        Err(NotOurs::OtherHost(_) | NotOurs::Unclear(_)) => {
            let decoded = percent_decode_str(value).decode_utf8_lossy();
            let mut found = parts_that(value, goes);
            found.extend(parts_that(&decoded, goes));
            found
        }
    }
}

fn parts_that(text: &str, goes: &dyn Fn(&str) -> bool) -> Vec<ObjectKey> {
    let starts = text
        .char_indices()
        .filter(|(_, char)| "/=?&#".contains(*char))
        .map(|(at, char)| at + char.len_utf8());
    std::iter::once(0)
        .chain(starts)
        .filter_map(|start| text[start..].split(['?', '&', '#']).next())
        .filter(|part| goes(part))
        .filter_map(|part| ObjectKey::new(part).ok())
        .collect()
}
