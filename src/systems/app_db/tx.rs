//! A transaction in the app's database that is measured from its beginning to its end.

use std::ops::{Deref, DerefMut};

use sqlx::{PgConnection, Postgres, Transaction};

use crate::telemetry::VendorCall;

/// One transaction. Dropping it rolls it back.
#[derive(Debug)]
pub struct Tx {
    transaction: Transaction<'static, Postgres>,
    measure: VendorCall,
}

impl Tx {
    pub(super) fn new(transaction: Transaction<'static, Postgres>, measure: VendorCall) -> Self {
        Self {
            transaction,
            measure,
        }
    }

    /// Commits.
    ///
    /// # Errors
    /// The database's; then it may be committed or not when the connection broke.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        let committed = self.transaction.commit().await;
        self.measure.end(committed.is_ok());
        committed
    }

    /// Rolls back: the end of whatever only reads.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        let rolled_back = self.transaction.rollback().await;
        self.measure.end(rolled_back.is_ok());
        rolled_back
    }
}

impl Deref for Tx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
