//! The person's files: found, written down, erased with all versions, looked for again.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use serde_json::json;

use super::{rows, work};
use crate::{
    domain::event::StepResult,
    operations::{PlanError, StepContext, StepError},
    systems::{
        Systems,
        object_store::{Failed, ObjectKey, Prefix},
    },
};

/// Versions that are erased and ticked off at a time.
const BATCH: i64 = 4_000;

/// Where a person's files are, and how many.
pub(super) struct Files {
    /// For people: the prefix and the columns.
    pub place: String,
    /// What was found.
    pub found: Count,
    /// Keys that rows name.
    pub named: u64,
    /// Keys that rows of another person name too: they stay.
    pub shared: BTreeSet<ObjectKey>,
    /// Why other values do not name files in our bucket.
    pub not_ours: Vec<String>,
}

/// How many files.
#[derive(Default)]
pub(super) struct Count {
    pub keys: u64,
    pub versions: u64,
    pub delete_markers: u64,
    pub bytes: u64,
}

/// The keys that rows name, told apart by whom they belong to.
struct Named {
    own: Vec<ObjectKey>,
    shared: BTreeSet<ObjectKey>,
    not_ours: Vec<String>,
    columns: BTreeSet<String>,
}

async fn named(systems: &Systems, user: &str) -> Result<Named, PlanError> {
    let mut named = Named {
        own: vec![],
        shared: BTreeSet::new(),
        not_ours: vec![],
        columns: BTreeSet::new(),
    };
    for value in systems.app_db.collect_file_values(user).await? {
        named
            .columns
            .insert(format!("{}.{}", value.table, value.column));
        match systems.files.key_of_value(&value.value) {
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
    Ok(named)
}

fn prefix(systems: &Systems, user: &str) -> Result<Prefix, PlanError> {
    let refused = |error: crate::systems::object_store::PrefixRefused| {
        PlanError::Refused(vec![error.to_string()])
    };
    systems.user_prefix.for_user(user).map_err(refused)
}

/// Counts for the plan; pages are not kept.
pub(super) async fn find(systems: &Systems, user: &str) -> Result<Files, PlanError> {
    let named = named(systems, user).await?;
    let prefix = prefix(systems, user)?;
    let mut place = format!("{} under {}", systems.files.bucket(), prefix.as_str());
    for column in &named.columns {
        place.push_str(&format!(", named by {column}"));
    }
    let mut found = Count::default();
    let mut keys = BTreeSet::new();
    let mut pages = Box::pin(systems.files.find_stream(&[prefix], &named.own).await?);
    while let Some(page) = pages.try_next().await? {
        for version in page.iter().filter(|v| !named.shared.contains(&v.key)) {
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
        shared: named.shared,
        not_ours: named.not_ours,
    })
}

/// Writes down every version before the rows go that are the only index of some of them.
pub(super) async fn collect(
    context: &StepContext<'_>,
    user: &str,
) -> Result<StepResult, StepError> {
    let email = rows::email_of(context, user).await?;
    work::keep_email(context, email.as_deref()).await?;
    let named = named(context.systems, user).await.map_err(step_error)?;
    work::write_shared(context, &named.shared).await?;
    let prefix = prefix(context.systems, user).map_err(step_error)?;
    write_down(context, &[prefix], &named.own).await?;
    let count = work::count(context).await?;
    Ok(counted(&count))
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

/// Erases what is written down, and what was uploaded to the same places since.
pub(super) async fn erase(context: &StepContext<'_>, user: &str) -> Result<StepResult, StepError> {
    let prefix = prefix(context.systems, user).map_err(step_error)?;
    let keys = work::keys(context).await?;
    write_down(context, &[prefix], &keys).await?;
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
    if let Some(first) = lasting.first() {
        return Err(StepError::Failed(format!(
            "{} versions are protected and were not deleted ({}): lift the legal hold or the retention, then try again",
            lasting.len(),
            first.code
        )));
    }
    let count = work::count(context).await?;
    Ok(counted(&count))
}

/// Looks for files. What was uploaded since they were erased, with an address that the app had handed out
/// before, is erased now: the same approval covers it, and trying this step again must be of use.
pub(super) async fn verify(context: &StepContext<'_>, user: &str) -> Result<StepResult, StepError> {
    let mut result = StepResult::from([("versions_left".to_owned(), 0.into())]);
    let late = left(context, user).await?;
    if late > 0 {
        erase(context, user).await?;
        result.insert("versions_erased_late".to_owned(), late.into());
        let left = left(context, user).await?;
        if left > 0 {
            return Err(StepError::Failed(format!(
                "{left} versions of the person's files are in the bucket again or still"
            )));
        }
    }
    Ok(result)
}

async fn left(context: &StepContext<'_>, user: &str) -> Result<usize, StepError> {
    let prefix = prefix(context.systems, user).map_err(step_error)?;
    let keys = work::keys(context).await?;
    let shared = work::shared(context).await?;
    let left = context.systems.files.remaining(&[prefix], &keys).await?;
    let left = left.objects.iter().filter(|v| !shared.contains(&v.key));
    Ok(left.count())
}

fn counted(count: &Count) -> StepResult {
    StepResult::from([
        ("objects".to_owned(), json!(count.keys)),
        ("versions".to_owned(), json!(count.versions)),
        ("delete_markers".to_owned(), json!(count.delete_markers)),
        ("bytes".to_owned(), json!(count.bytes)),
    ])
}

fn step_error(error: PlanError) -> StepError {
    match error {
        PlanError::Refused(why) => StepError::Failed(why.join("; ")),
        PlanError::Unavailable(why) => StepError::Retry(why),
    }
}
