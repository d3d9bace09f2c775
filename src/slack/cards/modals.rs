//! The modals of a decision: typed confirmation, reason of a denial, note that settles; and plain information.

use slack_morphism::{
    SlackCallbackId,
    blocks::{SlackBlock, SlackModalView, SlackView},
};

use super::{
    ModalContext, View, audience::Audience::Involved, blocks, callback, emoji, facts, field,
    impact, limits, lists, steps, text,
};
use crate::domain::State;

/// Shows in short what will happen and has the approver type the plan's confirmation.
#[must_use]
pub fn confirm_modal(view: &View<'_>, context: &ModalContext) -> SlackView {
    let mut all = vec![about(view)];
    if let Some(plan) = &view.request.plan {
        let changes = impact::summary(&plan.impact);
        let mut says = format!("This {} *{changes}*.", impact::verb(plan));
        if plan.irreversible {
            says.push_str(" It cannot be undone.");
        }
        if plan.policy.cooling_off_seconds > 0 {
            let waits = text::duration(plan.policy.cooling_off_seconds.into());
            says.push_str(&format!(
                " It waits {waits} first and can be stopped until then."
            ));
        }
        all.push(blocks::section(&says));
        if !plan.warnings.is_empty() {
            let warnings = lists::warnings(&plan.warnings, Involved);
            let warnings = lists::few(&warnings, limits::SHORT_LIST, ": see _Full plan_");
            all.push(blocks::section(&warnings));
        }
        all.push(blocks::context(&facts::plan_line(plan)));
        if let Some(confirm) = &plan.confirm {
            let label = format!("Type {confirm} to approve");
            let element = blocks::text_input(field::TEXT).with_focus_on_load(true);
            all.push(blocks::input(field::BLOCK, &label, None, element));
        }
    }
    let title = format!("Approve {}", view.request.label());
    form(
        &title,
        "Approve",
        callback::APPROVE_CONFIRM,
        &context.to_metadata(),
        all,
    )
}

/// Asks for the reason of a denial.
#[must_use]
pub fn deny_modal(view: &View<'_>, context: &ModalContext) -> SlackView {
    let title = format!("Deny {}", view.request.label());
    let hint = "The requester reads it, and it stays on record.";
    let all = vec![about(view), note("Why is it denied?", hint)];
    form(
        &title,
        "Deny",
        callback::DENY_REASON,
        &context.to_metadata(),
        all,
    )
}

/// Asks for the note that closes a stuck request.
#[must_use]
pub fn settle_modal(view: &View<'_>, context: &ModalContext) -> SlackView {
    let title = format!("Settle {}", view.request.label());
    let mut all = vec![about(view)];
    if let State::Stuck {
        steps, step, why, ..
    } = &view.request.state
    {
        let step = steps::title(steps, step, Involved);
        let why = text::safe(why, limits::SENTENCE);
        all.push(blocks::section(&format!("{} {step}: {why}", emoji::FAILED)));
    }
    let hint = "Say what you found and what was done by hand. The request is closed as it stands.";
    all.push(note("How was it settled?", hint));
    form(
        &title,
        "Settle",
        callback::SETTLE_NOTE,
        &context.to_metadata(),
        all,
    )
}

/// Says something. `text` is shown as it is: nothing in it counts as markup.
#[must_use]
pub fn info_modal(title: &str, text: &str) -> SlackView {
    let view = SlackModalView::new(
        blocks::plain(title, limits::MODAL_TITLE),
        vec![blocks::plain_section(text)],
    )
    .with_close(blocks::plain("Close", limits::MODAL_TITLE));
    SlackView::Modal(view)
}

/// A modal that is submitted.
pub(super) fn form(
    title: &str,
    submit: &str,
    callback_id: &str,
    metadata: &str,
    blocks: Vec<SlackBlock>,
) -> SlackView {
    let view = SlackModalView::new(blocks::plain(title, limits::MODAL_TITLE), blocks)
        .with_submit(blocks::plain(submit, limits::MODAL_TITLE))
        .with_close(blocks::plain("Close", limits::MODAL_TITLE))
        .with_callback_id(SlackCallbackId(callback_id.to_owned()))
        .with_private_metadata(metadata.to_owned());
    SlackView::Modal(view)
}

/// What the request is, in one section.
fn about(view: &View<'_>) -> SlackBlock {
    let by = text::asker(&view.request.requester);
    let mut line = format!("*{}*, asked by {by}", facts::name(view));
    if let Some(whom) = facts::whom(view, Involved) {
        line.push_str(&format!("\nabout {whom}"));
    }
    if let Some(reason) = facts::reason(view, Involved) {
        line.push_str(&format!("\n{reason}"));
    }
    blocks::section(&line)
}

fn note(label: &str, hint: &str) -> SlackBlock {
    let element = blocks::text_input(field::TEXT)
        .with_multiline(true)
        .with_max_length(limits::NOTE_INPUT)
        .with_focus_on_load(true);
    blocks::input(field::BLOCK, label, Some(hint), element)
}
