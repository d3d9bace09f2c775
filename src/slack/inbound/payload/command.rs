use std::{collections::BTreeMap, fmt};

use super::{IdempotencyKey, PayloadError};

#[derive(Clone, PartialEq, Eq)]
pub struct SlashCommand {
    fields: BTreeMap<String, String>,
}

/// Reads a slash command from the form that Slack posts. When a field comes twice, the first counts.
///
/// # Errors
/// [`PayloadError::MissingField`] when the form names no command.
pub fn parse_command(body: &[u8]) -> Result<SlashCommand, PayloadError> {
    let mut fields = BTreeMap::new();
    for (key, value) in form_urlencoded::parse(body) {
        fields
            .entry(key.into_owned())
            .or_insert_with(|| value.into_owned());
    }
    // The verification token is retired by Slack and is a secret: it is not kept.
    fields.remove("token");
    let command = SlashCommand { fields };
    if command.command().is_empty() {
        return Err(PayloadError::MissingField("command"));
    }
    Ok(command)
}

impl SlashCommand {
    /// The command with its slash, for example `/ops`.
    #[must_use]
    pub fn command(&self) -> &str {
        self.field("command").unwrap_or_default()
    }

    /// What was typed after the command, as Slack escaped it; empty when nothing was.
    #[must_use]
    pub fn text(&self) -> &str {
        self.field("text").unwrap_or_default()
    }

    /// Who typed it: `U…` or `W…`.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.field("user_id")
    }

    /// The workspace in which it was typed.
    #[must_use]
    pub fn team_id(&self) -> Option<&str> {
        self.field("team_id")
    }

    /// The organisation, when the workspace belongs to one.
    #[must_use]
    pub fn enterprise_id(&self) -> Option<&str> {
        self.field("enterprise_id")
    }

    /// Whether the app is installed in the whole organisation.
    #[must_use]
    pub fn is_enterprise_install(&self) -> bool {
        self.field("is_enterprise_install") == Some("true")
    }

    /// The channel in which it was typed. The bot need not be a member of it.
    #[must_use]
    pub fn channel_id(&self) -> Option<&str> {
        self.field("channel_id")
    }

    /// The app that Slack sent it to. Two apps may register the same command.
    #[must_use]
    pub fn api_app_id(&self) -> Option<&str> {
        self.field("api_app_id")
    }

    /// Where to answer, five times within 30 minutes. Whoever knows it can post: never log it.
    #[must_use]
    pub fn response_url(&self) -> Option<&str> {
        self.field("response_url")
    }

    /// Opens one view within three seconds.
    #[must_use]
    pub fn trigger_id(&self) -> Option<&str> {
        self.field("trigger_id")
    }

    /// Any field by its name; an empty one counts as absent.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let value = self.fields.get(name)?;
        (!value.is_empty()).then_some(value)
    }

    /// The command's trigger id, which is new for each time that a person sends the command.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<IdempotencyKey> {
        IdempotencyKey::from_parts("command", [self.trigger_id()])
    }
}

impl fmt::Debug for SlashCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlashCommand")
            .field("command", &self.command())
            .field("user_id", &self.user_id())
            .field("channel_id", &self.channel_id())
            .finish_non_exhaustive()
    }
}
