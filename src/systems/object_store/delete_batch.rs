//! One call's worth of deletes, repeated until each version's fate is known.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_s3::{
    config::{Builder, retry::RetryConfig},
    error::BuildError,
    operation::delete_objects::DeleteObjectsOutput,
    types::{Delete, ObjectIdentifier},
};

use super::{
    client::ObjectStore,
    erase::{EraseReport, Failed},
    error::{StoreError, is_passing, shorten, sort},
    found::ObjectVersion,
    key::ObjectKey,
};

/// Calls in a row that erase nothing before the rest is given up. A call that erases something starts the count anew, so
/// that a store under load is followed to the end, and the calls stay bounded by the batch's size.
const CALLS_WITHOUT_PROGRESS: u32 = 6;
/// The wait after the first such call; it doubles from call to call.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest wait between two calls.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// S3's id of what was written while versioning was not on.
const NULL_VERSION: &str = "null";

/// A version by its key and id.
type Named = (ObjectKey, Option<String>);

/// Why a version is still there.
struct Reason {
    code: String,
    message: String,
}

/// The versions of one batch that are not settled yet, and what has happened to the others.
struct Batch {
    pending: BTreeMap<Named, Reason>,
    report: EraseReport,
}

/// Deletes at most 1000 versions. In a bucket that keeps versions, one without an id is named `null`: it was found
/// before versioning was switched on, and a delete without an id would only hide it.
pub(super) async fn erase_batch(
    store: ObjectStore,
    versions: Vec<ObjectVersion>,
    keeps_versions: bool,
) -> EraseReport {
    let name = |version: ObjectVersion| {
        let unnamed = keeps_versions.then(|| NULL_VERSION.to_owned());
        (
            (version.key, version.version_id.or(unnamed)),
            Reason::not_answered(),
        )
    };
    let mut batch = Batch {
        pending: versions.into_iter().map(name).collect(),
        report: EraseReport::default(),
    };
    let mut fruitless = 0;
    while !batch.pending.is_empty() {
        let before = batch.pending.len();
        match delete(&store, batch.pending.keys()).await {
            Ok(answer) => batch.settle(&answer),
            Err(error) => batch.call_failed(&error),
        }
        fruitless = if batch.pending.len() < before {
            0
        } else {
            fruitless + 1
        };
        if batch.pending.is_empty() || fruitless == CALLS_WITHOUT_PROGRESS {
            break;
        }
        batch.report.retries += 1;
        let clock = &store.clock;
        clock.sleep_until(clock.now() + wait_after(fruitless)).await;
    }
    batch.give_up()
}

async fn delete(
    store: &ObjectStore,
    versions: impl Iterator<Item = &Named>,
) -> Result<DeleteObjectsOutput, StoreError> {
    const CALL: &str = "DeleteObjects";
    let refused =
        |error: BuildError| StoreError::Refused(format!("{CALL} cannot be built: {error}"));
    let named = versions
        .map(|(key, version_id)| {
            ObjectIdentifier::builder()
                .key(key.as_str())
                .set_version_id(version_id.clone())
                .build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(refused)?;
    // Not quiet: a version counts as deleted because it is named in the answer, not because no error is.
    let delete = Delete::builder()
        .set_objects(Some(named))
        .quiet(false)
        .build()
        .map_err(refused)?;
    store
        .client
        .delete_objects()
        .bucket(store.bucket())
        .delete(delete)
        .customize()
        .config_override(Builder::new().retry_config(RetryConfig::disabled()))
        .send()
        .await
        .map_err(|error| sort(CALL, store.bucket(), &error))
}

impl Batch {
    /// Takes from the pending versions what the answer says about each.
    fn settle(&mut self, answer: &DeleteObjectsOutput) {
        for reason in self.pending.values_mut() {
            *reason = Reason::not_answered();
        }
        for deleted in answer.deleted() {
            let Some(named) = self.named(deleted.key(), deleted.version_id()) else {
                continue;
            };
            if named.1.is_none() && deleted.delete_marker() == Some(true) {
                self.note(named, Reason::only_hidden());
            } else if self.pending.remove(&named).is_some() {
                self.report.deleted += 1;
            }
        }
        for error in answer.errors() {
            let Some(named) = self.named(error.key(), error.version_id()) else {
                continue;
            };
            let reason = Reason {
                code: error.code().unwrap_or("unknown").to_owned(),
                message: shorten(error.message().unwrap_or("no further message")),
            };
            match reason.code.as_str() {
                "NoSuchVersion" | "NoSuchKey" => {
                    if self.pending.remove(&named).is_some() {
                        self.report.already_gone += 1;
                    }
                }
                code if is_passing(code) => self.note(named, reason),
                _ => self.fail(named, reason, true),
            }
        }
    }

    /// The call as a whole did not succeed; whether it had an effect is not known, so all of it stays pending.
    fn call_failed(&mut self, error: &StoreError) {
        let reason = || Reason {
            code: error.code().to_owned(),
            message: error.to_string(),
        };
        if error.is_retryable() {
            self.pending
                .values_mut()
                .for_each(|pending| *pending = reason());
        } else {
            for (named, _) in std::mem::take(&mut self.pending) {
                self.fail(named, reason(), true);
            }
        }
    }

    /// The pending version that an entry of the answer is about. Some stores answer `null` to a delete without an id.
    fn named(&self, key: Option<&str>, version_id: Option<&str>) -> Option<Named> {
        let key = ObjectKey::new(key?).ok()?;
        let exact = (key.clone(), version_id.map(str::to_owned));
        if self.pending.contains_key(&exact) {
            return Some(exact);
        }
        let unnamed = (key, None);
        self.pending.contains_key(&unnamed).then_some(unnamed)
    }

    fn note(&mut self, named: Named, reason: Reason) {
        self.pending.insert(named, reason);
    }

    fn fail(&mut self, named: Named, reason: Reason, permanent: bool) {
        self.pending.remove(&named);
        let (key, version_id) = named;
        let Reason { code, message } = reason;
        self.report.failed_count += 1;
        self.report.failed.push(Failed {
            key,
            version_id,
            code,
            message,
            permanent,
        });
    }

    /// What is still pending has failed for now.
    fn give_up(mut self) -> EraseReport {
        for (named, reason) in std::mem::take(&mut self.pending) {
            self.fail(named, reason, false);
        }
        self.report
    }
}

impl Reason {
    fn not_answered() -> Self {
        Self {
            code: "NotAnswered".to_owned(),
            message: "the store's answer did not mention this version".to_owned(),
        }
    }

    fn only_hidden() -> Self {
        Self {
            code: "OnlyHidden".to_owned(),
            message: "the bucket began to keep versions meanwhile: the data was hidden, not erased; search again"
                .to_owned(),
        }
    }
}

fn wait_after(fruitless: u32) -> Duration {
    let doublings = fruitless.saturating_sub(1);
    FIRST_WAIT
        .saturating_mul(1 << doublings.min(16))
        .min(LONGEST_WAIT)
}
