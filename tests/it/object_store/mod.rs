//! The object store: what names things is read right, and what belongs to a person is found and erased whole.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario that cannot be set up has failed"
)]

mod bench;
mod buckets;
mod erasing;
mod finding;
mod many;
mod objects;
mod prefixes;
mod spellings;
mod stores;
mod values;
