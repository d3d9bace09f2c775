//! The whole plan in a modal, as far as Slack shows that much.

use slack_morphism::blocks::{SlackBlock, SlackModalView, SlackView};

use super::{View, blocks, emoji, facts, impact, limits, text};
use crate::domain::request::CurrentPlan;

/// Blocks that the list of changes may take; the other lists get [`OTHERS`] each.
const IMPACT: usize = 60;
/// Blocks that each of the other lists may take.
const OTHERS: usize = 6;
/// How full a section gets before the next one begins.
const SECTION: usize = limits::TEXT - 100;

/// Everything that the plan says. Nothing to submit.
#[must_use]
pub fn full_plan_modal(view: &View<'_>) -> SlackView {
    let all = match &view.request.plan {
        Some(plan) => whole(view, plan),
        None => vec![blocks::section("The plan is still being worked out.")],
    };
    let title = format!("Plan of {}", view.request.label());
    let modal = SlackModalView::new(blocks::plain(&title, limits::MODAL_TITLE), all)
        .with_close(blocks::plain("Close", limits::MODAL_TITLE));
    SlackView::Modal(modal)
}

fn whole(view: &View<'_>, plan: &CurrentPlan) -> Vec<SlackBlock> {
    let mut head = format!("*{}* · {}", facts::name(view), facts::risk(view));
    if let Some(whom) = facts::whom(view) {
        head.push_str(&format!("\nabout {whom}"));
    }
    let sentences = |sign: &str, all: &[String]| -> Vec<String> {
        let line = |one: &String| format!("{sign} {}", text::safe(one, limits::SENTENCE));
        all.iter().map(line).collect()
    };
    let steps = plan.steps.iter().enumerate();
    let steps = steps.map(|(i, step)| facts::planned_step(step, i + 1));
    let changes = format!("Changes: {}", impact::summary(&plan.impact));
    let lists = [
        ("Blockers", sentences(emoji::NO, &plan.blockers), OTHERS),
        (
            "Warnings",
            sentences(emoji::WARNING, &plan.warnings),
            OTHERS,
        ),
        (changes.as_str(), impact::full_list(&plan.impact), IMPACT),
        (
            "What stays",
            plan.kept.iter().map(facts::kept).collect(),
            OTHERS,
        ),
        ("Steps", steps.collect(), OTHERS),
    ];
    let mut out = vec![blocks::section(&head)];
    for (title, lines, most) in lists {
        if !lines.is_empty() {
            out.push(blocks::divider());
            out.extend(packed(title, &lines, most));
        }
    }
    let foot = format!("{} · `{}`", facts::plan_line(plan), plan.digest);
    out.push(blocks::context(&foot));
    out
}

/// Lines in as few sections as they fit in; says how many did not fit into `most` sections.
fn packed(title: &str, lines: &[String], most: usize) -> Vec<SlackBlock> {
    let mut sections = vec![format!("*{title}*")];
    for (i, line) in lines.iter().enumerate() {
        let full = sections.len() >= most;
        let current = sections
            .last_mut()
            .filter(|s| text::units(s) + text::units(line) < SECTION);
        match current {
            Some(section) => {
                section.push('\n');
                section.push_str(line);
            }
            None if !full => sections.push(line.clone()),
            None => {
                sections.push(format!("_{} more not shown_", lines.len() - i));
                break;
            }
        }
    }
    sections.iter().map(|s| blocks::section(s)).collect()
}
