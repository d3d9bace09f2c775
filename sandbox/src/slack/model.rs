//! What exists in a workspace.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// A workspace.
#[derive(Debug, Clone)]
pub struct Team {
    /// `T…`
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The part before `.slack.com`.
    pub domain: String,
    /// The organisation, when there is one.
    pub enterprise: Option<Enterprise>,
}

/// An Enterprise Grid organisation.
#[derive(Debug, Clone)]
pub struct Enterprise {
    /// `E…`
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// The app that is installed in the workspace.
#[derive(Debug, Clone)]
pub struct AppIdentity {
    /// `A…`
    pub app_id: String,
    /// `B…`
    pub bot_id: String,
    /// The app's own user, `U…`.
    pub bot_user: String,
    /// The name on its messages.
    pub name: String,
}

/// A member of this or of another workspace, with Slack's own flags.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the flags are Slack's own, and tests set them one by one"
)]
pub struct User {
    /// `U…` or `W…`
    pub id: String,
    /// The workspace that the person belongs to.
    pub team_id: String,
    /// The handle.
    pub name: String,
    /// The full name.
    pub real_name: String,
    /// What the person does.
    pub title: String,
    /// `None` leaves `profile.email` out.
    pub email: Option<String>,
    /// May manage the workspace.
    pub is_admin: bool,
    /// Owns the workspace.
    pub is_owner: bool,
    /// The account is deactivated.
    pub deleted: bool,
    /// A bot user.
    pub is_bot: bool,
    /// An app's user.
    pub is_app_user: bool,
    /// A guest.
    pub is_restricted: bool,
    /// A guest of a single channel; then `is_restricted` is set too.
    pub is_ultra_restricted: bool,
    /// Someone from another workspace. Slack does not always set it.
    pub is_stranger: bool,
    /// The workspaces of our Enterprise Grid organisation that the person is in; empty for `team_id` alone.
    pub org_teams: Vec<String>,
    /// The id in the organisation, where it differs from the id in the workspace.
    pub org_id: Option<String>,
}

/// A user group, as in `@admins`.
#[derive(Debug, Clone)]
pub struct UserGroup {
    /// `S…`
    pub id: String,
    /// What is typed after `@`.
    pub handle: String,
    /// The title.
    pub name: String,
    /// User ids.
    pub users: Vec<String>,
    /// A disabled group cannot be mentioned and lists only on request.
    pub enabled: bool,
}

/// What kind of conversation it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelKind {
    /// Everybody but guests may see it.
    Public,
    /// Members only.
    Private,
    /// The app and one person, whose id this is.
    Direct(String),
}

/// A conversation and what was said in it.
#[derive(Debug, Clone)]
pub struct Channel {
    /// `C…`, `G…` or `D…`
    pub id: String,
    /// Without `#`; empty for a direct message.
    pub name: String,
    /// Public, private or direct.
    pub kind: ChannelKind,
    /// User ids; the app's own user is one of them where the app was invited.
    pub members: BTreeSet<String>,
    /// Archived conversations can be read but not written to.
    pub archived: bool,
    /// The workspace's one general channel.
    pub general: bool,
    /// Shared with another workspace.
    pub shared: bool,
    /// In the order of their `ts`, ephemeral ones among them.
    pub messages: Vec<Message>,
}

/// Who changed a message last, and when.
#[derive(Debug, Clone)]
pub struct Edited {
    /// User id.
    pub user: String,
    /// A message time stamp.
    pub ts: String,
}

/// One message.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// Its id within the conversation: seconds, a dot, six digits.
    pub ts: String,
    /// The author's user id.
    pub user: String,
    /// Posted by the app.
    pub bot: bool,
    /// The text, or the fallback text beside blocks.
    pub text: String,
    /// Block Kit blocks, every one with a `block_id`.
    pub blocks: Vec<Value>,
    /// The parent's `ts`; set on replies only.
    pub thread_ts: Option<String>,
    /// `event_type` and `event_payload`.
    pub metadata: Option<Value>,
    /// Set when it was changed.
    pub edited: Option<Edited>,
    /// Only this person sees it, and the API cannot reach it.
    pub ephemeral_to: Option<String>,
    /// Ids of files shared with it.
    pub files: Vec<String>,
    /// Slack's `subtype`, such as `tombstone`.
    pub subtype: Option<String>,
}

