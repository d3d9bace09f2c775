//! Scenarios against the public interface, one folder for each part of the house.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod admins;
mod app_db;
mod bot;
mod cards;
mod catalogue;
mod check_openai;
mod config;
mod confirm;
mod credits;
mod db_connections;
mod db_reset_pool;
mod delivery;
mod documents;
mod erasure_replay;
mod freeze;
mod inbound;
mod ip;
mod journal;
mod model;
mod monitoring;
mod object_store;
mod payment;
mod pictures;
mod pooler;
mod privacy;
mod reads;
mod refund;
mod sessions;
mod slack_inbound;
mod stats_revenue;
mod stats_users;
mod stripe_client;
mod stripe_hook;
mod stripe_review;
mod support;
mod tampering;
mod user;
mod user_delete;
mod user_export;
mod watch;
mod work;
