//! What operators see: log lines, metrics, and the verification that runs by itself.

mod log_lines;
mod scrape;
mod verification;
