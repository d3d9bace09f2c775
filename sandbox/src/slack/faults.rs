//! What can go wrong between the app and Slack, switched on and off while everything runs.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::mpsc;

use super::gate::{Barrier, Gate};

/// How Slack is down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outage {
    /// It is not.
    #[default]
    Off,
    /// Every request is answered with 503.
    Unavailable,
    /// Every connection is cut without an answer.
    CutOff,
}

/// What happens to an answer that is lost. The call itself was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The connection is cut.
    CutOff,
    /// The answer never comes; the caller has to give up by itself.
    Withheld,
}

/// Whether clicks and commands reach the app twice, each time freshly signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// Once.
    #[default]
    Off,
    /// Again, when the first was answered.
    InTurn,
    /// Both at once.
    AtOnce,
}

/// The switches. Clones share their state.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    outage: Outage,
    limited: Vec<(Option<String>, u64)>,
    lost: Vec<(String, Lost, u32)>,
    duplicates: Duplicates,
    slow: Duration,
    barriers: Vec<Barrier>,
}

impl Faults {
    /// Takes the Web API, the response URLs and the uploads down, or up again.
    pub fn set_outage(&self, outage: Outage) {
        self.state().outage = outage;
    }

    /// Answers 429 with this `Retry-After` (seconds) to one method, or to all of them.
    pub fn limit(&self, method: Option<&str>, retry_after: u64) {
        self.state()
            .limited
            .push((method.map(str::to_owned), retry_after));
    }

    /// Ends every [`Faults::limit`].
    pub fn lift_limits(&self) {
        self.state().limited.clear();
    }

    /// Carries out the next `times` calls of `method`, and loses their answers.
    pub fn lose_answers(&self, method: &str, how: Lost, times: u32) {
        self.state().lost.push((method.to_owned(), how, times));
    }

    /// Ends every [`Faults::lose_answers`] of this method.
    pub fn keep_answers(&self, method: &str) {
        self.state().lost.retain(|(of, ..)| of != method);
    }

    /// Whether answers of this method are lost now.
    #[must_use]
    pub fn loses(&self, method: &str) -> bool {
        self.state()
            .lost
            .iter()
            .any(|(of, _, left)| of == method && *left > 0)
    }

    /// Delivers clicks and commands twice.
    pub fn set_duplicates(&self, duplicates: Duplicates) {
        self.state().duplicates = duplicates;
    }

    /// Takes this much real time over every answer.
    pub fn set_slow(&self, delay: Duration) {
        self.state().slow = delay;
    }

    /// Stops every call of `method` before it has any effect.
    #[must_use]
    pub fn hold(&self, method: &str) -> Gate {
        self.gate(method, false)
    }

    /// Stops every call of `method` after its effect, before its answer.
    #[must_use]
    pub fn hold_answer(&self, method: &str) -> Gate {
        self.gate(method, true)
    }

    /// Switches everything off. Gates stay with who holds them.
    pub fn clear(&self) {
        let mut state = self.state();
        *state = State {
            barriers: std::mem::take(&mut state.barriers),
            ..State::default()
        };
    }

    /// How Slack is down now.
    #[must_use]
    pub fn outage(&self) -> Outage {
        self.state().outage
    }

    /// Whether clicks and commands are delivered twice now.
    #[must_use]
    pub fn duplicates(&self) -> Duplicates {
        self.state().duplicates
    }

    /// The `Retry-After` that calls of this method get now; `None` for no method asks for those on all methods.
    #[must_use]
    pub fn limited(&self, method: Option<&str>) -> Option<u64> {
        let state = self.state();
        let hit = state
            .limited
            .iter()
            .rfind(|(of, _)| of.is_none() || of.as_deref() == method);
        hit.map(|(_, seconds)| *seconds)
    }

    /// How long every answer takes now.
    #[must_use]
    pub fn slow(&self) -> Duration {
        self.state().slow
    }

    pub(super) fn take_lost(&self, method: &str) -> Option<Lost> {
        let mut state = self.state();
        let (_, how, left) = state
            .lost
            .iter_mut()
            .find(|(of, _, left)| of == method && *left > 0)?;
        *left -= 1;
        Some(*how)
    }

    pub(super) fn barrier(&self, method: &str, after: bool) -> Option<Barrier> {
        let mut state = self.state();
        state.barriers.retain(|barrier| !barrier.out.is_closed());
        state
            .barriers
            .iter()
            .find(|barrier| barrier.method == method && barrier.after == after)
            .cloned()
    }

    fn gate(&self, method: &str, after: bool) -> Gate {
        let (out, arrivals) = mpsc::unbounded_channel();
        self.state().barriers.push(Barrier {
            method: method.to_owned(),
            after,
            out,
        });
        Gate { arrivals }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
