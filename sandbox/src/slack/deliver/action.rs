//! Clicks and choices: `block_actions`.

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::{Delivery, Outcome, Pick, channel_name, envelope, error_of, person, post_click, sees};
use crate::slack::{
    core::{Core, Shared},
    hooks,
    model::{Message, View, elements},
    screens,
    signing::Outgoing,
    state, wire,
};

/// A person presses or chooses something.
pub(in crate::slack) async fn click(shared: &Shared, pick: &Pick) -> anyhow::Result<Delivery> {
    shared.read(|core| allowed(core, pick))?;
    let request = shared.change(|core| request(shared, core, pick))?;
    let (outcome, again) = post_click(shared, &request).await;
    let mut error = error_of(&outcome).map(|error| match &outcome {
        Outcome::Answered { status, .. } => format!("This app responded with Status Code {status}"),
        Outcome::TimedOut => {
            "Operation timed out. Apps need to respond within 3 seconds.".to_owned()
        }
        Outcome::Unreachable(_) => error.to_owned(),
    });
    if let (None, Outcome::Answered { body, .. }) = (&error, &outcome)
        && !body.trim().is_empty()
        && serde_json::from_str::<Value>(body).is_err()
    {
        // Slack shows nothing of such a body; an app that sends one expects people to see it.
        let complaint = "a click was answered with a body that nobody sees".to_owned();
        shared.change(|core| core.unexpected(complaint.clone()));
        error = Some(complaint);
    }
    Ok(Delivery {
        request,
        outcome,
        again,
        error,
    })
}

fn allowed(core: &Core, pick: &Pick) -> anyhow::Result<()> {
    let user = person(core, &pick.user)?;
    if let Some(view) = &pick.view {
        let view = screens::find(core, view).context("there is no such view")?;
        ensure!(
            view.user == pick.user,
            "the view is on someone else's screen"
        );
        return Ok(());
    }
    let channel = core
        .world
        .channels
        .get(&pick.channel)
        .context("there is no such channel")?;
    ensure!(
        sees(core, user, channel),
        "{} does not see {}",
        pick.user,
        pick.channel
    );
    Ok(())
}

/// The request that Slack makes for a click, whoever clicks.
pub(in crate::slack) fn request(
    shared: &Shared,
    core: &mut Core,
    pick: &Pick,
) -> anyhow::Result<Outgoing> {
    let user = core
        .world
        .users
        .get(&pick.user)
        .context("there is no such user")?
        .clone();
    let mut payload = envelope(core, &user, "block_actions");
    let trigger = core.new_trigger(&pick.user);
    payload["trigger_id"] = trigger.into();
    match &pick.view {
        Some(id) => on_view(core, pick, id, &mut payload)?,
        None => on_message(core, pick, &mut payload)?,
    }
    Ok(Outgoing::payload(
        &shared.settings.paths.interactions,
        &payload,
    ))
}

fn on_message(core: &mut Core, pick: &Pick, payload: &mut Value) -> anyhow::Result<()> {
    let channel = core
        .world
        .channels
        .get(&pick.channel)
        .context("there is no such channel")?;
    let (id, name) = (channel.id.clone(), channel_name(channel).to_owned());
    let message = channel
        .messages
        .iter()
        .find(|m| m.ts == pick.ts)
        .context("there is no such message")?
        .clone();
    let ephemeral = message.ephemeral_to.is_some();
    if message
        .ephemeral_to
        .as_ref()
        .is_some_and(|to| *to != pick.user)
    {
        bail!(
            "only {} sees this message",
            message.ephemeral_to.unwrap_or_default()
        );
    }
    let mut container = json!({"type": "message", "message_ts": message.ts, "channel_id": id, "is_ephemeral": ephemeral});
    if let Some(parent) = &message.thread_ts {
        container["thread_ts"] = parent.clone().into();
    }
    let mut values = state::initial(&message.blocks, &json!({}));
    state::merge(&message.blocks, &mut values, &pick.around);
    let action = act(core, &message.blocks, pick, &mut values)?;
    payload["container"] = container;
    payload["channel"] = json!({"id": id, "name": name});
    if !ephemeral {
        payload["message"] = shown(core, &id, &message);
    }
    payload["state"] = json!({"values": values});
    payload["response_url"] = hooks::create(core, &pick.user, &id, Some(&message.ts)).into();
    payload["actions"] = json!([action]);
    Ok(())
}

fn shown(core: &Core, channel: &str, message: &Message) -> Value {
    wire::message(&core.world, channel, message, true)
}

fn on_view(core: &mut Core, pick: &Pick, id: &str, payload: &mut Value) -> anyhow::Result<()> {
    let view: View = screens::find(core, id)
        .context("there is no such view")?
        .clone();
    let mut values = view.state.clone();
    state::merge(view.blocks(), &mut values, &pick.around);
    let action = act(core, view.blocks(), pick, &mut values)?;
    if let Some(view) = screens::find_mut(core, id) {
        view.state = values.clone();
    }
    payload["container"] = json!({"type": "view", "view_id": id});
    payload["view"] = wire::view(
        &core.world,
        &View {
            state: values.clone(),
            ..view
        },
    );
    payload["state"] = json!({"values": values});
    payload["actions"] = json!([action]);
    Ok(())
}

/// The entry of `actions`, with what was entered noted in `values`.
fn act(
    core: &mut Core,
    blocks: &[Value],
    pick: &Pick,
    values: &mut Value,
) -> anyhow::Result<Value> {
    let (block, element) = target(blocks, pick)?;
    let mut action =
        json!({"action_id": element["action_id"], "block_id": block, "type": element["type"]});
    for name in ["text", "value", "style", "placeholder"] {
        if let Some(value) = element.get(name) {
            action[name] = value.clone();
        }
    }
    let entered = pick.entered.as_ref();
    if element["type"] == "overflow" {
        let chosen = entered
            .map(|given| given.get("selected_option").unwrap_or(given))
            .context("which option?")?;
        let value = chosen.get("value").unwrap_or(chosen);
        let mut options = element["options"].as_array().into_iter().flatten();
        let option = options
            .find(|option| option["value"] == *value)
            .context("there is no such option")?;
        action["selected_option"] = option.clone();
    } else if let Some(entered) = entered.filter(|_| state::takes_a_value(&element)) {
        let value = state::entered(&element, entered).context("this cannot be entered there")?;
        wire::fields(&mut action).extend(value.as_object().cloned().unwrap_or_default());
        values[block.as_str()][pick.action_id.as_str()] = value;
    }
    action["action_ts"] = core.next_ts().into();
    Ok(action)
}

/// The element that is pressed, and its block's id.
pub(super) fn target(blocks: &[Value], pick: &Pick) -> anyhow::Result<(String, Value)> {
    let mut found = elements(blocks);
    found.retain(|(block, element)| {
        element["action_id"] == pick.action_id.as_str()
            && pick.block_id.as_ref().is_none_or(|id| id == block)
    });
    ensure!(
        found.len() < 2,
        "{} is in several blocks: say which",
        pick.action_id
    );
    found.pop().with_context(|| {
        format!(
            "there is nothing with the action_id {} to press",
            pick.action_id
        )
    })
}
