//! Requests from Slack: let in (`receive`, `signature`), read (`payload`), written down (`inbox`, `routes`) and processed (`process`). Deciding is the domain's.

pub mod bodies;
pub mod delivery;
mod dialog;
pub mod http;
pub mod inbox;
pub mod pace;
pub mod payload;
pub mod process;
pub mod receive;
pub mod rejection;
mod routes;
pub mod signature;

pub use routes::Front;
