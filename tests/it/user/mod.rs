//! What admins do with accounts of the application, told as stories.

mod activity;
mod role;
mod role_races;
mod show;
mod told;
