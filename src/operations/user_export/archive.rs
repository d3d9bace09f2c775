//! Makes the archive: rows, then files, then what says what is in it.

use serde_json::{Value, json};

use super::{
    FILES, archives,
    entries::{Archive, Entry, Kind},
    files::{self, Files},
    index,
    manifest::{Contents, FileLine, TablePart, manifest},
    stripe::{self, Found},
};
use crate::{
    domain::event::StepResult,
    operations::{StepContext, StepError},
    systems::{
        app_db::ExportRows,
        object_store::{ObjectKey, ObjectVersion, StoreError},
    },
};

/// The longest part of a file's own name that its name in the archive keeps.
const NAME_CHARS: usize = 80;

/// Makes the archive, once: one that this request completed before is taken as it is.
pub(super) async fn make(context: &StepContext<'_>, user: &str) -> Result<StepResult, StepError> {
    if let Some(archive) = archives::archive(context).await? {
        return Ok(archive.result);
    }
    archives::clear(context).await?;
    let key = archives::enter(context, user).await?;
    let documents = &context.systems.documents;
    let upload = documents.start_upload(&key, "application/zip").await?;
    let mut archive = Archive::new(upload, context.now);
    let contents = match fill(context, user, &mut archive).await {
        Ok(contents) => contents,
        Err(error) => {
            archive.abort().await;
            return Err(error);
        }
    };
    let (object, sha256) = archive.finish().await?;
    let result = result(&contents, &key, &object, &sha256);
    archives::complete(context, &key, &result).await?;
    Ok(result)
}

/// Counts and short facts, for the journal.
fn result(
    contents: &Contents,
    key: &ObjectKey,
    object: &ObjectVersion,
    sha256: &str,
) -> StepResult {
    let tables = contents.tables.iter();
    let tables: StepResult = tables
        .map(|table| (table.table.clone(), table.rows.into()))
        .collect();
    let rows: u64 = contents.tables.iter().map(|table| table.rows).sum();
    let mut result = StepResult::from([
        ("rows".to_owned(), rows.into()),
        ("tables".to_owned(), json!(tables)),
        ("objects".to_owned(), contents.files_included().into()),
        ("bytes".to_owned(), contents.file_bytes().into()),
        ("archive".to_owned(), key.as_str().into()),
        ("archive_bytes".to_owned(), object.bytes.into()),
        ("sha256".to_owned(), sha256.into()),
    ]);
    if let Some(customers) = contents.stripe_customers {
        result.insert("stripe_customers".to_owned(), customers.into());
    }
    let too_long: u64 = contents.tables.iter().map(|table| table.too_long).sum();
    let withheld: u64 = contents
        .tables
        .iter()
        .map(|table| table.values_withheld)
        .sum();
    let files_missing = contents.files.iter().filter(|file| file.gone).count();
    for (name, count) in [
        ("rows_too_long", too_long),
        ("values_withheld", withheld),
        ("files_gone_meanwhile", files_missing as u64),
    ] {
        if count > 0 {
            result.insert(name.to_owned(), count.into());
        }
    }
    result
}

async fn fill(
    context: &StepContext<'_>,
    user: &str,
    archive: &mut Archive,
) -> Result<Contents, StepError> {
    let mut rows = context.app.get().await?.export(user).await?;
    let found = files::find(context.systems, &mut rows, user).await?;
    let mut contents = Contents::new(context, user, &rows, &found);
    add_rows(archive, &mut rows, &mut contents).await?;
    // What follows may take long, and the moment of the rows is not needed any more.
    rows.close().await?;
    add_stripe(context, user, archive, &mut contents).await?;
    let with_files = !context.argument(FILES).is_empty();
    add_files(context, archive, found, with_files, &mut contents).await?;
    let page = index::page(&contents);
    contents
        .entries
        .push(archive.add("index.html", &page).await?);
    let manifest = manifest(&contents);
    archive.add("manifest.json", &manifest).await?;
    Ok(contents)
}

