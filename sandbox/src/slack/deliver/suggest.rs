//! Options of external selects: `block_suggestion`.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{
    Outcome, Pick, Suggestions, action::target, channel_name, envelope, error_of, person, post,
};
use crate::slack::{
    check::{self, offered},
    core::{Core, Shared},
    screens,
    signing::Outgoing,
    wire,
};

/// A person types `typed` into an external select.
pub(in crate::slack) async fn suggest(
    shared: &Shared,
    pick: &Pick,
    typed: &str,
) -> anyhow::Result<Suggestions> {
    let request = shared.read(|core| request(shared, core, pick, typed))?;
    let outcome = post(shared, &request).await;
    if let Some(error) = error_of(&outcome) {
        return Ok(Suggestions::NoResult(error.into()));
    }
    let Outcome::Answered { body, .. } = outcome else {
        return Ok(Suggestions::NoResult(String::new()));
    };
    let answer = serde_json::from_str::<Value>(&body).unwrap_or_default();
    let faults = check::options(&answer);
    if !faults.is_empty() {
        let why = faults
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ");
        shared
            .change(|core| core.unexpected(format!("the answer to a request for options: {why}")));
        return Ok(Suggestions::NoResult(why));
    }
    Ok(Suggestions::Options(
        offered(&answer).into_iter().cloned().collect(),
    ))
}

fn request(shared: &Shared, core: &Core, pick: &Pick, typed: &str) -> anyhow::Result<Outgoing> {
    let who = person(core, &pick.user)?;
    let mut payload = envelope(core, who, "block_suggestion");
    let blocks = if let Some(id) = &pick.view {
        let view = screens::find(core, id).context("there is no such view")?;
        payload["container"] = json!({"type": "view", "view_id": id});
        payload["view"] = wire::view(&core.world, view);
        view.blocks()
    } else {
        let channel = core
            .world
            .channels
            .get(&pick.channel)
            .context("there is no such channel")?;
        let message = channel
            .messages
            .iter()
            .find(|m| m.ts == pick.ts)
            .context("there is no such message")?;
        let ephemeral = message.ephemeral_to.is_some();
        payload["container"] = json!({
            "type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": ephemeral,
        });
        payload["channel"] = json!({"id": channel.id, "name": channel_name(channel)});
        payload["message"] = wire::message(&core.world, &channel.id, message, true);
        &message.blocks
    };
    let (block, element) = target(blocks, pick)?;
    let external = element["type"]
        .as_str()
        .is_some_and(|kind| kind.ends_with("external_select"));
    anyhow::ensure!(external, "{} is not an external select", pick.action_id);
    payload["action_id"] = pick.action_id.clone().into();
    payload["block_id"] = block.into();
    payload["value"] = typed.into();
    Ok(Outgoing::payload(&shared.settings.paths.options, &payload))
}
