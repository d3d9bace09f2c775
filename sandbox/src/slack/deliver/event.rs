//! Events, with Slack's retries.

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Delivery, Outcome, VERIFICATION_TOKEN, error_of, person, post};
use crate::{
    runtime::random_bytes,
    slack::{
        core::{Core, Shared, new_id},
        signing::Outgoing,
        wire,
    },
};

/// When an event is sent again after a failure: at once, after a minute, after five more.
const RETRIES: [TimeDelta; 3] = [
    TimeDelta::zero(),
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
];

/// An event that failed and is to be sent again.
#[derive(Debug, Clone)]
pub(in crate::slack) struct DueEvent {
    request: Outgoing,
    at: DateTime<Utc>,
    /// 1 to 3.
    attempt: usize,
    reason: &'static str,
}

/// Sends an event, wrapped as Slack does it. What fails is sent again later.
pub(in crate::slack) async fn event(shared: &Shared, event: &Value) -> Delivery {
    let request = shared.read(|core| wrapped(shared, core, event));
    attempt(shared, request, 0).await
}

/// A person opens the app's Home tab.
pub(in crate::slack) async fn open_home(shared: &Shared, user: &str) -> anyhow::Result<Delivery> {
    let opened = shared.change(|core| {
        person(core, user)?;
        let channel = core.open_dm(user);
        let mut opened = json!({
            "type": "app_home_opened", "user": user, "channel": channel, "tab": "home", "event_ts": core.next_ts(),
        });
        if let Some(view) = core.world.homes.get(user) {
            opened["view"] = wire::view(&core.world, view);
        }
        anyhow::Ok(opened)
    })?;
    Ok(event(shared, &opened).await)
}

/// The handshake that Slack makes when the URL for events is set.
pub(in crate::slack) async fn verify_url(shared: &Shared) -> anyhow::Result<()> {
    let challenge = hex::encode(random_bytes::<16>());
    let body =
        json!({"type": "url_verification", "token": VERIFICATION_TOKEN, "challenge": challenge});
    let outcome = post(
        shared,
        &Outgoing::json(&shared.settings.paths.events, &body),
    )
    .await;
    ensure!(
        error_of(&outcome).is_none(),
        "the URL for events did not answer well: {outcome:?}"
    );
    let Outcome::Answered { body, .. } = &outcome else {
        return Ok(());
    };
    let echoed = serde_json::from_str::<Value>(body)
        .is_ok_and(|answer| answer["challenge"] == challenge.as_str());
    ensure!(
        echoed || body.trim() == challenge,
        "the URL for events did not answer the challenge"
    );
    Ok(())
}

/// Sends again what is due by now.
pub(in crate::slack) async fn deliver_due(shared: &Shared) {
    let due = shared.read(|core| core.due.iter().any(|event| event.at <= core.now()));
    if !due {
        return;
    }
    let now = shared.read(Core::now);
    let due: Vec<_> =
        shared.change(|core| core.due.extract_if(.., |event| event.at <= now).collect());
    for DueEvent {
        mut request,
        attempt: number,
        reason,
        ..
    } in due
    {
        request.headers = vec![
            ("x-slack-retry-num".into(), number.to_string()),
            ("x-slack-retry-reason".into(), reason.into()),
        ];
        attempt(shared, request, number).await;
    }
}

async fn attempt(shared: &Shared, request: Outgoing, number: usize) -> Delivery {
    // Counted from the sending, so that who moves the clock after the arrival moves the retry too.
    let sent = shared.read(Core::now);
    let outcome = post(shared, &request).await;
    let error = error_of(&outcome).map(str::to_owned);
    let reason = match &outcome {
        Outcome::Answered { .. } => "http_error",
        Outcome::TimedOut => "http_timeout",
        Outcome::Unreachable(_) => "connection_failed",
    };
    let refused = matches!(&outcome, Outcome::Answered { no_retry: true, .. });
    if let (true, false, Some(delay)) = (error.is_some(), refused, RETRIES.get(number)) {
        shared.change(|core| {
            let at = sent + *delay;
            core.due.push(DueEvent {
                request: request.clone(),
                at,
                attempt: number + 1,
                reason,
            });
        });
    }
    Delivery {
        request,
        outcome,
        again: None,
        error,
    }
}

fn wrapped(shared: &Shared, core: &Core, event: &Value) -> Outgoing {
    let (team, app) = (&core.world.team, &core.world.app);
    let org = team.enterprise.as_ref().map(|org| org.id.clone());
    let body = json!({
        "token": VERIFICATION_TOKEN, "team_id": team.id, "context_team_id": team.id, "context_enterprise_id": org,
        "api_app_id": app.app_id, "event": event, "type": "event_callback", "event_id": new_id("Ev"),
        "event_time": core.now().timestamp(), "is_ext_shared_channel": false,
        "authorizations": [{
            "enterprise_id": org, "team_id": team.id, "user_id": app.bot_user, "is_bot": true,
            "is_enterprise_install": core.world.org_install,
        }],
        "event_context": format!("4-{}", hex::encode(random_bytes::<8>())),
    });
    Outgoing::json(&shared.settings.paths.events, &body)
}
