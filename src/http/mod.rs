//! The HTTP surface: health and metrics.

pub mod health;

pub mod metrics;
