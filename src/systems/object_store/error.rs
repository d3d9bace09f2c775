//! What can go wrong with the store, sorted by what the caller can do about it.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use super::whole::NotWhole;

/// Longest code of a store that is shown, in characters.
const MAX_CODE_CHARS: usize = 60;
/// Longest detail that is kept of a vendor's message, in characters.
const MAX_DETAIL_CHARS: usize = 300;

/// The HTTP status with which a store answers what it does not know.
pub(super) const NOT_IMPLEMENTED: u16 = 501;

/// An error of the object store. No variant carries credentials, signatures or bodies. The texts are ours, with S3's code at
/// most: a message of the store or a key may name people. What the store said is in [`StoreError::words`] and is private.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No answer, or one that says "later": the same call may succeed when repeated.
    #[error("the object store did not do {call}{}; trying again may help", in_brackets(leading_code(.detail)))]
    Unavailable {
        /// The S3 call.
        call: &'static str,
        /// What happened.
        detail: String,
    },
    /// The credentials are missing, wrong, expired or lack the right.
    #[error("the object store refused {call} ({code}); {}", advice(call, code))]
    Denied {
        /// The S3 call.
        call: &'static str,
        /// S3's error code.
        code: String,
        /// S3's message.
        detail: String,
    },
    /// The bucket does not exist where the settings point to.
    #[error("there is no bucket {bucket:?} at the configured region and endpoint")]
    NoSuchBucket {
        /// The configured name.
        bucket: String,
    },
    /// The object does not exist.
    #[error("there is no such object")]
    NoSuchKey {
        /// The key that was asked for.
        key: String,
    },
    /// We do not make this call, or not with these values.
    #[error("{0}")]
    Refused(String),
    /// The store does not know the call: stores other than AWS know a part of S3 only.
    #[error("the object store does not support {call} ({code})")]
    Unsupported {
        /// The S3 call.
        call: &'static str,
        /// The store's error code, or the HTTP status.
        code: String,
        /// The store's message.
        detail: String,
    },
    /// The answer says success, but it is no answer of S3, or it is cut off.
    #[error(
        "{call} was answered with success, but the answer cannot be read; check the endpoint's URL \
         (AWS_ENDPOINT_URL_S3) and whether a proxy answers in place of the object store"
    )]
    Unreadable {
        /// The S3 call.
        call: &'static str,
        /// What is wrong with the answer.
        detail: String,
    },
    /// S3 answered with an error that repeating does not change.
    #[error("the object store answered {call} with {code}")]
    Answered {
        /// The S3 call.
        call: &'static str,
        /// S3's error code, or the HTTP status.
        code: String,
        /// S3's message.
        detail: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed when it is made again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// S3's code, or a word in its place: what a report groups failures by.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Unavailable { .. } => "Unavailable",
            Self::Denied { code, .. }
            | Self::Unsupported { code, .. }
            | Self::Answered { code, .. } => code,
            Self::Unreadable { .. } => "Unreadable",
            Self::NoSuchBucket { .. } => "NoSuchBucket",
            Self::NoSuchKey { .. } => "NoSuchKey",
            Self::Refused(_) => "Refused",
        }
    }
}

impl StoreError {
    /// What the store said in its own words: for the person who asked alone, and for the operator's terminal.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Unavailable { detail, .. }
            | Self::Denied { detail, .. }
            | Self::Unsupported { detail, .. }
            | Self::Unreadable { detail, .. }
            | Self::Answered { detail, .. } => Some(detail),
            Self::NoSuchKey { key } => Some(key),
            Self::NoSuchBucket { .. } | Self::Refused(_) => None,
        }
    }

    /// The text with the store's own words: for the operator's terminal.
    #[must_use]
    pub fn in_full(&self) -> String {
        match self.words() {
            Some(words) => format!("{self}: {words}"),
            None => self.to_string(),
        }
    }
}

/// The code that a detail begins with.
fn leading_code(detail: &str) -> Option<&str> {
    let (code, _) = detail.split_once(": ")?;
    is_code(code).then_some(code)
}

fn in_brackets(code: Option<&str>) -> String {
    code.map_or_else(String::new, |code| format!(" ({code})"))
}

/// Whether a text can be one of S3's codes: a store that is not AWS may write anything in its place.
fn is_code(text: &str) -> bool {
    (1..=MAX_CODE_CHARS).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// A code as it may be shown; what is no code is not repeated.
pub(super) fn code_or(code: Option<&str>, instead: &str) -> String {
    let code = code.filter(|code| is_code(code));
    code.unwrap_or(instead).to_owned()
}

/// Whether S3 asks with `code` to come back later, for a whole call or for one key of it.
pub(super) fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "InternalError"
            | "SlowDown"
            | "ServiceUnavailable"
            | "503"
            | "Busy"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequests"
            | "RequestTimeout"
            | "RequestLimitExceeded"
            | "OperationAborted"
    )
}

