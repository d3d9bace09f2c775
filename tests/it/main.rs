//! Scenarios against the public interface.

mod config;
