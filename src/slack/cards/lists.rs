//! Lists that say how much of them is not shown.

use slack_morphism::blocks::SlackBlock;

use super::{audience::Audience, blocks, emoji, limits, text};
use crate::domain::plan::{Kept, Phase, PlannedStep, Warning};

/// The first lines, as many as `most` and one section take, and how many more there are. `more` says where.
pub(super) fn few(lines: &[String], most: usize, more: &str) -> String {
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        let fits = text::units(&out) + text::units(line) < limits::LIST_TEXT;
        if i >= most || !fits {
            out.push_str(&format!("…and {} more{more}", lines.len() - i));
            return out;
        }
        out.push_str(line);
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

/// Lines in as few sections as they fit in, `most` at most; says how many lines are left out.
pub(super) fn sections(lines: &[String], most: usize) -> Vec<SlackBlock> {
    let mut packed: Vec<String> = vec![];
    for (i, line) in lines.iter().enumerate() {
        let is_full = packed.len() >= most;
        let fits = |s: &&mut String| text::units(s) + text::units(line) < limits::LIST_TEXT;
        match packed.last_mut().filter(fits) {
            Some(section) => {
                section.push('\n');
                section.push_str(line);
            }
            None if !is_full => packed.push(line.clone()),
            None => {
                packed.push(format!("_{} more not shown_", lines.len() - i));
                break;
            }
        }
    }
    packed.iter().map(|s| blocks::section(s)).collect()
}

/// Sentences from a plan, one per line.
pub(super) fn sentences(all: &[String], to: Audience) -> Vec<String> {
    let line = |one: &String| format!("• {}", to.text(one, limits::SENTENCE));
    all.iter().map(line).collect()
}

/// What changed between two plans, one per line; may name people.
pub(super) fn changes(why: &[String], to: Audience) -> Vec<String> {
    let line = |one: &String| {
        let says = text::with_mentions(&to.says(one), limits::SENTENCE);
        format!("• {says}")
    };
    why.iter().map(line).collect()
}

/// Warnings, one per line.
pub(super) fn warnings(all: &[Warning], to: Audience) -> Vec<String> {
    let line = |one: &Warning| {
        let says = to.text(&one.text, limits::SENTENCE);
        format!("{} {says}", emoji::WARNING)
    };
    all.iter().map(line).collect()
}

/// What stays, and why, one per line.
pub(super) fn kept(all: &[Kept]) -> Vec<String> {
    let line = |kept: &Kept| {
        let what = text::safe(&kept.to_string(), limits::NAME);
        format!("• {what} – {}", text::safe(&kept.why, limits::SENTENCE))
    };
    all.iter().map(line).collect()
}

/// Planned steps, numbered.
pub(super) fn steps(all: &[PlannedStep], to: Audience) -> Vec<String> {
    let line = |(i, step): (usize, &PlannedStep)| {
        let title = to.text(&step.title, limits::SENTENCE);
        let number = i + 1;
        match step.phase {
            Phase::Hold => format!("{number}. {title} – _at once after approval_"),
            Phase::Main => format!("{number}. {title}"),
        }
    };
    all.iter().enumerate().map(line).collect()
}
