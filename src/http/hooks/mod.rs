//! What the vendors tell us by themselves.

pub mod stripe;
