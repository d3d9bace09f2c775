//! The buttons of a card. They say what a click is about and carry no authority.

use slack_morphism::blocks::{SlackBlock, SlackBlockButtonElement};

use super::{ButtonValue, View, action, blocks, impact};
use crate::domain::{Risk, State, request::CurrentPlan};

/// The buttons with which the requester decides; `None` when they have decided, or need not.
pub(super) fn to_confirm(view: &View<'_>) -> Option<SlackBlock> {
    let State::AwaitingConfirmation = view.request.state else {
        return None;
    };
    let value = ButtonValue::of(view.request).to_string();
    let button = |action, words| blocks::button(action, words, &value);
    Some(blocks::actions(vec![
        blocks::primary(button(action::CONFIRM, "Confirm")),
        button(action::CANCEL, "Cancel"),
        button(action::FULL_PLAN, "Full plan"),
    ]))
}

/// The buttons that fit the state; `None` when there is nothing to click.
pub(super) fn of(view: &View<'_>) -> Option<SlackBlock> {
    let value = ButtonValue::of(view.request).to_string();
    let button = |action, words| blocks::button(action, words, &value);
    let full_plan = || button(action::FULL_PLAN, "Full plan");
    let buttons = match &view.request.state {
        State::Asked => vec![cancel(view, &value)],
        State::AwaitingApproval { .. } => {
            let mut buttons = vec![];
            if let Some(plan) = &view.request.plan {
                buttons.push(approve(view, plan, &value));
            }
            buttons.push(button(action::DENY, "Deny"));
            buttons.push(full_plan());
            buttons.push(cancel(view, &value));
            buttons
        }
        State::CoolingOff { .. } => vec![stop(view, &value), full_plan()],
        State::Stuck { .. } => vec![
            blocks::primary(button(action::RESUME, "Try again")),
            button(action::SETTLE, "Settle"),
        ],
        State::Refused { .. }
        | State::AwaitingConfirmation
        | State::Approved { .. }
        | State::RollingBack { .. }
        | State::Running { .. }
        | State::Denied { .. }
        | State::Expired
        | State::Cancelled
        | State::Stopped { .. }
        | State::Succeeded { .. }
        | State::Settled { .. }
        | State::Reversed { .. } => return None,
    };
    Some(blocks::actions(buttons))
}

/// Where something is to be typed a modal asks; elsewhere a dialog does.
fn approve(view: &View<'_>, plan: &CurrentPlan, value: &str) -> SlackBlockButtonElement {
    let button = blocks::button(action::APPROVE, "Approve", value);
    let button = if view.request.risk == Risk::Destructive {
        blocks::danger(button)
    } else {
        blocks::primary(button)
    };
    if plan.plan.confirm.is_some() {
        return button;
    }
    let summary = impact::summary(&plan.plan.impact);
    let says = format!("This {} {summary}.", impact::verb(&plan.plan));
    let title = format!("Approve {}?", view.request.label());
    button.with_confirm(blocks::confirm(&title, &says, "Approve", "Not now"))
}

fn cancel(view: &View<'_>, value: &str) -> SlackBlockButtonElement {
    let title = format!("Cancel {}?", view.request.label());
    let says = "Only the person who asked can cancel. It will not run.";
    blocks::button(action::CANCEL, "Cancel", value).with_confirm(blocks::confirm(
        &title,
        says,
        "Cancel it",
        "Leave it",
    ))
}

fn stop(view: &View<'_>, value: &str) -> SlackBlockButtonElement {
    let title = format!("Stop {}?", view.request.label());
    let says = "It will not run. What was done already is undone.";
    blocks::danger(blocks::button(action::STOP, "Stop", value)).with_confirm(blocks::confirm(
        &title,
        says,
        "Stop it",
        "Let it run",
    ))
}
