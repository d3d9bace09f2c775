//! Errors, in the shape that Stripe gives them.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// An error that is answered.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    /// Further fields, such as `charge`.
    more: Map<String, Value>,
    /// A request that no correct client sends; noted as unexpected.
    pub(super) malformed: bool,
    /// The request was refused before the endpoint began, so an idempotency key keeps nothing of it.
    pub(super) before_start: bool,
}

impl Refusal {
    /// What the endpoint itself refuses, though the request is well-formed.
    pub(super) fn invalid(code: Option<&'static str>, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code,
            message: message.into(),
            param: None,
            more: Map::new(),
            malformed: false,
            before_start: false,
        }
    }

    /// A request that is wrong in itself: an unknown parameter, a wrong type, a missing header.
    pub(super) fn malformed(
        code: Option<&'static str>,
        message: impl Into<String>,
        param: &str,
    ) -> Self {
        Self {
            malformed: true,
            before_start: true,
            ..Self::invalid(code, message)
        }
        .about(param)
    }

    /// An object that is not there.
    pub(super) fn missing(kind: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {kind}: '{id}'");
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::invalid(Some("resource_missing"), message)
        }
        .about(param)
    }

    /// The same for an object that is there in the mode that the key is not of.
    pub(super) fn of_other_mode(mut self, live_key: bool) -> Self {
        let (there, key) = match live_key {
            true => ("test", "live"),
            false => ("live", "test"),
        };
        self.message.push_str(&format!(
            "; a similar object exists in {there} mode, but a {key} mode key was used to make this request."
        ));
        self
    }

    /// A key that is missing or not known.
    pub(super) fn unauthorised(message: impl Into<String>) -> Self {
        Self::before(StatusCode::UNAUTHORIZED, None, message)
    }

    /// A restricted key that lacks a right.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::before(StatusCode::FORBIDDEN, None, message)
    }

    /// Too many requests at once.
    pub(super) fn limited(code: &'static str, message: &str) -> Self {
        Self::before(StatusCode::TOO_MANY_REQUESTS, Some(code), message)
    }

    /// A second request with a key whose first is still under way.
    pub(super) fn key_in_use(key: &str) -> Self {
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you \
             submitted twice, and the other request is still going through): {key}. Please try again later."
        );
        Self {
            kind: "idempotency_error",
            ..Self::before(
                StatusCode::CONFLICT,
                Some("idempotency_key_in_use"),
                message,
            )
        }
    }

    /// A key that was used with other parameters.
    pub(super) fn other_parameters(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
             using a key other than '{key}' if you meant to execute a different request."
        );
        Self {
            kind: "idempotency_error",
            ..Self::before(StatusCode::BAD_REQUEST, None, message)
        }
    }

    /// Stripe's own failure.
    pub(super) fn internal() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "api_error",
            ..Self::invalid(
                None,
                "An unknown error occurred. Please contact support if this persists.",
            )
        }
    }

    fn before(status: StatusCode, code: Option<&'static str>, message: impl Into<String>) -> Self {
        Self {
            status,
            before_start: true,
            ..Self::invalid(code, message)
        }
    }

    /// The same, naming a parameter; none when it is empty.
    pub(super) fn about(mut self, param: &str) -> Self {
        self.param = (!param.is_empty()).then(|| param.to_owned());
        self
    }

    /// The same, with one more field.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The same, for a request that no correct client sends.
    pub(super) fn noted(mut self) -> Self {
        self.malformed = true;
        self
    }

    /// For the record of calls.
    pub(super) fn summary(&self) -> String {
        match self.code {
            Some(code) => format!("{code}: {}", self.message),
            None => self.message.clone(),
        }
    }

    /// The body of the answer. `request` is the id of the request.
    pub(super) fn body(&self, request: &str) -> Value {
        let mut error = self.more.clone();
        if let Some(code) = self.code {
            error.insert("code".into(), code.into());
            let doc = format!(
                "https://stripe.com/docs/error-codes/{}",
                code.replace('_', "-")
            );
            error.insert("doc_url".into(), doc.into());
        }
        error.insert("message".into(), self.message.clone().into());
        if let Some(param) = &self.param {
            error.insert("param".into(), param.clone().into());
        }
        let log = format!("https://dashboard.stripe.com/logs/{request}");
        error.insert("request_log_url".into(), log.into());
        error.insert("type".into(), self.kind.into());
        json!({ "error": error })
    }
}
