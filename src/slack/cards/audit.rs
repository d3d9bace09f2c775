//! The audit channel: one line per request, a thread with one message per event, and the journal's witness.

use super::{Card, View, blocks, emoji, facts, limits, result, status, text};
use crate::domain::{
    Event, Instant,
    event::{Asked, Planned},
    plan::Phase,
};

/// The line of a request in the audit channel; its thread has the events.
#[must_use]
pub fn audit_parent(view: &View<'_>) -> Card {
    let status = status::of(view);
    let line = format!("{} *{}*: {}", status.sign, facts::name(view), status.says);
    let mut about = vec![format!(
        "asked by {}",
        text::mention(&view.request.requester.slack_id)
    )];
    about.extend(facts::whom(view).map(|whom| format!("about {whom}")));
    about.extend(facts::arguments(view).map(|arguments| format!("with {arguments}")));
    about.push(facts::risk(view));
    let mut blocks = vec![blocks::section(&line), blocks::context(&about.join(" · "))];
    if let Some(reason) = facts::reason(view) {
        blocks.push(blocks::context(&reason));
    }
    Card::new(&line, blocks)
}

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
    if !entry.details.is_empty() {
        blocks.push(blocks::section(&entry.details.join("\n")));
    }
    let name = event.name();
    let stamp = format!("{} · #{version} `{name}`", text::date(at));
    blocks.push(blocks::context(&stamp));
    Card::new(&format!("{} {head}", view.request.label()), blocks)
}

