//! Refusals of the Web API.

use axum::http::StatusCode;
use serde_json::json;

use crate::slack::{
    check::Fault,
    traffic::{Content, Reply},
};

/// Errors that mean that the app has a bug, and not that the world is not as it hoped.
const MALFORMED: &[&str] = &[
    "unknown_method",
    "not_authed",
    "invalid_auth",
    "invalid_arguments",
    "missing_argument",
    "invalid_json",
    "invalid_form_data",
    "invalid_post_type",
    "json_not_object",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_attachments",
    "invalid_metadata_format",
    "invalid_limit",
    "invalid_cursor",
    "no_text",
    "msg_too_long",
    "msg_blocks_too_long",
    "metadata_too_large",
    "view_too_large",
    "cannot_reply_to_message",
    "bad_timestamp",
    "invalid_ts_oldest",
    "invalid_ts_latest",
];

/// A refusal: the code, and what Slack says about the details.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: &'static str,
    details: Vec<String>,
    retry_after: Option<u64>,
    /// It is refused as malformed, though the app did nothing wrong.
    excused: bool,
}

impl From<&'static str> for Refusal {
    fn from(error: &'static str) -> Self {
        Self {
            error,
            details: Vec::new(),
            retry_after: None,
            excused: false,
        }
    }
}

impl Refusal {
    pub(super) fn arguments(detail: String) -> Self {
        Self {
            error: "invalid_arguments",
            details: vec![detail],
            retry_after: None,
            excused: false,
        }
    }

    pub(super) fn faults(error: &'static str, faults: &[Fault]) -> Self {
        Self {
            error,
            details: faults.iter().map(ToString::to_string).collect(),
            retry_after: None,
            excused: false,
        }
    }

    pub(super) fn rate_limited(seconds: u64) -> Self {
        Self {
            error: "ratelimited",
            details: Vec::new(),
            retry_after: Some(seconds),
            excused: false,
        }
    }

    /// A message that shows a file which Slack still works on, or which is gone.
    pub(super) fn file_not_usable(at: &str) -> Self {
        Self {
            details: vec![format!("invalid slack file [json-pointer:{at}]")],
            excused: true,
            ..Self::from("invalid_blocks")
        }
    }

    pub(super) fn into_reply(self) -> Reply {
        if let Some(seconds) = self.retry_after {
            return Reply::rate_limited(seconds);
        }
        let mut body = json!({"ok": false, "error": self.error});
        if !self.details.is_empty() {
            let messages: Vec<_> = self
                .details
                .iter()
                .map(|detail| format!("[ERROR] {detail}"))
                .collect();
            body["response_metadata"] = json!({"messages": messages});
            if self.error == "invalid_blocks" {
                body["errors"] = json!(self.details);
            }
        }
        let malformed = MALFORMED.contains(&self.error) && !self.excused;
        let complaint = malformed.then(|| format!("{} {}", self.error, self.details.join("; ")));
        Reply {
            status: StatusCode::OK,
            body: Content::Json(body),
            error: Some(self.error.to_owned()),
            retry_after: None,
            complaint,
        }
    }
}
