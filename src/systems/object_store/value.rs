//! From what a column of the app holds (a key, or an address in one of several forms) to the object's key.

use percent_encoding::percent_decode_str;
use url::Url;

use super::{
    bucket::BucketPlace,
    key::{KeyRefused, ObjectKey},
};

/// Why a column's value is not a key of our bucket. It is reported to people, never worked around. It says nothing of the
/// path, which may hold a person's name: the reasons become warnings of a plan, and those stay in the journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    /// Nothing that could name an object.
    #[error("names no object: {0}")]
    NoKey(#[from] KeyRefused),
    /// The address is of another bucket.
    #[error("is in another bucket ({0:?})")]
    OtherBucket(String),
    /// The address is not of our store.
    #[error("is at another host ({0:?})")]
    OtherHost(String),
    /// The text can be read in more than one way, or in none.
    #[error("cannot be read as a key or an address: {0}")]
    Unclear(&'static str),
}

impl BucketPlace {
    /// The key that `value` names in this bucket.
    ///
    /// A text without a scheme is the key itself, literally; so is what follows `s3://<bucket>/`. In `http` and `https`
    /// addresses (`<bucket>.s3.<region>.amazonaws.com/<key>`, `s3.<region>.amazonaws.com/<bucket>/<key>`, and both
    /// forms at the configured endpoint) the path is percent-decoded once and the query is dropped. Any AWS region is
    /// taken: a bucket's name is unique among all of them. An app that builds its addresses for AWS keeps doing so when
    /// an endpoint is configured, so AWS addresses of this bucket are taken then too.
    ///
    /// # Errors
    /// [`NotOurs`] says why the value names no object of this bucket.
    pub fn key_of_value(&self, value: &str) -> Result<ObjectKey, NotOurs> {
        if value.chars().any(char::is_control) {
            return Err(NotOurs::Unclear("it holds control characters"));
        }
        if value.trim() != value {
            return Err(NotOurs::Unclear("it starts or ends with a space"));
        }
        let Some((scheme, rest)) = value.split_once("://") else {
            return plain_key(value);
        };
        match scheme.to_ascii_lowercase().as_str() {
            "s3" => {
                let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                self.own(bucket)?;
                Ok(ObjectKey::new(key)?)
            }
            "http" | "https" => self.key_of_address(value, rest),
            _ => Err(NotOurs::Unclear("the scheme is neither s3 nor http(s)")),
        }
    }

    fn key_of_address(&self, value: &str, rest: &str) -> Result<ObjectKey, NotOurs> {
        let url =
            Url::parse(value).map_err(|_| NotOurs::Unclear("it is not a well-formed address"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotOurs::Unclear("the address holds a user name"));
        }
        let host = url.host_str().unwrap_or_default();
        // The path is cut from the text and not taken from `url`, which resolves "..", and so would name another key.
        let path = raw_path(rest)?;
        match self.address_form(&url, host)? {
            Form::BucketInHost => decode(path),
            Form::BucketInPath(base) => {
                let path = path
                    .strip_prefix(&base)
                    .ok_or_else(|| NotOurs::OtherHost(host.to_owned()))?;
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                self.own(bucket)?;
                decode(key)
            }
        }
    }

    /// Where the address has the bucket's name, when its host is ours.
    pub(super) fn address_form(&self, url: &Url, host: &str) -> Result<Form, NotOurs> {
        if let Some(endpoint) = &self.endpoint
            && is_same_port(url, endpoint)
        {
            let own = endpoint.host_str().unwrap_or_default();
            if host == own {
                let base = endpoint.path().trim_matches('/');
                let base = if base.is_empty() {
                    String::new()
                } else {
                    format!("{base}/")
                };
                return Ok(Form::BucketInPath(base));
            }
            if host.strip_suffix(own) == Some(&format!("{}.", self.bucket)) {
                return Ok(Form::BucketInHost);
            }
        }
        if url.port().is_some() {
            return Err(NotOurs::OtherHost(host.to_owned()));
        }
        let Some(service) = host
            .strip_suffix(".amazonaws.com")
            .or_else(|| host.strip_suffix(".amazonaws.com.cn"))
        else {
            return Err(NotOurs::OtherHost(host.to_owned()));
        };
        if is_s3(service) {
            return Ok(Form::BucketInPath(String::new()));
        }
        // A bucket's name may hold dots, and even end in ".s3": only its own name in front is taken off.
        let prefix = format!("{}.", self.bucket);
        if service.strip_prefix(&prefix).is_some_and(is_s3) {
            return Ok(Form::BucketInHost);
        }
        match service
            .match_indices('.')
            .find(|(at, _)| is_s3(&service[at + 1..]))
        {
            Some((at, _)) => Err(NotOurs::OtherBucket(service[..at].to_owned())),
            None => Err(NotOurs::OtherHost(host.to_owned())),
        }
    }

    fn own(&self, bucket: &str) -> Result<(), NotOurs> {
        if bucket == self.bucket {
            Ok(())
        } else {
            Err(NotOurs::OtherBucket(bucket.to_owned()))
        }
    }
}

/// The two ways to write a bucket's name in an address.
pub(super) enum Form {
    BucketInHost,
    /// After this much of the path, which is empty or ends with a slash.
    BucketInPath(String),
}

/// The same port, or the usual one of http and of https: a store answers both, or sends from one to the other.
fn is_same_port(a: &Url, b: &Url) -> bool {
    a.port_or_known_default() == b.port_or_known_default()
        || (a.port().is_none() && b.port().is_none())
}

/// Whether `service` (a host without `amazonaws.com` and bucket) is S3: `s3`, `s3.<region>`, `s3-<region>`,
/// `s3.dualstack.<region>`, `s3-fips.<region>`, `s3-fips.dualstack.<region>`, `s3-website.<region>`, `s3-accelerate`,
/// `s3-accelerate.dualstack`.
fn is_s3(service: &str) -> bool {
    let region = |text: &str| {
        let usual = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        text.contains('-') && text.chars().all(usual)
    };
    match service {
        "s3" | "s3-accelerate" | "s3-accelerate.dualstack" => true,
        _ => service
            .strip_prefix("s3.dualstack.")
            .or_else(|| service.strip_prefix("s3-fips.dualstack."))
            .or_else(|| service.strip_prefix("s3-fips."))
            .or_else(|| service.strip_prefix("s3-website."))
            .or_else(|| service.strip_prefix("s3."))
            .or_else(|| service.strip_prefix("s3-"))
            .is_some_and(region),
    }
}

/// A value without a scheme is a key, unless it looks like something that lost its beginning.
fn plain_key(value: &str) -> Result<ObjectKey, NotOurs> {
    if value.starts_with('/') {
        return Err(NotOurs::Unclear("it is a path of a site, not a key"));
    }
    let first = value.split('/').next().unwrap_or_default();
    if first.ends_with(".amazonaws.com") {
        return Err(NotOurs::Unclear("it is an address without a scheme"));
    }
    if ["data:", "blob:", "arn:", "file:"]
        .iter()
        .any(|start| value.starts_with(start))
    {
        return Err(NotOurs::Unclear("the scheme is neither s3 nor http(s)"));
    }
    Ok(ObjectKey::new(value)?)
}

/// The path of an address without its first slash and without the query, exactly as written.
fn raw_path(rest: &str) -> Result<&str, NotOurs> {
    if rest.contains('\\') {
        return Err(NotOurs::Unclear("the address holds a backslash"));
    }
    if rest.contains('#') {
        return Err(NotOurs::Unclear("the address holds a '#'"));
    }
    let without_query = rest.split_once('?').map_or(rest, |(before, _)| before);
    Ok(without_query.split_once('/').map_or("", |(_, path)| path))
}

fn decode(path: &str) -> Result<ObjectKey, NotOurs> {
    let bytes = path.as_bytes();
    let broken = path.match_indices('%').any(|(at, _)| {
        !bytes
            .get(at + 1..at + 3)
            .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    });
    if broken {
        return Err(NotOurs::Unclear("a '%' in it encodes nothing"));
    }
    let text = percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| NotOurs::Unclear("it does not decode to UTF-8"))?;
    if text.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(NotOurs::Unclear("its path holds \".\" or \"..\""));
    }
    Ok(ObjectKey::new(text)?)
}
