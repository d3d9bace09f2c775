//! The card of a request in the approvals channel: one message for its whole life.

use slack_morphism::blocks::SlackBlock;

use super::{Card, View, blocks, buttons, emoji, facts, impact, limits, status, steps, text};
use crate::domain::{State, plan::Kept, request::CurrentPlan};

/// What, who, how much, what now: the card of a request as it is at `view.now`.
#[must_use]
pub fn approval_card(view: &View<'_>) -> Card {
    let status = status::of(view);
    let header = format!("{} · {}", view.title, view.request.label());
    let mut blocks = vec![
        blocks::header(&header),
        blocks::section(&status.line()),
        blocks::fields(&who(view)),
    ];
    if let Some(reason) = facts::reason(view) {
        blocks.push(blocks::section(&reason));
    }
    blocks.extend(state_blocks(view));
    if let Some(line) = footer(view) {
        blocks.push(blocks::context(&line));
    }
    blocks.extend(buttons::of(view));
    let by = text::mention(&view.request.requester.slack_id);
    let text = format!(
        "{} {}: {} · asked by {by}",
        status.sign,
        facts::name(view),
        status.says
    );
    Card::new(&text, blocks)
}

fn who(view: &View<'_>) -> Vec<String> {
    let asked_by = text::mention(&view.request.requester.slack_id);
    let mut fields = vec![format!("*Asked by*\n{asked_by}")];
    if let Some(whom) = facts::whom(view) {
        fields.push(format!("*Whom*\n{whom}"));
    }
    if let Some(arguments) = facts::arguments(view) {
        fields.push(format!("*With*\n{arguments}"));
    }
    fields.push(format!("*Risk*\n{}", facts::risk(view)));
    fields.push(format!("*Asked*\n{}", text::date(view.request.asked_at)));
    fields
}

/// What only this state has to say.
fn state_blocks(view: &View<'_>) -> Vec<SlackBlock> {
    let plan = view.request.plan.as_ref();
    match &view.request.state {
        State::Asked | State::Expired | State::Cancelled | State::Stopped { .. } => vec![],
        State::Refused { blockers } => {
            let mut out: Vec<_> = superseded(view).into_iter().collect();
            out.push(blocks::section(&facts::bullets(blockers, limits::LIST)));
            out
        }
        State::AwaitingApproval { .. } => {
            let mut out: Vec<_> = superseded(view).into_iter().collect();
            out.extend(plan.into_iter().flat_map(planned));
            out
        }
        State::Cleared { .. } => plan.into_iter().flat_map(planned).collect(),
        State::CoolingOff { hold, .. } => {
            let mut out = vec![];
            if !hold.is_empty() {
                let progress = steps::progress(hold, None, view.now);
                out.push(blocks::section(&format!("*Meanwhile*\n{progress}")));
            }
            out.extend(plan.into_iter().flat_map(planned));
            out
        }
        State::Lifting { hold, .. } => run(view, hold, None),
        State::Running { steps, .. } | State::Succeeded { steps, .. } => run(view, steps, None),
        State::Stuck {
            steps, step, why, ..
        } => {
            let why = text::safe(why, limits::TEXT / 2);
            let mut out = vec![blocks::section(&format!("*Why*\n{why}"))];
            out.extend(run(view, steps, Some(step)));
            out
        }
        State::Denied { reason, .. } => vec![blocks::section(&format!(
            "*Reason of the denial*\n{}",
            facts::note(view, reason)
        ))],
        State::Settled { steps, .. } => run(view, steps, None),
    }
}

/// What the plan would do, what stays, and what to know first.
fn planned(plan: &CurrentPlan) -> Vec<SlackBlock> {
    let mut out = vec![];
    if !plan.warnings.is_empty() {
        let lines = plan.warnings.iter();
        let lines =
            lines.map(|one| format!("{} {}", emoji::WARNING, text::safe(one, limits::SENTENCE)));
        out.push(blocks::section(&facts::few(
            lines.collect(),
            limits::LIST / 2,
        )));
    }
    if facts::has_impact(plan) {
        out.push(blocks::section(&format!(
            "*What it changes: {}*\n{}",
            impact::summary(&plan.impact),
            impact::short_list(&plan.impact)
        )));
    }
    if !plan.kept.is_empty() {
        out.push(blocks::section(&kept(&plan.kept)));
    }
    out
}

fn kept(all: &[Kept]) -> String {
    let lines = all.iter().map(facts::kept).collect();
    format!("*What stays*\n{}", facts::few(lines, limits::LIST / 2))
}

fn run(
    view: &View<'_>,
    steps: &[crate::domain::request::Step],
    stuck: Option<&str>,
) -> Vec<SlackBlock> {
    if steps.is_empty() {
        return vec![];
    }
    vec![blocks::section(&steps::progress(steps, stuck, view.now))]
}

fn superseded(view: &View<'_>) -> Option<SlackBlock> {
    let why = view.last_superseded?;
    let lines = why
        .iter()
        .map(|one| format!("• {}", text::with_mentions(one, limits::SENTENCE)));
    let lines = facts::few(lines.collect(), limits::LIST);
    let head = format!(
        "{} *The plan has changed; earlier approvals no longer count*",
        emoji::WARNING
    );
    Some(blocks::section(&format!("{head}\n{lines}")))
}

/// The plan, who approved it, and how long it waits afterwards.
fn footer(view: &View<'_>) -> Option<String> {
    let plan = view.request.plan.as_ref()?;
    let mut parts = vec![facts::plan_line(plan)];
    parts.extend(facts::approved_by(view.request.state.approvals()));
    let waits = plan.policy.cooling_off_seconds;
    if waits > 0 && matches!(view.request.state, State::AwaitingApproval { .. }) {
        let waits = text::duration(waits.into());
        parts.push(format!(
            "after approval it waits {waits} and can be stopped"
        ));
    }
    Some(parts.join(" · "))
}
