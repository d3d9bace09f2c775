//! `/ops db reset-pool`.

mod ending;
mod refusals;
mod repeated;
