//! A private Postgres cluster: the real server, started for this program alone, gone when it ends.
//!
//! [`Server::shared`] is what a test asks for, [`Server::create_database`] gives it a database of its own
//! from a [`Template`], and [`Cluster::start`] is for a program that wants a cluster it controls.

mod binaries;
mod cluster;
mod copy;
mod database;
mod janitor;
mod launch;
mod pooler;
mod ready;
mod server;
mod template;

pub use binaries::Binaries;
pub use cluster::{Cluster, Options};
pub use database::Database;
pub use pooler::Pooler;
pub use server::{Server, TEST_DATABASE_URL};
pub use template::Template;
