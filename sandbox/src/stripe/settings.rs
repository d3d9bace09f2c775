//! How an account is set up.

use std::{collections::BTreeSet, net::SocketAddr};

use crate::runtime::{Now, random_bytes, system_now};

/// The one version of the API that is spoken here. A call that names none or another one is refused, so that a client
/// cannot forget to pin what it was written for.
pub const API_VERSION: &str = "2026-10-28.endive";

/// How an account is set up; the default is what most tests want.
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The account's clock: times of objects, lives of idempotency keys, retries of webhooks.
    pub now: Now,
    /// The keys that are known.
    pub keys: Vec<Key>,
    /// Whether this is the live account or the test account.
    pub live: bool,
    /// Whether failed deliveries to webhooks are tried again as the clock goes on.
    pub retries: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            now: system_now(),
            keys: vec![Key::full(true)],
            live: true,
            retries: true,
        }
    }
}

/// A key of the account.
#[derive(Debug, Clone)]
pub struct Key {
    /// `sk_…` or `rk_…`
    pub secret: String,
    /// What a restricted key may do, by Stripe's names (`rak_charge_read`); `None` may do everything.
    pub rights: Option<BTreeSet<String>>,
}

impl Key {
    /// A new key that may do everything.
    #[must_use]
    pub fn full(live: bool) -> Self {
        Self {
            secret: secret("sk", live),
            rights: None,
        }
    }

    /// A new key that has these rights alone.
    #[must_use]
    pub fn restricted(live: bool, rights: &[&str]) -> Self {
        Self {
            secret: secret("rk", live),
            rights: Some(rights.iter().map(|right| (*right).to_owned()).collect()),
        }
    }

    /// Whether it has a right. Whoever may write may read.
    pub(super) fn may(&self, right: &str) -> bool {
        let Some(rights) = &self.rights else {
            return true;
        };
        let writing = right
            .strip_suffix("_read")
            .map(|subject| format!("{subject}_write"));
        rights.contains(right) || writing.is_some_and(|writing| rights.contains(&writing))
    }

    /// As error messages show it.
    pub(super) fn masked(&self) -> String {
        let shown = self.secret.len().saturating_sub(4);
        format!("{}***{}", &self.secret[..8], &self.secret[shown..])
    }
}

fn secret(kind: &str, live: bool) -> String {
    let mode = if live { "live" } else { "test" };
    format!("{kind}_{mode}_{}", hex::encode(random_bytes::<16>()))
}
