//! The sandbox's page, clicked through by a real browser against the real service: what a newcomer does, as tests.
//!
//! `make test-browser` gets Chromium, builds the demo and runs them. Screenshots go to `target/screenshots`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first thing that is wrong"
)]

mod browser;
mod commands;
mod deletion;
mod demo;
mod drift;
mod endings;
mod page;
mod process;
mod real_shape;
mod story;
