//! Everything that exists in the simulated workspace at one moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display, Formatter},
};

use chrono::TimeDelta;

use super::{
    call::Call,
    model::{
        AppIdentity, Channel, ChannelKind, Enterprise, Message, StoredFile, Team, User, UserGroup,
        View,
    },
    seed,
};

/// How many of the latest calls a dump shows.
const CALLS_IN_DUMP: usize = 20;

/// The workspace's content. Tests read it, and may edit it through [`super::Workspace::edit`].
#[derive(Debug, Clone)]
pub struct World {
    /// The workspace itself.
    pub team: Team,
    /// The installed app.
    pub app: AppIdentity,
    /// By user id; people of other workspaces too.
    pub users: BTreeMap<String, User>,
    /// By group id.
    pub groups: BTreeMap<String, UserGroup>,
    /// By channel id.
    pub channels: BTreeMap<String, Channel>,
    /// Open modals, every person's stack from the bottom up.
    pub modals: Vec<View>,
    /// Home tabs by user id.
    pub homes: BTreeMap<String, View>,
    /// Files by id.
    pub files: BTreeMap<String, StoredFile>,
    /// How long Slack works on a file after its upload, before a message can show it.
    pub file_work: TimeDelta,
    /// The app is installed in the whole Enterprise Grid organisation: its token is the organisation's.
    pub org_install: bool,
    /// What the app was allowed at its installation. Those for files are enforced, all are told.
    pub scopes: BTreeSet<String>,
    /// Every request that the app made, oldest first.
    pub calls: Vec<Call>,
    /// What the app sent that Slack would have refused as malformed, or answered people with.
    pub unexpected: Vec<String>,
}

impl Default for World {
    fn default() -> Self {
        seed::default_world()
    }
}

impl World {
    /// The messages of a channel that everybody in it sees, replies too, oldest first.
    #[must_use]
    pub fn messages(&self, channel: &str) -> Vec<&Message> {
        self.all(channel)
            .iter()
            .filter(|m| m.ephemeral_to.is_none())
            .collect()
    }

    /// A parent and its replies, oldest first.
    #[must_use]
    pub fn thread(&self, channel: &str, ts: &str) -> Vec<&Message> {
        let mut found = self.messages(channel);
        found.retain(|m| m.ts == ts || m.thread_ts.as_deref() == Some(ts));
        found
    }

    /// What only this person sees, in all channels, oldest first.
    #[must_use]
    pub fn ephemerals(&self, user: &str) -> Vec<&Message> {
        let all = self.channels.values().flat_map(|c| &c.messages);
        let mut found: Vec<_> = all
            .filter(|m| m.ephemeral_to.as_deref() == Some(user))
            .collect();
        found.sort_by(|a, b| a.ts.cmp(&b.ts));
        found
    }

    /// The conversation between the app and this person, once there is one.
    #[must_use]
    pub fn dm(&self, user: &str) -> Option<&Channel> {
        self.channels
            .values()
            .find(|c| c.kind == ChannelKind::Direct(user.to_owned()))
    }

    /// This person's modals; the last one is on top.
    #[must_use]
    pub fn open_views(&self, user: &str) -> Vec<&View> {
        self.modals.iter().filter(|v| v.user == user).collect()
    }

    /// One message that everybody sees.
    #[must_use]
    pub fn message(&self, channel: &str, ts: &str) -> Option<&Message> {
        self.messages(channel).into_iter().find(|m| m.ts == ts)
    }

    pub(super) fn all(&self, channel: &str) -> &[Message] {
        self.channels
            .get(channel)
            .map_or(&[], |c| c.messages.as_slice())
    }

    /// Makes the workspace one of an Enterprise Grid organisation; `org_install` installs the app in all of it.
    pub fn join_grid(&mut self, org_install: bool) {
        self.team.enterprise = Some(Enterprise {
            id: "E0IELTS".into(),
            name: "IELTS EQ Group".into(),
        });
        self.org_install = org_install;
    }

    /// Whether the person is no member of our workspace.
    pub(super) fn is_foreign(&self, user: &User) -> bool {
        if user.org_teams.is_empty() {
            return user.team_id != self.team.id;
        }
        !user.org_teams.contains(&self.team.id)
    }

    /// The workspaces of our organisation that the person is in; empty for people outside.
    pub(super) fn teams_in_org(&self, user: &User) -> Vec<String> {
        if self.team.enterprise.is_none() {
            return vec![];
        }
        if user.org_teams.is_empty() && user.team_id == self.team.id {
            return vec![self.team.id.clone()];
        }
        user.org_teams.clone()
    }

    /// A person by the id in the workspace or in the organisation.
    pub(super) fn user(&self, id: &str) -> Option<&User> {
        let in_org = |user: &&User| user.org_id.as_deref() == Some(id);
        let known = self.users.get(id);
        known.or_else(|| self.users.values().find(in_org))
    }
}

/// A dump for the person who reads a failed test.
impl Display for World {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for channel in self.channels.values().filter(|c| !c.messages.is_empty()) {
            writeln!(f, "{} #{}", channel.id, channel.name)?;
            for m in &channel.messages {
                let reply = if m.thread_ts.is_some() { "  > " } else { "  " };
                let only = m
                    .ephemeral_to
                    .as_deref()
                    .map(|to| format!(" (only {to})"))
                    .unwrap_or_default();
                writeln!(
                    f,
                    "{reply}{} {}{only}: {}",
                    m.ts,
                    m.user,
                    m.all_text().replace('\n', " | ")
                )?;
                for (_, element) in m.elements() {
                    writeln!(
                        f,
                        "{reply}    [{}] {}",
                        element["type"], element["action_id"]
                    )?;
                }
            }
        }
        for view in &self.modals {
            writeln!(
                f,
                "modal {} of {}: {}",
                view.id,
                view.user,
                view.all_text().replace('\n', " | ")
            )?;
        }
        let skipped = self.calls.len().saturating_sub(CALLS_IN_DUMP);
        for call in self.calls.iter().skip(skipped) {
            writeln!(
                f,
                "call {} {} {}",
                call.method,
                call.status,
                call.error.as_deref().unwrap_or("ok")
            )?;
        }
        for line in &self.unexpected {
            writeln!(f, "unexpected: {line}")?;
        }
        Ok(())
    }
}
