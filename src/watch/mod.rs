//! What is looked at all the time, without anybody asking.

mod pool;

pub use pool::{KEPT, PoolSampler, Sample, last_day};
