//! A private Postgres cluster.
