//! What this process has read of each request: events that it has seen cannot be taken away again while it lives.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::read::{ReadError, Recorded};
use crate::{audit_key::Hash, domain::RequestId};

/// Requests that are remembered. When there are more, all are forgotten: the stored hashes are still checked.
const MOST: usize = 20_000;

/// The newest event seen of each request.
#[derive(Debug, Default)]
pub struct Newest(Mutex<HashMap<RequestId, Known>>);

/// One event that was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    version: i64,
    hash: Hash,
}

impl Newest {
    pub(super) fn of(&self, id: RequestId) -> Option<Known> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).copied()
    }

    pub(super) fn note(&self, id: RequestId, events: &[Recorded]) {
        let Some(last) = events.last() else {
            return;
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&id) {
            known.clear();
        }
        let newest = Known {
            version: last.version,
            hash: last.hash,
        };
        let entry = known.entry(id).or_insert(newest);
        if entry.version < newest.version {
            *entry = newest;
        }
    }
}

impl Known {
    /// Fails when events that were read later lack this one.
    pub(super) fn must_be_among(self, events: &[Recorded]) -> Result<(), ReadError> {
        let it = events.iter().find(|event| event.version == self.version);
        if it.is_some_and(|event| event.hash == self.hash) {
            return Ok(());
        }
        let version = self.version.min(events.len() as i64 + 1);
        Err(ReadError::Tampered { version })
    }
}
