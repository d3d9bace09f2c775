//! Slash commands: understood at once, written down, and answered by what follows from them.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{Front, NotWritten, ephemeral, just_once};
use crate::{
    operations::{
        Takes, catalogue,
        declaration::REASON,
        help,
        parse::{self, Asked, Misunderstood},
    },
    slack::{
        cards::{self, AskField, AskForm},
        inbound::{
            inbox::{Answer, Deed, What},
            payload::{SlashCommand, parse_command},
            receive::Verified,
            text::Words,
        },
    },
};

/// What somebody reads when the store does not answer.
const NOT_RECORDED: &str =
    "Countersign could not write this down, so nothing was done. Please try again in a minute.";

pub(super) async fn command(front: &Front, verified: Verified) -> Response {
    let Ok(command) = parse_command(&verified.body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (Some(user), Some(key)) = (command.user_id(), command.idempotency_key()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let words = match Words::parse(command.text()) {
        Ok(words) => words,
        Err(too_long) => return ephemeral(&cards::reply_usage(&too_long.to_string())),
    };
    if words
        .get(0)
        .is_some_and(|word| word.eq_ignore_ascii_case("help"))
    {
        return ephemeral(&cards::reply_usage(&help::answer(&words)));
    }
    if !always_gets_through(&words)
        && let Err(seconds) = front.pace.count(user, verified.received_at)
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
            return misunderstand(front, verified, &command, &words, misunderstood).await;
        }
    };
    let deed = deed(user, &command, asked);
    match front.write_down(&verified, key.as_str(), &deed).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(NotWritten::Replay) => StatusCode::UNAUTHORIZED.into_response(),
        Err(NotWritten::Store) => ephemeral(&cards::reply_error(NOT_RECORDED)),
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

fn deed(user: &str, command: &SlashCommand, asked: Asked) -> Deed {
    Deed {
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

/// When something is missing the operation's form opens with what was typed; otherwise a sentence helps.
async fn misunderstand(
    front: &Front,
    verified: Verified,
    command: &SlashCommand,
    words: &Words,
    misunderstood: Misunderstood,
) -> Response {
    let form = match &misunderstood {
        Misunderstood::Missing { operation, .. } => form(operation, words, command.channel_id()),
        _ => None,
    };
    let (Some(form), Some(trigger)) = (form, command.trigger_id()) else {
        return ephemeral(&cards::reply_usage(&misunderstood.to_string()));
    };
    let (api, trigger) = (front.api.clone(), trigger.to_owned());
    front.tasks.spawn(async move {
        if let Err(error) = api.open_view(&trigger, form).await {
            tracing::warn!(%error, "a form could not be opened");
        }
    });
    just_once(front, verified).await
}

fn form(
    name: &str,
    words: &Words,
    channel: Option<&str>,
) -> Option<slack_morphism::blocks::SlackView> {
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
    Some(cards::ask_modal(&AskForm {
        operation: declaration.name,
        title: declaration.title,
        summary: declaration.summary,
        fields: fields.collect(),
        reason: declaration
            .needs_reason()
            .then(|| words.rest_from(typed.rest).map(str::to_owned)),
        channel,
    }))
}
