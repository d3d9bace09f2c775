//! Settings, their validation, and the doctor that explains them.
//!
//! [`Settings::from_parts`] is pure: the text of the file and a map of variables come in, and either the whole tree or
//! every fault comes out. [`Settings::load`] is the thin runtime around it that reads the file and the process.

pub mod settings;

pub mod names;

pub mod limits;

pub mod fault;

pub mod secret;

pub mod database_url;

pub mod doctor;

pub mod manifest;

pub mod cli;

mod build;

mod checks;

mod effective;

mod load;

mod raw;

mod reader;

mod vendors;

pub use effective::Effective;
pub use fault::{Fault, Faults};
pub use secret::Secret;
pub use settings::Settings;
pub use vendors::{Google, Missing, Neon, OpenAi, Resend, Stripe, Vendor, Vendors, Vercel};
