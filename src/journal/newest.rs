//! What this process has read of each stream: events that it has seen cannot be taken away again while it lives.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use uuid::Uuid;

use super::{
    read::{ReadError, Recorded},
    stream::SETTINGS,
};
use crate::audit_key::Hash;

/// Streams that are remembered. When there are more, all but the settings' are forgotten: the stored hashes are still checked.
const MOST: usize = 20_000;

/// The newest event seen of each stream.
#[derive(Debug, Default)]
pub struct Newest(Mutex<HashMap<Uuid, Known>>);

/// One event that was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    version: i64,
    hash: Hash,
}

impl Newest {
    pub(super) fn of(&self, stream: Uuid) -> Option<Known> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&stream).copied()
    }

    pub(super) fn note<E>(&self, stream: Uuid, events: &[Recorded<E>]) {
        let Some(last) = events.last() else {
            return;
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&stream) {
            known.retain(|stream, _| *stream == SETTINGS);
        }
        let newest = Known {
            version: last.version,
            hash: last.hash,
        };
        let entry = known.entry(stream).or_insert(newest);
        if entry.version < newest.version {
            *entry = newest;
        }
    }
}

impl Known {
    /// Fails when events that were read later lack this one.
    pub(super) fn must_be_among<E>(self, events: &[Recorded<E>]) -> Result<(), ReadError> {
        let it = events.iter().find(|event| event.version == self.version);
        if it.is_some_and(|event| event.hash == self.hash) {
            return Ok(());
        }
        let version = self.version.min(events.len() as i64 + 1);
        Err(ReadError::Tampered { version })
    }
}
