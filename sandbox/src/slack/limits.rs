//! Rate limits: one token bucket per key, on the workspace's clock.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::settings::RateLimit;

#[derive(Debug, Default)]
pub(super) struct Limits(HashMap<String, Bucket>);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: DateTime<Utc>,
}

impl Limits {
    /// Takes one call from the bucket; otherwise says after how many whole seconds to come back.
    pub(super) fn take(
        &mut self,
        key: &str,
        limit: RateLimit,
        now: DateTime<Utc>,
    ) -> Result<(), u64> {
        let full = f64::from(limit.burst);
        let bucket = self.0.entry(key.to_owned()).or_insert(Bucket {
            tokens: full,
            at: now,
        });
        let passed = (now - bucket.at).as_seconds_f64().max(0.0);
        bucket.tokens = (bucket.tokens + passed * limit.per_second).min(full);
        bucket.at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let wait = ((1.0 - bucket.tokens) / limit.per_second).ceil().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive number of seconds"
        )]
        Err(wait as u64)
    }
}
