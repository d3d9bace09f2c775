//! The commands that are about the service itself.

mod audit_verify;
mod cancel;
mod help;
mod requests;
mod show;
mod whoami;
