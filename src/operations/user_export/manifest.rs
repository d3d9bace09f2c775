//! What says exactly what is in an archive and what is not.

use serde::Serialize;
use serde_json::json;

use super::{
    FILES,
    entries::Entry,
    files::Files,
    plan::{held_back, life},
};
use crate::{
    domain::{Instant, plan::Kept},
    operations::StepContext,
    systems::{app_db::ExportRows, object_store::ObjectVersion},
};

/// The version of the manifest's form.
const FORM: u32 = 1;

/// What an archive holds, as far as it is written.
pub(super) struct Contents {
    pub user: String,
    pub label: String,
    pub request: String,
    pub made_at: Instant,
    pub kept_for: String,
    pub with_files: bool,
    /// There are too many files to list.
    pub too_many_files: bool,
    pub place: String,
    pub tables: Vec<TablePart>,
    pub files: Vec<FileLine>,
    pub entries: Vec<Entry>,
    pub withheld: Vec<NotHere>,
    pub elsewhere: Vec<NotHere>,
    pub notes: Vec<String>,
    /// The customers in `stripe.json`, where Stripe was read.
    pub stripe_customers: Option<u64>,
    pub stripe_payments: u64,
}

/// The rows of one table.
#[derive(Debug, Serialize)]
pub(super) struct TablePart {
    pub table: String,
    pub via: String,
    pub file: String,
    pub columns: Vec<String>,
    pub rows: u64,
    #[serde(rename = "rows_too_long")]
    pub too_long: u64,
    pub values_withheld: u64,
}

/// One file of the person's.
pub(super) struct FileLine {
    pub object: ObjectVersion,
    /// Its content in the archive.
    pub entry: Option<Entry>,
    /// It was deleted between listing and reading.
    pub gone: bool,
}

/// Something that is not in the archive.
#[derive(Debug, Serialize)]
pub(super) struct NotHere {
    pub what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    pub why: String,
}

impl From<Kept> for NotHere {
    /// Only rows are counted in a field of their own.
    fn from(kept: Kept) -> Self {
        let are_rows = matches!(
            kept.kind.as_str(),
            "rows_withheld"
                | "rows_of_others"
                | "rows_with_address"
                | "rows_naming_account"
                | "rows_naming_rows"
        );
        Self {
            what: if are_rows {
                kept.what.clone()
            } else {
                kept.to_string()
            },
            rows: kept.count.filter(|_| are_rows),
            why: kept.why,
        }
    }
}

impl Contents {
    pub(super) fn new(
        context: &StepContext<'_>,
        user: &str,
        rows: &ExportRows,
        files: &Files,
    ) -> Self {
        let withheld = held_back(rows, files).into_iter().map(NotHere::from);
        let elsewhere = context.systems.exports.beyond_reach.iter();
        Self {
            user: user.to_owned(),
            label: context.private_data.label.clone().unwrap_or_default(),
            request: context.request.label(),
            made_at: context.now,
            kept_for: life(context.systems.exports.kept),
            with_files: !context.argument(FILES).is_empty(),
            too_many_files: files.too_many,
            place: files.place.clone(),
            tables: vec![],
            files: vec![],
            entries: vec![],
            withheld: withheld.collect(),
            elsewhere: elsewhere
                .map(|one| NotHere {
                    what: one.what.clone(),
                    rows: None,
                    why: one.why.clone(),
                })
                .collect(),
            notes: rows.warnings().iter().map(ToString::to_string).collect(),
            stripe_customers: None,
            stripe_payments: 0,
        }
    }

    pub(super) fn files_included(&self) -> u64 {
        self.included().count() as u64
    }

    /// Bytes of the files whose content is in the archive.
    pub(super) fn file_bytes(&self) -> u64 {
        self.included().map(|entry| entry.bytes).sum()
    }

    fn included(&self) -> impl Iterator<Item = &Entry> {
        self.files.iter().filter_map(|file| file.entry.as_ref())
    }
}

/// The manifest. It has the hash of everything beside it, and through the list of files that of every file.
pub(super) fn manifest(contents: &Contents) -> String {
    let manifest = json!({
        "form": FORM,
        "user_id": contents.user,
        "request": contents.request,
        "made_at": contents.made_at,
        "archive_is_deleted_after": contents.kept_for,
        "tables": contents.tables,
        "files": {
            "included": contents.with_files && !contents.too_many_files,
            "place": contents.place,
            "listed": (!contents.too_many_files).then_some(contents.files.len()),
            "in_archive": contents.files_included(),
            "bytes_in_archive": contents.file_bytes(),
        },
        "stripe": {
            "included": contents.stripe_customers.is_some(),
            "customers": contents.stripe_customers,
            "payments": contents.stripe_customers.map(|_| contents.stripe_payments),
        },
        "withheld": contents.withheld,
        "not_in_here": contents.elsewhere,
        "notes": contents.notes,
        "entries": contents.entries,
    });
    serde_json::to_string_pretty(&manifest).unwrap_or_default()
}
