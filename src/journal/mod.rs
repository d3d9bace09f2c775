//! The journal: the append-only, hash-chained record of everything that was asked, decided and done.
//!
//! Events are kept in streams ([`stream`]): of a request, of the service's settings.
//! [`Journal::record`](append) writes events and the projections that follow from them in one transaction;
//! [`read`] folds them again; [`chain`] links all events into one chain; [`verify`] finds what was tampered with.

pub mod append;
pub mod chain;
pub mod export;
pub mod hash;
pub mod index;
pub mod later;
pub mod lease;
pub mod migrate;
mod newest;
pub mod private_data;
mod projection;
pub mod read;
pub mod rebuild;
pub mod sealed;
mod settings;
pub mod store;
mod stream;
pub mod verify;
mod walk;

use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::{audit_key::AuditKey, runtime};

pub use append::{Fence, RecordError};
pub use read::{ReadError, Recorded};
pub use store::{Connection, Store};

/// The journal's handle: cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal {
    /// The store's connections.
    pub pool: Store,
    /// Connections for verifying, so that it takes none from other work.
    pub verifying: Store,
    /// The key of the chain.
    pub key: AuditKey,
    /// This replica: the holder of its leases, and named in its log.
    pub replica: Uuid,
    /// Woken after every append of this process, so that runner, outbound and sealer look at once.
    pub appended: Arc<Appended>,
    /// The newest events that this process has read.
    pub newest: Arc<newest::Newest>,
    /// What this process knows from all events.
    pub index: Arc<index::Index>,
}

/// Who is woken by an append. A notification that finds nobody waiting is kept.
#[derive(Debug, Default)]
pub struct Appended {
    pub runner: Arc<Notify>,
    /// The reconciler of cards.
    pub outbound: Arc<Notify>,
    /// Whoever answers single people.
    pub answers: Arc<Notify>,
    pub sealer: Arc<Notify>,
}

impl Appended {
    /// Wakes everybody.
    pub fn notify(&self) {
        self.runner.notify_one();
        self.outbound.notify_one();
        self.answers.notify_one();
        self.sealer.notify_one();
    }
}

impl Journal {
    /// A journal on a store that has been migrated.
    #[must_use]
    pub fn new(pool: impl Into<Store>, key: AuditKey) -> Self {
        let pool = pool.into();
        Self {
            verifying: pool.clone(),
            pool,
            key,
            replica: runtime::new_id(),
            appended: Arc::default(),
            newest: Arc::default(),
            index: Arc::default(),
        }
    }

    /// The same journal over other connections.
    #[must_use]
    pub fn over(&self, pool: Store) -> Self {
        Self {
            pool,
            ..self.clone()
        }
    }
}
