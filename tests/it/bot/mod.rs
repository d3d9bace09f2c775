//! The commands that are about the service itself.

mod answers;
mod audit_verify;
mod cancel;
mod help;
mod requests;
mod show;
mod typing;
mod whoami;
