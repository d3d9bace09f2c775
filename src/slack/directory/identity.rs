use std::{collections::BTreeSet, fmt};

use crate::domain::person::{email_identity, slack_identity};

/// The key of the e-mail hashes. `Debug` does not show it.
#[derive(Clone)]
pub struct EmailKey(Vec<u8>);

/// The key is empty: with it, anybody could find out an address by trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of the e-mail hashes is empty")]
pub struct EmptyKey;

/// Sets of identities that are one human each.
#[derive(Debug, Clone)]
pub(super) struct Linked(Vec<BTreeSet<String>>);

impl EmailKey {
    /// A key of any length but zero.
    ///
    /// # Errors
    /// [`EmptyKey`].
    pub fn new(key: &[u8]) -> Result<Self, EmptyKey> {
        match key {
            [] => Err(EmptyKey),
            key => Ok(Self(key.to_vec())),
        }
    }

    /// The identity of an address, as the domain and the journal know it. `None` when it is no address: everybody
    /// with an empty one would be one human.
    pub(super) fn identity(&self, email: &str) -> Option<String> {
        let (local, host) = email.trim().split_once('@')?;
        let is_address = !local.is_empty() && !local.starts_with('+') && !host.is_empty();
        is_address.then(|| email_identity(&self.0, email))
    }
}

impl fmt::Debug for EmailKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailKey(..)")
    }
}

impl Linked {
    pub(super) fn new(accounts: &[Vec<String>], key: &EmailKey) -> Self {
        let identity = |account: &String| match account.contains('@') {
            true => key.identity(account),
            false => Some(slack_identity(account.trim())),
        };
        let human = |accounts: &Vec<String>| accounts.iter().filter_map(identity).collect();
        Self(accounts.iter().map(human).collect())
    }

    /// All identities of the human who has these. Sets that overlap are one human, in whatever order they come.
    pub(super) fn complete(&self, mut identities: BTreeSet<String>) -> BTreeSet<String> {
        loop {
            let before = identities.len();
            for human in &self.0 {
                if !human.is_disjoint(&identities) {
                    identities.extend(human.iter().cloned());
                }
            }
            if identities.len() == before {
                return identities;
            }
        }
    }
}
