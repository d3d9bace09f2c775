//! The command line: its commands, arguments and help. What they do is `main`'s.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Runbook operations as Slack commands, countersigned by a second admin.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service.
    Serve(ConfigArgs),
    /// Check the configuration and everything that it points to, and show what is in force, without secrets.
    Doctor(DoctorArgs),
    /// Verify, rebuild or export the audit journal.
    Audit(AuditArgs),
    /// Print the Slack app manifest, ready to paste.
    Manifest(ManifestArgs),
}

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// The configuration file; without it ./countersign.toml when there is one. The environment overrides it.
    #[arg(long, value_name = "PATH", global = true)]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Look at the app's database and print an [app.schema] section that fits it, as TOML. Needs DATABASE_URL alone.
    #[arg(long)]
    pub suggest_mapping: bool,
}

#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// What to do with the journal.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// What to do with the journal.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk the chain from its beginning and find the first entry that was changed, and a missing tail.
    Verify {
        /// A head of the chain as the audit channel shows it; may be given several times.
        #[arg(long, value_name = "POSITION:HASH", value_parser = parse_witness)]
        witness: Vec<Witness>,
    },
    /// Fold the journal again into the tables that are derived from it.
    Rebuild,
    /// Print the journal as JSON lines.
    Export {
        /// Only the entries of this request.
        #[arg(long, value_name = "OPS-n", value_parser = parse_request)]
        request: Option<u64>,
    },
}

#[derive(Debug, Args)]
pub struct ManifestArgs {
    /// Where Slack reaches the service, such as https://ops.example.com.
    #[arg(long, value_name = "URL", required_unless_present = "socket_mode")]
    pub url: Option<String>,
    /// For Socket Mode, which needs no URL but an app-level token with connections:write.
    #[arg(long)]
    pub socket_mode: bool,
}

/// A head of the chain, remembered outside the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The position of the entry in the journal.
    pub position: u64,
    pub hash: [u8; 32],
}

fn parse_witness(text: &str) -> Result<Witness, String> {
    let (position, hash) = text
        .split_once(':')
        .ok_or("expected POSITION:HASH, such as 1042:9f86d0…")?;
    let position = position
        .parse()
        .map_err(|_| format!("`{position}` is not a position"))?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(hash, &mut bytes)
        .map_err(|_| format!("`{hash}` is not a hash of 64 hexadecimal digits"))?;
    Ok(Witness {
        position,
        hash: bytes,
    })
}

fn parse_request(text: &str) -> Result<u64, String> {
    let number = text
        .strip_prefix("OPS-")
        .or_else(|| text.strip_prefix("ops-"))
        .unwrap_or(text);
    number
        .parse()
        .map_err(|_| format!("`{text}` is not a request such as OPS-1042"))
}
