use std::collections::BTreeSet;

use super::{DirectorySettings, identity::of_address};
use crate::{
    domain::{Standing, person::slack_identity},
    slack::client::UserInfo,
};

/// The longest id that Slack gives, generously.
const MAX_ID_CHARS: usize = 32;

/// Slackbot, which Slack does not mark as a bot.
const SLACKBOT: &str = "USLACKBOT";

/// What is kept of an account: nothing that names the person.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) standing: Standing,
    /// The account's ids. In an Enterprise Grid the id in the organisation may differ from that in the workspace.
    pub(super) ids: BTreeSet<String>,
    pub(super) identities: BTreeSet<String>,
}

impl Account {
    pub(super) fn of(user_id: &str, user: &UserInfo, settings: &DirectorySettings) -> Self {
        let mut account = Self::unknown(user_id);
        let in_organisation = user.enterprise_user.as_ref().and_then(|it| it.id.as_ref());
        let ids = [Some(&user.id), in_organisation].into_iter().flatten();
        let ids: BTreeSet<_> = ids.filter(|id| is_user_id(id)).cloned().collect();
        // An answer about somebody else says nothing about the one who was asked for.
        if ids.contains(user_id) {
            account.standing = standing(user, &settings.team_id);
            let identities = ids.iter().map(|id| slack_identity(id));
            account.identities.extend(identities);
            account.ids = ids;
            let email = user.profile.email.as_deref();
            let hash = email.and_then(|email| of_address(&settings.email_key, email));
            account.identities.extend(hash);
        }
        account
    }

    pub(super) fn unknown(user_id: &str) -> Self {
        Self {
            standing: Standing::Unknown,
            ids: BTreeSet::from([user_id.to_owned()]),
            identities: BTreeSet::from([slack_identity(user_id)]),
        }
    }
}

/// What excludes somebody comes first; a full member must be one in everything that Slack says of every member.
fn standing(user: &UserInfo, team_id: &str) -> Standing {
    let says = |flag: Option<bool>| flag == Some(true);
    let denies = |flag: Option<bool>| flag == Some(false);
    let of_every_member = [
        user.deleted,
        user.is_bot,
        user.is_restricted,
        user.is_ultra_restricted,
    ];
    if says(user.is_stranger) || !is_in_team(user, team_id) {
        Standing::Stranger
    } else if says(user.deleted) {
        Standing::Deactivated
    } else if says(user.is_bot) || user.id == SLACKBOT {
        Standing::Bot
    } else if says(user.is_ultra_restricted) || says(user.is_restricted) {
        Standing::Guest
    } else if says(user.is_app_user) {
        // An account that authorised the app for itself, which this app never asks for.
        Standing::Bot
    } else if says(user.is_invited_user) || !of_every_member.into_iter().all(denies) {
        Standing::Unknown
    } else {
        Standing::FullMember
    }
}

/// Whether the account is in a workspace. In an Enterprise Grid the list of the person's workspaces decides: `team_id` is
/// missing there, or names the organisation or another of the workspaces. A list that leaves the workspace out excludes
/// the person, whatever `team_id` says.
fn is_in_team(user: &UserInfo, team_id: &str) -> bool {
    let in_organisation = user.enterprise_user.iter().flat_map(|it| &it.teams);
    let mut teams = user.teams.iter().chain(in_organisation).peekable();
    match teams.peek() {
        Some(_) => teams.any(|team| team == team_id),
        None => user.team_id.as_deref() == Some(team_id),
    }
}

pub(super) fn is_user_id(id: &str) -> bool {
    is_id(id, &['U', 'W'])
}

pub(super) fn is_id(id: &str, kinds: &[char]) -> bool {
    let is_of_id = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    id.starts_with(kinds) && (2..=MAX_ID_CHARS).contains(&id.len()) && id.chars().all(is_of_id)
}
