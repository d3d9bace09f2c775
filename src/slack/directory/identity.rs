use std::{collections::BTreeSet, fmt};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The key of the e-mail hashes. `Debug` does not show it.
#[derive(Clone)]
pub struct EmailKey(Hmac<Sha256>);

/// The key is empty: with it, anybody could find out an address by trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of the e-mail hashes is empty")]
pub struct EmptyKey;

/// Sets of identities that are one human each.
#[derive(Debug, Clone)]
pub(super) struct Linked(Vec<BTreeSet<String>>);

/// An e-mail address in the form in which two spellings of one mailbox are equal: without white space around it, in
/// lower case, without what follows a `+` before the `@`. `None` when it is no address.
#[must_use]
pub fn normalise_email(email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@')?;
    let local = local.split_once('+').map_or(local, |(name, _)| name);
    (!local.is_empty() && !domain.is_empty()).then(|| format!("{local}@{domain}"))
}

impl EmailKey {
    /// A key of any length but zero.
    ///
    /// # Errors
    /// [`EmptyKey`].
    pub fn new(key: &[u8]) -> Result<Self, EmptyKey> {
        if key.is_empty() {
            return Err(EmptyKey);
        }
        Hmac::new_from_slice(key).map(Self).map_err(|_| EmptyKey)
    }

    /// The identity `email:<hash>` of an address: HMAC-SHA256 of the normalised address in hexadecimal. `None` when it
    /// is no address.
    #[must_use]
    pub fn identity(&self, email: &str) -> Option<String> {
        let email = normalise_email(email)?;
        let mut mac = self.0.clone();
        mac.update(email.as_bytes());
        Some(format!(
            "email:{}",
            hex::encode(mac.finalize().into_bytes())
        ))
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
            false => Some(format!("slack:{}", account.trim())),
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
