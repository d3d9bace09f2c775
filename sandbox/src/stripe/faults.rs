//! What can go wrong between a client and Stripe, switched on and off while everything runs.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::gate::{Barrier, Gate, Verdict};

/// Stands for every operation where a fault names one.
pub const ANY_OPERATION: &str = "*";

/// How Stripe is down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outage {
    /// It is not.
    #[default]
    Off,
    /// Every request is answered with 503 by what stands before the API.
    Unavailable,
    /// Every connection is cut without an answer.
    CutOff,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// 500 without an effect. With an idempotency key the error is saved: a retry gets it again.
    ErrorBefore,
    /// 500 although the effect is there. With an idempotency key the error is saved: a retry gets it again.
    ErrorAfter,
    /// 429 with this `Retry-After` (seconds) and `Stripe-Should-Retry: true`. Nothing is saved.
    RateLimit(u64),
    /// 429 `lock_timeout`: somebody else works on the object. Nothing is saved.
    LockTimeout,
    /// The effect is there and the answer is saved, but the connection is cut.
    LostAnswer,
    /// 400 `invalid_request_error` with this message, without an effect.
    Refused(&'static str),
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// This many times.
    First(u32),
    /// Until [`Faults::clear`].
    UntilCleared,
}

/// The switches. Clones share them. Operations are named as in the record of calls (`POST /v1/refunds`), or
/// [`ANY_OPERATION`].
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Switches>>);

#[derive(Default)]
struct Switches {
    outage: Outage,
    slow: Duration,
    failing: Vec<(String, Failure, Times)>,
    advice: Vec<(String, bool)>,
    before: Vec<(String, Barrier)>,
    after: Vec<(String, Barrier)>,
}

/// The connection is to be cut without an answer.
#[derive(Debug)]
pub(super) struct Cut;

impl Faults {
    /// Takes Stripe down, or up again.
    pub fn set_outage(&self, outage: Outage) {
        self.switches().outage = outage;
    }

    /// How Stripe is down now.
    #[must_use]
    pub fn outage(&self) -> Outage {
        self.switches().outage
    }

    /// Takes this much real time over every answer.
    pub fn set_slow(&self, delay: Duration) {
        self.switches().slow = delay;
    }

    /// How long every answer takes now.
    #[must_use]
    pub fn slow(&self) -> Duration {
        self.switches().slow
    }

    /// Fails calls.
    pub fn fail(&self, operation: &str, failure: Failure, times: Times) {
        let fault = (operation.to_owned(), failure, times);
        self.switches().failing.push(fault);
    }

    /// Has every failed answer (4xx, 5xx) say in `Stripe-Should-Retry` whether the same call may be made again, whatever
    /// Stripe would say by itself.
    pub fn advise(&self, operation: &str, retry: bool) {
        self.switches().advice.push((operation.to_owned(), retry));
    }

    /// What failed answers of an operation advise, when that was said.
    pub(super) fn advice(&self, operation: &str) -> Option<bool> {
        let switches = self.switches();
        let mut said = switches.advice.iter().rev();
        said.find(|(name, _)| applies(name, operation))
            .map(|(_, retry)| *retry)
    }

    /// Holds the calls before they have any effect; an idempotency key is in use meanwhile.
    #[must_use]
    pub fn hold(&self, operation: &str) -> Gate {
        let (gate, barrier) = Gate::new();
        self.switches().before.push((operation.into(), barrier));
        gate
    }

    /// Holds the answers of calls that have had their effect; an idempotency key is in use meanwhile.
    #[must_use]
    pub fn hold_answers(&self, operation: &str) -> Gate {
        let (gate, barrier) = Gate::new();
        self.switches().after.push((operation.into(), barrier));
        gate
    }

    /// Switches everything off. Calls that wait at a gate go on waiting for it.
    pub fn clear(&self) {
        *self.switches() = Switches::default();
    }

    /// Takes the next failure of this operation, if it is one of those that are looked for.
    pub(super) fn take(
        &self,
        operation: &str,
        wanted: impl Fn(Failure) -> bool,
    ) -> Option<Failure> {
        let mut switches = self.switches();
        let strikes = |(name, failure, times): &&mut (String, Failure, Times)| {
            applies(name, operation) && wanted(*failure) && *times != Times::First(0)
        };
        let (_, failure, times) = switches.failing.iter_mut().find(strikes)?;
        if let Times::First(left) = times {
            *left -= 1;
        }
        Some(*failure)
    }

    /// Waits at the gates before the effect, or after it.
    pub(super) async fn pass(&self, operation: &str, after: bool) -> Result<(), Cut> {
        let barriers: Vec<Barrier> = {
            let switches = self.switches();
            let gates = if after {
                &switches.after
            } else {
                &switches.before
            };
            let of_operation = gates.iter().filter(|(name, _)| applies(name, operation));
            of_operation.map(|(_, barrier)| barrier.clone()).collect()
        };
        for barrier in barriers.iter().filter(|barrier| barrier.is_closed()) {
            if barrier.wait().await == Verdict::Drop {
                return Err(Cut);
            }
        }
        Ok(())
    }

    fn switches(&self) -> MutexGuard<'_, Switches> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn applies(name: &str, operation: &str) -> bool {
    name == ANY_OPERATION || name == operation
}
