//! Whoever can write to the store but lacks the audit key causes no effect and hides none.

mod effects;
mod inbox;
mod matrix;
mod runs;
mod tables;
