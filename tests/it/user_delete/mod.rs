//! `/ops user delete`, told as stories.

mod crash;
mod crash_calls;
mod outage;
mod outage_messages;
mod success;
