//! What the words mean and what may happen: request, plan, policy, person, event.
//!
//! Pure: time, ids and facts about people come in as arguments, nothing here waits, reads or writes.
//! [`decide`](decide::decide) turns a command into events or a named [`Refusal`]; [`fold`](fold::fold) turns events into state.

pub mod actor;
pub mod answer;
pub mod approval;
pub mod command;
pub mod decide;
pub mod digest;
pub mod event;
pub mod fold;
pub mod impact;
pub mod person;
pub mod plan;
pub mod policy;
pub mod precision;
pub mod private_data;
pub mod quarter;
pub mod refusal;
pub mod request;
pub mod request_id;
mod running;
pub mod service_settings;
pub mod status;
pub mod terms;

pub use actor::Actor;
pub use command::Command;
pub use digest::PlanDigest;
pub use event::Event;
pub use person::{Person, Role, Standing};
pub use plan::Plan;
pub use policy::{Policy, Risk};
pub use quarter::Quarter;
pub use refusal::Refusal;
pub use request::{Request, State};
pub use request_id::RequestId;
pub use service_settings::{ServiceSettings, SettingsEvent};
pub use status::Status;
pub use terms::Terms;

/// A point in time, always UTC. The domain is told the time, it never asks.
pub type Instant = chrono::DateTime<chrono::Utc>;
