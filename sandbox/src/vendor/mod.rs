//! What the simulated vendors with small interfaces share: a port, a record of every call, faults, and the exchanges that
//! are kept for the checker of the vendors' own descriptions.

mod record;
mod server;

pub use server::{Call, Failure, Reply, Request, Running, Simulated};
