//! Whoever can write to the store but lacks the audit key causes no effect and hides none.

mod inbox;
mod runs;
mod tables;
