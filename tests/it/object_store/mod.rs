//! The object store: what names things is read right, and what belongs to a person is found and erased whole.

mod bench;
mod buckets;
mod erasing;
mod finding;
mod objects;
mod prefixes;
mod values;
