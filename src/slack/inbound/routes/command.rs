//! Slash commands: understood at once, written down, and answered by what follows from them.

use super::{
    Delivery, Front, NotWritten, Reply, UNREADABLE,
    dialog::{Verdict, Wanted},
    ephemeral,
};
use crate::{
    operations::{
        Takes, catalogue,
        declaration::REASON,
        parse::{self, Asked, Misunderstood},
    },
    slack::{
        cards::{self, AskField, AskForm},
        inbound::{
            inbox::{Answer, InboxEntry, What},
            payload::{SlashCommand, parse_command},
        },
    },
    text::Words,
};

pub(super) async fn command(front: &Front, delivery: Delivery) -> Reply {
    let Ok(command) = parse_command(&delivery.body) else {
        return UNREADABLE;
    };
    let (Some(user), Some(key)) = (command.user_id(), command.idempotency_key()) else {
        return UNREADABLE;
    };
    let words = match Words::parse(command.text()) {
        Ok(words) => words,
        Err(too_long) => return ephemeral(&cards::reply_usage(&too_long.to_string())),
    };
    if words
        .get(0)
        .is_some_and(|word| word.eq_ignore_ascii_case("help"))
    {
        return ephemeral(&cards::reply_usage(&parse::help(&words)));
    }
    if !always_gets_through(&words)
        && let Err(seconds) = front.pace.count(user, delivery.received_at)
    {
        metrics::counter!("countersign_commands_refused_total").increment(1);
        tracing::warn!(
            user,
            "refused a command: too many of this person within a minute"
        );
        return ephemeral(&cards::reply_error(&too_many(seconds)));
    }
    let asked = match parse::parse(&words) {
        Ok(asked) => asked,
        Err(misunderstood) => {
            return misunderstand(front, &delivery, &command, &words, misunderstood).await;
        }
    };
    let entry = entry(user, &command, asked);
    answered(front.write_down(&delivery, key.as_str(), &entry).await)
}

/// Slack shows the person the body of a 200 alone.
fn answered(outcome: Result<(), NotWritten>) -> Reply {
    match outcome {
        Ok(()) => Reply::Acknowledged,
        Err(NotWritten::Replay) => NotWritten::Replay.refused(),
        Err(not_written) => ephemeral(&cards::reply_error(not_written.says())),
    }
}

/// Commands that stop something are never refused for being too many. Clicks are not counted at all.
fn always_gets_through(words: &Words) -> bool {
    let first = words.get(0).unwrap_or_default();
    ["cancel", "freeze"]
        .iter()
        .any(|word| first.eq_ignore_ascii_case(word))
}

fn too_many(seconds: i64) -> String {
    format!(
        "You have sent too many commands within a minute, so this one was not recorded and nothing was done. \
         Send it again in {seconds} s. Buttons, `cancel` and `freeze` always work."
    )
}

fn entry(user: &str, command: &SlashCommand, asked: Asked) -> InboxEntry {
    InboxEntry {
        user: user.to_owned(),
        answer: command
            .response_url()
            .map_or(Answer::Direct, |url| Answer::ResponseUrl {
                url: url.to_owned(),
            }),
        what: What::Ask {
            operation: asked.operation.declaration().name.to_owned(),
            asking: asked.asking,
        },
    }
}

/// When something is missing the operation's form opens with what was typed, for those who may ask for it; otherwise a
/// sentence helps.
async fn misunderstand(
    front: &Front,
    delivery: &Delivery,
    command: &SlashCommand,
    words: &Words,
    misunderstood: Misunderstood,
) -> Reply {
    let form = match &misunderstood {
        Misunderstood::Missing { operation, .. } => form(operation, words, command.channel_id()),
        _ => None,
    };
    let (Some(form), Some(trigger), Some(user)) = (form, command.trigger_id(), command.user_id())
    else {
        return ephemeral(&cards::reply_usage(&misunderstood.to_string()));
    };
    let title = form.title();
    let is_known = match front.verdict(delivery, user, &form).await {
        Verdict::Allowed => true,
        Verdict::Unknown => false,
        Verdict::Refused(refusal) => {
            return ephemeral(&cards::reply_refused(&refusal, &title));
        }
    };
    let noted = front.note(delivery).await;
    if noted.is_ok() {
        front.open(trigger, user, form, is_known);
    }
    answered(noted)
}

fn form(name: &str, words: &Words, channel: Option<&str>) -> Option<Wanted> {
    let operation = catalogue::find(name)?;
    let declaration = operation.declaration();
    let taken = declaration.name.split(' ').count();
    let typed = parse::typed(declaration, words, taken);
    let fields = declaration.arguments.iter().zip(typed.values);
    let fields = fields.map(|(argument, value)| AskField {
        name: argument.name.to_owned(),
        label: argument.label.to_owned(),
        help: argument.help.to_owned(),
        value,
        optional: argument.optional,
        choices: match argument.takes {
            Takes::Choice(choices) => choices,
            _ => &[],
        },
    });
    debug_assert!(declaration.arguments.iter().all(|a| a.name != REASON));
    let view = cards::ask_modal(&AskForm {
        operation: declaration.name,
        title: declaration.title,
        summary: declaration.summary,
        fields: fields.collect(),
        reason: declaration
            .needs_reason()
            .then(|| words.rest_from(typed.rest).map(str::to_owned)),
        channel,
    });
    Some(Wanted::Form {
        title: declaration.title.to_owned(),
        role: declaration.risk.role_to_ask(),
        view: Box::new(view),
    })
}
