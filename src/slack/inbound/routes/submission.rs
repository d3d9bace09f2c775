//! Submitted modals. What is wrong is said under its field; what is right is written down and the modal closes.

use serde_json::json;

use super::{Delivery, Front, NotWritten, Reply, UNREADABLE, just_once};
use crate::{
    domain::event::Asking,
    operations::{
        catalogue,
        declaration::REASON,
        parse::{REASON_CHARS, checked_reason},
    },
    slack::{
        cards::{AskContext, ModalContext, callback, field, text::without_code},
        inbound::{
            inbox::{Answer, Decision, InboxEntry, What},
            payload::{Interaction, View},
        },
    },
    text::normalise,
};

/// A field and what is wrong with it.
type FieldError = (String, String);

pub(super) async fn submission(
    front: &Front,
    delivery: Delivery,
    submission: &Interaction,
) -> Reply {
    let (Some(view), Some(user), Some(key)) = (
        submission.view.as_ref(),
        submission.user_id(),
        submission.idempotency_key(),
    ) else {
        return UNREADABLE;
    };
    let understood = match view.callback_id.as_deref() {
        Some(callback::ASK) => asked(view),
        Some(callback::APPROVE_CONFIRM | callback::DENY_REASON | callback::SETTLE_NOTE) => {
            match front.in_time(&delivery, decided(front, view)).await {
                Ok(understood) => understood,
                Err(not_written) => return errors(field::BLOCK, not_written.says()),
            }
        }
        _ => return just_once(front, &delivery).await,
    };
    let (what, channel, first_field) = match understood {
        Some(Ok(understood)) => understood,
        Some(Err((field, says))) => return errors(&field, &says),
        None => return UNREADABLE,
    };
    let entry = InboxEntry {
        user: user.to_owned(),
        answer: channel.map_or(Answer::Direct, |channel| Answer::Ephemeral { channel }),
        what,
    };
    match front.write_down(&delivery, key.as_str(), &entry).await {
        Ok(()) => Reply::Acknowledged,
        Err(NotWritten::Replay) => NotWritten::Replay.refused(),
        Err(not_written) => errors(&first_field, not_written.says()),
    }
}

/// What a modal says, the channel to answer in, and the field that takes an error.
type Understood = Result<(What, Option<String>, String), FieldError>;

fn asked(view: &View) -> Option<Understood> {
    let context = AskContext::parse(view.private_metadata.as_deref()?)?;
    let operation = catalogue::find(&context.operation)?;
    let declaration = operation.declaration();
    let mut asking = Asking::default();
    for argument in declaration.arguments {
        let value = typed(view, argument.name, argument.name);
        if value.is_empty() && argument.optional {
            continue;
        }
        if value.is_empty() {
            return Some(Err((argument.name.to_owned(), argument.help.to_owned())));
        }
        match argument.check(&value) {
            Ok(value) => asking.arguments.insert(argument.name.to_owned(), value),
            Err(says) => return Some(Err((argument.name.to_owned(), says))),
        };
    }
    if declaration.needs_reason() {
        let reason = typed(view, REASON, REASON);
        if reason.is_empty() {
            return Some(Err((
                REASON.to_owned(),
                "Say why: it stays on record.".to_owned(),
            )));
        }
        asking.reason = match checked_reason(&reason) {
            Ok(reason) => reason,
            Err(too_long) => return Some(Err((REASON.to_owned(), too_long.to_string()))),
        };
    }
    let first = declaration.arguments.first().map_or(REASON, |a| a.name);
    let what = What::Ask {
        operation: declaration.name.to_owned(),
        asking,
    };
    Some(Ok((what, context.channel, first.to_owned())))
}

async fn decided(front: &Front, view: &View) -> Option<Understood> {
    let context = ModalContext::parse(view.private_metadata.as_deref()?)?;
    let text = typed(view, field::BLOCK, field::TEXT);
    let wrong = |says: &str| Some(Err((field::BLOCK.to_owned(), says.to_owned())));
    let decision = match view.callback_id.as_deref() {
        Some(callback::APPROVE_CONFIRM) => {
            if let Some(expected) = expected_confirmation(front, &context).await
                && expected != text
            {
                return wrong(&format!("Type {expected} exactly."));
            }
            Decision::Approve {
                plan: context.plan?,
                typed: Some(text),
            }
        }
        _ if text.is_empty() => return wrong("Say why: it stays on record."),
        _ if text.chars().count() > REASON_CHARS => {
            return wrong(&format!("At most {REASON_CHARS} characters."));
        }
        Some(callback::DENY_REASON) => Decision::Deny { reason: text },
        _ => Decision::Settle { note: text },
    };
    let what = What::Decide {
        request: context.request,
        decision,
        nonce: Some(context.nonce),
    };
    Some(Ok((what, context.channel, field::BLOCK.to_owned())))
}

/// What has to be typed, when the modal's plan is still the current one; otherwise the rules answer.
async fn expected_confirmation(front: &Front, context: &ModalContext) -> Option<String> {
    let request = front.journal.request(context.request).await.ok()?;
    let current = request
        .plan
        .filter(|plan| Some(plan.digest) == context.plan)?;
    current.plan.confirm
}

/// What was typed, with the quotes and spaces that Slack's clients make put right.
fn typed(view: &View, block: &str, action: &str) -> String {
    let input = view.state.get(block, action);
    let text = input.and_then(|input| input.text().or_else(|| input.chosen().first().copied()));
    let text = text.unwrap_or_default().trim();
    normalise(text).map_or_else(|_| text.to_owned(), |normal| normal.trim().to_owned())
}

/// Plain text, as hints are.
fn errors(field: &str, says: &str) -> Reply {
    let says = without_code(says);
    Reply::With(json!({ "response_action": "errors", "errors": { field: says } }))
}
