//! Scenarios against the public interface, one folder for each part of the house.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod app_db;
mod bot;
mod cards;
mod catalogue;
mod config;
mod credits;
mod delivery;
mod freeze;
mod inbound;
mod journal;
mod model;
mod object_store;
mod privacy;
mod sessions;
mod slack_inbound;
mod support;
mod user;
mod user_delete;
