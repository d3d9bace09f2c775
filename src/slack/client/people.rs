use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::{SlackApi, SlackError};

/// A person as `users.info` tells. What Slack leaves out stays unknown: read it to the person's disadvantage.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct UserInfo {
    /// The id, `U…` or `W…`.
    pub id: String,
    /// The workspace that the person belongs to. In an Enterprise Grid it may be missing, the organisation's id, or any
    /// one of the person's workspaces: see [`UserInfo::teams`].
    pub team_id: Option<String>,
    /// The workspaces of the person. Slack has had them here as well as in [`UserInfo::enterprise_user`].
    pub teams: Vec<String>,
    /// The person in the organisation, for an Enterprise Grid.
    pub enterprise_user: Option<EnterpriseUser>,
    /// Deactivated.
    pub deleted: Option<bool>,
    /// A bot. Slackbot says that it is none.
    pub is_bot: Option<bool>,
    /// Authorised the calling app for themselves.
    pub is_app_user: Option<bool>,
    /// A guest; single-channel guests have this too.
    pub is_restricted: Option<bool>,
    /// A single-channel guest.
    pub is_ultra_restricted: Option<bool>,
    /// Of another workspace. Slack does not always say so: compare `team_id` too.
    pub is_stranger: Option<bool>,
    /// Invited and not yet come.
    pub is_invited_user: Option<bool>,
    /// What the person says of themselves.
    pub profile: UserProfile,
}

/// A person in an Enterprise Grid organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EnterpriseUser {
    /// The id in the organisation, `U…` or `W…`. It may differ from the id in the workspace.
    pub id: Option<String>,
    /// The workspaces of the organisation that the person is a member of.
    pub teams: Vec<String>,
}

/// What a person says of themselves.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct UserProfile {
    /// The e-mail address. Absent for strangers and without the scope for it.
    pub email: Option<String>,
    /// The name in the workspace.
    pub display_name: Option<String>,
}

/// Who we are to Slack, from `auth.test`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ourselves {
    /// The workspace in which the app is installed. With an organisation's token it is empty or the organisation's id.
    #[serde(default, deserialize_with = "or_empty")]
    pub team_id: String,
    /// The bot's user id.
    pub user_id: String,
    /// The bot's id, by which its messages are known.
    #[serde(default)]
    pub bot_id: Option<String>,
    /// The organisation, when there is one.
    #[serde(default)]
    pub enterprise_id: Option<String>,
    /// Whether the app is installed in the whole organisation.
    #[serde(default)]
    pub is_enterprise_install: bool,
    /// The workspace's address.
    #[serde(default)]
    pub url: Option<String>,
}

/// A channel as `conversations.info` tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ChannelInfo {
    pub id: String,
    /// The name; direct messages have none.
    pub name: Option<String>,
    /// Whether the bot is in it.
    pub is_member: bool,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Whether it is private.
    pub is_private: bool,
    /// Whether another organisation is in it.
    pub is_ext_shared: bool,
}

#[derive(Deserialize)]
struct User {
    user: UserInfo,
}

#[derive(Deserialize)]
struct Teams {
    teams: Vec<Team>,
}

#[derive(Deserialize)]
struct Team {
    id: String,
}

#[derive(Deserialize)]
struct Members {
    users: Vec<String>,
}

#[derive(Deserialize)]
struct Channel {
    channel: ChannelInfo,
}

/// The library sends the people as a list, where Slack documents a text.
#[derive(Serialize)]
struct OpenDm<'a> {
    users: &'a str,
}

impl SlackApi {
    /// Who a person is.
    ///
    /// # Errors
    /// [`SlackError`]; [`SlackError::Gone`] when nobody has the id.
    pub async fn users_info(&self, user: &str) -> Result<UserInfo, SlackError> {
        let params = [("user", user.to_owned())];
        let answer: User = self.read("users.info", &params).await?;
        Ok(answer.user)
    }

    /// The ids of the people in a user group of a workspace. About 20 calls a minute are allowed. Slack requires the
    /// workspace when the token is an organisation's, and ignores it otherwise.
    ///
    /// # Errors
    /// [`SlackError`]; [`SlackError::Gone`] when there is no such group.
    pub async fn usergroup_members(
        &self,
        team: &str,
        group: &str,
    ) -> Result<Vec<String>, SlackError> {
        let params = [
            ("usergroup", group.to_owned()),
            ("team_id", team.to_owned()),
        ];
        let answer: Members = self.read("usergroups.users.list", &params).await?;
        Ok(answer.users)
    }

    /// Who the token belongs to, asked afresh.
    ///
    /// # Errors
    /// [`SlackError`]; [`SlackError::Auth`] when the token is not valid.
    pub async fn auth_test(&self) -> Result<Ourselves, SlackError> {
        self.read("auth.test", &[]).await
    }

    /// The first thousand workspaces that an organisation's token may act in.
    pub async fn granted_teams(&self) -> Result<Vec<String>, SlackError> {
        let params = [("limit", "1000".to_owned())];
        let answer: Teams = self.read("auth.teams.list", &params).await?;
        Ok(answer.teams.into_iter().map(|team| team.id).collect())
    }

    /// What a channel is.
    ///
    /// # Errors
    /// [`SlackError`]; [`SlackError::Gone`] when it does not exist or is private and the bot is not in it.
    pub async fn conversations_info(&self, channel: &str) -> Result<ChannelInfo, SlackError> {
        let params = [("channel", channel.to_owned())];
        let answer: Channel = self.read("conversations.info", &params).await?;
        Ok(answer.channel)
    }

    /// The channel of the direct messages between the bot and a person. May be repeated.
    pub async fn open_dm(&self, user: &str) -> Result<String, SlackError> {
        let answer: Channel = self
            .write("conversations.open", &OpenDm { users: user })
            .await?;
        Ok(answer.channel.id)
    }

    /// Who the token belongs to, asked once: it does not change in a process's life.
    pub(super) async fn ourselves(&self) -> Result<&Ourselves, SlackError> {
        self.ourselves.get_or_try_init(|| self.auth_test()).await
    }
}

/// Slack sends `null` where it has nothing to say.
fn or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfo")
            .field("id", &self.id)
            .field("team_id", &self.team_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UserProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserProfile").finish_non_exhaustive()
    }
}
