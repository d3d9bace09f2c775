//! What is looked at all the time, without anybody asking.

mod journal;
mod pool;
mod refunds;
mod review;

pub use journal::{FIRST_VERIFICATION, JournalWatch, LastVerification, VERIFY_EVERY, Verified};
pub use pool::{KEPT, PoolSampler, Sample, last_day};
pub use refunds::{LOOKED_FOR, RefundWatch};
pub use review::{Reviewed, is_due, reviewed};
