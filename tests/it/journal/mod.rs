//! The journal on a real Postgres.
