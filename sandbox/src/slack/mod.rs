//! A simulated Slack workspace: the Web API, the signed requests to the app, and a page to use it by hand.
//!
//! It is as strict as Slack where strictness finds mistakes (signatures, Block Kit, trigger ids, limits of
//! `response_url`), it keeps state as Slack does, and it can fail in the ways that Slack fails.
//!
//! In reading order: [`World`] is what exists, `check` says which messages and views are acceptable, `api` answers
//! the app's calls, `deliver` sends people's actions to the app, `page_api` is for the page, and [`Workspace`] is
//! the handle that tests and the demo hold.

mod model;
mod seed;
mod wire;
mod world;

mod check;

mod call;
mod core;
mod faults;
mod gate;
mod limits;
mod screens;
mod settings;
mod state;
mod traffic;

mod api;
mod hooks;

mod deliver;
mod signing;

mod page_api;
mod registry;
mod waiting;
mod workspace;

pub use call::Call;
pub use deliver::{Delivery, Outcome, Pick, Submission, Suggestions};
pub use faults::{Duplicates, Faults, Lost, Outage};
pub use gate::{Gate, Held};
pub use model::{
    AppIdentity, Channel, ChannelKind, Edited, Enterprise, Message, StoredFile, Team, User,
    UserGroup, View,
};
pub use registry::{Panel, PanelAction, PanelRow};
pub use settings::{CommandHint, Mentions, Paths, RateLimit, Settings};
pub use signing::{Outgoing, sign};
pub use workspace::Workspace;
pub use world::World;

#[cfg(test)]
mod tests;
