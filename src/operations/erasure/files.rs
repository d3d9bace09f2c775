//! The person's files: found, written down, erased with all versions, looked for again.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt;
use serde_json::json;

use super::work::{self, Count};
use crate::{
    domain::event::StepResult,
    operations::{
        PlanContext, PlanError, StepContext, StepError,
        named_files::{look, prefix, still_named},
        user_export::remove_of_user,
        wording::counted as in_words,
    },
    systems::{
        app_db::{FindError, UserRef},
        object_store::{Cause, Failed, ObjectKey, Prefix, Versioning},
    },
};

/// Versions that are erased and ticked off at a time.
const BATCH: i64 = 4_000;

/// Where a person's files are, and how many.
pub(super) struct Files {
    /// For people: the prefix and the columns.
    pub place: String,
    pub found: Count,
    /// Keys that rows name.
    pub named: u64,
    /// How many keys rows name which stay: the files stay too.
    pub shared: u64,
    /// How many files stay because it depends on the reading of an address whose they are.
    pub doubtful: u64,
    /// Whether the store knows no versions at all.
    pub no_versions: bool,
    /// Why other values do not name files in our bucket.
    pub not_ours: Vec<String>,
}

/// Counts for the plan; pages are not kept.
pub(super) async fn find(context: &PlanContext<'_>, user: &str) -> Result<Files, PlanError> {
    let systems = context.systems;
    let prefix = prefix(systems, user)?;
    let app = context.app.get().await?;
    let looked = look(app, &systems.files, user, &prefix).await?;
    let named = looked.settle(&systems.files).await?;
    // The place is what two plans are compared by, so it names every column, whether it has values now or not.
    let mut place = format!("{} under {}", systems.files.bucket(), prefix.as_str());
    for column in &systems.app_db.mapping().user_columns {
        place.push_str(&format!(", named by {column}"));
    }
    let mut found = Count::default();
    let mut keys = BTreeSet::new();
    let mut pages = Box::pin(systems.files.find_stream(&[prefix], &named.own).await?);
    while let Some(page) = pages.try_next().await? {
        for version in page.iter().filter(|v| !named.keeps(&v.key)) {
            if keys.insert(version.key.clone()) {
                found.keys += 1;
            }
            if version.delete_marker {
                found.delete_markers += 1;
            } else {
                found.versions += 1;
                found.bytes += version.bytes;
            }
        }
    }
    Ok(Files {
        place,
        found,
        named: named.own.len() as u64,
        shared: named.shared.len() as u64,
        doubtful: named.doubtful.len() as u64,
        no_versions: systems.files.versioning().await? == Versioning::NotSupported,
        not_ours: named.not_ours,
    })
}

/// Writes down every version before the rows go that are the only index of some of them.
pub(super) async fn collect(
    context: &StepContext<'_>,
    user: &str,
) -> Result<StepResult, StepError> {
    write_down_named(context, user).await?;
    counted(context).await
}

/// Writes down every version, and gives the values of rows that were looked at for it.
pub(super) async fn write_down_named(
    context: &StepContext<'_>,
    user: &str,
) -> Result<BTreeSet<String>, StepError> {
    let email = email_of(context, user).await?;
    work::keep_email(context, user, email.as_deref()).await?;
    let prefix = prefix(context.systems, user)?;
    let app = context.app.get().await?;
    let looked = look(app, &context.systems.files, user, &prefix).await?;
    let values = looked.values().clone();
    let named = looked.settle(&context.systems.files).await?;
    work::begin_lists(context, &named).await?;
    write_down(context, &[prefix], &named.own).await?;
    Ok(values)
}

/// Every key that is written down, erased or kept.
pub(super) async fn known_keys(
    context: &StepContext<'_>,
) -> Result<BTreeSet<ObjectKey>, StepError> {
    let mut keys = BTreeSet::from_iter(work::keys(context, false).await?);
    keys.extend(work::keys(context, true).await?);
    Ok(keys)
}

async fn write_down(
    context: &StepContext<'_>,
    prefixes: &[Prefix],
    keys: &[ObjectKey],
) -> Result<(), StepError> {
    let pages = context.systems.files.find_stream(prefixes, keys).await?;
    let mut pages = Box::pin(pages);
    while let Some(page) = pages.try_next().await? {
        work::write_versions(context, &page).await?;
    }
    Ok(())
}

/// Erases the files and every archive of an export of them, and says what is on the list then.
pub(super) async fn erase(context: &StepContext<'_>, user: &str) -> Result<StepResult, StepError> {
    sweep(context, user).await?;
    let archives = remove_of_user(context.systems, context.journal, user, context.now).await?;
    let mut result = counted(context).await?;
    if archives > 0 {
        result.insert("export_archives_deleted".to_owned(), archives.into());
    }
    Ok(result)
}

