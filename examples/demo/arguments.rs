//! What the demo can be told.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Countersign against a simulated Slack, Postgres and S3: open the page that it names in a browser.
#[derive(Debug, Parser)]
#[command(name = "demo")]
pub struct Arguments {
    /// Which application is operated on.
    #[arg(long, value_enum, default_value_t = Shape::Runbook)]
    pub shape: Shape,
    /// The port of the page; 0 takes a free one.
    #[arg(long, default_value_t = 8090)]
    pub port: u16,
    /// How long an approved deletion waits, and can be stopped.
    #[arg(long, default_value = "5s", value_name = "TIME")]
    pub cooling_off: String,
    /// How long a request waits for its approval.
    #[arg(long, default_value = "15m", value_name = "TIME")]
    pub approval_expiry: String,
    /// Keep the database and the journal in this folder, and find them there next time. What Slack and S3 hold is
    /// made anew all the same.
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
}

/// The two shapes of the sample application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// As its runbook believes it to be: accounts can be blocked, sessions are rows, files lie under `user-<id>/`.
    Runbook,
    /// As it really is: no block, sessions in signed cookies, foreign keys that RESTRICT, files that only rows name.
    Real,
}
