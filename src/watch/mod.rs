//! What is looked at all the time, without anybody asking.

mod answers;
mod journal;
mod later;
mod refunds;

pub use answers::FORGET_ANSWERS;
pub use journal::{FIRST_VERIFICATION, JournalWatch, LastVerification, VERIFY_EVERY, Verified};
pub use later::LaterRequests;
pub use refunds::{LOOK, LOOKED_FOR};
