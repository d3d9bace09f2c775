//! Which messages there are, one file per kind. The rest of the reconciler knows nothing about what they show.

mod request;
mod review;
mod witness;

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Outbound,
    drawn::{DrawError, Drawn},
    row::Due,
};
use crate::domain::Instant;

/// One kind of messages.
#[async_trait]
pub(super) trait Projection: Send + Sync {
    /// The first words of its slots' names.
    fn kinds(&self) -> &'static [&'static str];

    /// Has every message that must exist wanted.
    async fn note(&self, outbound: &Outbound) -> Result<(), sqlx::Error>;

    /// When there may be something to note that could not be noted now.
    async fn next_due(&self, _outbound: &Outbound) -> Result<Option<Instant>, sqlx::Error> {
        Ok(None)
    }

    /// What one of its messages shows now.
    async fn draw(&self, outbound: &Outbound, due: &Due) -> Result<Drawn, DrawError>;
}

/// All of them.
#[derive(Clone)]
pub struct Projections(Arc<[Box<dyn Projection>]>);

impl Default for Projections {
    fn default() -> Self {
        Self(Arc::new([
            Box::new(request::Requests::default()),
            Box::new(witness::Witness),
            Box::new(review::Review),
        ]))
    }
}

impl Projections {
    pub(super) fn all(&self) -> impl Iterator<Item = &dyn Projection> {
        self.0.iter().map(AsRef::as_ref)
    }
}

impl Outbound {
    /// What a message shows now.
    pub(super) async fn draw(&self, due: &Due) -> Result<Drawn, DrawError> {
        let (kind, _) = due.slot.split_once(':').unwrap_or_default();
        let mut all = self.projections.all();
        match all.find(|projection| projection.kinds().contains(&kind)) {
            Some(projection) => projection.draw(self, due).await,
            None => Err(DrawError::Nothing("an unknown slot")),
        }
    }
}
