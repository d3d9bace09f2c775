//! What became of each version of a batch, by the store's answers.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::delete_objects::DeleteObjectsOutput;

use super::{Cause, EraseReport, Failed};
use crate::systems::object_store::{
    error::{StoreError, code_or, is_passing, shorten},
    key::ObjectKey,
};

/// A version by its key and id.
pub(super) type Named = (ObjectKey, Option<String>);

/// Why a version is still there.
pub(super) struct Reason {
    code: String,
    message: String,
}

/// The versions of one batch that are not settled yet, and what has happened to the others.
pub(super) struct Batch {
    pub(super) pending: BTreeMap<Named, Reason>,
    pub(super) report: EraseReport,
}

impl Batch {
    /// A batch of which nothing is known yet.
    pub(super) fn new(versions: Vec<Named>) -> Self {
        Self {
            pending: versions
                .into_iter()
                .map(|named| (named, Reason::not_answered()))
                .collect(),
            report: EraseReport::default(),
        }
    }

    /// Takes from the pending versions what the answer says about each.
    pub(super) fn settle(&mut self, answer: &DeleteObjectsOutput) {
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
                code: code_or(error.code(), "unknown"),
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
    pub(super) fn call_failed(&mut self, error: &StoreError) {
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
        let cause = Cause::of(&code, &message, version_id.as_deref());
        self.report.failed_count += 1;
        self.report.failed.push(Failed {
            key,
            version_id,
            code,
            message,
            permanent,
            cause,
        });
    }

    /// What is still pending has failed for now.
    pub(super) fn give_up(mut self) -> EraseReport {
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
