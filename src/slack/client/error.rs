mod refusal;

use std::{error::Error as StdError, io, time::Duration};

use serde::Deserialize;
use slack_morphism::errors::SlackClientError;

/// How long to wait when Slack limits us and does not say for how long.
pub const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(30);

/// The longest wait that is believed.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// The most explanations of a refusal that are kept, and the longest of them in characters.
const MAX_MESSAGES: usize = 10;
const MAX_MESSAGE_CHARS: usize = 300;

/// The longest error code of Slack that is shown.
const MAX_CODE_CHARS: usize = 80;

/// Why a call to Slack failed. `Display` shows the method and Slack's code and never an answer, a token or an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlackError {
    /// Slack limits this method for our workspace.
    #[error("Slack limits {method}: again in {} s", retry_after.as_secs())]
    RateLimited {
        method: &'static str,
        /// How long to wait.
        retry_after: Duration,
    },
    /// Slack could not be reached or did not answer properly.
    #[error("Slack is unavailable for {method}: {cause}")]
    Unavailable {
        method: &'static str,
        /// Whether the call may have had its effect all the same. Never for calls that only read.
        in_doubt: bool,
        /// What happened.
        cause: Cause,
    },
    /// Slack refused the call. [`SlackError::retry`] says whether it will refuse it again.
    #[error("Slack refused {method}: {code}")]
    Refused {
        method: &'static str,
        /// Slack's code, for example `invalid_blocks`.
        code: String,
        /// Slack's explanations. They may quote what was sent: not for people, and not for the log of a whole call.
        messages: Vec<String>,
    },
    /// What the call is about is not there (any more): a channel, message, person, view, trigger or response URL.
    #[error("what {method} is about is gone: {code}")]
    Gone {
        method: &'static str,
        /// Slack's code, for example `message_not_found`.
        code: String,
    },
    /// The token is not valid or may not do this. Nothing will work until an operator has changed it.
    #[error("the Slack token may not call {method}: {code}")]
    Auth {
        method: &'static str,
        /// Slack's code, for example `missing_scope`.
        code: String,
    },
}

/// What kept Slack from answering.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("the connection failed")]
    Connection,
    /// An HTTP status that is not Slack's usual one.
    #[error("status {0}")]
    Status(u16),
    /// An answer that cannot be read.
    #[error("the answer cannot be read")]
    Unreadable,
    /// Slack says that it is in trouble.
    #[error("{0}")]
    Code(String),
}

/// What to do after a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Nothing: what was sent, or whom or what it was for, is refused for good.
    Never,
    /// Again, with long pauses: the token, the app's rights, the channel or a proxy keep everything of ours from
    /// getting there, and only a person can mend that.
    WhenMended,
    /// A few times again, with growing pauses: a refusal that is not known here.
    Unclear,
    /// Again after this time.
    After(Duration),
    /// Again, with growing pauses.
    Later,
    /// The call may have had its effect: look for it before a call that must not happen twice, else as [`Retry::Later`].
    LookFirst,
}

/// Whether a call can change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    Possible,
}

