//! A simulated Stripe account: its API on a local port, and the webhooks that it sends.
//!
//! It keeps state as Stripe does: payments and what was given back of them, the balance, idempotency keys and their
//! saved answers, events and which endpoints took them. It is as strict as Stripe where strictness finds mistakes
//! (unknown parameters, wrong types, rights of restricted keys) and stricter about the version, which has to be pinned.
//! [`Faults`] makes it fail in the ways that Stripe fails.
//!
//! In reading order: `model` is what exists, `routes` answers calls, `traffic` is the way of a call up to there,
//! `webhooks` tells the world, `seed` and `acts` are what a test or the demo does, and [`Stripe`] is the handle.

mod model;

mod core;
mod currency;
mod ledger;
mod settings;

mod answer;
mod call;
mod faults;
mod gatekeeper;
mod idempotency;
mod params;
mod refusal;
mod traffic;

mod routes;

mod webhooks;

mod acts;
mod handle;
mod seed;

pub use self::core::{Account, NewRefunds};
pub use acts::Settlement;
pub use call::Call;
pub use faults::{ANY_OPERATION, Failure, Faults, Outage, Times};
pub use handle::Stripe;
pub use model::*;
pub use seed::{NewCustomer, NewPayment, Payment};
pub use settings::{API_VERSION, Key, Settings};
pub use webhooks::{Attempt, Reach, sign};
