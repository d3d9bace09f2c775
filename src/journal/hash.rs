//! The keyed hashes that make the journal show tampering.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    audit_key::{AuditKey, Hash},
    domain::{Instant, digest::canonical_json},
};

/// What the first event of a stream is chained to.
pub const GENESIS: Hash = [0; 32];

impl AuditKey {
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

/// The hash of a stored event, when it is the stored one: when it follows from `before`, the stored hash of the event before it
/// in its stream.
#[must_use]
pub(super) fn checked_hash(
    key: &AuditKey,
    entry: &Entry<'_>,
    before: Option<&[u8]>,
    hash: &[u8],
) -> Option<Hash> {
    let previous = match entry.version {
        1 => GENESIS,
        _ => stored(before?)?,
    };
    let expected = key.event(&previous, entry);
    (expected.as_slice() == hash).then_some(expected)
}

/// A stored hash, `None` when it has the wrong length.
#[must_use]
pub fn stored(bytes: &[u8]) -> Option<Hash> {
    bytes.try_into().ok()
}
