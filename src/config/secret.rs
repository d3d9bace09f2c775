//! Values that never reach a log, an error or a screen.

use std::fmt;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::limits::AUDIT_KEY_BYTES;

/// A secret text. It has no `Display`, and its `Debug` says nothing about it.
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself: only for the call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[secret]")
    }
}

/// The key of the audit chain, decoded: at least [`AUDIT_KEY_BYTES`] long.
#[derive(Clone, Default)]
pub struct AuditKey(Vec<u8>);

impl AuditKey {
    /// Reads a key from its text: hexadecimal when that gives enough bytes, else base64 (either alphabet, padded or
    /// not) when that does, else the text itself. The order is fixed, so one text always gives one key.
    /// `None` when no reading gives [`AUDIT_KEY_BYTES`] bytes.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let lenient =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let readings = [
            hex::decode(text).ok(),
            GeneralPurpose::new(&STANDARD, lenient).decode(text).ok(),
            GeneralPurpose::new(&URL_SAFE, lenient).decode(text).ok(),
            Some(text.as_bytes().to_vec()),
        ];
        readings
            .into_iter()
            .flatten()
            .find(|bytes| bytes.len() >= AUDIT_KEY_BYTES)
            .map(Self)
    }

    /// The bytes of the key.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[secret]")
    }
}
