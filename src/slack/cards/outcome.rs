//! What the requester is told directly: that it is over, or that it needs them.

use slack_morphism::blocks::SlackBlock;

use super::{
    Card, View, answer,
    approval_card::reversed,
    audience::Audience::Involved,
    blocks, facts, limits, lists, status,
    steps::{self, Reading},
    text,
};
use crate::domain::{Risk, State, request::Step};

/// The direct message for the state in which a request is; `None` while there is nothing to tell.
#[must_use]
pub fn outcome_note(view: &View<'_>) -> Option<Card> {
    let state = &view.request.state;
    // While the hold is being undone, what comes after that is settled already.
    let end = match state {
        State::RollingBack { end, .. } => end,
        other => other,
    };
    let details: Vec<SlackBlock> = match end {
        State::Refused { blockers, .. } => {
            let blockers = lists::few(&lists::sentences(blockers, Involved), limits::LIST, "");
            let mut out = vec![blocks::section(&blockers)];
            out.extend(answer::blocks(view));
            out
        }
        State::AwaitingApproval { .. } | State::AwaitingConfirmation => vec![superseded(view)?],
        State::Denied { reason, .. } => vec![blocks::section(&facts::note(view, reason, Involved))],
        State::Expired => vec![blocks::context(
            "It will not run. Ask again if it is still needed.",
        )],
        State::Cancelled | State::Stopped { .. } => vec![],
        State::Succeeded { steps, .. } => succeeded(view, steps),
        State::Stuck {
            steps, step, why, ..
        } => {
            let why = text::safe(why, limits::TEXT / 2);
            let mut out = vec![blocks::section(&why)];
            out.extend(answer::blocks(view));
            out.extend(steps::progress(view, steps, Reading::StuckAt(step)));
            out.push(blocks::context(
                "An admin can have it try again, or settle it, on its card.",
            ));
            out
        }
        State::Settled { steps, .. } => steps::progress(view, steps, Reading::Closed),
        State::Reversed { why, result, .. } => vec![reversed(why, result)],
        State::Asked
        | State::Approved { .. }
        | State::CoolingOff { .. }
        | State::RollingBack { .. }
        | State::Running { .. } => return None,
    };
    let status = status::of(view, Involved);
    let line = format!("{} *{}*: {}", status.sign, facts::name(view), status.says);
    let mut all = vec![blocks::section(&line)];
    all.extend(details);
    if let Some(approved) = facts::approved_by(state) {
        all.push(blocks::context(&approved));
    }
    let mut said = vec![line];
    said.extend(why(view, end));
    said.extend(facts::spoken(view));
    Some(Card::new(&said.join(" · "), all))
}

/// Why it is so, in one line, for those who hear the fallback text alone.
fn why(view: &View<'_>, end: &State) -> Option<String> {
    match end {
        State::Refused { blockers, .. } => Some(text::safe(&blockers.join("; "), limits::SENTENCE)),
        State::AwaitingApproval { .. } | State::AwaitingConfirmation => {
            let why = view.last_superseded?.join("; ");
            Some(text::with_mentions(&why, limits::SENTENCE))
        }
        State::Denied { reason, .. } => facts::note_line(view, reason),
        State::Settled { .. } => facts::only_note_line(view),
        State::Stuck { why, .. } | State::Reversed { why, .. } => {
            Some(text::safe(why, limits::SENTENCE))
        }
        _ => None,
    }
}

/// Of what only looks, the answer says everything, and of what was approved the card says what the steps did.
fn succeeded(view: &View<'_>, steps: &[Step]) -> Vec<SlackBlock> {
    let answer = answer::blocks(view);
    let approved = facts::approved_by(&view.request.state).is_some();
    if !answer.is_empty() && (approved || view.request.risk == Risk::Read) {
        return answer;
    }
    let mut all = steps::progress(view, steps, Reading::Open);
    all.extend(answer);
    all
}

fn superseded(view: &View<'_>) -> Option<SlackBlock> {
    let why = lists::few(
        &lists::changes(view.last_superseded?, Involved),
        limits::LIST,
        "",
    );
    let head = match view.request.risk.is_gated() {
        true => "The plan has changed since it was approved; the new one waits for approval:",
        false => "The plan has changed since you confirmed it; confirm the new one, or cancel it:",
    };
    Some(blocks::section(&format!("{head}\n{why}")))
}
