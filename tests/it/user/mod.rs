//! What admins do with accounts of the application, told as stories.

mod activity;
mod show;
mod told;
