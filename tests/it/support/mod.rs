//! The harness: the real service against the sandbox, and a check that nothing is left over.

pub mod app_role;
pub mod boundary;
pub mod broken;
pub mod clock;
pub mod confirming;
pub mod environment;
pub mod leftovers;
pub mod log;
pub mod once;
pub mod people;
pub mod process;
pub mod seen;
pub mod store_link;
pub mod story;
pub mod world;

pub use environment::Options;
pub use world::World;
