//! The sandbox's page, clicked through by a real browser against the real service: what a newcomer does, as tests.
//!
//! `make test-browser` gets Chromium, builds the demo and runs them. Screenshots go to `target/screenshots`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first thing that is wrong"
)]

mod asking;
mod browser;
mod commands;
mod database;
mod deletion;
mod demo;
mod drift;
mod endings;
mod money;
mod page;
mod people;
mod process;
mod real_shape;
mod real_shape_people;
mod real_shape_rest;
mod service;
mod story;
