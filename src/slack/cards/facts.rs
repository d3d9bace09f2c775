//! The facts about a request that cards, notes and modals share: who, whom, why, how much is at stake.

use super::{View, audience::Audience, impact, limits, text};
use crate::{
    addresses,
    domain::{
        State, approval,
        digest::Commitment,
        plan::TEST_MODE,
        request::{Approval, CurrentPlan},
    },
    network,
};

/// Arguments of a request that a card shows.
const ARGUMENTS: usize = 6;
/// The argument that names the subject; the subject itself is shown instead.
const SUBJECT_ARGUMENT: &str = "user";
/// What stands where a text was erased.
const ERASED: &str = "_erased_";

/// `OPS-1042 Delete a user`, for fallback texts: markup, escaped. What is about test payments says so first.
pub(super) fn name(view: &View<'_>) -> String {
    format!(
        "{}{} {}",
        test_mode(view),
        view.request.label(),
        text::safe(view.title, limits::NAME)
    )
}

/// What stands before the name of a request for which Stripe is used in test mode; nothing for any other.
pub(super) fn test_mode(view: &View<'_>) -> String {
    let plan = view.request.plan.as_ref();
    let refused = matches!(
        view.request.state,
        State::Refused {
            test_mode: true,
            ..
        }
    );
    match refused || plan.is_some_and(|plan| plan.plan.is_test_mode()) {
        true => format!("{TEST_MODE} · "),
        false => String::new(),
    }
}

/// Whom it concerns: the user id and, for whoever is involved and until it is erased, a masked e-mail.
pub(super) fn whom(view: &View<'_>, to: Audience) -> Option<String> {
    let subject = view.request.plan.as_ref()?.plan.subject.as_ref()?;
    let id = to.code(&subject.user_id, limits::NAME);
    Some(match &view.private_data.label {
        _ if to == Audience::Audit => id,
        Some(label) => format!("{} · {id}", text::safe(label, limits::NAME)),
        None if view.private_data.erased => format!("{id} · {ERASED}"),
        None => id,
    })
}

