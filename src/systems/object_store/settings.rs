//! How a store is reached.

use std::{fmt, time::Duration};

use url::Url;

use super::{bucket::BucketPlace, error::StoreError};

/// Shortest bucket name that S3 allows, in characters.
const MIN_BUCKET_CHARS: usize = 3;
/// Longest bucket name that S3 allows, in characters.
const MAX_BUCKET_CHARS: usize = 63;

/// Everything that is needed to reach one bucket.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bucket's name.
    pub bucket: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The store's address when it is not AWS (`AWS_ENDPOINT_URL_S3`); buckets are then addressed by path.
    pub endpoint: Option<Url>,
    /// Who is asking.
    pub credentials: Credentials,
    /// How many listings run at once; at least 1.
    pub concurrency: usize,
    /// How long a call may take.
    pub timeouts: Timeouts,
}

/// Where the credentials come from.
#[derive(Clone)]
pub enum Credentials {
    /// AWS's standard chain: environment, profile files, web identity, container and instance roles.
    Environment,
    /// These values.
    Keys {
        /// `AWS_ACCESS_KEY_ID`.
        access_key_id: String,
        /// `AWS_SECRET_ACCESS_KEY`.
        secret_access_key: String,
        /// `AWS_SESSION_TOKEN`, for temporary credentials.
        session_token: Option<String>,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Environment => "Environment",
            Self::Keys { .. } => "Keys(not shown)",
        })
    }
}

/// How long a call may take, at each of its levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// One attempt, from sending to the last byte of the answer's head.
    pub attempt: Duration,
    /// The call's whole budget: every attempt and the waits between them.
    pub call: Duration,
}

impl Default for Timeouts {
    /// 3 s to connect; 30 s for an attempt, which covers a delete of 1000 versions; 100 s for a call.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(30),
            call: Duration::from_secs(100),
        }
    }
}

impl Settings {
    /// Listings at once when nothing else is said; S3 answers more with SlowDown under one prefix.
    pub const DEFAULT_CONCURRENCY: usize = 4;

    /// Settings with the usual limits.
    #[must_use]
    pub fn new(bucket: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            region: region.into(),
            endpoint: None,
            credentials: Credentials::Environment,
            concurrency: Self::DEFAULT_CONCURRENCY,
            timeouts: Timeouts::default(),
        }
    }

    /// Which bucket this is, for comparing and for reading addresses.
    #[must_use]
    pub fn place(&self) -> BucketPlace {
        BucketPlace {
            bucket: self.bucket.clone(),
            endpoint: self.endpoint.clone(),
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`StoreError::Refused`] names the setting that cannot work.
    pub fn validate(&self) -> Result<(), StoreError> {
        let refuse = |why: String| Err(StoreError::Refused(why));
        if !is_bucket_name(&self.bucket) {
            return refuse(format!(
                "{:?} is not a bucket name: {MIN_BUCKET_CHARS} to {MAX_BUCKET_CHARS} lower-case letters, digits, dots \
                 and hyphens, without address or path",
                self.bucket
            ));
        }
        let plain = |char: char| char.is_ascii_alphanumeric() || char == '-';
        if self.region.is_empty() || !self.region.chars().all(plain) {
            return refuse(format!("{:?} is not a region", self.region));
        }
        if let Some(endpoint) = &self.endpoint {
            let named = matches!(endpoint.scheme(), "http" | "https") && endpoint.has_host();
            let bare = endpoint.username().is_empty()
                && endpoint.password().is_none()
                && endpoint.query().is_none();
            if !named || !bare {
                return refuse(
                    "the store's endpoint must be a plain http or https address".to_owned(),
                );
            }
        }
        if let Credentials::Keys {
            access_key_id,
            secret_access_key,
            ..
        } = &self.credentials
            && (access_key_id.is_empty() || secret_access_key.is_empty())
        {
            return refuse("the access key id and the secret access key go together".to_owned());
        }
        if self.concurrency == 0 {
            return refuse("the store's concurrency must be at least 1".to_owned());
        }
        let timeouts = self.timeouts;
        if timeouts.connect.is_zero()
            || timeouts.attempt.is_zero()
            || timeouts.call < timeouts.attempt
        {
            return refuse(
                "timeouts must be above zero, and the call's at least the attempt's".to_owned(),
            );
        }
        Ok(())
    }
}

fn is_bucket_name(name: &str) -> bool {
    let allowed = |char: char| {
        char.is_ascii_lowercase() || char.is_ascii_digit() || matches!(char, '-' | '.')
    };
    let ends = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    (MIN_BUCKET_CHARS..=MAX_BUCKET_CHARS).contains(&name.len())
        && name.chars().all(allowed)
        && name.starts_with(ends)
        && name.ends_with(ends)
        && !name.contains("..")
}
