//! The runtime: the one place that asks the machine for time, ids and randomness.
//! Everything else gets them as arguments, so that tests can hold the clock still and move it.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the runtime that the ban points to"
)]

use std::{future::Future, pin::Pin, sync::Arc};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A point in time, always UTC.
pub type Instant = DateTime<Utc>;

/// The clock of one process.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Instant;
    /// Completes when [`Clock::now`] has reached `when`; at once when it has already.
    fn sleep_until(&self, when: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Utc::now()
    }

    fn sleep_until(&self, when: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let wait = (when - Utc::now()).to_std().unwrap_or_default();
        Box::pin(tokio::time::sleep(wait))
    }
}

/// A new time-ordered id (UUID version 7).
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// `N` bytes from the operating system's generator.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    rand::random()
}
