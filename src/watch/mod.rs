//! What is looked at all the time, without anybody asking.

mod journal;
mod later;
mod refunds;
mod texts;

pub use journal::{FIRST_VERIFICATION, JournalWatch, LastVerification, VERIFY_EVERY, Verified};
pub use later::LaterRequests;
pub use refunds::{LOOK, LOOKED_FOR};
pub use texts::{FORGET_TEXTS, NAMES_KEPT};
