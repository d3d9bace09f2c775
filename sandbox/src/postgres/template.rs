//! The data sets that databases are copied from.

use sha2::{Digest, Sha256};
use sqlx::PgPool;

use crate::data;

/// What a new database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// Nothing.
    Empty,
    /// The application as its runbook believes it to be: [`data::runbook`].
    Runbook,
    /// The application as it really is: [`data::real`].
    Real,
    /// Everything that a reader of schemas can stumble over: [`data::odd`].
    Odd,
}

impl Template {
    /// The name of the database that holds this data set, which changes with its content.
    /// An empty database is copied from the server's own template.
    pub(super) fn database_name(self) -> Option<String> {
        let (name, scripts) = match self {
            Self::Empty => return None,
            Self::Runbook => ("runbook", data::runbook::SCRIPTS),
            Self::Real => ("real", data::real::SCRIPTS),
            Self::Odd => ("odd", data::odd::SCRIPTS),
        };
        let mut digest = Sha256::new();
        digest.update(data::TODAY.to_string());
        digest.update(data::BUCKET_URL);
        for script in scripts {
            digest.update(script);
        }
        let fingerprint = hex::encode(&digest.finalize()[..6]);
        Some(format!("countersign_template_{name}_{fingerprint}"))
    }

    pub(super) async fn load(self, pool: &PgPool) -> anyhow::Result<()> {
        match self {
            Self::Empty => Ok(()),
            Self::Runbook => data::runbook::load(pool).await,
            Self::Real => data::real::load(pool).await,
            Self::Odd => data::odd::load(pool).await,
        }
    }
}
