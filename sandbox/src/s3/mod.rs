//! A small versioned S3 on one local port, for the demo and the tests.
//!
//! `s3s` speaks the protocol (routing, XML, signatures); the store behind it is ours and lives in memory. It keeps
//! what an erasure has to get right: versions, delete markers, legal holds, unfinished uploads, and the per-key
//! errors of bulk deletes. [`Faults`] makes it misbehave on demand, [`Dialect`] makes it differ from AWS as
//! other stores do, and [`S3Server`]'s own methods look into it
//! without HTTP.

mod api;
mod calls;
mod checksum;
mod dialect;
mod faults;
mod inspect;
mod server;
mod settings;
mod store;

pub use crate::gate::Gate;
pub use calls::Call;
pub use dialect::{Dialect, Garbled, Unknown};
pub use faults::{ANY_OPERATION, DeletesOf, Failure, Faults, Times, Wait};
pub use inspect::StoredObject;
pub use s3s::dto::{CORSRule, LoggingEnabled, PublicAccessBlockConfiguration};
pub use server::S3Server;
pub use settings::{BucketFacts, BucketSettings, Encryption, Settings, Versioning};

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::runtime::Now;

/// What the server, the operations and the inspection share.
struct Shared {
    store: Mutex<store::Store>,
    faults: Faults,
    dialect: Dialect,
    calls: calls::Calls,
    now: Now,
    region: String,
}

impl Shared {
    fn store(&self) -> MutexGuard<'_, store::Store> {
        lock(&self.store)
    }
}

/// Takes a lock even after a panic elsewhere: one failed test must not fail the ones beside it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
