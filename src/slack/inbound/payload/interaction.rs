use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::{
    Action, Channel, Container, IdempotencyKey, Message, Named, PayloadError, View,
    ViewResponseUrl, ViewState, json_object, lenient,
};

/// A click, a choice, a submission: something that a person did in a message or view.
#[derive(Clone, Deserialize)]
pub struct Interaction {
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    kind: String,
    #[serde(default, deserialize_with = "lenient")]
    team: Named,
    #[serde(default, deserialize_with = "lenient")]
    user: Named,
    #[serde(default, deserialize_with = "lenient")]
    enterprise: Named,
    /// The app that Slack sent it to.
    #[serde(default, deserialize_with = "lenient")]
    pub api_app_id: Option<String>,
    /// Whether the app is installed in the whole organisation. Then the team is `null`.
    #[serde(default, deserialize_with = "lenient")]
    pub is_enterprise_install: bool,
    /// What the element was in.
    #[serde(default, deserialize_with = "lenient")]
    pub container: Container,
    /// The channel, when it was done in a message.
    #[serde(default, deserialize_with = "lenient")]
    pub channel: Channel,
    /// The message, when it was done in one. Ephemeral messages are not sent.
    #[serde(default, deserialize_with = "lenient")]
    pub message: Message,
    /// The view, when it was done in one.
    #[serde(default, deserialize_with = "lenient")]
    pub view: Option<View>,
    /// The inputs of a message. Those of a view are in the view.
    #[serde(default, deserialize_with = "lenient")]
    pub state: ViewState,
    /// What was clicked or chosen, for `block_actions`.
    #[serde(default, deserialize_with = "lenient")]
    pub actions: Vec<Action>,
    /// Opens one view within three seconds.
    #[serde(default, deserialize_with = "lenient")]
    pub trigger_id: Option<String>,
    /// Where to answer. Only messages have it. Whoever knows it can post: never log it.
    #[serde(default, deserialize_with = "lenient")]
    pub response_url: Option<String>,
    /// Where to answer, for views that asked for it.
    #[serde(default, deserialize_with = "lenient")]
    pub response_urls: Vec<ViewResponseUrl>,
    /// Our name for a shortcut.
    #[serde(default, deserialize_with = "lenient")]
    pub callback_id: Option<String>,
    /// The element that asks for options, for `block_suggestion`.
    #[serde(default, deserialize_with = "lenient")]
    pub action_id: Option<String>,
    /// The block that asks for options, for `block_suggestion`.
    #[serde(default, deserialize_with = "lenient")]
    pub block_id: Option<String>,
    /// What has been typed so far, for `block_suggestion`.
    #[serde(default, deserialize_with = "lenient")]
    pub value: Option<String>,
    /// Whether the whole stack was closed, for `view_closed`.
    #[serde(default, deserialize_with = "lenient")]
    pub is_cleared: bool,
    /// When a shortcut was used.
    #[serde(default, deserialize_with = "lenient")]
    action_ts: Option<String>,
    /// The message that a message shortcut was used on.
    #[serde(default, deserialize_with = "lenient")]
    message_ts: Option<String>,
    /// The payload as it came, without the retired verification token.
    #[serde(skip)]
    pub raw: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InteractionKind<'a> {
    /// A button or select in a message or view.
    BlockActions,
    /// A view was submitted.
    ViewSubmission,
    ViewClosed,
    /// A select asks for its options.
    BlockSuggestion,
    /// A global shortcut.
    Shortcut,
    /// A shortcut on a message.
    MessageAction,
    /// A kind that this version does not know.
    Unknown(&'a str),
}

/// Reads an interaction from the form that Slack posts.
///
/// # Errors
/// [`PayloadError`] when there is no payload or it is not a JSON object.
pub fn parse_interaction(body: &[u8]) -> Result<Interaction, PayloadError> {
    let (_, json) = form_urlencoded::parse(body)
        .find(|(key, _)| key == "payload")
        .ok_or(PayloadError::MissingField("payload"))?;
    let mut raw = json_object(json.as_bytes())?;
    if let Some(fields) = raw.as_object_mut() {
        // The verification token is retired by Slack and is a secret: it is not kept.
        fields.remove("token");
    }
    let mut interaction = Interaction::deserialize(&raw).map_err(|_| PayloadError::NotAnObject)?;
    interaction.raw = raw;
    Ok(interaction)
}

impl Interaction {
    /// What was done.
    #[must_use]
    pub fn kind(&self) -> InteractionKind<'_> {
        match self.kind.as_str() {
            "block_actions" => InteractionKind::BlockActions,
            "view_submission" => InteractionKind::ViewSubmission,
            "view_closed" => InteractionKind::ViewClosed,
            "block_suggestion" => InteractionKind::BlockSuggestion,
            "shortcut" => InteractionKind::Shortcut,
            "message_action" => InteractionKind::MessageAction,
            other => InteractionKind::Unknown(other),
        }
    }

