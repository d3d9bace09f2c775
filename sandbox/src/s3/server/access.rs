//! What happens to each call between the signature check and its effect: it is recorded, and meets the faults.

use std::sync::{Arc, Mutex};

use s3s::{
    S3Result,
    access::{S3Access, S3AccessContext},
    s3_error,
};

use crate::s3::{Shared, calls::Call, lock};

/// Records calls and applies the faults that strike before an effect.
pub(super) struct Access(pub(super) Arc<Shared>);

/// What the connection has to know about a call once it is through: attached to the request, shared with it.
#[derive(Clone, Default)]
pub(super) struct Fate(Arc<Mutex<Outcome>>);

/// How far a call came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Outcome {
    /// The signature or the route was refused.
    #[default]
    Refused,
    /// This operation was called.
    Called(String),
    /// The connection is to be closed without an answer.
    Dropped,
}

impl Fate {
    pub(super) fn outcome(&self) -> Outcome {
        lock(&self.0).clone()
    }

    fn set(&self, outcome: Outcome) {
        *lock(&self.0) = outcome;
    }
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        if cx.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        let operation = cx.s3_op().name().to_owned();
        let call = self.0.calls.record(Call {
            at: (self.0.now)(),
            operation: operation.clone(),
            bucket: cx.s3_path().get_bucket_name().map(str::to_owned),
            keys: cx
                .s3_path()
                .get_object_key()
                .map(str::to_owned)
                .into_iter()
                .collect(),
        });
        let fate = cx
            .extensions_mut()
            .get::<Fate>()
            .cloned()
            .unwrap_or_default();
        cx.extensions_mut().insert(call);
        let met = self.0.faults.before(&operation).await;
        if matches!(met, Ok(None)) {
            self.0
                .dialect
                .check(&operation, cx.uri().query(), cx.headers())?;
        }
        match met {
            Ok(None) => {
                fate.set(Outcome::Called(operation));
                Ok(())
            }
            Ok(Some(failure)) => Err(failure.error()),
            Err(_) => {
                fate.set(Outcome::Dropped);
                Err(s3_error!(ServiceUnavailable))
            }
        }
    }
}
