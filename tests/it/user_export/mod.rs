//! `/ops user export`, told as stories.

mod contents;
mod faults;
mod link;
mod opened;
mod payments;
mod refused;
mod seen;
mod withheld;
