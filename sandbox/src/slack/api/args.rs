//! The arguments of a call, from wherever they came: query, form or JSON.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::error::Refusal;

/// The arguments of one call.
pub(super) struct Args {
    map: Map<String, Value>,
    /// They came as a JSON body.
    pub(super) json: bool,
    /// From the `Authorization` header, or from the form or query. Slack takes none from a JSON body.
    pub(super) token: Option<String>,
}

impl Args {
    pub(super) fn parse(query: &str, headers: &HeaderMap, body: &[u8]) -> (Self, Option<Refusal>) {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let mut map: Map<String, Value> = pairs(query.as_bytes()).collect();
        let kind = header(header::CONTENT_TYPE)
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim();
        let (mut json, mut refusal) = (false, None);
        match kind {
            _ if body.is_empty() => {}
            "application/json" => {
                json = true;
                match serde_json::from_slice(body) {
                    Ok(Value::Object(given)) => {
                        map.extend(given.into_iter().filter(|(name, _)| name != "token"));
                    }
                    Ok(_) => refusal = Some("json_not_object".into()),
                    Err(_) => refusal = Some("invalid_json".into()),
                }
            }
            "application/x-www-form-urlencoded" => map.extend(pairs(body)),
            _ => refusal = Some("invalid_post_type".into()),
        }
        let bearer = header(header::AUTHORIZATION)
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::to_owned);
        let inside = map
            .remove("token")
            .and_then(|value| value.as_str().map(str::to_owned));
        (
            Self {
                map,
                json,
                token: bearer.or(inside),
            },
            refusal,
        )
    }

    /// All of them, for the record.
    pub(super) fn to_value(&self) -> Value {
        let readable = |(name, value): (&String, &Value)| {
            let parsed = value
                .as_str()
                .filter(|_| is_structured(name))
                .and_then(|text| serde_json::from_str(text).ok());
            (name.clone(), parsed.unwrap_or_else(|| value.clone()))
        };
        Value::Object(self.map.iter().map(readable).collect())
    }

    /// A string; in JSON it has to be one.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::arguments(format!(
                "must provide a string [json-pointer:/{name}]"
            ))),
        }
    }

    /// A string that has to be there and not be empty.
    pub(super) fn required(&self, name: &str) -> Result<String, Refusal> {
        let given = self.text(name)?.filter(|text| !text.is_empty());
        given.ok_or_else(|| Refusal::arguments(format!("missing required field: {name}")))
    }

    /// A boolean, in any of the forms that Slack takes.
    pub(super) fn flag(&self, name: &str) -> bool {
        match self.map.get(name) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) => matches!(text.as_str(), "1" | "true" | "True"),
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// A whole number, `or` when it is absent.
    pub(super) fn number(&self, name: &str, or: usize) -> Result<usize, Refusal> {
        let wrong = || Refusal::arguments(format!("must be a number [json-pointer:/{name}]"));
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(or),
            Some(Value::Number(n)) => n.as_u64().and_then(|n| n.try_into().ok()).ok_or_else(wrong),
            Some(Value::String(text)) if text.is_empty() => Ok(or),
            Some(Value::String(text)) => text.parse().map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        }
    }

    /// An object or array: as it is in JSON, as a JSON string in forms. `error` is for a string that is not JSON.
    pub(super) fn structured(
        &self,
        name: &str,
        error: &'static str,
    ) -> Result<Option<Value>, Refusal> {
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| error.into()),
            Some(value) => Ok(Some(value.clone())),
        }
    }
}

fn is_structured(name: &str) -> bool {
    matches!(
        name,
        "blocks" | "view" | "metadata" | "files" | "attachments"
    )
}

fn pairs(encoded: &[u8]) -> impl Iterator<Item = (String, Value)> {
    form_urlencoded::parse(encoded)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
}
