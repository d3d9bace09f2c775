//! The record of what was asked of the server.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};

use super::lock;

/// One call with a good signature, in the order of arrival; calls that a fault failed are among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// S3's name of it, for example `DeleteObjects`.
    pub operation: String,
    /// The bucket, when it names one.
    pub bucket: Option<String>,
    /// The key of its path, or every key of a `DeleteObjects` that came through to the store.
    pub keys: Vec<String>,
}

/// All calls so far.
#[derive(Default)]
pub(super) struct Calls(Mutex<Vec<Arc<Mutex<Call>>>>);

/// A recorded call to which keys can still be added.
#[derive(Clone)]
pub(super) struct Entry(Arc<Mutex<Call>>);

impl Calls {
    /// Records a call.
    pub(super) fn record(&self, call: Call) -> Entry {
        let call = Arc::new(Mutex::new(call));
        lock(&self.0).push(call.clone());
        Entry(call)
    }

    /// A copy of the record.
    pub(super) fn all(&self) -> Vec<Call> {
        lock(&self.0)
            .iter()
            .map(|call| lock(call).clone())
            .collect()
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }
}

impl Entry {
    /// Adds the keys that only the body of the request names.
    pub(super) fn add_keys(&self, keys: impl IntoIterator<Item = String>) {
        lock(&self.0).keys.extend(keys);
    }
}
