//! Misbehaviour that is switched on and off while the server runs.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use s3s::{S3Error, S3ErrorCode};

use super::lock;
use crate::gate::{Barrier, Gate, Verdict};

/// Stands for every operation where a fault names one.
pub const ANY_OPERATION: &str = "*";

/// What a slow call waits for; the caller brings the clock.
pub type Wait = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// The switchboard. Clones share it. Operations are named as S3 names them (`DeleteObjects`), or [`ANY_OPERATION`].
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Switches>>);

/// How S3 fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// 503 `SlowDown`: retry with less.
    SlowDown,
    /// 500 `InternalError`: retry.
    InternalError,
    /// 503 `ServiceUnavailable`: retry.
    ServiceUnavailable,
    /// 403 `AccessDenied`: do not retry.
    AccessDenied,
    /// 403 `AccessDenied` with the long message that names the resource, here the one with this key.
    AccessDeniedTo(&'static str),
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// This many times; for deletes, this many times for each key and version.
    First(u32),
    /// Until [`Faults::clear`].
    UntilCleared,
}

/// Which deletes fail. A key and version that was chosen once stays chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletesOf {
    /// Of the keys and versions in the order in which they are first seen, the n-th, 2n-th and so on.
    EveryNth(usize),
    /// Every key with this prefix.
    Prefix(String),
}

#[derive(Default)]
struct Switches {
    failing: Vec<Failing>,
    slow: Vec<(String, Wait)>,
    before: Vec<(String, Barrier)>,
    after: Vec<(String, Barrier)>,
    lost: Vec<(String, Times)>,
    deletes: Option<FailingDeletes>,
}

struct Failing {
    operation: String,
    failure: Failure,
    times: Times,
}

struct FailingDeletes {
    which: DeletesOf,
    failure: Failure,
    times: Times,
    /// For each key and version: its number in the order of arrival, and how often it failed.
    seen: HashMap<(String, Option<String>), (usize, u32)>,
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
pub(super) struct Dropped;

impl Faults {
    /// Fails whole calls, before they have any effect.
    pub fn fail_calls(&self, operation: &str, failure: Failure, times: Times) {
        lock(&self.0).failing.push(Failing {
            operation: operation.into(),
            failure,
            times,
        });
    }

    /// Fails single deletes: as an entry of `DeleteObjects`' errors, or as the answer of `DeleteObject`.
    /// One such fault is on at a time.
    pub fn fail_deletes(&self, which: DeletesOf, failure: Failure, times: Times) {
        lock(&self.0).deletes = Some(FailingDeletes {
            which,
            failure,
            times,
            seen: HashMap::new(),
        });
    }

    /// Executes the calls, and closes the connection instead of answering.
    pub fn lose_answers(&self, operation: &str, times: Times) {
        lock(&self.0).lost.push((operation.into(), times));
    }

    /// Holds the calls before they have any effect.
    #[must_use]
    pub fn hold(&self, operation: &str) -> Gate {
        let (gate, barrier) = Gate::new();
        lock(&self.0).before.push((operation.into(), barrier));
        gate
    }

    /// Holds the answers of calls that have had their effect.
    #[must_use]
    pub fn hold_answers(&self, operation: &str) -> Gate {
        let (gate, barrier) = Gate::new();
        lock(&self.0).after.push((operation.into(), barrier));
        gate
    }

    /// Lets each call wait before it is executed.
    pub fn slow(&self, operation: &str, wait: Wait) {
        lock(&self.0).slow.push((operation.into(), wait));
    }

    /// Switches everything off. Calls that wait at a gate go on waiting for it.
    pub fn clear(&self) {
        *lock(&self.0) = Switches::default();
    }

    /// What a call meets before its effect: waits, a dropped connection, or a failure.
    pub(super) async fn before(&self, operation: &str) -> Result<Option<Failure>, Dropped> {
        let (waits, barriers) = {
            let switches = lock(&self.0);
            (
                matching(&switches.slow, operation),
                matching(&switches.before, operation),
            )
        };
        for wait in waits {
            wait().await;
        }
        pass(&barriers).await?;
        Ok(lock(&self.0).failure_of(operation))
    }

    /// What a call meets after its effect.
    pub(super) async fn after(&self, operation: &str) -> Result<(), Dropped> {
        let barriers = matching(&lock(&self.0).after, operation);
        pass(&barriers).await?;
        let mut switches = lock(&self.0);
        let lost = switches
            .lost
            .iter_mut()
            .find(|(name, times)| applies(name, operation) && times.left());
        match lost {
            Some((_, times)) => {
                times.strike();
                Err(Dropped)
            }
            None => Ok(()),
        }
    }

    /// Whether the delete of this key and version fails.
    pub(super) fn of_delete(&self, key: &str, version_id: Option<&str>) -> Option<Failure> {
        let mut switches = lock(&self.0);
        let deletes = switches.deletes.as_mut()?;
        let number = deletes.seen.len() + 1;
        let (number, failed) = deletes
            .seen
            .entry((key.into(), version_id.map(Into::into)))
            .or_insert((number, 0));
        let chosen = match &deletes.which {
            DeletesOf::EveryNth(n) => number.is_multiple_of((*n).max(1)),
            DeletesOf::Prefix(prefix) => key.starts_with(prefix.as_str()),
        };
        let on = match deletes.times {
            Times::First(limit) => *failed < limit,
            Times::UntilCleared => true,
        };
        if !(chosen && on) {
            return None;
        }
        *failed += 1;
        Some(deletes.failure)
    }
}

impl Failure {
    /// The error that is answered.
    pub(super) fn error(self) -> S3Error {
        let (code, message) = match self {
            Self::SlowDown => (S3ErrorCode::SlowDown, "Please reduce your request rate."),
            Self::InternalError => (
                S3ErrorCode::InternalError,
                "We encountered an internal error. Please try again.",
            ),
            Self::ServiceUnavailable => (
                S3ErrorCode::ServiceUnavailable,
                "Service is unable to handle request.",
            ),
            Self::AccessDenied => (S3ErrorCode::AccessDenied, "Access Denied"),
            Self::AccessDeniedTo(key) => {
                let message = format!(
                    "User: arn:aws:iam::123456789012:user/app is not authorized to perform this on resource: \
                     \"arn:aws:s3:::bucket/{key}\" because no identity-based policy allows it"
                );
                return S3Error::with_message(S3ErrorCode::AccessDenied, message);
            }
        };
        S3Error::with_message(code, message)
    }
}

impl Times {
    fn left(self) -> bool {
        self != Self::First(0)
    }

    fn strike(&mut self) {
        if let Self::First(left) = self {
            *left = left.saturating_sub(1);
        }
    }
}

impl Switches {
    fn failure_of(&mut self, operation: &str) -> Option<Failure> {
        let failing = self
            .failing
            .iter_mut()
            .find(|failing| applies(&failing.operation, operation) && failing.times.left())?;
        failing.times.strike();
        Some(failing.failure)
    }
}

fn applies(name: &str, operation: &str) -> bool {
    name == ANY_OPERATION || name == operation
}

fn matching<T: Clone>(switches: &[(String, T)], operation: &str) -> Vec<T> {
    let of_operation = switches.iter().filter(|(name, _)| applies(name, operation));
    of_operation.map(|(_, switch)| switch.clone()).collect()
}

async fn pass(barriers: &[Barrier]) -> Result<(), Dropped> {
    for barrier in barriers.iter().filter(|barrier| barrier.is_closed()) {
        if barrier.wait().await == Verdict::Drop {
            return Err(Dropped);
        }
    }
    Ok(())
}
