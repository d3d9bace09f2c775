//! The app's database: what an erasure plans and does, on the application's schema in several shapes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's helpers fail the test where they stand"
)]

mod accounts;
mod ban;
mod block;
mod capability;
mod counts;
mod explain;
mod export;
mod files;
mod keys;
mod links;
mod loose;
mod names;
mod once;
mod policy;
mod references;
mod refused_later;
mod role_kinds;
mod roles;
mod rows_of_others;
mod shared_address;
mod support;
mod traces;
mod without_keys;