/// What to do about a refusal.
fn advice(call: &str, code: &str) -> String {
    match right_for(call).filter(|_| is_missing_right(code)) {
        Some(right) => format!("the credentials lack the right {right}: add it to their policy"),
        None => "check the AWS credentials and the policy of their user".to_owned(),
    }
}

/// Whether `code` says that the credentials are good and lack a right.
pub(super) fn is_missing_right(code: &str) -> bool {
    matches!(code, "AccessDenied" | "Forbidden" | "403")
}

/// The right that a call needs, as policies name it.
fn right_for(call: &str) -> Option<&'static str> {
    Some(match call {
        "GetBucketVersioning" => "s3:GetBucketVersioning",
        "HeadBucket" | "ListObjectsV2" => "s3:ListBucket",
        "ListObjectVersions" => "s3:ListBucketVersions",
        "ListMultipartUploads" => "s3:ListBucketMultipartUploads",
        "GetObject" | "HeadObject" => "s3:GetObject",
        "PutObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload" => {
            "s3:PutObject"
        }
        "AbortMultipartUpload" => "s3:AbortMultipartUpload",
        "DeleteObject" | "DeleteObjects" => "s3:DeleteObject",
        _ => return None,
    })
}

/// Whether `code` is about rights or credentials.
fn is_denial(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "Forbidden"
            | "AllAccessDisabled"
            | "AccountProblem"
            | "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "InvalidToken"
            | "TokenRefreshRequired"
            | "RequestTimeTooSkewed"
            | "AuthorizationHeaderMalformed"
    )
}

/// Sorts what the SDK reports for `call` on `bucket`.
pub(super) fn sort<E>(
    call: &'static str,
    bucket: &str,
    error: &SdkError<E, HttpResponse>,
) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            if answer.raw().status().is_success() && answer.err().code().is_none() {
                let detail = reasons(error);
                return StoreError::Unreadable { call, detail };
            }
            let code = code_or(answer.err().code(), &status.to_string());
            let detail = answer.err().message().unwrap_or("no further message");
            sort_answer(call, bucket, status, code, shorten(detail))
        }
        SdkError::ConstructionFailure(_) => StoreError::Answered {
            call,
            code: "CannotBeBuilt".to_owned(),
            detail: reasons(error),
        },
        SdkError::DispatchFailure(_) if lacks_credentials(error) => StoreError::Denied {
            call,
            code: "NoCredentials".to_owned(),
            detail: reasons(error),
        },
        SdkError::DispatchFailure(failure) if failure.is_user() => StoreError::Answered {
            call,
            code: "CannotBeSent".to_owned(),
            detail: reasons(error),
        },
        _ => match not_whole(error) {
            Some(not_whole) => StoreError::Unreadable {
                call,
                detail: not_whole.to_string(),
            },
            None => StoreError::Unavailable {
                call,
                detail: reasons(error),
            },
        },
    }
}

fn not_whole<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a NotWhole> {
    let mut next = Some(error);
    while let Some(layer) = next {
        if let Some(found) = layer.downcast_ref::<NotWhole>() {
            return Some(found);
        }
        next = layer.source();
    }
    None
}

fn sort_answer(
    call: &'static str,
    bucket: &str,
    status: u16,
    code: String,
    detail: String,
) -> StoreError {
    if code == "NoSuchBucket" {
        return StoreError::NoSuchBucket {
            bucket: bucket.to_owned(),
        };
    }
    if status == NOT_IMPLEMENTED || matches!(code.as_str(), "NotImplemented" | "MethodNotAllowed") {
        return StoreError::Unsupported { call, code, detail };
    }
    if is_passing(&code) || status >= 500 || status == 429 || status == 408 {
        return StoreError::Unavailable {
            call,
            detail: format!("{code}: {detail}"),
        };
    }
    if is_denial(&code) || status == 401 || status == 403 {
        return StoreError::Denied { call, code, detail };
    }
    StoreError::Answered { call, code, detail }
}

/// Whether no credentials are configured at all; a source of credentials that is out of reach may come back.
fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(layer) = next {
        if let Some(error) = layer.downcast_ref::<CredentialsError>() {
            return matches!(
                error,
                CredentialsError::CredentialsNotLoaded(_)
                    | CredentialsError::InvalidConfiguration(_)
            );
        }
        next = layer.source();
    }
    false
}

/// The chain of sources in one line: the SDK's own text names only the outermost layer ("dispatch failure").
fn reasons(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(layer) = next {
        let text = layer.to_string();
        if !parts.iter().any(|known| known.contains(&text)) {
            parts.push(text);
        }
        next = layer.source();
    }
    shorten(&parts.join(": "))
}

pub(super) fn shorten(text: &str) -> String {
    text.chars()
        .filter(|char| !char.is_control())
        .take(MAX_DETAIL_CHARS)
        .collect()
}
