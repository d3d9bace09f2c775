//! The card of a request in the approvals channel: one message for its whole life.

use slack_morphism::blocks::SlackBlock;

use super::{
    Card, View,
    audience::Audience::Involved,
    blocks, buttons, emoji, facts, impact, limits, lists, result, status,
    steps::{self, Reading},
    text,
};
use crate::domain::{State, event::StepResult, request::CurrentPlan};

/// Where the rest of a list is, in the states whose card has that button.
const FULL_PLAN: &str = ": see _Full plan_";

/// What, who, how much, what now: the card of a request as it is at `view.now`.
#[must_use]
pub fn approval_card(view: &View<'_>) -> Card {
    let by = text::asker(&view.request.requester);
    card(view, Some(format!("asked by {by}")), buttons::of(view))
}

/// The same for whoever asked, in their direct message, where they confirm it.
#[must_use]
pub fn confirm_card(view: &View<'_>) -> Card {
    card(view, None, buttons::to_confirm(view))
}

fn card(view: &View<'_>, by: Option<String>, buttons: Option<SlackBlock>) -> Card {
    let status = status::of(view, Involved);
    let test_mode = facts::test_mode(view);
    let header = format!("{test_mode}{} · {}", view.title, view.request.label());
    let mut blocks = vec![
        blocks::header(&header),
        blocks::section(&status.line()),
        blocks::fields(&who(view)),
    ];
    if let Some(reason) = facts::reason(view, Involved) {
        blocks.push(blocks::section(&reason));
    }
    blocks.extend(state_blocks(view));
    if let Some(line) = footer(view) {
        blocks.push(blocks::context(&line));
    }
    blocks.extend(buttons);
    let head = format!("{} {}: {}", status.sign, facts::name(view), status.says);
    let mut said = vec![head];
    said.extend(by);
    said.extend(facts::spoken(view));
    said.extend(facts::reason_line(view));
    Card::new(&said.join(" · "), blocks)
}

fn who(view: &View<'_>) -> Vec<String> {
    let asked_by = text::asker(&view.request.requester);
    let mut fields = vec![format!("*Asked by*\n{asked_by}")];
    if let Some(whom) = facts::whom(view, Involved) {
        fields.push(format!("*Whom*\n{whom}"));
    }
    if let Some(arguments) = facts::arguments(view, Involved) {
        fields.push(format!("*With*\n{arguments}"));
    }
    fields.push(format!("*Risk*\n{}", facts::risk(view)));
    fields.push(format!("*Asked*\n{}", text::date(view.request.asked_at)));
    fields
}

/// What only this state has to say.
fn state_blocks(view: &View<'_>) -> Vec<SlackBlock> {
    let plan = view.request.plan.as_ref();
    let planned = |more: &str| -> Vec<SlackBlock> {
        plan.map(|plan| planned(plan, more)).unwrap_or_default()
    };
    match &view.request.state {
        State::Asked | State::Expired | State::Cancelled | State::Stopped { .. } => vec![],
        State::Refused { blockers, .. } => refused(view, blockers),
        State::AwaitingApproval { .. } | State::AwaitingConfirmation => {
            joined(superseded(view), planned(FULL_PLAN))
        }
        State::Approved { .. } => planned(""),
        State::CoolingOff { hold, .. } => joined(
            steps::progress(view, hold, Reading::Open),
            planned(FULL_PLAN),
        ),
        State::RollingBack { hold, end, .. } => {
            let head = match &**end {
                State::AwaitingApproval { .. } | State::AwaitingConfirmation => superseded(view),
                State::Refused { blockers, .. } => refused(view, blockers),
                _ => vec![],
            };
            joined(head, steps::progress(view, hold, Reading::Open))
        }
        State::Running { steps, .. } => joined(
            plan.map(changes_line).into_iter().collect(),
            steps::progress(view, steps, Reading::Open),
        ),
        State::Succeeded { steps, .. } => joined(
            steps::progress(view, steps, Reading::Open),
            plan.and_then(|plan| stays(plan, "")).into_iter().collect(),
        ),
        State::Reversed {
            steps, why, result, ..
        } => joined(
            vec![reversed(why, result)],
            steps::progress(view, steps, Reading::Open),
        ),
        State::Stuck {
            steps, step, why, ..
        } => {
            let why = text::safe(why, limits::TEXT / 2);
            let why = vec![blocks::section(&format!("*Why*\n{why}"))];
            joined(why, steps::progress(view, steps, Reading::StuckAt(step)))
        }
        State::Denied { reason, .. } => {
            let reason = facts::note(view, reason, Involved);
            vec![blocks::section(&format!(
                "*Reason of the denial*\n{reason}"
            ))]
        }
        State::Settled { steps, .. } => {
            let note =
                blocks::section(&format!("*How it was settled*\n{}", facts::only_note(view)));
            joined(vec![note], steps::progress(view, steps, Reading::Closed))
        }
    }
}

