use std::time::Duration;

use http::header::RETRY_AFTER;
use serde::{Serialize, Serializer, ser::SerializeMap};
use slack_morphism::blocks::SlackBlock;
use url::Url;

use super::{Cause, SlackApi, SlackError, error::Effect, measured};

/// The name under which response URLs appear in errors. The URLs themselves never do: whoever has one can post.
const METHOD: &str = "response_url";

/// How much of a refusal is read, in bytes.
const MAX_ANSWER_BYTES: usize = 4096;

/// What is answered to a command or click.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    Message(ReplyMessage),
    /// The message that was clicked on goes.
    DeleteOriginal,
}

/// A message as an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ReplyMessage {
    /// Who sees it.
    #[serde(rename = "response_type")]
    pub visibility: Visibility,
    /// Whether it takes the place of the message that was clicked on. It has no effect after a command.
    pub replace_original: bool,
    /// The text for notifications, and the whole message when there are no blocks.
    pub text: String,
    /// What is shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<SlackBlock>,
    /// The thread to answer in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<String>,
}

/// Who sees an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The person alone.
    #[default]
    Ephemeral,
    /// Everybody in the channel.
    InChannel,
}

impl SlackApi {
    /// Answers a command or click at its response URL, which works five times within 30 minutes.
    ///
    /// # Errors
    /// [`SlackError`]; [`SlackError::Gone`] when the URL is used up or too old, [`SlackError::Refused`] with
    /// `foreign_url` when it is not Slack's.
    pub async fn respond(&self, response_url: &str, reply: &Reply) -> Result<(), SlackError> {
        let Some(url) = self.own_url(response_url) else {
            return Err(SlackError::from_code(
                METHOD,
                Effect::None,
                "foreign_url",
                Vec::new(),
            ));
        };
        measured(METHOD, self.respond_at(url, reply)).await
    }

    async fn respond_at(&self, url: Url, reply: &Reply) -> Result<(), SlackError> {
        let call = async {
            let response = self.http.post(url).json(reply).send().await?;
            let status = response.status().as_u16();
            let retry_after = seconds(response.headers());
            Ok::<_, reqwest::Error>((status, retry_after, start_of(response).await))
        };
        let answer = tokio::time::timeout(self.timeout, call).await;
        let (status, retry_after, text) = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.is_connect() => {
                return Err(unavailable(Effect::None, Cause::Connection));
            }
            Ok(Err(error)) if error.is_timeout() => {
                return Err(unavailable(Effect::Possible, Cause::Timeout));
            }
            Ok(Err(_)) => return Err(unavailable(Effect::Possible, Cause::Connection)),
            Err(_) => return Err(unavailable(Effect::Possible, Cause::Timeout)),
        };
        match status {
            200..=299 => Ok(()),
            429 => Err(SlackError::rate_limited(METHOD, retry_after)),
            400..=499 => Err(refusal(status, &text)),
            _ => Err(SlackError::from_status(METHOD, Effect::Possible, status)),
        }
    }

    /// The URL, when it is on the Web API's own host or the host for hooks beside it.
    fn own_url(&self, response_url: &str) -> Option<Url> {
        let url = Url::parse(response_url).ok()?;
        let host = url.host_str()?;
        let api_host = self.api_url.host_str()?;
        let is_slack = host == api_host || host.strip_prefix("hooks.") == Some(api_host);
        (is_slack && url.scheme() == self.api_url.scheme()).then_some(url)
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Message(message) => message.serialize(serializer),
            Self::DeleteOriginal => {
                // Slack heeds this one only when it is alone.
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("delete_original", &true)?;
                map.end()
            }
        }
    }
}

fn unavailable(effect: Effect, cause: Cause) -> SlackError {
    SlackError::unavailable(METHOD, effect, cause)
}

/// Slack refuses with a code as text or in JSON. A URL that is not there is one that was used up or grew too old.
fn refusal(status: u16, text: &str) -> SlackError {
    let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let code = json["error"].as_str().unwrap_or(text.trim());
    match SlackError::from_code(METHOD, Effect::None, code, Vec::new()) {
        SlackError::Refused { method, code, .. } if status == 404 => {
            SlackError::Gone { method, code }
        }
        error => error,
    }
}

fn seconds(headers: &http::HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
    value.parse().ok().map(Duration::from_secs)
}

async fn start_of(response: reqwest::Response) -> String {
    let mut text = Vec::new();
    let mut response = response;
    while let Ok(Some(chunk)) = response.chunk().await {
        text.extend_from_slice(&chunk);
        if text.len() >= MAX_ANSWER_BYTES {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}
