//! What is looked at all the time, without anybody asking.

mod pool;
mod review;

pub use pool::{KEPT, PoolSampler, Sample, last_day};
pub use review::{Reviewed, is_due, reviewed};
