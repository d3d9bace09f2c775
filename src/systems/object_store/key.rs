//! The name of one object.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest key that S3 stores, in bytes of UTF-8.
pub const MAX_KEY_BYTES: usize = 1024;

/// The exact key of one object: never empty, at most [`MAX_KEY_BYTES`] bytes, taken literally.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// The text is empty.
    #[error("a key cannot be empty")]
    Empty,
    /// The text is longer than S3 allows.
    #[error("a key has at most {MAX_KEY_BYTES} bytes")]
    TooLong,
}

impl ObjectKey {
    /// Takes `text` as a key, unchanged.
    ///
    /// # Errors
    /// [`KeyRefused`] when it is empty or longer than S3 allows.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyRefused> {
        let text = text.into();
        if text.is_empty() {
            return Err(KeyRefused::Empty);
        }
        if text.len() > MAX_KEY_BYTES {
            return Err(KeyRefused::TooLong);
        }
        Ok(Self(text))
    }

    /// The key as S3 writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = KeyRefused;

    fn try_from(text: String) -> Result<Self, KeyRefused> {
        Self::new(text)
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
