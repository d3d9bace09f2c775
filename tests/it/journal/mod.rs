//! The journal on a real Postgres.
#![expect(
    clippy::expect_used,
    reason = "helpers of tests fail their test; the lint's own exemption covers test functions alone"
)]

mod appending;
mod chain;
mod driven;
mod index;
mod leases;
mod limits;
mod migrations;
mod people;
mod persons;
mod reading;
mod rebuild;
mod states;
mod store;
mod tampering;
mod terms;
