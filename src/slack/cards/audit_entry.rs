//! The thread of a request in the audit channel: one message per event.

use super::{Card, View, blocks, emoji, facts, impact, limits, lists, result, status, text};
use crate::domain::{
    Event, Instant, Plan, PlanDigest,
    event::{Asked, Planned, StepResult},
    person::Party,
};

/// Sections that the details of one event may take.
const SECTIONS: usize = 6;

/// One event of a request, for its thread.
#[must_use]
pub fn audit_entry(view: &View<'_>, version: i64, event: &Event, at: Instant) -> Card {
    let entry = entry(view, event);
    let head = if entry.sign.is_empty() {
        entry.says
    } else {
        format!("{} {}", entry.sign, entry.says)
    };
    let mut blocks = vec![blocks::section(&head)];
    blocks.extend(lists::sections(&entry.details, SECTIONS));
    let name = event.name();
    let stamp = format!("{} · #{version} `{name}`", text::date(at));
    blocks.push(blocks::context(&stamp));
    Card::new(&format!("{} {head}", view.request.label()), blocks)
}

/// A sign, a sentence, and the lines below it.
struct Entry {
    sign: &'static str,
    says: String,
    details: Vec<String>,
}

fn says(sign: &'static str, says: impl Into<String>) -> Entry {
    Entry {
        sign,
        says: says.into(),
        details: vec![],
    }
}

impl Entry {
    fn with(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }
}

const ROLLED_BACK: &str = "*Rolled back*: what was done in the cooling-off time is undone";

fn entry(view: &View<'_>, event: &Event) -> Entry {
    let step = |id: &str| step_title(view, id);
    match event {
        Event::Asked(asked) => self::asked(asked),
        Event::Planned(planned) => self::planned(planned),
        Event::Refused { blockers, .. } => {
            says(emoji::NO, "*Refused*").with(lists::sentences(blockers))
        }
        Event::Approved { by, plan } => accepted("Approved", by, plan),
        Event::Confirmed { by, plan } => accepted("Confirmed", by, plan),
        Event::AttemptRefused { by, tried, why, .. } => {
            let tried = text::code(tried, limits::NAME);
            let head = format!("{} tried {tried} and was refused", who(by));
            says(emoji::NO, head).with(vec![text::safe(why, limits::SENTENCE)])
        }
        Event::Denied { by, reason } => says(emoji::NO, format!("*Denied* by {}", who(by)))
            .with(vec![facts::note(view, reason)]),
        Event::Expired => says(
            emoji::OVER,
            format!("*Expired*: {}", status::too_late(view)),
        ),
        Event::Cancelled { by } => says(emoji::OVER, format!("*Cancelled* by {}", who(by))),
        Event::CoolingOffStarted { until, hold } => {
            let head = format!("*Cooling off* until {}", text::clock(*until));
            says(emoji::WAITING, head).with(lists::steps(hold))
        }
        Event::Stopped { by } => says(emoji::STOPPED, format!("*Stopped* by {}", who(by))),
        Event::Superseded { why, plan, .. } => superseded(view, plan, why),
        Event::RolledBack => says("", ROLLED_BACK),
        Event::RunStarted { plan, steps } => {
            let count = text::counted(steps.len() as u64, "step", "steps");
            let head = format!("*Run begins*: {count} of plan `{}`", plan.short());
            says("", head).with(lists::steps(steps))
        }
        Event::StepStarted { step: id, attempt } => {
            says("", format!("{}: begun, attempt {attempt}", step(id)))
        }
        Event::StepSucceeded {
            step: id,
            result,
            answer,
        } => says(result::sign(result), step(id)).with(succeeded(result, answer.is_some())),
        Event::StepDeferred {
            step: id,
            why,
            retry_at,
            waits,
        } => deferred(&step(id), why, *retry_at, *waits),
        Event::StepUndone { step: id, result } => {
            says("↩", format!("{}: undone", step(id))).with(bulleted(result))
        }
        Event::RunSucceeded => says(emoji::DONE, "*Done*: every step succeeded"),
        Event::RunFailed { step: id, why } => stuck("*Failed* at", &step(id), why),
        Event::RunIndeterminate { step: id, why } => {
            stuck("*Not known whether this had its effect*", &step(id), why)
        }
        Event::Resumed { by } => says("", format!("*Resumed* by {}", who(by))),
        Event::Settled { by, note } => says(emoji::OVER, format!("*Settled* by {}", who(by)))
            .with(vec![facts::note(view, note)]),
        Event::Quoted { .. } => says("", "the requester is told the other system's own words"),
        Event::Reversed { why, result } => {
            let mut details = vec![text::safe(why, limits::TEXT / 2)];
            details.extend(bulleted(result));
            says(emoji::FAILED, "*Reversed* after its end").with(details)
        }
    }
}

