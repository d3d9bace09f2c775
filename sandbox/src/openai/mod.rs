//! A simulated OpenAI organisation: its models, its quota and its costs.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::{
    runtime::Now,
    vendor::{Reply, Request, Running, Simulated},
};

/// The app's key.
pub const API_KEY: &str = "sk-proj-sandbox-of-the-app";
/// An admin key.
pub const ADMIN_KEY: &str = "sk-admin-sandbox-of-the-team";
/// `GET /v1/models`
pub const LIST_MODELS: &str = "GET /v1/models";
/// `POST /v1/chat/completions`
pub const CHAT: &str = "POST /v1/chat/completions";
/// `GET /v1/organization/costs`
pub const COSTS: &str = "GET /v1/organization/costs";

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// What a chat call comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chat {
    /// It is answered, with so many requests and tokens left of 500 and 30000.
    Answers {
        /// Requests left.
        requests: u64,
        /// Tokens left.
        tokens: u64,
    },
    /// There is no money: the code says why.
    NoMoney(&'static str),
    /// There were too many calls.
    TooMany,
}

/// The organisation. Changed through [`OpenAi`].
pub struct Organisation {
    models: BTreeMap<String, Option<NaiveDate>>,
    chat: Chat,
    /// Dollars by day.
    costs: BTreeMap<NaiveDate, f64>,
    currency: &'static str,
    now: Now,
}

/// A running organisation.
pub type OpenAi = Running<Organisation>;

impl OpenAi {
    /// Starts one with the models that the app uses. Exchanges are added to `record`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn open(now: Now, record: Option<PathBuf>) -> anyhow::Result<Self> {
        let models = ["gpt-4-turbo", "gpt-4o", "gpt-4o-mini", "whisper-1"];
        let organisation = Organisation {
            models: models.map(|id| (id.to_owned(), None)).into(),
            chat: Chat::Answers {
                requests: 499,
                tokens: 29_000,
            },
            costs: BTreeMap::new(),
            currency: "usd",
            now,
        };
        Self::start(organisation, record).await
    }

    /// Announces a model's shutdown, or adds a model.
    pub fn set_model(&self, id: &str, shutdown: Option<NaiveDate>) {
        self.with(|it| it.models.insert(id.to_owned(), shutdown));
    }

    /// Removes a model.
    pub fn remove_model(&self, id: &str) {
        self.with(|it| it.models.remove(id));
    }

    /// What chat calls come to from now on.
    pub fn set_chat(&self, chat: Chat) {
        self.with(|it| it.chat = chat);
    }

    /// What a day cost.
    pub fn set_cost(&self, day: NaiveDate, dollars: f64) {
        self.with(|it| it.costs.insert(day, dollars));
    }

    /// The currency of the costs.
    pub fn set_currency(&self, currency: &'static str) {
        self.with(|it| it.currency = currency);
    }
}

impl Simulated for Organisation {
    const NAME: &'static str = "openai";

    fn answer(&mut self, request: &Request) -> Reply {
        let is_admin = request.path.starts_with("/v1/organization/");
        let expected = if is_admin { ADMIN_KEY } else { API_KEY };
        if request.bearer.as_deref() != Some(expected) {
            return refusal(401, "invalid_request_error", Some("invalid_api_key"));
        }
        let model = request.path.strip_prefix("/v1/models/");
        match (request.method.as_str(), request.path.as_str(), model) {
            ("GET", "/v1/models", _) => {
                let all = self.models.iter().map(|(id, day)| shown(id, *day));
                Reply::of(
                    200,
                    json!({ "object": "list", "data": all.collect::<Vec<_>>() }),
                )
            }
            ("GET", _, Some(id)) => match self.models.get(id) {
                Some(day) => Reply::of(200, shown(id, *day)),
                None => refusal(404, "invalid_request_error", Some("model_not_found")),
            },
            ("POST", "/v1/chat/completions", _) => self.chat(request),
            ("GET", "/v1/organization/costs", _) => self.costs(request),
            _ => refusal(404, "invalid_request_error", None).unexpected("there is no such call"),
        }
    }
}

