//! Countersign: a team's production runbook as Slack commands, countersigned by a second admin.
//!
//! The modules in reading order: what the words mean and what may happen (`domain`), what can be asked for
//! (`operations`), what is operated on (`systems`), what is on record (`journal`), how everything in the
//! background takes its work (`work`), who carries it out (`runner`),
//! how people talk to it (`slack`, `http`), what is looked at all the time (`watch`), and how it is set up (`config`,
//! `service`, `telemetry`, `runtime`).

/// Under what name the service shows up elsewhere, as in a database's list of connections.
pub const NAME: &str = "countersign";

pub mod domain;

pub mod operations;

pub mod systems;

pub mod journal;

pub mod work;

pub mod runner;

pub mod slack;

pub mod http;

pub mod watch;

pub mod audit_key;

pub mod text;

pub mod plot;

pub mod addresses;

pub mod amounts;

pub mod network;

pub mod config;

pub mod service;

pub mod telemetry;

pub mod runtime;