fn accepted(word: &str, by: &Party, plan: &PlanDigest) -> Entry {
    let plan = plan.short();
    says("", format!("*{word}* by {}: plan `{plan}`", who(by)))
}

fn superseded(view: &View<'_>, plan: &Plan, why: &[String]) -> Entry {
    let new = plan.digest().short();
    let void = match view.request.risk.is_gated() {
        true => ", approvals are void",
        false => "",
    };
    let head = format!("*The plan has changed*{void}; it is `{new}` now");
    says(emoji::WARNING, head).with(lists::changes(why))
}

fn who(party: &Party) -> String {
    text::mention(&party.slack_id)
}

/// The title that the current plan gives a step.
fn step_title(view: &View<'_>, id: &str) -> String {
    let mut steps = view.request.plan.iter().flat_map(|plan| &plan.plan.steps);
    let title = steps
        .find(|step| step.id == id)
        .map_or(id, |step| &step.title);
    text::safe(title, limits::SENTENCE)
}

fn succeeded(result: &StepResult, answered: bool) -> Vec<String> {
    let mut facts = bulleted(result);
    if answered {
        facts.push("• the requester was answered in a direct message".to_owned());
    }
    facts
}

fn deferred(step: &str, why: &str, retry_at: Instant, waits: bool) -> Entry {
    let (sign, says_so, next) = if waits {
        (emoji::WAITING, "waits", "looked at again")
    } else {
        (emoji::WARNING, "put off", "next attempt")
    };
    let at = text::clock(retry_at);
    let head = format!("{step}: {says_so}, {next} {at}");
    says(sign, head).with(vec![text::safe(why, limits::SENTENCE)])
}

fn stuck(head: &str, step: &str, why: &str) -> Entry {
    let why = text::safe(why, limits::TEXT / 2);
    says(emoji::FAILED, format!("{head}: {step}")).with(vec![why])
}

fn asked(asked: &Asked) -> Entry {
    let who = text::asker(&asked.by);
    let operation = text::code(&asked.operation, limits::NAME);
    let risk = asked.risk.word();
    says("", format!("*Asked* by {who}: {operation}, {risk}"))
}

fn planned(planned: &Planned) -> Entry {
    let plan = &planned.plan;
    let changes = impact::summary(&plan.impact);
    let steps = text::counted(plan.steps.len() as u64, "step", "steps");
    let approvals = match planned.policy.approvals {
        0 if planned.policy.confirm => "the confirmation of the person who asked".to_owned(),
        0 => "no approval".to_owned(),
        n => text::counted(n.into(), "approval", "approvals"),
    };
    let mut details = vec![format!(
        "It {} {changes} in {steps} and needs {approvals}",
        impact::verb(plan)
    )];
    details.extend(lists::warnings(&plan.warnings));
    says("", format!("*Planned*: `{}`", plan.digest().short())).with(details)
}

fn bulleted(result: &StepResult) -> Vec<String> {
    let pieces = result::pieces(result).into_iter();
    pieces.map(|piece| format!("• {piece}")).collect()
}