impl Organisation {
    fn chat(&self, request: &Request) -> Reply {
        let known = ["model", "messages", "max_completion_tokens", "store"];
        let fields = request.body.as_object();
        let strange =
            fields.is_none_or(|body| body.keys().any(|name| !known.contains(&name.as_str())));
        let messages = request.body["messages"].as_array();
        let is_written = messages.is_some_and(|all| {
            !all.is_empty()
                && all
                    .iter()
                    .all(|one| one["role"] == "user" && one["content"].is_string())
        });
        if strange || !is_written || request.body["max_completion_tokens"] != 1 {
            return refusal(400, "invalid_request_error", None).unexpected("the body does not fit");
        }
        let model = request.body["model"].as_str().unwrap_or_default();
        if !self.models.contains_key(model) {
            return refusal(404, "invalid_request_error", Some("model_not_found"));
        }
        match &self.chat {
            Chat::NoMoney(code) => refusal(429, "insufficient_quota", Some(code)),
            Chat::TooMany => {
                let mut reply = refusal(429, "requests", Some("rate_limit_exceeded"));
                reply.headers.push(("retry-after", "20".to_owned()));
                reply
            }
            Chat::Answers { requests, tokens } => {
                let message = json!({ "role": "assistant", "content": "p" });
                let mut reply = Reply::of(
                    200,
                    json!({
                        "id": "chatcmpl-1",
                        "object": "chat.completion",
                        "created": (self.now)().timestamp(),
                        "model": model,
                        "choices": [{ "index": 0, "message": message, "finish_reason": "length" }],
                        "usage": { "prompt_tokens": 8, "completion_tokens": 1, "total_tokens": 9 },
                    }),
                );
                for (name, value) in [
                    ("x-ratelimit-limit-requests", "500".to_owned()),
                    ("x-ratelimit-remaining-requests", requests.to_string()),
                    ("x-ratelimit-reset-requests", "120ms".to_owned()),
                    ("x-ratelimit-limit-tokens", "30000".to_owned()),
                    ("x-ratelimit-remaining-tokens", tokens.to_string()),
                    ("x-ratelimit-reset-tokens", "6m0s".to_owned()),
                ] {
                    reply.headers.push((name, value));
                }
                reply
            }
        }
    }

    /// Two days on a page, so that whoever reads one page alone reads too little.
    fn costs(&self, request: &Request) -> Reply {
        const PAGE: usize = 2;
        let unknown = request.unknown_params(&["start_time", "bucket_width", "limit", "page"]);
        let start = request
            .param("start_time")
            .and_then(|text| text.parse::<i64>().ok());
        let start = start.and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
        let limit = request
            .param("limit")
            .and_then(|text| text.parse::<u32>().ok());
        let (Some(start), Some(1..=180), true) = (start, limit, unknown.is_empty()) else {
            return refusal(400, "invalid_request_error", None)
                .unexpected("the query does not fit");
        };
        let at = request
            .param("page")
            .and_then(|page| page.parse::<usize>().ok())
            .unwrap_or(0);
        let days: Vec<_> = self.costs.range(start.date_naive()..).collect();
        let page = days.iter().skip(at).take(PAGE).map(|(day, dollars)| {
            let begin = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
            json!({
                "object": "bucket",
                "start_time": begin,
                "end_time": begin + DAY,
                "results": [{
                    "object": "organization.costs.result",
                    "amount": { "value": dollars, "currency": self.currency },
                    "line_item": null,
                    "project_id": null,
                }],
            })
        });
        let page: Vec<Value> = page.collect();
        let next = (at + PAGE < days.len()).then(|| (at + PAGE).to_string());
        let has_more = next.is_some();
        Reply::of(
            200,
            json!({ "object": "page", "data": page, "has_more": has_more, "next_page": next }),
        )
    }
}

fn shown(id: &str, shutdown: Option<NaiveDate>) -> Value {
    json!({
        "id": id,
        "object": "model",
        "created": 1_700_000_000,
        "owned_by": "system",
        "shutdown_date": shutdown,
    })
}

fn refusal(status: u16, kind: &str, code: Option<&str>) -> Reply {
    let error =
        json!({ "message": "refused by the sandbox", "type": kind, "param": null, "code": code });
    Reply::of(status, json!({ "error": error }))
}
