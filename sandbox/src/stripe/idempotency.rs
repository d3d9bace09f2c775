//! Idempotency keys: what a second request with the same key gets.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::refusal::Refusal;

/// After this time a key is forgotten, and a request with it is a new one.
const LIFE: TimeDelta = TimeDelta::hours(24);
/// The longest key, in bytes.
const LONGEST: usize = 255;

/// All keys that are known.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    at: DateTime<Utc>,
    asked: Asked,
    /// `None` while the first request is under way.
    saved: Option<Saved>,
}

/// What is compared between two requests with one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) params: Value,
}

/// An answer that is given again. Errors are saved too, also those of Stripe's own making.
#[derive(Debug, Clone)]
pub(super) struct Saved {
    pub(super) status: u16,
    pub(super) body: Value,
    /// The id of the first request.
    pub(super) request: String,
}

impl Keys {
    /// Begins a request, or gives the saved answer.
    pub(super) fn begin(
        &mut self,
        key: &str,
        asked: &Asked,
        now: DateTime<Utc>,
    ) -> Result<Option<Saved>, Refusal> {
        if key.len() > LONGEST {
            let message = format!("Idempotency keys cannot be longer than {LONGEST} characters.");
            return Err(Refusal::malformed(None, message, ""));
        }
        self.0
            .retain(|_, entry| entry.saved.is_none() || now - entry.at < LIFE);
        match self.0.get(key) {
            None => {
                let entry = Entry {
                    at: now,
                    asked: asked.clone(),
                    saved: None,
                };
                self.0.insert(key.to_owned(), entry);
                Ok(None)
            }
            Some(entry) if entry.asked != *asked => Err(Refusal::other_parameters(key)),
            Some(Entry { saved: None, .. }) => Err(Refusal::key_in_use(key)),
            Some(Entry { saved, .. }) => Ok(saved.clone()),
        }
    }

    /// Ends a request: its answer is saved, or the key is as if it had never been used.
    pub(super) fn end(&mut self, key: &str, answer: Option<Saved>) {
        match (answer, self.0.get_mut(key)) {
            (Some(answer), Some(entry)) => entry.saved = Some(answer),
            (None, _) => {
                self.0.remove(key);
            }
            (Some(_), None) => {}
        }
    }
}