fn joined(mut first: Vec<SlackBlock>, second: Vec<SlackBlock>) -> Vec<SlackBlock> {
    first.extend(second);
    first
}

/// What to know first, what the plan would do, and what stays.
fn planned(plan: &CurrentPlan, more: &str) -> Vec<SlackBlock> {
    let mut out = vec![];
    if !plan.warnings.is_empty() {
        let warnings = lists::warnings(&plan.warnings, Involved);
        out.push(blocks::section(&lists::few(
            &warnings,
            limits::SHORT_LIST,
            more,
        )));
    }
    if !plan.impact.is_empty() {
        let list = lists::few(&impact::list(&plan.impact), limits::LIST, more);
        out.push(changes_line(plan));
        out.push(blocks::section(&list));
    }
    out.extend(stays(plan, more));
    out
}

/// What was taken back after the end, and what was done about it.
pub(super) fn reversed(why: &str, result: &StepResult) -> SlackBlock {
    let mut lines = vec![text::safe(why, limits::TEXT / 2)];
    let pieces = result::pieces(result, Involved).into_iter();
    lines.extend(pieces.map(|piece| format!("• {piece}")));
    blocks::section(&lines.join("\n"))
}

fn changes_line(plan: &CurrentPlan) -> SlackBlock {
    let summary = impact::summary(&plan.impact);
    blocks::section(&format!("*It {} {summary}*", impact::verb(plan)))
}

fn stays(plan: &CurrentPlan, more: &str) -> Option<SlackBlock> {
    let kept = lists::kept(&plan.kept);
    let list = lists::few(&kept, limits::SHORT_LIST, more);
    let heading = impact::rest(plan);
    (!kept.is_empty()).then(|| blocks::section(&format!("*{heading}*\n{list}")))
}

fn refused(view: &View<'_>, blockers: &[String]) -> Vec<SlackBlock> {
    let blockers = lists::few(&lists::sentences(blockers, Involved), limits::LIST, "");
    joined(superseded(view), vec![blocks::section(&blockers)])
}

fn superseded(view: &View<'_>) -> Vec<SlackBlock> {
    let Some(why) = view.last_superseded else {
        return vec![];
    };
    let void = match view.request.risk.is_gated() {
        true => "; earlier approvals no longer count",
        false => "",
    };
    let head = format!("{} *The plan has changed{void}*", emoji::WARNING);
    let why = lists::few(&lists::changes(why, Involved), limits::LIST, "");
    vec![blocks::section(&format!("{head}\n{why}"))]
}

/// The plan, who approved it, and how long it waits afterwards.
fn footer(view: &View<'_>) -> Option<String> {
    let plan = view.request.plan.as_ref()?;
    let mut parts = vec![facts::plan_line(plan)];
    parts.extend(facts::approved_by(&view.request.state));
    let waits = plan.policy.cooling_off_seconds;
    if waits > 0 && matches!(view.request.state, State::AwaitingApproval { .. }) {
        let waits = text::duration(waits.into());
        parts.push(format!(
            "after approval it waits {waits} and can be stopped"
        ));
    }
    Some(parts.join(" · "))
}