impl Message {
    /// Every text that the message shows, one per line: its own and those of its blocks.
    #[must_use]
    pub fn all_text(&self) -> String {
        let mut out = vec![self.text.clone()];
        for block in &self.blocks {
            texts(block, &mut out);
        }
        out.join("\n")
    }

    /// The interactive elements of the message with the `block_id` they are in.
    #[must_use]
    pub fn elements(&self) -> Vec<(String, Value)> {
        elements(&self.blocks)
    }

    /// The `value` of the button with this `action_id`.
    #[must_use]
    pub fn button_value(&self, action_id: &str) -> Option<String> {
        let found = self
            .elements()
            .into_iter()
            .find(|(_, e)| e["action_id"] == action_id)?;
        found.1["value"].as_str().map(str::to_owned)
    }

    /// Whether there is something to press or choose with this `action_id`.
    #[must_use]
    pub fn has_action(&self, action_id: &str) -> bool {
        self.elements()
            .iter()
            .any(|(_, e)| e["action_id"] == action_id)
    }
}

/// A file that the app uploaded.
#[derive(Debug, Clone, Default)]
pub struct StoredFile {
    /// `F…`
    pub id: String,
    /// File name.
    pub name: String,
    /// Title, once the upload is completed.
    pub title: String,
    /// What the app said it would send, in bytes.
    pub expected: usize,
    /// The content; empty until it is uploaded.
    pub content: Vec<u8>,
    /// The content has arrived.
    pub uploaded: bool,
    /// Conversations it was shared to, with the message's `ts`.
    pub shares: Vec<(String, String)>,
    /// When Slack has looked at it, which it does after the upload was completed. Before that no message can show it.
    pub ready_at: Option<DateTime<Utc>>,
    /// It was deleted.
    pub deleted: bool,
}

impl StoredFile {
    /// What the content is, by its first bytes; `None` until Slack has looked at it.
    #[must_use]
    pub fn mimetype(&self, now: DateTime<Utc>) -> Option<&'static str> {
        self.ready_at.filter(|ready| *ready <= now)?;
        Some(match self.content.as_slice() {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'G', b'I', b'F', b'8', ..] => "image/gif",
            _ => "application/octet-stream",
        })
    }
}

/// An open modal, or a person's Home tab.
#[derive(Debug, Clone)]
pub struct View {
    /// `V…`
    pub id: String,
    /// Whose screen it is on.
    pub user: String,
    /// What the app sent, with `block_id`s and `action_id`s filled in.
    pub body: Value,
    /// Changes with every update.
    pub hash: String,
    /// The modal under this one.
    pub previous: Option<String>,
    /// The bottom of the stack; the view's own id when it is the bottom.
    pub root: String,
    /// `state.values`: block id, action id, value.
    pub state: Value,
}

impl View {
    /// Every text that the view shows, one per line.
    #[must_use]
    pub fn all_text(&self) -> String {
        let mut out = Vec::new();
        texts(&self.body["title"], &mut out);
        texts(&self.body["blocks"], &mut out);
        out.join("\n")
    }

    /// The blocks.
    #[must_use]
    pub fn blocks(&self) -> &[Value] {
        self.body["blocks"].as_array().map_or(&[], Vec::as_slice)
    }

    /// One of the strings that the app set, such as `callback_id` or `private_metadata`.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }
}

/// Interactive elements with their block's id: of actions and context actions, accessories, and inputs.
pub(super) fn elements(blocks: &[Value]) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for block in blocks {
        let id = block["block_id"].as_str().unwrap_or_default();
        let many = match block["type"].as_str() {
            Some("actions" | "context_actions") => {
                block["elements"].as_array().cloned().unwrap_or_default()
            }
            Some("section") => block.get("accessory").cloned().into_iter().collect(),
            Some("input") => block.get("element").cloned().into_iter().collect(),
            _ => Vec::new(),
        };
        found.extend(
            many.into_iter()
                .filter(|element| element["type"] != "image")
                .map(|element| (id.to_owned(), element)),
        );
    }
    found
}

fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(text) = map.get("text").and_then(Value::as_str) {
                out.push(text.to_owned());
            }
            map.values().for_each(|inner| texts(inner, out));
        }
        Value::Array(items) => items.iter().for_each(|inner| texts(inner, out)),
        _ => {}
    }
}