/// Erases what is written down, and what was uploaded to the same places since. Right before it, every row is asked once
/// more, in the schema as it is then: what the app gave to somebody else meanwhile stays. Gives the number of versions and markers.
pub(super) async fn sweep(context: &StepContext<'_>, user: &str) -> Result<u64, StepError> {
    let prefix = prefix(context.systems, user)?;
    let keys = work::keys(context, false).await?;
    write_down(context, std::slice::from_ref(&prefix), &keys).await?;
    let app = context.systems.app_db.open().await?;
    let shared = still_named(&app, &context.systems.files, &prefix, &keys).await?;
    work::keep_shared(context, &shared).await?;
    erase_list(context).await
}

async fn erase_list(context: &StepContext<'_>) -> Result<u64, StepError> {
    let mut erased = 0;
    let mut passing = 0;
    let mut lasting: Vec<Failed> = Vec::new();
    let mut after = None;
    loop {
        let batch = work::open_versions(context, after.as_ref(), BATCH).await?;
        let Some(last) = batch.last() else {
            break;
        };
        after = Some(work::Place::of(last));
        let report = context.systems.files.erase_list(batch.clone()).await?;
        work::tick_off(context, &batch, &report).await?;
        erased += (batch.len() as u64).saturating_sub(report.failed_count);
        let (for_good, in_passing): (Vec<_>, Vec<_>) = report
            .failed
            .into_iter()
            .partition(|failed| failed.permanent);
        passing += in_passing.len() as u64
            + report
                .failed_count
                .saturating_sub((in_passing.len() + for_good.len()) as u64);
        lasting.extend(for_good);
    }
    if passing > 0 {
        return Err(StepError::Retry(format!(
            "{passing} versions could not be deleted yet"
        )));
    }
    if !lasting.is_empty() {
        return Err(StepError::Failed(why_not_erased(&lasting)));
    }
    Ok(erased)
}

/// What has to be changed before the rest can be erased. The store's own texts are left out: they may hold keys.
fn why_not_erased(failed: &[Failed]) -> String {
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for one in failed {
        let says = match &one.cause {
            Cause::Protected => format!(
                "protected and were not deleted ({}): lift the legal hold or the retention, then try again",
                one.code
            ),
            Cause::MissingRight(right) => format!(
                "not deleted ({}): the store's credentials lack the right {right}; add it to their policy, then try again",
                one.code
            ),
            Cause::Refused(right) => format!(
                "not deleted ({}): the store's credentials lack the right {right}, or Object Lock protects the files",
                one.code
            ),
            Cause::Other => format!("not deleted: the object store answered {}", one.code),
        };
        *causes.entry(says).or_default() += 1;
    }
    let causes = causes.iter().map(|(says, versions)| {
        let verb = if says.starts_with("protected") {
            "are"
        } else {
            "were"
        };
        format!(
            "{} {verb} {says}",
            in_words(*versions as u64, "version", "versions")
        )
    });
    causes.collect::<Vec<_>>().join("; ")
}

/// Versions and markers of the person's files that are in the bucket.
pub(super) async fn left(context: &StepContext<'_>, user: &str) -> Result<usize, StepError> {
    let prefix = prefix(context.systems, user)?;
    let keys = work::keys(context, false).await?;
    let kept = BTreeSet::from_iter(work::keys(context, true).await?);
    let left = context.systems.files.remaining(&[prefix], &keys).await?;
    let left = left.objects.iter().filter(|v| !kept.contains(&v.key));
    Ok(left.count())
}

async fn counted(context: &StepContext<'_>) -> Result<StepResult, StepError> {
    let count = work::count(context).await?;
    let kept = work::keys(context, true).await?.len();
    let mut result = StepResult::from([
        ("objects".to_owned(), json!(count.keys)),
        ("versions".to_owned(), json!(count.versions)),
        ("delete_markers".to_owned(), json!(count.delete_markers)),
        ("bytes".to_owned(), json!(count.bytes)),
    ]);
    if kept > 0 {
        result.insert("files_kept".to_owned(), json!(kept));
    }
    Ok(result)
}

/// The address of the account, for what has to be looked for when its row is gone.
async fn email_of(context: &StepContext<'_>, user: &str) -> Result<Option<String>, StepError> {
    let app = context.app.get().await?;
    match app.find_user(&UserRef::Id(user.to_owned())).await {
        Ok(user) => Ok(user.email),
        Err(FindError::Db(error)) => Err(error.into()),
        Err(error) => Err(StepError::Failed(error.to_string())),
    }
}
