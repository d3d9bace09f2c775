//! How many commands one person may send. Who sends more is told when to go on; nobody else waits for them.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use crate::{config::limits, runtime::Instant};

/// People who are remembered at most. Beyond it, those whose commands are all past are forgotten.
const PEOPLE_MOST: usize = 10_000;

/// The commands of the last while, by person. It counts in this process alone: the limit is there so that nobody
/// floods, not to be exact.
#[derive(Debug)]
pub struct Pace {
    most: usize,
    sent: Mutex<HashMap<String, VecDeque<Instant>>>,
}

impl Pace {
    /// Lets each person send `most` commands within [`limits::COMMANDS_PER`].
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            sent: Mutex::default(),
        }
    }

    /// Counts a command of `user` at `now`.
    ///
    /// # Errors
    /// How many seconds the person must wait when there were too many. Such a command does not count.
    pub fn count(&self, user: &str, now: Instant) -> Result<(), i64> {
        let per = chrono::Duration::from_std(limits::COMMANDS_PER).unwrap_or_default();
        let mut people = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= PEOPLE_MOST {
            people.retain(|_, sent| sent.back().is_some_and(|last| now - *last < per));
        }
        let sent = people.entry(user.to_owned()).or_default();
        while sent.front().is_some_and(|first| now - *first >= per) {
            sent.pop_front();
        }
        match sent.front() {
            Some(first) if sent.len() >= self.most => {
                Err((*first + per - now).num_seconds().max(0) + 1)
            }
            _ => {
                sent.push_back(now);
                Ok(())
            }
        }
    }
}
