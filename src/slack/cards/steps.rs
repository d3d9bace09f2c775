//! The steps of a run or a hold, one line each.

use slack_morphism::blocks::SlackBlock;

use super::{View, audience::Audience, emoji, limits, lists, result, text};
use crate::domain::{
    Instant,
    request::{Progress, Step},
};

/// Steps that are shown one by one; before that many, done ones are counted.
const SHOWN: usize = 12;

/// How the steps of a list are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reading<'a> {
    /// They go on, or are all done.
    Open,
    /// They stopped at this one.
    StuckAt(&'a str),
    /// What is not done stays undone.
    Closed,
}

/// How far each step is.
pub(super) fn progress(view: &View<'_>, steps: &[Step], reading: Reading<'_>) -> Vec<SlackBlock> {
    lists::sections(&lines(steps, reading, view.now), limits::STEP_SECTIONS)
}

fn lines(steps: &[Step], reading: Reading<'_>, now: Instant) -> Vec<String> {
    let is_done = |step: &&Step| matches!(step.progress, Progress::Done { .. });
    let surplus = steps.len().saturating_sub(SHOWN);
    let folded = steps.iter().take(surplus).take_while(is_done).count();
    let mut lines = vec![];
    if folded > 0 {
        let done = text::counted(folded as u64, "step", "steps");
        lines.push(format!("{} {done} done before these", emoji::DONE));
    }
    let rest = steps.iter().skip(folded);
    lines.extend(rest.take(SHOWN).map(|step| line(step, reading, now)));
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
pub(super) fn title(steps: &[Step], id: &str, to: Audience) -> String {
    let step = steps.iter().find(|step| step.planned.id == id);
    let title = step.map_or(id, |step| step.planned.title.as_str());
    to.text(title, limits::SENTENCE)
}

fn line(step: &Step, reading: Reading<'_>, now: Instant) -> String {
    let title = text::safe(&step.planned.title, limits::SENTENCE);
    match &step.progress {
        Progress::Done { result } => {
            let (sign, says) = (result::sign(result), result::line(result));
            if says.is_empty() {
                format!("{sign} {title}")
            } else {
                format!("{sign} {title}\n      {says}")
            }
        }
        Progress::Undone => format!("↩ {title} – undone"),
        _ if matches!(reading, Reading::StuckAt(id) if id == step.planned.id) => {
            format!("{} *{title}*", emoji::FAILED)
        }
        Progress::Started { .. } | Progress::Deferred { .. }
            if matches!(reading, Reading::Closed) =>
        {
            format!("○ {title} – begun and left as it was")
        }
        Progress::Waiting if matches!(reading, Reading::Closed) => {
            format!("○ {title} – not done")
        }
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
                format!("next attempt {}", text::clock(*retry_at))
            };
            format!(
                "{} *{title}*\n      attempt {attempt}: {why}; {next}",
                emoji::WARNING
            )
        }
    }
}
