//! The whole plan in a modal, as far as Slack shows that much.

use slack_morphism::blocks::{SlackBlock, SlackModalView, SlackView};

use super::{View, audience::Audience::Involved, blocks, facts, impact, limits, lists};
use crate::domain::request::CurrentPlan;

/// Blocks that the list of changes may take; the other lists get [`OTHERS`] each.
const IMPACT: usize = 60;
/// Blocks that each of the other lists may take.
const OTHERS: usize = 6;

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
    if let Some(whom) = facts::whom(view, Involved) {
        head.push_str(&format!("\nabout {whom}"));
    }
    let changes = format!(
        "It {} {}",
        impact::verb(plan),
        impact::summary(&plan.impact)
    );
    let lists = [
        (
            "What forbids it",
            lists::sentences(&plan.blockers, Involved),
            OTHERS,
        ),
        (
            "Warnings",
            lists::warnings(&plan.warnings, Involved),
            OTHERS,
        ),
        (changes.as_str(), impact::full_list(&plan.impact), IMPACT),
        (impact::rest(plan), lists::kept(&plan.kept), OTHERS),
        ("Steps", lists::steps(&plan.steps, Involved), OTHERS),
    ];
    let mut out = vec![blocks::section(&head)];
    for (title, lines, most) in lists {
        if !lines.is_empty() {
            out.push(blocks::divider());
            out.push(blocks::section(&format!("*{title}*")));
            out.extend(lists::sections(&lines, most));
        }
    }
    let foot = format!("{}, SHA-256 `{}`", facts::plan_line(plan), plan.digest);
    out.push(blocks::context(&foot));
    out
}
