use std::collections::BTreeSet;

use crate::{
    audit_key::AuditKey,
    domain::person::{email_identity, slack_identity},
};

/// Sets of identities that are one human each.
#[derive(Debug, Clone)]
pub(super) struct Linked(Vec<BTreeSet<String>>);

/// The identity of an address, as the domain and the journal know it. `None` when it is no address: everybody with an empty
/// one would be one human.
pub(super) fn of_address(key: &AuditKey, email: &str) -> Option<String> {
    let (local, host) = email.trim().split_once('@')?;
    let is_address = !local.is_empty() && !local.starts_with('+') && !host.is_empty();
    is_address.then(|| email_identity(key.bytes(), email))
}

impl Linked {
    pub(super) fn new(accounts: &[Vec<String>], key: &AuditKey) -> Self {
        let identity = |account: &String| match account.contains('@') {
            true => of_address(key, account),
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
