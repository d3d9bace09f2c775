//! Scenarios: the parts together, as they are used.

mod journal;
mod model;
