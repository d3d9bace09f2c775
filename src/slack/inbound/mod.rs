//! Requests from Slack: let in (`receive`, `signature`), read (`payload`) and put into plain words (`text`).
//! Nothing here decides anything.

pub mod payload;
pub mod receive;
pub mod signature;
pub mod text;
