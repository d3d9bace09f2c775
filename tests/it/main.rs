//! Scenarios against the sandbox.

mod app_db;