/// The head of the journal's chain, as a witness outside the database.
#[must_use]
pub fn chain_head(position: i64, hash_hex: &str, at: Instant) -> Card {
    let witness = text::code(&format!("{position}:{hash_hex}"), limits::NAME);
    let command = format!("countersign audit verify --witness {position}:{hash_hex}");
    let line = format!(
        "*Witness* of the journal at link {position}, {}\n{witness}",
        text::date(at)
    );
    let check = format!(
        "Nothing up to here has changed as long as this succeeds: {}",
        text::code(&command, limits::SENTENCE)
    );
    Card::new(
        &format!("Witness of the journal: {witness}"),
        vec![blocks::section(&line), blocks::context(&check)],
    )
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

fn entry(view: &View<'_>, event: &Event) -> Entry {
    let by = |party: &crate::domain::person::Party| text::mention(&party.slack_id);
    match event {
        Event::Asked(asked) => self::asked(asked),
        Event::Planned(planned) => self::planned(planned),
        Event::Refused { blockers } => says(emoji::NO, "*Refused*").with(sentences(blockers)),
        Event::Approved { by: who, plan } => {
            let plan = plan.short();
            says("", format!("*Approved* by {}: plan `{plan}`", by(who)))
        }
        Event::AttemptRefused {
            by: who,
            tried,
            why,
        } => {
            let tried = text::code(tried, limits::NAME);
            let why = text::safe(why, limits::SENTENCE);
            says(
                emoji::NO,
                format!("{} tried {tried} and was refused", by(who)),
            )
            .with(vec![why])
        }
        Event::Denied { by: who, reason } => says(emoji::NO, format!("*Denied* by {}", by(who)))
            .with(vec![facts::note(view, reason)]),
        Event::Expired => says(emoji::OVER, "*Expired*: nobody decided in time"),
        Event::Cancelled { by: who } => says(emoji::OVER, format!("*Cancelled* by {}", by(who))),
        Event::CoolingOffStarted { until, hold } => {
            let steps = hold.iter().enumerate();
            let steps = steps.map(|(i, step)| facts::planned_step(step, i + 1));
            says(
                emoji::WAITING,
                format!("*Cooling off* until {}", text::clock(*until)),
            )
            .with(steps.collect())
        }
        Event::Stopped { by: who } => says(emoji::STOPPED, format!("*Stopped* by {}", by(who))),
        Event::Superseded { why, plan, .. } => {
            let why = why.iter().take(limits::LIST);
            let why = why.map(|one| format!("• {}", text::with_mentions(one, limits::SENTENCE)));
            let new = plan.digest().short();
            let head = format!("*The plan has changed*, approvals are void; it is `{new}` now");
            says(emoji::WARNING, head).with(why.collect())
        }
        Event::Lifted => says("", "*Lifted*: what the cooling-off time had done is undone"),
        Event::RunStarted { plan, steps } => {
            let count = text::counted(steps.len() as u64, "step", "steps");
            let lines = steps.iter().enumerate().take(limits::LIST * 2);
            let lines = lines.map(|(i, step)| facts::planned_step(step, i + 1));
            says(
                "",
                format!("*Run begins*: {count} of plan `{}`", plan.short()),
            )
            .with(lines.collect())
        }
        Event::RunSucceeded => says(emoji::DONE, "*Done*: every step succeeded"),
        Event::Resumed { by: who } => says("", format!("*Resumed* by {}", by(who))),
        Event::Settled { by: who, note } => says(emoji::OVER, format!("*Settled* by {}", by(who)))
            .with(vec![facts::note(view, note)]),
        Event::StepStarted { .. }
        | Event::StepSucceeded { .. }
        | Event::StepDeferred { .. }
        | Event::StepUndone { .. }
        | Event::RunFailed { .. }
        | Event::RunIndeterminate { .. } => step_entry(view, event),
    }
}

fn step_entry(view: &View<'_>, event: &Event) -> Entry {
    let title = |id: &str| {
        let planned = view.request.plan.iter().flat_map(|plan| &plan.plan.steps);
        let title = planned.filter(|step| step.id == id).map(|step| &step.title);
        text::safe(title.last().map_or(id, |title| title), limits::SENTENCE)
    };
    match event {
        Event::StepStarted { step, attempt } => {
            says("", format!("{}: begun, attempt {attempt}", title(step)))
        }
        Event::StepSucceeded { step, result } => {
            says(emoji::DONE, title(step)).with(result_lines(result))
        }
        Event::StepDeferred {
            step,
            why,
            retry_at,
        } => {
            let why = text::safe(why, limits::SENTENCE);
            let next = format!("{why}; next attempt at {}", text::clock(*retry_at));
            says(emoji::WARNING, format!("{}: put off", title(step))).with(vec![next])
        }
        Event::StepUndone { step, result } => {
            says("↩", format!("{}: undone", title(step))).with(result_lines(result))
        }
        Event::RunFailed { step, why } => {
            let why = text::safe(why, limits::TEXT / 2);
            says(emoji::FAILED, format!("*Failed* at: {}", title(step))).with(vec![why])
        }
        Event::RunIndeterminate { step, why } => {
            let why = text::safe(why, limits::TEXT / 2);
            let head = format!(
                "*Not known whether this step had its effect*: {}",
                title(step)
            );
            says(emoji::FAILED, head).with(vec![why])
        }
        other => says("", other.name()),
    }
}

fn asked(asked: &Asked) -> Entry {
    let who = text::mention(&asked.by.slack_id);
    let operation = text::code(&asked.operation, limits::NAME);
    says(
        "",
        format!("*Asked* by {who}: {operation}, {}", asked.risk.word()),
    )
}

fn planned(planned: &Planned) -> Entry {
    let plan = &planned.plan;
    let digest = plan.digest().short();
    let changes = super::impact::summary(&plan.impact);
    let approvals = match planned.policy.approvals {
        0 => "needs no approval".to_owned(),
        n => format!("needs {}", text::counted(n.into(), "approval", "approvals")),
    };
    let holds = plan.steps_of(Phase::Hold).count();
    let steps = text::counted(plan.steps.len() as u64, "step", "steps");
    let steps = if holds > 0 {
        format!("{steps}, {holds} of them at once after approval")
    } else {
        steps
    };
    let mut details = vec![format!("Changes {changes}; {steps}; {approvals}")];
    let warnings = plan.warnings.iter().take(limits::LIST / 2);
    details.extend(
        warnings.map(|one| format!("{} {}", emoji::WARNING, text::safe(one, limits::SENTENCE))),
    );
    says("", format!("*Planned*: `{digest}`")).with(details)
}

fn sentences(all: &[String]) -> Vec<String> {
    vec![facts::bullets(all, limits::LIST)]
}

fn result_lines(result: &crate::domain::event::StepResult) -> Vec<String> {
    let lines = result::pieces(result).into_iter();
    lines.map(|piece| format!("• {piece}")).collect()
}
