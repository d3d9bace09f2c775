//! Switches and panels: those of the workspace, and those that the demo registered.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{not_found, told};
use crate::slack::{
    core::Shared,
    faults::{Duplicates, Faults, Lost, Outage},
};

/// `Retry-After` in seconds while the page's switch for rate limits is on.
const RETRY_AFTER: u64 = 5;
/// Answers that are lost while the page's switch for lost answers is on.
const MANY: u32 = u32::MAX;

struct BuiltIn {
    id: &'static str,
    label: &'static str,
    get: fn(&Faults) -> bool,
    set: fn(&Faults, bool),
}

const SWITCHES: &[BuiltIn] = &[
    BuiltIn {
        id: "slack_outage",
        label: "Slack is down (503)",
        get: |faults| faults.outage() == Outage::Unavailable,
        set: |faults, on| faults.set_outage(if on { Outage::Unavailable } else { Outage::Off }),
    },
    BuiltIn {
        id: "slack_cut_off",
        label: "Slack cuts every connection",
        get: |faults| faults.outage() == Outage::CutOff,
        set: |faults, on| faults.set_outage(if on { Outage::CutOff } else { Outage::Off }),
    },
    BuiltIn {
        id: "rate_limit",
        label: "Slack answers 429",
        get: |faults| faults.limited(None).is_some(),
        set: |faults, on| {
            faults.lift_limits();
            if on {
                faults.limit(None, RETRY_AFTER);
            }
        },
    },
    BuiltIn {
        id: "duplicate_clicks",
        label: "Clicks and commands arrive twice",
        get: |faults| faults.duplicates() != Duplicates::Off,
        set: |faults, on| {
            let duplicates = if on {
                Duplicates::AtOnce
            } else {
                Duplicates::Off
            };
            faults.set_duplicates(duplicates);
        },
    },
    BuiltIn {
        id: "lost_answers",
        label: "Posts are made, their answers lost",
        get: |faults| faults.loses("chat.postMessage"),
        set: |faults, on| {
            faults.keep_answers("chat.postMessage");
            if on {
                faults.lose_answers("chat.postMessage", Lost::CutOff, MANY);
            }
        },
    },
];

#[derive(Deserialize)]
pub(super) struct Set {
    id: String,
    on: bool,
}

pub(super) async fn switches(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let own = SWITCHES
        .iter()
        .map(|s| json!({"id": s.id, "label": s.label, "on": (s.get)(&shared.faults)}));
    let added = shared.registry.switches();
    let added = added
        .iter()
        .map(|s| json!({"id": s.id, "label": s.label, "on": (s.get)()}));
    let all: Vec<_> = own.chain(added).collect();
    Json(json!({"switches": all}))
}

pub(super) async fn set_switch(
    State(shared): State<Arc<Shared>>,
    Json(set): Json<Set>,
) -> Response {
    if let Some(switch) = SWITCHES.iter().find(|switch| switch.id == set.id) {
        (switch.set)(&shared.faults, set.on);
    } else if let Some(switch) = shared
        .registry
        .switches()
        .into_iter()
        .find(|switch| switch.id == set.id)
    {
        (switch.set)(set.on);
    } else {
        return not_found("there is no such switch");
    }
    shared.wake();
    told(None).into_response()
}

pub(super) async fn panels(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let panels = shared.registry.panels().into_iter().map(|entry| async move {
        let panel = (entry.load)().await;
        json!({"id": entry.id, "title": entry.title, "rows": panel.rows, "actions": panel.actions})
    });
    Json(json!({"panels": futures::future::join_all(panels).await}))
}

pub(super) async fn act(
    State(shared): State<Arc<Shared>>,
    Path((panel, action)): Path<(String, String)>,
) -> Response {
    let Some(entry) = shared
        .registry
        .panels()
        .into_iter()
        .find(|entry| entry.id == panel)
    else {
        return not_found("there is no such panel");
    };
    let done = (entry.act)(action).await;
    shared.wake();
    told(done.err().map(|error| format!("{error:#}"))).into_response()
}
