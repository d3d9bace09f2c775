//! Slack: what comes in (`inbound`), who people are (`directory`, `people`), what is shown (`cards`), what goes out (`outbound`).

pub mod cards;
pub mod client;
pub mod directory;
pub mod inbound;
pub mod outbound;
pub mod people;
