//! Acting as a person. Every act runs on a task of its own, so that a page that is closed cuts nothing short.

use std::{future::Future, sync::Arc};

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::told;
use crate::slack::{
    core::Shared,
    deliver::{self, Delivery, Pick, Submission, Suggestions},
};

#[derive(Deserialize)]
pub(super) struct Say {
    #[serde(rename = "as")]
    user: String,
    channel: String,
    text: String,
    thread_ts: Option<String>,
}

pub(super) async fn say(State(shared): State<Arc<Shared>>, Json(say): Json<Say>) -> Json<Value> {
    let ask = Arc::clone(&shared);
    apart(&shared, async move {
        let thread = say.thread_ts.as_deref().filter(|ts| !ts.is_empty());
        told(error(
            deliver::say(&ask, &say.user, &say.channel, &say.text, thread).await,
        ))
    })
    .await
}

/// An element of a message or, with `view_id`, of a modal or the Home tab; the rest is what was entered.
#[derive(Deserialize)]
pub(super) struct Click {
    #[serde(rename = "as")]
    user: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    ts: String,
    view_id: Option<String>,
    block_id: Option<String>,
    action_id: String,
    /// What was entered in the same message or view, as in `state.values`.
    #[serde(default)]
    values: Value,
    #[serde(flatten)]
    entered: serde_json::Map<String, Value>,
}

impl Click {
    fn pick(self) -> Pick {
        // The rest is the element's value, as in `state`; a button's own value comes along and is not looked at.
        let entered = Some(Value::Object(self.entered));
        let place = match self.view_id {
            Some(view) => Pick::on_view(&self.user, &view, &self.action_id),
            None => Pick::on_message(&self.user, &self.channel, &self.ts, &self.action_id),
        };
        Pick {
            block_id: self.block_id,
            entered,
            around: self.values,
            ..place
        }
    }
}

pub(super) async fn click(
    State(shared): State<Arc<Shared>>,
    Json(click): Json<Click>,
) -> Json<Value> {
    let ask = Arc::clone(&shared);
    apart(&shared, async move {
        told(error(deliver::click(&ask, &click.pick()).await.map(Some)))
    })
    .await
}

pub(super) async fn suggest(
    State(shared): State<Arc<Shared>>,
    Json(click): Json<Click>,
) -> Json<Value> {
    let typed = click
        .entered
        .get("value")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let pick = Pick {
        entered: None,
        ..click.pick()
    };
    Json(match deliver::suggest(&shared, &pick, &typed).await {
        Ok(Suggestions::Options(options)) => json!({"options": options}),
        Ok(Suggestions::NoResult(_)) => json!({"options": []}),
        Err(error) => json!({"options": [], "error": error.to_string()}),
    })
}

#[derive(Deserialize)]
pub(super) struct Submit {
    #[serde(rename = "as")]
    user: String,
    view_id: String,
    #[serde(default)]
    values: Value,
}

pub(super) async fn submit(
    State(shared): State<Arc<Shared>>,
    Json(given): Json<Submit>,
) -> Json<Value> {
    let ask = Arc::clone(&shared);
    apart(&shared, async move {
        let values = if given.values.is_null() {
            json!({})
        } else {
            given.values
        };
        match deliver::submit(&ask, &given.user, &given.view_id, &values).await {
            Ok((Submission::Closed | Submission::Updated, _)) => told(None),
            Ok((Submission::Errors(errors), _)) => Json(json!({"ok": false, "errors": errors})),
            Ok((Submission::Trouble(why), _)) => told(Some(why)),
            Err(error) => told(Some(error.to_string())),
        }
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct Close {
    #[serde(rename = "as")]
    user: String,
    view_id: String,
    #[serde(default)]
    clear: bool,
}

pub(super) async fn close(
    State(shared): State<Arc<Shared>>,
    Json(given): Json<Close>,
) -> Json<Value> {
    let ask = Arc::clone(&shared);
    // The view closes whether or not the app took notice: only a refusal by Slack itself is told.
    apart(&shared, async move {
        let closed = deliver::close(&ask, &given.user, &given.view_id, given.clear).await;
        told(closed.err().map(|error| error.to_string()))
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct Home {
    #[serde(rename = "as")]
    user: String,
}

pub(super) async fn home(
    State(shared): State<Arc<Shared>>,
    Json(given): Json<Home>,
) -> Json<Value> {
    let ask = Arc::clone(&shared);
    apart(&shared, async move {
        told(error(deliver::open_home(&ask, &given.user).await.map(Some)))
    })
    .await
}

/// What the person is told: that Slack refused, or that the app failed.
fn error(done: anyhow::Result<Option<Delivery>>) -> Option<String> {
    match done {
        Ok(delivery) => delivery.and_then(|delivery| delivery.error),
        Err(error) => Some(error.to_string()),
    }
}

async fn apart(
    shared: &Shared,
    act: impl Future<Output = Json<Value>> + Send + 'static,
) -> Json<Value> {
    let done = shared.tasks.spawn(act).await;
    done.unwrap_or_else(|_| told(Some("the workspace could not do this".into())))
}
