//! The smallest question that shows whether the app's key is answered: it costs one token of an answer.

use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::OpenAi;
use crate::systems::http::{Call, Doing, VendorError, header};

/// Longest text of a rate-limit header that is repeated, in characters.
const RESET_CHARS: usize = 20;
/// Words in the names of models that take no chat messages.
const NO_CHAT: &[&str] = &[
    "audio",
    "image",
    "realtime",
    "transcribe",
    "tts",
    "search",
    "instruct",
];

/// What the headers of an answer said of one limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// `requests` or `tokens`.
    pub of: &'static str,
    /// How many there may be.
    pub limit: u64,
    /// How many are left.
    pub remaining: u64,
    /// When all are there again, as OpenAI says it: `6m0s`.
    pub reset: Option<String>,
}

/// An answered probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The limits that the answer named.
    pub limits: Vec<RateLimit>,
}

/// Whether a model takes chat messages, by its name.
#[must_use]
pub fn is_chat_model(id: &str) -> bool {
    let is_family = id.starts_with("gpt-") || id.starts_with("chatgpt-");
    is_family && !NO_CHAT.iter().any(|word| id.contains(word))
}

impl OpenAi {
    /// Has a chat model answer with one token.
    ///
    /// # Errors
    /// [`VendorError`]: with one of [`super::MONEY_CODES`] when there is no money left.
    pub async fn probe(&self, model: &str) -> Result<Probe, VendorError> {
        let call = Call {
            what: "ask for one token",
            method: Method::POST,
            path: "/chat/completions",
            query: &[],
            body: Some(json!({
                "model": model,
                "messages": [{ "role": "user", "content": "ping" }],
                "max_completion_tokens": 1,
                "store": false,
            })),
            // A second question would cost one more token and change nothing.
            doing: Doing::Reading,
        };
        let answer = self.app.call::<Value>(call).await?;
        Ok(Probe {
            limits: limits(&answer.headers),
        })
    }
}

fn limits(headers: &HeaderMap) -> Vec<RateLimit> {
    let number = |kind: &str, of: &str| -> Option<u64> {
        header(headers, &format!("x-ratelimit-{kind}-{of}"))?
            .parse()
            .ok()
    };
    let limit = |of| {
        let reset = header(headers, &format!("x-ratelimit-reset-{of}"));
        let reset = reset.filter(|text| text.len() <= RESET_CHARS);
        Some(RateLimit {
            of,
            limit: number("limit", of)?,
            remaining: number("remaining", of)?,
            reset: reset.map(str::to_owned),
        })
    };
    ["requests", "tokens"]
        .into_iter()
        .filter_map(limit)
        .collect()
}
