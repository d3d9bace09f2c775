//! The object store: S3 and what speaks its protocol. It finds everything that belongs to one person, erases it for
//! good, and looks again.
//!
//! Three rules hold here. Nothing is ever asked for with an empty key or prefix (the types cannot hold one). Erasing
//! means every version and every delete marker by its version id, for a delete without one only hides the data. And
//! only what the store itself confirmed counts as erased.
//!
//! In reading order: how the store is reached (`settings`, `client`, `error`, `whole`, `check`), what names things (`key`,
//! `value`, `spelling`, `prefix`, `bucket`), and what is done (`found`, `listing`, `names`, `walk`, `find`, `erase`, `objects`, `read`, `upload`, `stale`).

mod bucket;
mod check;
mod client;
mod erase;
mod error;
mod find;
mod found;
mod key;
mod listing;
mod measured;
mod names;
mod objects;
mod prefix;
mod read;
mod settings;
mod spelling;
mod stale;
mod upload;
mod value;
mod walk;
mod whole;

pub use bucket::{BucketPlace, is_same_bucket};
pub use check::{StoreCheck, Versioning};
pub use client::ObjectStore;
pub use erase::{Cause, DELETE_CONCURRENCY, EraseReport, Failed, MAX_FAILURES_LISTED};
pub use error::StoreError;
pub use found::{Found, ObjectVersion};
pub use key::{KeyRefused, MAX_KEY_BYTES, ObjectKey};
pub use objects::{Head, MAX_GET_BYTES, PresignedUrl, StoredObject};
pub use prefix::{MAX_ID_BYTES, Prefix, PrefixRefused, PrefixTemplate};
pub use read::ObjectReader;
pub use settings::{Credentials, Settings, Timeouts};
pub use spelling::{Meant, Readings};
pub use upload::{MAX_UPLOAD_BYTES, PART_BYTES, Upload};
pub use value::NotOurs;
