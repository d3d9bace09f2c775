//! The steps of a run or a hold, one line each.

use slack_morphism::blocks::SlackBlock;

use super::{View, emoji, limits, lists, result, text};
use crate::domain::{
    Instant,
    request::{Progress, Step},
};

/// Steps that are shown one by one; before that many, done ones are counted.
const SHOWN: usize = 12;

/// How far each step is. `stuck` names the step where the run stopped.
pub(super) fn progress(view: &View<'_>, steps: &[Step], stuck: Option<&str>) -> Vec<SlackBlock> {
    lists::sections(&lines(steps, stuck, view.now), limits::STEP_SECTIONS)
}

fn lines(steps: &[Step], stuck: Option<&str>, now: Instant) -> Vec<String> {
    let is_done = |step: &&Step| matches!(step.progress, Progress::Done { .. });
    let surplus = steps.len().saturating_sub(SHOWN);
    let folded = steps.iter().take(surplus).take_while(is_done).count();
    let mut lines = vec![];
    if folded > 0 {
        let done = text::counted(folded as u64, "step", "steps");
        lines.push(format!("{} {done} done before these", emoji::DONE));
    }
    let rest = steps.iter().skip(folded);
    lines.extend(rest.clone().take(SHOWN).map(|step| {
        let is_stuck = stuck == Some(step.planned.id.as_str());
        line(step, is_stuck, now)
    }));
    if steps.len() - folded > SHOWN {
        let more = steps.len() - folded - SHOWN;
        lines.push(format!(
            "…and {} after these",
            text::counted(more as u64, "step", "steps")
        ));
    }
    lines
}

/// How many steps are done.
pub(super) fn done(steps: &[Step]) -> usize {
    let is_done = |step: &&Step| matches!(step.progress, Progress::Done { .. });
    steps.iter().filter(is_done).count()
}

/// The title of a step, or its id when the list does not have it: markup, escaped.
pub(super) fn title(steps: &[Step], id: &str) -> String {
    let step = steps.iter().find(|step| step.planned.id == id);
    let title = step.map_or(id, |step| step.planned.title.as_str());
    text::safe(title, limits::SENTENCE)
}

fn line(step: &Step, is_stuck: bool, now: Instant) -> String {
    let title = text::safe(&step.planned.title, limits::SENTENCE);
    match &step.progress {
        Progress::Done { result } => {
            let says = result::line(result);
            if says.is_empty() {
                format!("{} {title}", emoji::DONE)
            } else {
                format!("{} {title}\n      {says}", emoji::DONE)
            }
        }
        _ if is_stuck => format!("{} *{title}*", emoji::FAILED),
        Progress::Waiting => format!("○ {title}"),
        Progress::Started { attempt: 0 | 1 } => format!("{} *{title}*", emoji::WAITING),
        Progress::Started { attempt } => {
            format!("{} *{title}* – attempt {attempt}", emoji::WAITING)
        }
        Progress::Deferred {
            attempt,
            why,
            retry_at,
        } => {
            let why = text::safe(why, limits::SENTENCE);
            let next = if *retry_at <= now {
                "trying again now".to_owned()
            } else {
                format!("next attempt at {}", text::clock(*retry_at))
            };
            format!(
                "{} *{title}*\n      attempt {attempt}: {why}; {next}",
                emoji::WARNING
            )
        }
        Progress::Undone => format!("↩ {title} – undone"),
    }
}