/// The arguments, but for those that the card shows otherwise; addresses masked.
pub(super) fn arguments(view: &View<'_>, to: Audience) -> Option<String> {
    let has_subject = whom(view, to).is_some();
    let Some(asking) = &view.private_data.asking else {
        let says_so = view.private_data.erased && !has_subject;
        return says_so.then(|| ERASED.to_owned());
    };
    let shown = asking
        .arguments
        .iter()
        .filter(|(name, _)| !(has_subject && name.as_str() == SUBJECT_ARGUMENT));
    let lines: Vec<_> = shown
        .take(ARGUMENTS)
        .map(|(name, value)| {
            let name = text::safe(&text::words(name), limits::NAME);
            format!(
                "{name} {}",
                text::code(&impersonal(value, to), limits::NAME)
            )
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join(" · "))
}

/// An argument's value without what may name a person: e-mail addresses are masked or left out, of networks only the size
/// is said.
fn impersonal(value: &str, to: Audience) -> String {
    match network::parse(value) {
        Some(network) => network::size(&network),
        None if to == Audience::Audit && addresses::is_in(value) => addresses::MASK.to_owned(),
        None => text::masked(value),
    }
}

/// Whom it concerns and how much, for fallback texts, which are all that a screen reader reads: markup, escaped.
pub(super) fn spoken(view: &View<'_>) -> Vec<String> {
    let mut parts: Vec<String> = whom(view, Audience::Involved)
        .map(|whom| format!("about {whom}"))
        .into_iter()
        .collect();
    let state = match &view.request.state {
        State::RollingBack { end, .. } => end,
        state => state,
    };
    let matters = !state.is_terminal() || matches!(state, State::Succeeded { .. });
    let plan = view.request.plan.as_ref().filter(|_| matters);
    if let Some(plan) = plan.filter(|plan| !plan.impact.is_empty()) {
        let summary = impact::summary(&plan.impact);
        parts.push(format!("it {} {summary}", impact::verb(plan)));
    }
    parts
}

/// The reason in one line, for fallback texts.
pub(super) fn reason_line(view: &View<'_>) -> Option<String> {
    let asking = view.private_data.asking.as_ref()?;
    one_line(&asking.reason)
}

/// A text beside the chain in one line, for fallback texts.
pub(super) fn note_line(view: &View<'_>, commitment: &Commitment) -> Option<String> {
    one_line(view.private_data.notes.get(&commitment.id)?)
}

/// The note of a settled request in one line, for fallback texts.
pub(super) fn only_note_line(view: &View<'_>) -> Option<String> {
    one_line(view.private_data.notes.values().next()?)
}

fn one_line(words: &str) -> Option<String> {
    let line = text::safe(&text::masked(words), limits::SENTENCE);
    (!line.is_empty()).then_some(line)
}

/// The reason as a quotation.
pub(super) fn reason(view: &View<'_>, to: Audience) -> Option<String> {
    match &view.private_data.asking {
        Some(asking) => Some(quoted(&asking.reason, to)).filter(|q| !q.is_empty()),
        None => view.private_data.erased.then(|| format!("> {ERASED}")),
    }
}

/// Free text as a quotation; addresses that people wrote into it are masked.
fn quoted(words: &str, to: Audience) -> String {
    let line = |line: &str| to.says(&text::masked(line)).into_owned();
    let lines: Vec<String> = words.lines().map(line).collect();
    text::quote(&lines.join("\n"), limits::QUOTE)
}

/// A text beside the chain as a quotation.
pub(super) fn note(view: &View<'_>, commitment: &Commitment, to: Audience) -> String {
    match view.private_data.notes.get(&commitment.id) {
        Some(note) => quoted(note, to),
        None => format!("> {ERASED}"),
    }
}

/// The note of a settled request. Only a denial or a settlement leaves a note, and a request has one of them.
pub(super) fn only_note(view: &View<'_>) -> String {
    match view.private_data.notes.values().next() {
        Some(note) => quoted(note, Audience::Involved),
        None => format!("> {ERASED}"),
    }
}

/// How much it can hurt.
pub(super) fn risk(view: &View<'_>) -> String {
    let plan = view.request.plan.as_ref();
    let forever = plan.is_some_and(|plan| plan.irreversible);
    let word = view.request.risk.word();
    if forever {
        format!("{word}, cannot be undone")
    } else {
        word.to_owned()
    }
}

pub(super) fn approvals_so_far(
    view: &View<'_>,
    plan: &CurrentPlan,
    approvals: &[Approval],
) -> String {
    let required = approval::required(view.request, plan.policy.approvals);
    let noun = if required == 1 {
        "approval"
    } else {
        "approvals"
    };
    format!("{} of {required} {noun}", approvals.len())
}

/// Who approved the plan that is shown, and when. While the hold of an earlier plan is being undone, the
/// approvals on record are those of that earlier plan.
pub(super) fn approved_by(state: &State) -> Option<String> {
    if let State::RollingBack { end, .. } = state
        && matches!(
            **end,
            State::AwaitingApproval { .. } | State::AwaitingConfirmation | State::Refused { .. }
        )
    {
        return None;
    }
    let each = state.approvals().iter().map(|one| {
        let by = text::mention(&one.by.slack_id);
        format!("{by} {}", text::date(one.at))
    });
    let each: Vec<_> = each.collect();
    (!each.is_empty()).then(|| format!("Approved by {}", each.join(", ")))
}

/// The plan's short digest and its round.
pub(super) fn plan_line(plan: &CurrentPlan) -> String {
    let digest = format!("Plan `{}`", plan.digest.short());
    if plan.round > 1 {
        format!("{digest}, version {}", plan.round)
    } else {
        digest
    }
}
