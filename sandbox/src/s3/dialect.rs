//! How other stores than AWS differ, and what a policy withholds. Switched on while the server runs.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use s3s::{Body, HttpResponse, S3Error, S3ErrorCode, S3Result};

use super::lock;

/// The switchboard. Clones share it. Operations are named as S3 names them.
#[derive(Clone, Default)]
pub struct Dialect(Arc<Mutex<Traits>>);

/// How a store says that it does not know a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// 501 `NotImplemented`, as Cloudflare R2 does.
    NotImplemented,
    /// 405 `MethodNotAllowed`.
    MethodNotAllowed,
    /// 400 `InvalidRequest`.
    InvalidRequest,
}

/// An answer of success that is none of S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Garbled {
    /// A web page, as a proxy or a wrong address answers.
    WebPage,
    /// The right answer, cut off in its middle, with a length that says nothing of it.
    CutOff,
}

#[derive(Default)]
struct Traits {
    unknown: Vec<(String, Unknown)>,
    /// The code with which bulk deletes without an MD5 are refused.
    wants_md5: Option<&'static str>,
    refuses_checksums: bool,
    /// Actions that the policy does not allow, and whether the answer names them.
    withheld: Vec<(String, bool)>,
    /// The only prefixes that may be listed, when there are any.
    listable: Vec<String>,
    garbled: Vec<(String, Garbled)>,
}

impl Dialect {
    /// The store does not know a call.
    pub fn does_not_know(&self, operation: &str, how: Unknown) {
        lock(&self.0).unknown.push((operation.into(), how));
    }

    /// Bulk deletes without Content-MD5 are refused with 400 and `code`, as older MinIO (`MissingContentMD5`) and Dell ECS
    /// (`InvalidRequest`) do.
    pub fn wants_md5(&self, code: &'static str) {
        lock(&self.0).wants_md5 = Some(code);
    }

    /// Requests with one of the newer checksums are refused with 501.
    pub fn refuses_checksums(&self) {
        lock(&self.0).refuses_checksums = true;
    }

    /// The policy does not allow an action, for example `s3:DeleteObjectVersion`. AWS names it in most answers, `names_it`;
    /// other stores say `Access Denied` only.
    pub fn withhold(&self, action: &str, names_it: bool) {
        lock(&self.0).withheld.push((action.into(), names_it));
    }

    /// The policy allows to list under this prefix only, and under others that are named so.
    pub fn list_only_under(&self, prefix: &str) {
        lock(&self.0).listable.push(prefix.into());
    }

    /// Answers a call with success and something that is not its answer. It has had its effect then.
    pub fn garble(&self, operation: &str, how: Garbled) {
        lock(&self.0).garbled.push((operation.into(), how));
    }

    /// The store is like AWS again.
    pub fn clear(&self) {
        *lock(&self.0) = Traits::default();
    }

    /// What a call meets before its effect.
    pub(super) fn check(
        &self,
        operation: &str,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> S3Result<()> {
        let traits = lock(&self.0);
        if let Some((_, how)) = traits.unknown.iter().find(|(name, _)| name == operation) {
            return Err(how.error(operation));
        }
        if traits.refuses_checksums && headers.keys().any(is_checksum) {
            return Err(error(
                "NotImplemented",
                501,
                "A header you provided implies functionality that is not implemented.",
            ));
        }
        if let Some(code) = traits.wants_md5
            && operation == "DeleteObjects"
            && !headers.contains_key("content-md5")
        {
            let message = "Missing required header for this request: Content-Md5.";
            return Err(error(code, 400, message));
        }
        if let Some(action) = action_of(operation) {
            traits.allows(action)?;
        }
        let is_list = operation == "ListObjectsV2" || operation == "ListObjectVersions";
        let prefix = prefix_of(query.unwrap_or_default());
        let mut listable = traits.listable.iter();
        if is_list
            && !traits.listable.is_empty()
            && !listable.any(|listable| prefix.starts_with(listable.as_str()))
        {
            return Err(denied(action_of(operation).unwrap_or_default(), true));
        }
        Ok(())
    }

    /// Whether the policy allows to delete this.
    pub(super) fn check_delete(&self, version_id: Option<&str>) -> S3Result<()> {
        lock(&self.0).allows(match version_id {
            Some(_) => "s3:DeleteObjectVersion",
            None => "s3:DeleteObject",
        })
    }

    /// Spoils an answer, when that is switched on for the call.
    pub(super) fn spoil(&self, operation: &str, response: &mut HttpResponse) {
        let traits = lock(&self.0);
        let how = traits.garbled.iter().find(|(name, _)| name == operation);
        let (body, kind) = match how {
            None => return,
            Some((_, Garbled::WebPage)) => (
                Bytes::from_static(b"<!DOCTYPE html>\n<html><body>Sign in</body></html>"),
                "text/html",
            ),
            Some((_, Garbled::CutOff)) => {
                let whole = response.body().bytes().unwrap_or_default();
                (whole.slice(..whole.len() * 2 / 3), "application/xml")
            }
        };
        *response.status_mut() = http::StatusCode::OK;
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        *response.body_mut() = Body::from(body);
    }
}

impl Traits {
    fn allows(&self, action: &str) -> S3Result<()> {
        match self.withheld.iter().find(|(name, _)| name == action) {
            Some((_, names_it)) => Err(denied(action, *names_it)),
            None => Ok(()),
        }
    }
}

impl Unknown {
    fn error(self, operation: &str) -> S3Error {
        match self {
            Self::NotImplemented => error(
                "NotImplemented",
                501,
                &format!("{operation} not implemented"),
            ),
            Self::MethodNotAllowed => error(
                "MethodNotAllowed",
                405,
                "The specified method is not allowed against this resource.",
            ),
            Self::InvalidRequest => error("InvalidRequest", 400, "Invalid Request"),
        }
    }
}

fn error(code: &str, status: u16, message: &str) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes())
        .unwrap_or_else(|| S3ErrorCode::Custom(code.to_owned().into()));
    let mut error = S3Error::with_message(code, message.to_owned());
    if let Ok(status) = http::StatusCode::from_u16(status) {
        error.set_status_code(status);
    }
    error
}

fn denied(action: &str, names_it: bool) -> S3Error {
    let message = if names_it {
        format!(
            "User: arn:aws:iam::111122223333:user/countersign is not authorized to perform: {action} because no \
             identity-based policy allows the {action} action"
        )
    } else {
        "Access Denied".to_owned()
    };
    error("AccessDenied", 403, &message)
}

fn is_checksum(name: &http::HeaderName) -> bool {
    name == "x-amz-sdk-checksum-algorithm"
        || name == "x-amz-trailer"
        || name.as_str().starts_with("x-amz-checksum-")
}

/// The action of a policy that allows a whole call; deletes are judged key by key.
fn action_of(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "GetBucketVersioning" => "s3:GetBucketVersioning",
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => "s3:ListBucket",
        "ListObjectVersions" => "s3:ListBucketVersions",
        "GetObject" | "HeadObject" => "s3:GetObject",
        "PutObject" => "s3:PutObject",
        _ => return None,
    })
}

fn prefix_of(query: &str) -> String {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let prefix = pairs.rfind(|(name, _)| *name == "prefix");
    let prefix = prefix.map_or("", |(_, value)| value);
    percent_encoding::percent_decode_str(prefix)
        .decode_utf8_lossy()
        .into_owned()
}
