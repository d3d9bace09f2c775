//! Who people are: whether a Slack account is a full member of our workspace, what its roles are, and which accounts
//! are one human.

mod cache;
mod facts;
mod identity;

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;

use crate::{
    audit_key::AuditKey,
    domain::{Person, Role, Standing},
    runtime::Instant,
    slack::client::{Retry, SlackApi, SlackError},
};
use cache::ReadThrough;
use facts::Account;
use identity::Linked;

/// How long facts about people are kept for what is not a decision, unless it is set otherwise.
pub const DIRECTORY_TTL: Duration = Duration::from_secs(5 * 60);

/// Readings that are asked for within this time of one another are one reading.
pub const FRESH_FOR: Duration = Duration::from_secs(1);

/// Whether facts that were read a while ago will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Facts as old as the directory's time to live, to show something.
    Cached,
    /// Facts that are read now, to decide something.
    Fresh,
    /// Facts that are not older than the question itself: for somebody whom older facts would refuse.
    Now,
}

/// Someone or some group with a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A Slack account, `U…` or `W…`.
    User(String),
    /// A Slack user group, `S…`.
    Group(String),
}

/// It is neither the id of a Slack account nor that of a user group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a Slack user id (U… or W…) nor the id of a user group (S…)")]
pub struct NotAMember(String);

/// What the directory goes by.
#[derive(Debug, Clone)]
pub struct DirectorySettings {
    /// Our workspace, `T…`. Nobody from elsewhere is a full member.
    pub team_id: String,
    /// Who may decide. Admins are operators too.
    pub admins: Vec<Member>,
    /// Who may change something. Operators are viewers too.
    pub operators: Vec<Member>,
    /// Who may look.
    pub viewers: Vec<Member>,
    /// Accounts that are one human, each a list of Slack user ids and e-mail addresses.
    pub linked: Vec<Vec<String>>,
    /// How long facts are kept for [`Freshness::Cached`].
    pub ttl: Duration,
    /// The key of the e-mail hashes.
    pub email_key: AuditKey,
}

/// Why it cannot be said who somebody is. Nothing may be decided then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// Slack does not answer now.
    #[error("who people are cannot be asked now")]
    Unavailable(#[source] SlackError),
    /// Slack refuses to tell: a role names a group that is not there, or the token may not ask.
    #[error("Slack does not tell who people are: check the configured groups and the app's scopes")]
    Refused(#[source] SlackError),
}

/// The people of our workspace.
#[derive(Debug)]
pub struct Directory {
    api: SlackApi,
    settings: DirectorySettings,
    linked: Linked,
    accounts: ReadThrough<Account>,
    groups: ReadThrough<Vec<String>>,
}

impl Directory {
    /// A directory that has not asked for anything yet.
    #[must_use]
    pub fn new(api: SlackApi, settings: DirectorySettings) -> Self {
        Self {
            api,
            linked: Linked::new(&settings.linked, &settings.email_key),
            settings,
            accounts: ReadThrough::default(),
            groups: ReadThrough::default(),
        }
    }

    /// Who a Slack account is. An account that Slack does not know has [`Standing::Unknown`] and no role; only full
    /// members have one.
    ///
    /// # Errors
    /// [`DirectoryError`]. Old facts are never given for fresh ones.
    pub async fn person(
        &self,
        user_id: &str,
        freshness: Freshness,
        now: Instant,
    ) -> Result<Person, DirectoryError> {
        let account = match facts::is_user_id(user_id) {
            true => self.account(user_id, freshness, now).await?,
            false => Account::unknown(user_id),
        };
        let role = match account.standing {
            Standing::FullMember => self.highest_role(&account.ids, freshness, now).await?,
            _ => None,
        };
        Ok(Person {
            slack_id: user_id.to_owned(),
            standing: account.standing,
            role,
            identities: self.linked.complete(account.identities),
        })
    }

    /// All identities of the human who has these, by the accounts that the configuration links.
    #[must_use]
    pub fn linked(&self, identities: BTreeSet<String>) -> BTreeSet<String> {
        self.linked.complete(identities)
    }

    async fn account(
        &self,
        user_id: &str,
        freshness: Freshness,
        now: Instant,
    ) -> Result<Account, DirectoryError> {
        let read = async || match self.api.users_info(user_id).await {
            Ok(user) => Ok(Account::of(user_id, &user, &self.settings)),
            Err(SlackError::Gone { .. }) => Ok(Account::unknown(user_id)),
            Err(error) => Err(error),
        };
        let account = self
            .accounts
            .get(user_id, self.max_age(freshness), now, read)
            .await?;
        Ok(account)
    }

    async fn highest_role(
        &self,
        ids: &BTreeSet<String>,
        freshness: Freshness,
        now: Instant,
    ) -> Result<Option<Role>, DirectoryError> {
        let roles = [
            (Role::Admin, &self.settings.admins),
            (Role::Operator, &self.settings.operators),
            (Role::Viewer, &self.settings.viewers),
        ];
        for (role, members) in roles {
            if self.is_among(ids, members, freshness, now).await? {
                return Ok(Some(role));
            }
        }
        Ok(None)
    }

    async fn is_among(
        &self,
        ids: &BTreeSet<String>,
        members: &[Member],
        freshness: Freshness,
        now: Instant,
    ) -> Result<bool, DirectoryError> {
        // Who is named by id needs no group: those are few calls a minute.
        let named = |member: &Member| matches!(member, Member::User(id) if ids.contains(id));
        if members.iter().any(named) {
            return Ok(true);
        }
        for member in members {
            let Member::Group(group) = member else {
                continue;
            };
            let read = async || {
                self.api
                    .usergroup_members(&self.settings.team_id, group)
                    .await
            };
            let age = self.max_age(freshness);
            let people = self.groups.get(group, age, now, read).await?;
            if people.iter().any(|id| ids.contains(id)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn max_age(&self, freshness: Freshness) -> TimeDelta {
        let age = match freshness {
            Freshness::Cached => self.settings.ttl.max(FRESH_FOR),
            Freshness::Fresh => FRESH_FOR,
            Freshness::Now => Duration::ZERO,
        };
        TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX)
    }
}

impl Member {
    /// Reads the id of an account or group.
    pub fn parse(id: &str) -> Result<Self, NotAMember> {
        let id = id.trim();
        if facts::is_user_id(id) {
            return Ok(Self::User(id.to_owned()));
        }
        if facts::is_id(id, &['S']) {
            return Ok(Self::Group(id.to_owned()));
        }
        Err(NotAMember(id.to_owned()))
    }
}

impl DirectoryError {
    /// Whether and when to ask again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unavailable(error) | Self::Refused(error) => error.retry(),
        }
    }
}

impl From<SlackError> for DirectoryError {
    fn from(error: SlackError) -> Self {
        match error {
            SlackError::RateLimited { .. } | SlackError::Unavailable { .. } => {
                Self::Unavailable(error)
            }
            SlackError::Refused { .. } | SlackError::Gone { .. } | SlackError::Auth { .. } => {
                Self::Refused(error)
            }
        }
    }
}
