//! Which bucket is meant, however it is written.

use url::Url;

/// A bucket and the store it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPlace {
    /// The bucket's name.
    pub bucket: String,
    /// The store's address; AWS when absent.
    pub endpoint: Option<Url>,
}

/// Whether two settings name the same bucket, in whatever spelling: a name, `s3://name`, an ARN, with spaces or a slash
/// around it. It errs on the side of "same": the answer keeps certificates and exports out of the app's bucket, which
/// the app serves to anybody.
#[must_use]
pub fn is_same_bucket(a: &str, b: &str) -> bool {
    bare_name(a) == bare_name(b)
}

fn bare_name(written: &str) -> String {
    let lower = written.trim().to_ascii_lowercase();
    let unprefixed = lower
        .strip_prefix("s3://")
        .or_else(|| {
            let arn = lower.strip_prefix("arn:")?;
            arn.rsplit(':').next()
        })
        .unwrap_or(&lower);
    unprefixed
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}
