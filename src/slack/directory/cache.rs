use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;

use super::FRESH_FOR;
use crate::{runtime::Instant, slack::client::SlackError};

/// How many readings are kept. More than the people and groups of a workspace that use the app at one time.
const MAX_READINGS: usize = 4096;

/// Readings by key. Callers who want the same at the same time wait for one reading.
pub(super) struct ReadThrough<T> {
    slots: Mutex<HashMap<String, Slot<T>>>,
}

type Slot<T> = Arc<tokio::sync::Mutex<Option<Reading<T>>>>;

struct Reading<T> {
    /// When the reading was asked for: what it tells is at least as new.
    asked_at: Instant,
    result: Result<T, SlackError>,
}

impl<T: Clone> ReadThrough<T> {
    /// The reading of `key` when it is not older than `max_age`, else a new one. A failed reading is shared with those
    /// who waited for it, and not kept longer than [`FRESH_FOR`].
    pub(super) async fn get(
        &self,
        key: &str,
        max_age: TimeDelta,
        now: Instant,
        read: impl AsyncFnOnce() -> Result<T, SlackError>,
    ) -> Result<T, SlackError> {
        let slot = self.slot(key);
        let mut kept = slot.lock().await;
        if let Some(reading) = &*kept
            && reading.is_usable(max_age, now)
        {
            return reading.result.clone();
        }
        // Should this be dropped half way, the next caller must not find the old reading renewed.
        *kept = None;
        let result = read().await;
        *kept = Some(Reading {
            asked_at: now,
            result: result.clone(),
        });
        result
    }

    fn slot(&self, key: &str) -> Slot<T> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_READINGS && !slots.contains_key(key) {
            slots.clear();
        }
        slots.entry(key.to_owned()).or_default().clone()
    }
}

impl<T> Reading<T> {
    fn is_usable(&self, max_age: TimeDelta, now: Instant) -> bool {
        let fresh_for = TimeDelta::from_std(FRESH_FOR).unwrap_or(TimeDelta::zero());
        let max_age = match self.result {
            Ok(_) => max_age,
            Err(_) => fresh_for,
        };
        // A reading from the future is one that was asked for while this caller waited, or a clock that was set back:
        // only the first is usable.
        let age = now - self.asked_at;
        -fresh_for <= age && age <= max_age
    }
}

impl<T> Default for ReadThrough<T> {
    fn default() -> Self {
        Self {
            slots: Mutex::default(),
        }
    }
}

impl<T> fmt::Debug for ReadThrough<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadThrough").finish_non_exhaustive()
    }
}
