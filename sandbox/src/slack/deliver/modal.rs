//! Submitting and closing modals.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::{Delivery, Outcome, Submission, envelope, error_of, person, post};
use crate::slack::{
    check::Surface,
    core::{Core, Shared},
    model::View,
    screens::{self, Unfit},
    signing::Outgoing,
    state, wire,
};

/// A person fills a modal in and submits it. `values` is `{block_id: {action_id: entered}}`.
pub(in crate::slack) async fn submit(
    shared: &Shared,
    user: &str,
    id: &str,
    values: &Value,
) -> anyhow::Result<(Submission, Option<Delivery>)> {
    let missing = shared.change(|core| fill(core, user, id, values))?;
    if !missing.is_empty() {
        return Ok((Submission::Errors(missing), None));
    }
    let request = shared.change(|core| request(shared, core, id, "view_submission"))?;
    let outcome = post(shared, &request).await;
    let submission = shared.change(|core| show(core, user, id, &outcome));
    let error = match &submission {
        Submission::Trouble(why) => Some(why.clone()),
        _ => None,
    };
    Ok((
        submission,
        Some(Delivery {
            request,
            outcome,
            again: None,
            error,
        }),
    ))
}

/// A person closes a modal: with its cancel button, or with the cross, which closes the whole stack (`clear`).
/// The app hears of it where it asked to.
pub(in crate::slack) async fn close(
    shared: &Shared,
    user: &str,
    id: &str,
    clear: bool,
) -> anyhow::Result<Option<Delivery>> {
    let request = shared.change(|core| {
        let view = own(core, user, id)?;
        let clear = clear || view.body["clear_on_close"] == true;
        let told = if clear { &view.root } else { &view.id };
        let view = screens::find(core, told)
            .context("there is no such view")?
            .clone();
        let mut request = None;
        if view.body["notify_on_close"] == true {
            let who = person(core, user)?;
            let mut payload = envelope(core, who, "view_closed");
            payload["view"] = wire::view(&core.world, &view);
            payload["is_cleared"] = clear.into();
            request = Some(Outgoing::payload(
                &shared.settings.paths.interactions,
                &payload,
            ));
        }
        if clear {
            screens::clear(core, user);
        } else {
            screens::close(core, id);
        }
        anyhow::Ok(request)
    })?;
    let Some(request) = request else {
        return Ok(None);
    };
    let outcome = post(shared, &request).await;
    let error = error_of(&outcome).map(str::to_owned);
    Ok(Some(Delivery {
        request,
        outcome,
        again: None,
        error,
    }))
}

fn own(core: &Core, user: &str, id: &str) -> anyhow::Result<View> {
    person(core, user)?;
    let view = screens::find(core, id).with_context(|| format!("there is no open view {id}"))?;
    ensure!(view.user == user, "the view is on someone else's screen");
    Ok(view.clone())
}

/// Enters the values; what Slack itself finds missing or wrong, by block id.
fn fill(
    core: &mut Core,
    user: &str,
    id: &str,
    values: &Value,
) -> anyhow::Result<BTreeMap<String, String>> {
    let view = own(core, user, id)?;
    let top = core
        .world
        .open_views(user)
        .last()
        .is_some_and(|top| top.id == id);
    ensure!(top, "another view lies on top of {id}");
    ensure!(
        view.body.get("submit").is_some(),
        "the view has no submit button"
    );
    let mut state = view.state.clone();
    for (block, actions) in values.as_object().context("values is not an object")? {
        for (action, entered) in actions
            .as_object()
            .with_context(|| format!("values.{block} is not an object"))?
        {
            let all = crate::slack::model::elements(view.blocks());
            let element = all
                .iter()
                .find(|(in_block, e)| in_block == block && e["action_id"] == action.as_str());
            let (_, element) =
                element.with_context(|| format!("the view has no element {block}/{action}"))?;
            let value = state::entered(element, entered);
            state[block.as_str()][action.as_str()] =
                value.with_context(|| format!("this cannot be entered in {block}/{action}"))?;
        }
    }
    let mut missing = BTreeMap::new();
    for block in view
        .blocks()
        .iter()
        .filter(|block| block["type"] == "input")
    {
        let (name, element) = (
            block["block_id"].as_str().unwrap_or_default(),
            &block["element"],
        );
        let value = &state[name][element["action_id"].as_str().unwrap_or_default()];
        if let Some(error) = refused(block, element, value) {
            missing.insert(name.to_owned(), error);
        }
    }
    if let Some(view) = screens::find_mut(core, id) {
        view.state = state;
    }
    Ok(missing)
}