async fn add_rows(
    archive: &mut Archive,
    rows: &mut ExportRows,
    contents: &mut Contents,
) -> Result<(), StepError> {
    for (number, table) in rows.tables().to_vec().iter().enumerate() {
        let path = format!("rows/{:02}-{}.jsonl", number + 1, plain(&table.table));
        archive.begin(&path, Kind::Text).await?;
        let copied = rows.copy(table, archive).await?;
        let entry = archive.end()?;
        contents.entries.push(entry);
        contents.tables.push(TablePart {
            table: table.table.clone(),
            via: table.via.clone(),
            file: path,
            columns: table.columns.clone(),
            rows: copied.rows,
            too_long: copied.too_long,
            values_withheld: copied.values_withheld,
        });
    }
    Ok(())
}

async fn add_stripe(
    context: &StepContext<'_>,
    user: &str,
    archive: &mut Archive,
    contents: &mut Contents,
) -> Result<(), StepError> {
    match stripe::read(context, user).await? {
        Found::Off => {}
        Found::Refused(why) => contents.elsewhere.push(why),
        Found::Read {
            customers,
            payments,
            json,
            left_out,
        } => {
            let text = serde_json::to_string_pretty(&json).unwrap_or_default();
            contents
                .entries
                .push(archive.add("stripe.json", &text).await?);
            contents.stripe_customers = Some(customers as u64);
            contents.stripe_payments = payments as u64;
            contents.withheld.extend(left_out);
        }
    }
    Ok(())
}

async fn add_files(
    context: &StepContext<'_>,
    archive: &mut Archive,
    found: Files,
    with_files: bool,
    contents: &mut Contents,
) -> Result<(), StepError> {
    if found.too_many {
        return Ok(());
    }
    for (number, object) in found.list.into_iter().enumerate() {
        let entry = if with_files {
            add_file(context, archive, number, &object).await?
        } else {
            None
        };
        contents.files.push(FileLine {
            gone: with_files && entry.is_none(),
            object,
            entry,
        });
    }
    archive.begin("files.jsonl", Kind::Text).await?;
    for file in &contents.files {
        let mut line = file.line().to_string();
        line.push('\n');
        archive.write(line.as_bytes()).await?;
    }
    let entry = archive.end()?;
    contents.entries.push(entry);
    Ok(())
}

/// Adds one file; `None` when it was deleted since it was found.
async fn add_file(
    context: &StepContext<'_>,
    archive: &mut Archive,
    number: usize,
    object: &ObjectVersion,
) -> Result<Option<Entry>, StepError> {
    let mut reader = match context.systems.files.read(object).await {
        Ok(reader) => reader,
        Err(StoreError::NoSuchKey { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let name = object.key.as_str().rsplit('/').next().unwrap_or_default();
    let path = format!("files/{:05}-{}", number + 1, plain(name));
    archive.begin(&path, Kind::File(object.bytes)).await?;
    while let Some(piece) = reader.piece().await? {
        archive.write(piece.as_ref()).await?;
    }
    archive.end().map(Some)
}

/// A name that every system can unpack, and that leads nowhere.
fn plain(name: &str) -> String {
    let safe = |char: char| {
        if char.is_ascii_alphanumeric() || "-_.".contains(char) {
            char
        } else {
            '_'
        }
    };
    let skipped = name.chars().count().saturating_sub(NAME_CHARS);
    name.chars().skip(skipped).map(safe).collect()
}

impl FileLine {
    /// The file's line in the list.
    fn line(&self) -> Value {
        json!({
            "key": self.object.key,
            "bytes": self.object.bytes,
            "last_modified": self.object.last_modified,
            "in_archive": self.entry.as_ref().map(|entry| &entry.path),
            "sha256": self.entry.as_ref().map(|entry| &entry.sha256),
            "note": self.gone.then_some("it was deleted before it could be read"),
        })
    }
}
