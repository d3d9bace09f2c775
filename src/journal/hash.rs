//! The keyed hashes that make the journal show tampering.

use hmac::Mac;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Instant, digest::canonical_json, person::keyed};

/// An HMAC-SHA256 value.
pub type Hash = [u8; 32];

/// What the first event of a stream is chained to.
pub const GENESIS: Hash = [0; 32];

/// The key under which the journal is chained. Never shown.
#[derive(Clone)]
pub struct AuditKey(Vec<u8>);

impl AuditKey {
    /// A key from the configuration's bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The key's bytes, for the keyed hashes of the domain.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The hash of one event: over the stream's previous event and the event's own canonical bytes.
    #[must_use]
    pub fn event(&self, previous: &Hash, entry: &Entry<'_>) -> Hash {
        self.mac(b"event", &[previous, canonical_json(entry).as_bytes()])
    }

    /// The hash of one link of the global chain.
    #[must_use]
    pub fn link(&self, previous: &Hash, position: i64, event: &Hash) -> Hash {
        self.mac(b"link", &[previous, &position.to_be_bytes(), event])
    }

    /// The seal of the chain's head: without the key nobody can set the head back.
    #[must_use]
    pub fn head(&self, position: i64, hash: &Hash) -> Hash {
        self.mac(b"head", &[&position.to_be_bytes(), hash])
    }

    /// The MAC of a row beside the journal; see [`super::sealed`].
    #[must_use]
    pub fn row(&self, table: &str, row: &impl Serialize) -> Hash {
        self.mac(b"row", &[table.as_bytes(), canonical_json(row).as_bytes()])
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
    fn mac(&self, purpose: &[u8], parts: &[&[u8]]) -> Hash {
        let mut mac = keyed(&self.0);
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditKey(hidden)")
    }
}

/// What is hashed of one event.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    /// The kind of its stream.
    pub kind: &'a str,
    /// The stream it belongs to: a request's id.
    pub stream: Uuid,
    /// Its place in the stream, from 1.
    pub version: i64,
    /// Its name.
    pub name: &'a str,
    /// Microseconds since 1970, as Postgres keeps time.
    pub at_micros: i64,
    /// Canonical JSON.
    pub body: &'a str,
}

impl<'a> Entry<'a> {
    /// The entry for one event as it is stored.
    #[must_use]
    pub fn new(
        (kind, stream): (&'a str, Uuid),
        version: i64,
        name: &'a str,
        at: Instant,
        body: &'a str,
    ) -> Self {
        Self {
            kind,
            stream,
            version,
            name,
            at_micros: at.timestamp_micros(),
            body,
        }
    }
}

/// A stored hash, `None` when it has the wrong length.
#[must_use]
pub fn stored(bytes: &[u8]) -> Option<Hash> {
    bytes.try_into().ok()
}
