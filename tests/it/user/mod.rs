//! What admins do with accounts of the application, told as stories.

mod activity;
mod ban;
mod ban_erasure;
mod ids;
mod role;
mod role_kinds;
mod role_races;
mod show;
mod told;
