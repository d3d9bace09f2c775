//! The journal on a real Postgres.

mod appending;
mod chain;
mod leases;
mod migrations;
mod persons;
mod rebuild;
mod store;
mod tampering;
