//! Open views: the stack of modals on a person's screen, and Home tabs.

use chrono::Utc;
use serde_json::{Value, json};

use super::{
    check::{self, Fault, Surface},
    core::{Core, new_id},
    model::View,
    state,
};
use crate::runtime::random_bytes;

/// Modals on top of one another.
const STACK_MAX: usize = 3;
/// Bytes of JSON in a view.
const VIEW_MAX: usize = 250_000;

/// Why a view is not taken.
pub(super) enum Unfit {
    /// Over the limit on its size.
    TooLarge,
    /// Malformed.
    Faults(Vec<Fault>),
}

/// Writes a view down and checks it; gives it back as Slack keeps it.
pub(super) fn checked(core: &mut Core, mut body: Value, surface: Surface) -> Result<Value, Unfit> {
    core.record(surface.name(), &body);
    if body.to_string().len() > VIEW_MAX {
        return Err(Unfit::TooLarge);
    }
    let faults = check::view(&body, surface);
    if !faults.is_empty() {
        return Err(Unfit::Faults(faults));
    }
    if let Some(Value::Array(blocks)) = body.get_mut("blocks").map(Value::take) {
        body["blocks"] = Value::Array(check::normalised(blocks));
    }
    Ok(body)
}

/// Shows a modal in place of the person's stack.
pub(super) fn open(core: &mut Core, user: &str, body: Value) -> View {
    clear(core, user);
    let view = make(core, user, body, None);
    core.world.modals.push(view.clone());
    view
}

/// Shows a modal on top of the person's stack.
pub(super) fn push(core: &mut Core, user: &str, body: Value) -> Result<View, &'static str> {
    let stack = core.world.open_views(user);
    if stack.len() >= STACK_MAX {
        return Err("push_limit_reached");
    }
    let top = stack.last().map(|view| (*view).clone());
    let view = make(core, user, body, top.as_ref());
    core.world.modals.push(view.clone());
    Ok(view)
}

/// Shows other content in an open modal. What was entered stays where block and action are the same.
pub(super) fn update(core: &mut Core, id: &str, body: Value) -> Option<View> {
    let hash = new_hash(core);
    let view = core.world.modals.iter_mut().find(|view| view.id == id)?;
    view.body = body;
    view.state = state::initial(view.blocks(), &view.state);
    view.hash = hash;
    Some(view.clone())
}

/// Shows a Home tab.
pub(super) fn publish(core: &mut Core, user: &str, body: Value) -> View {
    let mut view = make(core, user, body, None);
    if let Some(before) = core.world.homes.get(user) {
        view.id = before.id.clone();
        view.root = before.id.clone();
        view.state = state::initial(view.blocks(), &before.state);
    }
    core.world.homes.insert(user.to_owned(), view.clone());
    view
}

/// Closes a modal and those on top of it.
pub(super) fn close(core: &mut Core, id: &str) {
    let modals = &mut core.world.modals;
    let Some(at) = modals.iter().position(|view| view.id == id) else {
        return;
    };
    let user = modals[at].user.clone();
    let mut index = 0;
    modals.retain(|view| {
        index += 1;
        index <= at || view.user != user
    });
}

/// Closes all of a person's modals.
pub(super) fn clear(core: &mut Core, user: &str) {
    core.world.modals.retain(|view| view.user != user);
}

/// An open modal or a Home tab.
pub(super) fn find<'a>(core: &'a Core, id: &str) -> Option<&'a View> {
    core.world
        .modals
        .iter()
        .chain(core.world.homes.values())
        .find(|view| view.id == id)
}

/// The same, to change what is entered.
pub(super) fn find_mut<'a>(core: &'a mut Core, id: &str) -> Option<&'a mut View> {
    core.world
        .modals
        .iter_mut()
        .chain(core.world.homes.values_mut())
        .find(|view| view.id == id)
}

fn make(core: &Core, user: &str, body: Value, under: Option<&View>) -> View {
    let id = new_id("V");
    let blocks = body["blocks"].as_array().map_or(&[][..], Vec::as_slice);
    View {
        user: user.to_owned(),
        hash: new_hash(core),
        previous: under.map(|view| view.id.clone()),
        root: under.map_or_else(|| id.clone(), |view| view.root.clone()),
        state: state::initial(blocks, &json!({})),
        id,
        body,
    }
}

fn new_hash(core: &Core) -> String {
    let now: chrono::DateTime<Utc> = core.now();
    format!("{}.{}", now.timestamp(), hex::encode(random_bytes::<4>()))
}