    /// Who did it: `U…` or `W…`.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user.id.as_deref()
    }

    /// The workspace that the person comes from.
    #[must_use]
    pub fn user_team_id(&self) -> Option<&str> {
        self.user.team_id.as_deref()
    }

    /// The workspace in which the app is installed. For views it is the view's, because in Slack Connect `team` is
    /// the person's. `None` for an app that is installed in a whole organisation.
    #[must_use]
    pub fn team_id(&self) -> Option<&str> {
        let of_view = self
            .view
            .as_ref()
            .and_then(|view| view.app_installed_team_id.as_deref());
        of_view.or(self.team.id.as_deref())
    }

    /// The organisation, when there is one.
    #[must_use]
    pub fn enterprise_id(&self) -> Option<&str> {
        self.enterprise.id.as_deref()
    }

    /// The channel of the message.
    #[must_use]
    pub fn channel_id(&self) -> Option<&str> {
        let container = self.container.channel_id.as_deref();
        self.channel.id.as_deref().or(container)
    }

    /// The message's timestamp.
    #[must_use]
    pub fn message_ts(&self) -> Option<&str> {
        [
            &self.container.message_ts,
            &self.message.ts,
            &self.message_ts,
        ]
        .into_iter()
        .find_map(Option::as_deref)
    }

    /// The element that was used first. Slack sends one at a time.
    #[must_use]
    pub fn action(&self) -> Option<&Action> {
        self.actions.first()
    }

    /// The key of what was done, `None` for what has no effect or when a part is missing.
    ///
    /// A view that is submitted again after we answered with input errors has the same key: record it only with an
    /// accepted submission.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<IdempotencyKey> {
        let view = self.view.as_ref();
        let view_id = view.and_then(|view| view.id.as_deref());
        match self.kind() {
            InteractionKind::BlockActions => self.click_key(),
            InteractionKind::ViewSubmission => {
                let hash = view.and_then(|view| view.hash.as_deref());
                IdempotencyKey::from_parts("submission", [view_id, hash])
            }
            InteractionKind::ViewClosed => IdempotencyKey::from_parts("closed", [view_id]),
            InteractionKind::Shortcut | InteractionKind::MessageAction => {
                let callback = self.callback_id.as_deref();
                let at = self.action_ts.as_deref();
                IdempotencyKey::from_parts("shortcut", [self.user_id(), at, callback])
            }
            InteractionKind::BlockSuggestion | InteractionKind::Unknown(_) => None,
        }
    }

    fn click_key(&self) -> Option<IdempotencyKey> {
        let action = self.action()?;
        let view_id = self.container.view_id.as_deref();
        let shown_in = self.message_ts().or(view_id);
        let parts = [
            self.user_id(),
            action.action_ts.as_deref(),
            action.action_id.as_deref(),
            shown_in,
        ];
        IdempotencyKey::from_parts("click", parts)
    }
}

impl fmt::Debug for Interaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interaction")
            .field("kind", &self.kind)
            .field("user_id", &self.user_id())
            .field("channel_id", &self.channel_id())
            .finish_non_exhaustive()
    }
}
