//! The review of the app's admins, told as stories.

mod clicks;
mod keep;
mod quarterly;
mod review;
