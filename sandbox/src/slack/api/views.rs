//! `views.*`.

use serde_json::{Value, json};

use super::{Outcome, args::Args, error::Refusal};
use crate::slack::{
    check::Surface,
    core::Core,
    model::View,
    screens::{self, Unfit},
    wire,
};

pub(super) fn open(core: &mut Core, args: &Args) -> Outcome {
    let trigger = args.required("trigger_id")?;
    let body = body(core, args, Surface::Modal)?;
    let user = core.use_trigger(&trigger)?;
    unique(core, &body, None)?;
    let view = screens::open(core, &user, body);
    Ok(shown(core, &view))
}

pub(super) fn push(core: &mut Core, args: &Args) -> Outcome {
    let trigger = args.required("trigger_id")?;
    let body = body(core, args, Surface::Modal)?;
    let user = core.use_trigger(&trigger)?;
    if core.world.open_views(&user).is_empty() {
        return Err("invalid_trigger_id".into());
    }
    unique(core, &body, None)?;
    let view = screens::push(core, &user, body)?;
    Ok(shown(core, &view))
}

pub(super) fn update(core: &mut Core, args: &Args) -> Outcome {
    let (by_id, by_name) = (args.text("view_id")?, args.text("external_id")?);
    let body = body(core, args, Surface::Modal)?;
    let found = match (by_id, by_name) {
        (Some(id), None) => core.world.modals.iter().find(|view| view.id == id),
        (None, Some(name)) => core
            .world
            .modals
            .iter()
            .find(|view| view.body["external_id"] == name.as_str()),
        _ => {
            return Err(Refusal::arguments(
                "must provide either view_id or external_id".into(),
            ));
        }
    };
    let (id, hash) = found
        .map(|view| (view.id.clone(), view.hash.clone()))
        .ok_or("not_found")?;
    if args.text("hash")?.is_some_and(|given| given != hash) {
        return Err("hash_conflict".into());
    }
    unique(core, &body, Some(&id))?;
    let view = screens::update(core, &id, body).ok_or("not_found")?;
    Ok(shown(core, &view))
}

pub(super) fn publish(core: &mut Core, args: &Args) -> Outcome {
    let user = args.required("user_id")?;
    let body = body(core, args, Surface::Home)?;
    let active = core
        .world
        .users
        .get(&user)
        .is_some_and(|user| !user.deleted && !user.is_bot);
    if !active {
        return Err("user_not_found".into());
    }
    let before = core.world.homes.get(&user).map(|view| view.hash.clone());
    if let Some(given) = args.text("hash")?
        && before != Some(given)
    {
        return Err("hash_conflict".into());
    }
    let view = screens::publish(core, &user, body);
    Ok(shown(core, &view))
}

fn body(core: &mut Core, args: &Args, surface: Surface) -> Result<Value, Refusal> {
    let given = args.structured("view", "invalid_arguments")?;
    let given = given.ok_or_else(|| Refusal::arguments("missing required field: view".into()))?;
    screens::checked(core, given, surface).map_err(|unfit| match unfit {
        Unfit::TooLarge => "view_too_large".into(),
        Unfit::Faults(faults) => Refusal::faults("invalid_arguments", &faults),
    })
}

/// An `external_id` may be open once.
fn unique(core: &Core, body: &Value, except: Option<&str>) -> Result<(), Refusal> {
    let Some(name) = body["external_id"].as_str() else {
        return Ok(());
    };
    let mut others = core
        .world
        .modals
        .iter()
        .filter(|view| Some(view.id.as_str()) != except);
    if others.any(|view| view.body["external_id"] == name) {
        return Err("duplicate_external_id".into());
    }
    Ok(())
}

fn shown(core: &Core, view: &View) -> Value {
    json!({"view": wire::view(&core.world, view)})
}
