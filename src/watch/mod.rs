//! What is looked at all the time, without anybody asking.

mod journal;
mod later;
mod pool;
mod refunds;
mod review;

pub use journal::{FIRST_VERIFICATION, JournalWatch, LastVerification, VERIFY_EVERY, Verified};
pub use later::LaterRequests;
pub use pool::{KEPT, SAMPLE, Sample, last_day};
pub use refunds::{LOOK, LOOKED_FOR};
pub use review::{Reviewed, is_due, reviewed};
