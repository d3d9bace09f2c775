//! The one secret that the service keeps for itself, and the keyed hashes under it.

use std::fmt;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hmac::Mac;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Instant, digest::canonical_json, person::keyed};

/// An HMAC-SHA256 value.
pub type Hash = [u8; 32];

/// The key under which the journal is chained and everything else is sealed. Never shown.
#[derive(Clone, Default)]
pub struct AuditKey(Vec<u8>);

impl AuditKey {
    /// The fewest bytes of a key from the configuration: as many as an HMAC-SHA256 is long.
    pub const FEWEST_BYTES: usize = 32;

    /// Reads a key from its text: hexadecimal when that gives enough bytes, else base64 (either alphabet, padded or
    /// not) when that does, else the text itself. The order is fixed, so one text always gives one key.
    /// `None` when no reading gives [`Self::FEWEST_BYTES`] bytes.
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
            .find(|bytes| bytes.len() >= Self::FEWEST_BYTES)
            .map(Self)
    }

    /// A key of these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The key's bytes, for the keyed hashes of the domain.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The id of the request that a delivery opens (UUID version 7): the same delivery gives the same one, so that the journal
    /// refuses a copy of it.
    #[must_use]
    pub fn request_id(&self, delivery: &str, received_at: Instant) -> Uuid {
        let millis = u64::try_from(received_at.timestamp_millis()).unwrap_or_default();
        let hash = self.mac(b"request", &[delivery.as_bytes(), &millis.to_be_bytes()]);
        let mut random = [0; 10];
        random.copy_from_slice(&hash[..10]);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A signature over a document, as certificates carry it.
    #[must_use]
    pub fn sign(&self, document: &[u8]) -> Hash {
        self.mac(b"document", &[document])
    }

    /// The fingerprint of an operation with its arguments: the same question gives the same one.
    #[must_use]
    pub fn fingerprint(&self, question: &impl Serialize) -> String {
        hex::encode(self.mac(b"fingerprint", &[canonical_json(question).as_bytes()]))
    }

    /// Each part goes in with its length, so that no two lists of parts give the same bytes.
    pub(crate) fn mac(&self, purpose: &[u8], parts: &[&[u8]]) -> Hash {
        let mut mac = keyed(&self.0);
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[secret]")
    }
}
