//! The files of an export: the current version of everything that lies under the person's prefix or that the person's
//! rows name, except what other people's rows name too.

use std::collections::BTreeSet;

use futures::TryStreamExt;

use crate::{
    operations::{
        PlanError,
        named_files::{look_at, prefix},
    },
    systems::{Systems, app_db::ExportRows, object_store::ObjectVersion},
};

/// The most files of one export. The list of an archive is held in memory until it is complete.
pub(super) const MOST_FILES: usize = 20_000;

/// A person's files.
#[derive(Default)]
pub(super) struct Files {
    /// For people: the bucket, the prefix and the columns.
    pub place: String,
    /// By key.
    pub list: Vec<ObjectVersion>,
    /// Files that rows name and that are not in the bucket.
    pub missing: u64,
    /// Files that other people's rows name too: they may be theirs.
    pub shared: u64,
    /// Files of which it depends on the reading of an address whose they are.
    pub doubtful: u64,
    /// Why other values do not name files in the bucket: one reason for each.
    pub not_ours: Vec<String>,
    /// There are more than [`MOST_FILES`], so none is listed.
    pub too_many: bool,
}

impl Files {
    pub(super) fn bytes(&self) -> u64 {
        self.list.iter().map(|file| file.bytes).sum()
    }
}

/// Finds the files, those that rows name at the moment of `rows`.
pub(super) async fn find(
    systems: &Systems,
    rows: &mut ExportRows,
    user: &str,
) -> Result<Files, PlanError> {
    let prefix = prefix(systems, user)?;
    let mut files = Files {
        place: place(systems, prefix.as_str()),
        ..Files::default()
    };
    if rows.count_file_values().await? > MOST_FILES as u64 {
        files.too_many = true;
        return Ok(files);
    }
    let looked = look_at(&systems.files, &prefix, rows.file_rows()).await?;
    let mut named = looked.settle(&systems.files).await?;
    files.shared = named.shared.len() as u64;
    files.doubtful = named.doubtful.len() as u64;
    files.not_ours = std::mem::take(&mut named.not_ours);
    let mut pages = Box::pin(systems.files.find_stream(&[prefix], &named.own).await?);
    while let Some(page) = pages.try_next().await? {
        let current = page.into_iter().filter(|version| {
            version.latest && !version.delete_marker && !named.keeps(&version.key)
        });
        files.list.extend(current);
        if files.list.len() > MOST_FILES {
            files.list.clear();
            files.too_many = true;
            return Ok(files);
        }
    }
    files.list.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let found: BTreeSet<_> = files.list.iter().map(|file| &file.key).collect();
    let missing = named.own.iter().filter(|key| !found.contains(key));
    files.missing = missing.count() as u64;
    Ok(files)
}

/// Two plans are compared by it, so it names every column, whether it has values now or not.
fn place(systems: &Systems, prefix: &str) -> String {
    let mut place = format!("{} under {prefix}", systems.files.bucket());
    for column in &systems.app_db.mapping().user_columns {
        place.push_str(&format!(", named by {column}"));
    }
    place
}
