mod slack_inbound;
//! Scenarios, one folder for each part of the house.

mod object_store;
//! Scenarios against the public interface.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod config;
