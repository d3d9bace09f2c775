//! What is looked at without anybody asking.

mod pool;
