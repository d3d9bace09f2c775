//! Where a request stands, in one line.

use super::{View, audience::Audience, emoji, facts, result, steps, text};
use crate::domain::{
    Instant, State,
    request::{Approval, CurrentPlan, Progress, Step},
};

/// A sign and a sentence.
pub(super) struct Status {
    pub sign: &'static str,
    /// Markup, one line.
    pub says: String,
}

impl Status {
    pub(super) fn line(&self) -> String {
        format!("{} {}", self.sign, self.says)
    }
}

/// Why a request that would go on does not: markup.
pub(super) const FROZEN: &str =
    "frozen: it waits until an operator types `/ops freeze off &lt;reason&gt;`";

/// The same of a request that has to be confirmed first, in time.
const FROZEN_AFTER: &str = "frozen: once it is confirmed it waits until an operator types `/ops freeze off &lt;reason&gt;`";

/// The line that heads the card.
pub(super) fn of(view: &View<'_>, to: Audience) -> Status {
    of_state(view, &view.request.state, to)
}

fn of_state(view: &View<'_>, state: &State, to: Audience) -> Status {
    let (sign, mut says) = match state {
        State::Asked => (emoji::WAITING, "*Working out the plan*".to_owned()),
        State::Refused { .. } => (emoji::NO, "*Refused*".to_owned()),
        State::AwaitingApproval { approvals } => (emoji::WAITING, awaiting(view, approvals)),
        State::AwaitingConfirmation => (emoji::WAITING, to_confirm(view)),
        State::Approved { approvals } if approvals.is_empty() => {
            (emoji::WAITING, "*About to run*".to_owned())
        }
        State::Approved { .. } => (
            emoji::WAITING,
            "*Approved*: begins once the plan is checked again".to_owned(),
        ),
        State::CoolingOff { until, .. } => (emoji::WAITING, cooling_off(*until, view.now)),
        State::RollingBack { end, .. } => {
            let end = of_state(view, end, to).says;
            (
                emoji::WAITING,
                format!("{end} · undoing what was done already"),
            )
        }
        State::Running { steps, .. } => (emoji::WAITING, running(steps)),
        State::Denied { by, .. } => (
            emoji::NO,
            format!("*Denied* by {}", text::mention(&by.slack_id)),
        ),
        State::Expired => (emoji::OVER, format!("*Expired*: {}", too_late(view))),
        State::Cancelled => (
            emoji::OVER,
            "*Cancelled* by the person who asked".to_owned(),
        ),
        State::Stopped { by } => {
            let by = text::mention(&by.slack_id);
            (
                emoji::STOPPED,
                format!("*Stopped* by {by} in its cooling-off time"),
            )
        }
        State::Succeeded { steps, .. } => done(steps, to),
        State::Stuck {
            steps,
            step,
            indeterminate,
            ..
        } => (
            emoji::FAILED,
            stuck(&steps::title(steps, step, to), *indeterminate),
        ),
        State::Settled { by, .. } => (
            emoji::OVER,
            format!("*Settled*: closed by {}", text::mention(&by.slack_id)),
        ),
        State::Reversed { steps, .. } => (emoji::FAILED, reversed(steps).to_owned()),
    };
    says.push_str(&if_frozen(view, state));
    Status { sign, says }
}

/// What is said beside a state in which the next step would begin by itself.
fn if_frozen(view: &View<'_>, state: &State) -> String {
    let goes_on = matches!(
        state,
        State::Approved { .. } | State::CoolingOff { .. } | State::Running { .. }
    );
    match state {
        _ if !view.frozen => String::new(),
        State::AwaitingConfirmation => format!(" · {FROZEN_AFTER}"),
        _ if goes_on => format!(" · {FROZEN}"),
        _ => String::new(),
    }
}

/// What came before: all steps were done, or a person settled the request in the middle of them.
fn reversed(steps: &[Step]) -> &'static str {
    let is_done = |step: &Step| matches!(step.progress, Progress::Done { .. });
    if steps.iter().all(is_done) {
        "*Reversed*: it was done, and was taken back afterwards"
    } else {
        "*Reversed*: it was settled, and was taken back afterwards"
    }
}

fn awaiting(view: &View<'_>, approvals: &[Approval]) -> String {
    let Some(plan) = &view.request.plan else {
        return "*Awaiting approval*".to_owned();
    };
    format!(
        "*Awaiting approval* · {} · {}",
        facts::approvals_so_far(view, plan, approvals),
        expires(view, plan)
    )
}

fn to_confirm(view: &View<'_>) -> String {
    let says = "*Awaiting confirmation* by the person who asked";
    match &view.request.plan {
        Some(plan) => format!("{says} · {}", expires(view, plan)),
        None => says.to_owned(),
    }
}

fn expires(view: &View<'_>, plan: &CurrentPlan) -> String {
    let at = plan.policy.expires_at;
    let verb = if at <= view.now { "expired" } else { "expires" };
    format!("{verb} {}", text::date(at))
}

/// Why a request expired.
pub(super) fn too_late(view: &View<'_>) -> &'static str {
    match &view.request.plan {
        Some(plan) if plan.policy.confirm => "it was not confirmed in time",
        _ => "nobody decided in time",
    }
}

fn cooling_off(until: Instant, now: Instant) -> String {
    if until <= now {
        return "*Approved*: the cooling-off time is over, it is about to begin".to_owned();
    }
    format!(
        "*Approved, cooling off*: begins {} unless somebody stops it",
        text::clock(until)
    )
}

fn running(steps: &[Step]) -> String {
    let done = steps::done(steps);
    format!(
        "*Running* · {done} of {} done",
        text::counted(steps.len() as u64, "step", "steps")
    )
}

/// What a step found out may be anything but well.
fn done(steps: &[Step], to: Audience) -> (&'static str, String) {
    let alarm = steps.iter().find_map(|step| match &step.progress {
        Progress::Done { result } => result::alarm(result, to),
        _ => None,
    });
    match alarm {
        Some(alarm) => (emoji::FAILED, format!("*Done*: {alarm}")),
        None => (emoji::DONE, "*Done*".to_owned()),
    }
}

fn stuck(step: &str, indeterminate: bool) -> String {
    if indeterminate {
        format!("*Not known whether this step had its effect*: {step}. Somebody has to look")
    } else {
        format!("*Failed* at: {step}. Somebody has to look")
    }
}