impl SlackError {
    /// What to do next.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::RateLimited { retry_after, .. } => Retry::After(*retry_after),
            Self::Unavailable { in_doubt: true, .. } => Retry::LookFirst,
            Self::Unavailable { .. } => Retry::Later,
            Self::Auth { .. } => Retry::WhenMended,
            Self::Refused { code, .. } => refusal::retry(code),
            Self::Gone { code, .. } => match refusal::retry(code) {
                Retry::Unclear => Retry::Never,
                retry => retry,
            },
        }
    }

    pub(super) fn unavailable(method: &'static str, effect: Effect, cause: Cause) -> Self {
        Self::Unavailable {
            method,
            in_doubt: effect == Effect::Possible,
            cause,
        }
    }

    pub(super) fn rate_limited(method: &'static str, retry_after: Option<Duration>) -> Self {
        let retry_after = retry_after.unwrap_or(DEFAULT_RETRY_AFTER);
        Self::RateLimited {
            method,
            retry_after: retry_after.min(MAX_RETRY_AFTER),
        }
    }

    pub(super) fn from_library(
        method: &'static str,
        effect: Effect,
        error: SlackClientError,
    ) -> Self {
        match error {
            SlackClientError::RateLimitError(limit) => {
                Self::rate_limited(method, limit.retry_after)
            }
            SlackClientError::HttpError(http) => {
                Self::from_status(method, effect, http.status_code.as_u16())
            }
            SlackClientError::ApiError(api) => {
                let body = api.http_response_body.unwrap_or_default();
                let mut messages = api.errors.unwrap_or_default();
                messages.extend(response_messages(&body));
                Self::from_code(method, effect, &api.code, messages)
            }
            SlackClientError::ProtocolError(_) => {
                Self::unavailable(method, effect, Cause::Unreadable)
            }
            SlackClientError::HttpProtocolError(protocol) => {
                let never_sent = protocol.cause.is_some_and(|cause| never_sent(&*cause));
                let effect = if never_sent { Effect::None } else { effect };
                Self::unavailable(method, effect, Cause::Connection)
            }
            SlackClientError::SystemError(_)
            | SlackClientError::EndOfStream(_)
            | SlackClientError::SocketModeProtocolError(_) => {
                Self::unavailable(method, effect, Cause::Connection)
            }
        }
    }

    pub(super) fn from_status(method: &'static str, effect: Effect, status: u16) -> Self {
        let code = format!("http_{status}");
        match status {
            401 | 403 => Self::Auth { method, code },
            400..=407 | 409..=499 => Self::Refused {
                method,
                code,
                messages: Vec::new(),
            },
            // 408 and 5xx, but also a redirect or an empty success: nobody knows what was done.
            _ => Self::unavailable(method, effect, Cause::Status(status)),
        }
    }

    pub(super) fn from_code(
        method: &'static str,
        effect: Effect,
        code: &str,
        messages: Vec<String>,
    ) -> Self {
        let code = presentable(code);
        match code.as_str() {
            "ratelimited" | "rate_limited" => Self::rate_limited(method, None),
            // Slack documents that an operation may have partly succeeded before these.
            "fatal_error" | "internal_error" | "service_unavailable" => {
                Self::unavailable(method, effect, Cause::Code(code))
            }
            // The request did not arrive whole.
            "request_timeout" => Self::unavailable(method, Effect::None, Cause::Code(code)),
            "invalid_auth"
            | "not_authed"
            | "account_inactive"
            | "token_revoked"
            | "token_expired"
            | "missing_scope"
            | "no_permission"
            | "not_allowed_token_type"
            | "access_denied"
            | "org_login_required"
            | "ekm_access_denied"
            | "two_factor_setup_required" => Self::Auth { method, code },
            "channel_not_found"
            | "message_not_found"
            | "thread_not_found"
            | "is_archived"
            | "user_not_found"
            | "users_not_found"
            | "user_not_visible"
            | "not_found"
            | "file_not_found"
            | "file_deleted"
            | "no_such_subteam"
            | "subteam_not_found"
            | "expired_trigger_id"
            | "exchanged_trigger_id"
            | "trigger_expired"
            | "trigger_exchanged"
            | "expired_url"
            | "used_url" => Self::Gone { method, code },
            _ => Self::Refused {
                method,
                code,
                messages: bounded(messages),
            },
        }
    }
}

/// Slack's code as it may be shown: what is no code is not repeated.
fn presentable(code: &str) -> String {
    let is_code = !code.is_empty()
        && code.len() <= MAX_CODE_CHARS
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    match is_code {
        true => code.to_owned(),
        false => "unknown_error".to_owned(),
    }
}

fn bounded(messages: Vec<String>) -> Vec<String> {
    let short = |message: String| message.chars().take(MAX_MESSAGE_CHARS).collect();
    messages.into_iter().take(MAX_MESSAGES).map(short).collect()
}

/// The library keeps `errors` but not `response_metadata.messages`.
fn response_messages(body: &str) -> Vec<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Body {
        response_metadata: Metadata,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Metadata {
        messages: Vec<String>,
    }
    let body: Body = serde_json::from_str(body).unwrap_or_default();
    body.response_metadata.messages
}

/// Whether a connection failed before anything could be sent on it.
fn never_sent(cause: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(cause);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && matches!(
                error.kind(),
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
                    | io::ErrorKind::AddrNotAvailable
            )
        {
            return true;
        }
        next = error.source();
    }
    false
}
