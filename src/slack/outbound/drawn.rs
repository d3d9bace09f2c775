//! A message as it is to be sent, or why there is none.

use super::pictures::Wanted;
use crate::{journal::ReadError, slack::cards::Card};

/// A drawn message and the version that it shows.
pub(super) struct Drawn {
    pub card: Card,
    pub shows: i64,
    /// The pictures of what is shown.
    pub pictures: Wanted,
}

impl Drawn {
    /// A message without pictures.
    pub(super) fn of(card: Card, shows: i64) -> Self {
        Self {
            card,
            shows,
            pictures: Wanted::default(),
        }
    }
}

/// Why a message cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub(super) enum DrawError {
    #[error(transparent)]
    Read(ReadError),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    #[error("nothing to show: {0}")]
    Nothing(&'static str),
}

impl From<ReadError> for DrawError {
    /// A store that does not answer says nothing about the message.
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => Self::Store(error),
            error => Self::Read(error),
        }
    }
}
