//! The sandbox's runtime: the one place here that asks the machine for time, ids and randomness.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the runtime that the ban points to"
)]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A clock that the sandbox reads; a test passes its own, which it can move.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The machine's clock.
#[must_use]
pub fn system_now() -> Now {
    Arc::new(Utc::now)
}

/// A new time-ordered id (UUID version 7).
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// `N` random bytes.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    rand::random()
}