/// What Slack's client says about an input before the app hears of it.
fn refused(block: &Value, element: &Value, value: &Value) -> Option<String> {
    if state::is_empty(value) {
        return (block["optional"] != true)
            .then(|| "Please complete this required field.".to_owned());
    }
    let length = value["value"]
        .as_str()
        .map(|text| text.chars().count() as u64)?;
    if element["min_length"]
        .as_u64()
        .is_some_and(|least| length < least)
    {
        return Some("Please enter a longer text.".into());
    }
    // Slack takes 3000 characters where the app sets no limit.
    if length > element["max_length"].as_u64().unwrap_or(3000) {
        return Some("Please enter a shorter text.".into());
    }
    None
}

fn request(shared: &Shared, core: &mut Core, id: &str, kind: &str) -> anyhow::Result<Outgoing> {
    let view = screens::find(core, id).context("the view is gone")?.clone();
    let trigger = core.new_trigger(&view.user);
    let who = person(core, &view.user)?;
    let mut payload = envelope(core, who, kind);
    payload["trigger_id"] = trigger.into();
    payload["view"] = wire::view(&core.world, &view);
    payload["response_urls"] = json!([]);
    Ok(Outgoing::payload(
        &shared.settings.paths.interactions,
        &payload,
    ))
}

fn show(core: &mut Core, user: &str, id: &str, outcome: &Outcome) -> Submission {
    if let Some(error) = error_of(outcome) {
        return Submission::Trouble(format!(
            "We had some trouble connecting. Try again? ({error})"
        ));
    }
    let Outcome::Answered { body, .. } = outcome else {
        return Submission::Closed;
    };
    match understood(core, user, id, body) {
        Ok(submission) => submission,
        Err(why) => {
            core.unexpected(format!("the answer to a submission: {why}"));
            Submission::Trouble(format!(
                "We had some trouble connecting. Try again? ({why})"
            ))
        }
    }
}

fn understood(core: &mut Core, user: &str, id: &str, body: &str) -> Result<Submission, String> {
    if body.trim().is_empty() {
        screens::close(core, id);
        return Ok(Submission::Closed);
    }
    let answer: Value =
        serde_json::from_str(body).map_err(|_| "the body is neither empty nor JSON".to_owned())?;
    match answer["response_action"].as_str() {
        Some("clear") => {
            screens::clear(core, user);
            Ok(Submission::Closed)
        }
        Some("errors") => errors(core, id, &answer["errors"]).map(Submission::Errors),
        Some(action @ ("update" | "push")) => {
            let given = answer.get("view").cloned().ok_or("there is no view")?;
            let view =
                screens::checked(core, given, Surface::Modal).map_err(|unfit| match unfit {
                    Unfit::TooLarge => "view_too_large".to_owned(),
                    Unfit::Faults(faults) => faults
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join("; "),
                })?;
            if action == "push" {
                screens::push(core, user, view)?;
            } else {
                screens::update(core, id, view).ok_or("the view is gone")?;
            }
            Ok(Submission::Updated)
        }
        _ => Err("there is no response_action".into()),
    }
}

/// Errors name input blocks of the view; anything else breaks the whole answer.
fn errors(core: &Core, id: &str, given: &Value) -> Result<BTreeMap<String, String>, String> {
    let view = screens::find(core, id).ok_or("the view is gone")?;
    let given = given
        .as_object()
        .filter(|map| !map.is_empty())
        .ok_or("errors has to name a block")?;
    let mut out = BTreeMap::new();
    for (block, text) in given {
        let is_input = |b: &Value| b["block_id"] == block.as_str() && b["type"] == "input";
        if !view.blocks().iter().any(is_input) {
            return Err(format!("errors names {block}, which is no input block"));
        }
        let text = text
            .as_str()
            .filter(|text| !text.is_empty())
            .ok_or("an error has to be a text")?;
        out.insert(block.clone(), text.to_owned());
    }
    Ok(out)
}
