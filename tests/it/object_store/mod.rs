//! The object store: what names things is read right, and what belongs to a person is found and erased whole.

mod buckets;
mod prefixes;
mod values;
