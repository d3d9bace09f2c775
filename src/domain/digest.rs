//! Canonical JSON, the digest of a plan, and commitments to texts.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// SHA-256 of a plan's canonical JSON: what an approval names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlanDigest([u8; 32]);

impl PlanDigest {
    /// The digest of any serialisable value's canonical JSON.
    #[must_use]
    pub fn of<T: Serialize>(value: &T) -> Self {
        Self(Sha256::digest(canonical_json(value).as_bytes()).into())
    }

    /// The first characters, for people to compare by eye.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl fmt::Display for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlanDigest({})", self.short())
    }
}

impl TryFrom<String> for PlanDigest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bytes = hex::decode(&text).map_err(|_| "a plan digest is 64 hexadecimal digits")?;
        let bytes = bytes
            .try_into()
            .map_err(|_| "a plan digest is 64 hexadecimal digits".to_owned())?;
        Ok(Self(bytes))
    }
}

impl From<PlanDigest> for String {
    fn from(digest: PlanDigest) -> Self {
        digest.to_string()
    }
}

/// A salted commitment to text that lives beside the chain and can be erased without breaking it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// The row beside the chain.
    pub id: Uuid,
    /// SHA-256 over salt and text, hexadecimal.
    pub sha256: String,
}

/// SHA-256 over salt and text, hexadecimal.
#[must_use]
pub fn commit(salt: &[u8], text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(text.as_bytes());
    hex::encode(hash.finalize())
}

/// JSON with sorted keys and no white space: the same value always gives the same bytes.
/// Values that cannot be serialised (there are none in this crate) count as `null`.
#[must_use]
pub fn canonical_json<T: Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).unwrap_or(Value::Null);
    let mut out = String::new();
    write_canonical(&value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", Value::String(key.clone()));
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}
