//! Who somebody is, as far as a decision needs it.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// What somebody may do. Each role includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May ask for what only reads.
    Viewer,
    /// May also ask for changes.
    Operator,
    /// May ask for everything, approve, deny and stop.
    Admin,
}

/// How somebody belongs to our workspace. Only a full member may ask or decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A full member of our own workspace.
    FullMember,
    /// A single- or multi-channel guest.
    Guest,
    /// A bot or an app's user.
    Bot,
    /// A deactivated account.
    Deactivated,
    /// Somebody from another workspace.
    Stranger,
    /// Slack did not say enough to tell. Counts as no member.
    Unknown,
}

/// Facts about one human at one moment. Gathered afresh for every decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The Slack account that acted.
    pub slack_id: String,
    /// How the account belongs to our workspace.
    pub standing: Standing,
    /// The highest role, none when the person has none.
    pub role: Option<Role>,
    /// Every name under which this human counts as one: Slack ids, keyed e-mail hashes, linked accounts.
    pub identities: BTreeSet<String>,
}

impl Person {
    /// True when both are the same human under any of their names.
    #[must_use]
    pub fn is_same_human(&self, other: &Party) -> bool {
        !self.identities.is_disjoint(&other.identities)
    }

    /// Whether this person may act as the other one, for which only what our workspace vouches for counts: somebody from
    /// outside shows any address.
    #[must_use]
    pub fn may_act_as(&self, other: &Party) -> bool {
        !self.party().identities.is_disjoint(&other.identities)
    }

    /// What the journal keeps of this person. Of somebody who is no full member that is the account alone: people from
    /// outside could otherwise make two of our members one human by the address that they show.
    #[must_use]
    pub fn party(&self) -> Party {
        let own = slack_identity(&self.slack_id);
        let is_member = self.standing == Standing::FullMember;
        let is_kept =
            |identity: &&String| (is_member && !identity.starts_with(USER)) || **identity == own;
        Party {
            slack_id: self.slack_id.clone(),
            identities: self.identities.iter().filter(is_kept).cloned().collect(),
        }
    }
}

/// A person as the journal names them: no name, no address, only ids and keyed hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The Slack account that acted.
    pub slack_id: String,
    /// See [`Person::identities`].
    pub identities: BTreeSet<String>,
}

/// The identity under which a Slack account counts.
#[must_use]
pub fn slack_identity(slack_id: &str) -> String {
    format!("{SLACK}{slack_id}")
}

/// Whether an identity is that of a Slack account.
#[must_use]
pub fn is_slack_identity(identity: &str) -> bool {
    identity.starts_with(SLACK)
}

/// What identities of Slack accounts begin with.
const SLACK: &str = "slack:";

/// What identities of the application's accounts begin with.
const USER: &str = "user:";

/// The identity of one of the application's accounts. A person has it only while one request about that account is
/// decided: it is never recorded of a person, because the account may pass to somebody else.
#[must_use]
pub fn user_identity(user_id: &str) -> String {
    format!("{USER}{user_id}")
}

/// What identities of e-mail addresses begin with.
const EMAIL: &str = "email:";

/// Whether an identity is that of an e-mail address.
#[must_use]
pub fn is_email_identity(identity: &str) -> bool {
    identity.starts_with(EMAIL)
}

/// The identity under which an e-mail address counts: a keyed hash, so that the journal holds no address.
/// Letter case, surrounding space and a `+tag` do not make another human.
#[must_use]
pub fn email_identity(key: &[u8], email: &str) -> String {
    let email = email.trim().to_lowercase();
    let plain = match email.split_once('@') {
        Some((local, host)) => {
            let local = local.split_once('+').map_or(local, |(name, _)| name);
            format!("{local}@{host}")
        }
        None => email,
    };
    let mut mac = keyed(key);
    mac.update(EMAIL.as_bytes());
    mac.update(plain.as_bytes());
    format!("{EMAIL}{}", hex::encode(mac.finalize().into_bytes()))
}

/// HMAC-SHA256 under `key`; any key length is accepted by the construction.
#[must_use]
pub fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(
        clippy::expect_used,
        reason = "HMAC takes a key of any length, so this cannot fail"
    )]
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key length")
}
