//! Slash commands and plain messages.

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{
    Delivery, Outcome, VERIFICATION_TOKEN, channel_name, error_of, escape, person, post_click,
    sees, team_of,
};
use crate::slack::{
    core::{Core, Shared},
    hooks,
    model::Message,
    signing::Outgoing,
};

/// A person types a command; the text is escaped as Slack does it with `should_escape`.
pub(in crate::slack) async fn slash(
    shared: &Shared,
    user: &str,
    channel: &str,
    line: &str,
) -> anyhow::Result<Delivery> {
    let (command, text) = split(line);
    let escaped = shared.read(|core| escape::typed(core, shared.settings.mentions, text));
    slash_raw(shared, user, channel, command, &escaped).await
}

/// The same with a text that is passed on as it is.
pub(in crate::slack) async fn slash_raw(
    shared: &Shared,
    user: &str,
    channel: &str,
    command: &str,
    text: &str,
) -> anyhow::Result<Delivery> {
    let known = shared
        .settings
        .commands
        .iter()
        .any(|known| known.name == command);
    ensure!(known, "{command} is not a valid command");
    shared.read(|core| {
        let there = core
            .world
            .channels
            .get(channel)
            .with_context(|| format!("there is no channel {channel}"))?;
        let who = person(core, user)?;
        ensure!(sees(core, who, there), "{user} is not in {channel}");
        Ok(())
    })?;
    let request = shared.change(|core| request(shared, core, user, channel, command, text))?;
    let (outcome, again) = post_click(shared, &request).await;
    let error = shared.change(|core| {
        let error = show(core, user, channel, &format!("{command} {text}"), &outcome);
        if let Some(error) = &error {
            by_slackbot(
                core,
                user,
                channel,
                &format!("{command} failed with the error \"{error}\""),
            );
        }
        error
    });
    Ok(Delivery {
        request,
        outcome,
        again,
        error,
    })
}

/// A person says something, or types a command when it starts with `/`.
pub(in crate::slack) async fn say(
    shared: &Shared,
    user: &str,
    channel: &str,
    text: &str,
    thread_ts: Option<&str>,
) -> anyhow::Result<Option<Delivery>> {
    if text.starts_with('/') {
        let (command, _) = split(text);
        ensure!(
            thread_ts.is_none(),
            "{command} is not supported in threads. Sorry!"
        );
        return slash(shared, user, channel, text).await.map(Some);
    }
    ensure!(!text.trim().is_empty(), "there is nothing to send");
    shared.change(|core| {
        let who = person(core, user)?;
        let there = core
            .world
            .channels
            .get(channel)
            .with_context(|| format!("there is no channel {channel}"))?;
        ensure!(
            sees(core, who, there) && !there.archived,
            "{user} cannot write in {channel}"
        );
        let text = escape::typed(core, shared.settings.mentions, text);
        let thread_ts = thread_ts.map(str::to_owned);
        core.post(
            channel,
            Message {
                user: user.to_owned(),
                text,
                thread_ts,
                ..Message::default()
            },
        );
        Ok(None)
    })
}

/// The request that Slack makes for a typed command, whoever types it.
pub(in crate::slack) fn request(
    shared: &Shared,
    core: &mut Core,
    user: &str,
    channel: &str,
    command: &str,
    text: &str,
) -> anyhow::Result<Outgoing> {
    let who = core
        .world
        .users
        .get(user)
        .with_context(|| format!("there is no user {user}"))?
        .clone();
    let there = core
        .world
        .channels
        .get(channel)
        .with_context(|| format!("there is no channel {channel}"))?
        .clone();
    let trigger = core.new_trigger(user);
    let response_url = hooks::create(core, user, channel, None);
    let team = team_of(core, &who);
    let part = |name: &str| team[name].as_str().unwrap_or_default();
    let installed = match core.world.org_install {
        true => "true",
        false => "false",
    };
    let mut fields = vec![
        ("token", VERIFICATION_TOKEN),
        ("team_id", part("id")),
        ("team_domain", part("domain")),
    ];
    if let Some(org) = &core.world.team.enterprise {
        fields.extend([
            ("enterprise_id", org.id.as_str()),
            ("enterprise_name", org.name.as_str()),
        ]);
    }
    fields.extend([
        ("channel_id", channel),
        ("channel_name", channel_name(&there)),
        ("user_id", user),
        ("user_name", &who.name),
        ("command", command),
        ("text", text),
        ("api_app_id", &core.world.app.app_id),
        ("is_enterprise_install", installed),
        ("response_url", &response_url),
        ("trigger_id", &trigger),
    ]);
    Ok(Outgoing::form(&shared.settings.paths.commands, &fields))
}

/// Shows the answer to a command; the error that the person sees instead, when it is not a proper one.
fn show(
    core: &mut Core,
    user: &str,
    channel: &str,
    line: &str,
    outcome: &Outcome,
) -> Option<String> {
    if let Some(error) = error_of(outcome) {
        return Some(error.to_owned());
    }
    let Outcome::Answered {
        body, content_type, ..
    } = outcome
    else {
        return None;
    };
    if body.trim().is_empty() {
        return None;
    }
    if !content_type.starts_with("application/json") {
        let message = core.by_app(body.clone(), Vec::new());
        core.post(
            channel,
            Message {
                ephemeral_to: Some(user.to_owned()),
                ..message
            },
        );
        return None;
    }
    let Some(answer) = serde_json::from_str(body).ok().filter(Value::is_object) else {
        core.unexpected("a command was answered with something that is not a JSON object".into());
        return Some("invalid_command_response".into());
    };
    let in_channel = answer["response_type"] == "in_channel";
    if in_channel {
        let typed = Message {
            user: user.to_owned(),
            text: line.trim_end().to_owned(),
            ..Message::default()
        };
        core.post(channel, typed);
        if answer.get("text").is_none() && answer.get("blocks").is_none() {
            return None;
        }
    }
    match hooks::message_of(core, &answer) {
        Ok(message) => {
            let ephemeral_to = (!in_channel).then(|| user.to_owned());
            core.post(
                channel,
                Message {
                    ephemeral_to,
                    ..message
                },
            );
            None
        }
        Err(error) => {
            core.unexpected(format!("the answer to a command: {error}"));
            Some("invalid_command_response".into())
        }
    }
}

/// Slackbot tells one person something.
pub(super) fn by_slackbot(core: &mut Core, user: &str, channel: &str, text: &str) {
    core.post(
        channel,
        Message {
            user: "USLACKBOT".into(),
            text: text.to_owned(),
            ephemeral_to: Some(user.to_owned()),
            ..Message::default()
        },
    );
}

fn split(line: &str) -> (&str, &str) {
    let line = line.trim();
    line.split_once(char::is_whitespace)
        .map_or((line, ""), |(command, text)| (command, text.trim_start()))
}
