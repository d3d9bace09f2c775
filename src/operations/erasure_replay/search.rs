//! Who of the erased is there again. An address alone proves nothing: after an erasure it may be anybody's, and whoever
//! signed up with it since must not be erased.

use std::collections::HashMap;

use super::record::{Erased, Record};
use crate::{
    domain::{
        person::email_identity,
        precision::{certainly_after, certainly_before},
    },
    operations::PlanError,
    systems::{
        Systems,
        app_db::{FindError, ScannedAccount, Snapshot, UserRef},
    },
};

/// An account that matches the record.
#[derive(Debug, Clone)]
pub(super) struct Match {
    pub user_id: String,
    /// The erasure that it matches.
    pub erased: Erased,
    pub verdict: Verdict,
}

/// What an account is that matches the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The erased account.
    CameBack,
    /// The erased account, with another address than it was erased with.
    CameBackOtherAddress,
    /// Another account that uses the address.
    AddressAlone,
    /// An account of the same id that was made after the erasure.
    IdUsedAgain,
    /// The same id, and neither an address nor the time when it was made says whether it is the same account.
    Unclear,
    /// An account whose erasure was begun and settled: whether its rows ever went is not known.
    InDoubt,
}

/// The record, by what accounts are matched with.
struct Known<'a> {
    by_id: HashMap<&'a str, &'a Erased>,
    by_identity: HashMap<&'a str, &'a Erased>,
    in_doubt: HashMap<&'a str, &'a Erased>,
    key: &'a [u8],
}

/// Looks at every account of the app.
pub(super) async fn search(
    app: &Snapshot,
    systems: &Systems,
    record: &Record,
) -> Result<Vec<Match>, PlanError> {
    let known = Known::of(systems, record);
    let look = |account: ScannedAccount<'_>| known.look(&account);
    let mut found = app.scan_accounts(&look).await?;
    found.sort_by(|a, b| a.user_id.cmp(&b.user_id));
    Ok(found)
}

/// Looks at one account; `None` when it is not there, or matches nothing.
pub(super) async fn verdict_on(
    app: &Snapshot,
    systems: &Systems,
    record: &Record,
    user: &str,
) -> Result<Option<Match>, PlanError> {
    let found = app.find_user(&UserRef::Id(user.to_owned())).await;
    let account = match found {
        Ok(account) => account,
        Err(FindError::Db(error)) => return Err(error.into()),
        Err(FindError::NotFound | FindError::Several(_)) => return Ok(None),
    };
    Ok(Known::of(systems, record).look(&ScannedAccount {
        id: &account.id,
        email: account.email.as_deref(),
        created_at: account.created_at,
    }))
}

impl<'a> Known<'a> {
    fn of(systems: &'a Systems, record: &'a Record) -> Self {
        let mut known = Self {
            by_id: HashMap::new(),
            by_identity: HashMap::new(),
            in_doubt: HashMap::new(),
            key: systems.key.bytes(),
        };
        for erased in &record.erased {
            newest(&mut known.by_id, &erased.user_id, erased);
            if let Some(identity) = &erased.email_identity {
                newest(&mut known.by_identity, identity, erased);
            }
        }
        for begun in &record.in_doubt {
            newest(&mut known.in_doubt, &begun.user_id, begun);
        }
        known
    }

    fn look(&self, account: &ScannedAccount<'_>) -> Option<Match> {
        let identity = account.email.map(|email| email_identity(self.key, email));
        let (erased, verdict) = if let Some(erased) = self.by_id.get(account.id) {
            (*erased, of_same_id(account, identity.as_deref(), erased))
        } else if let Some(begun) = self.begun(account) {
            (begun, Verdict::InDoubt)
        } else {
            let erased = self.by_identity.get(identity.as_deref()?)?;
            (*erased, Verdict::AddressAlone)
        };
        Some(Match {
            user_id: account.id.to_owned(),
            erased: erased.clone(),
            verdict,
        })
    }

    /// The erasure of this account that was begun and came to nobody knows what.
    fn begun(&self, account: &ScannedAccount<'_>) -> Option<&'a Erased> {
        let begun = *self.in_doubt.get(account.id)?;
        let is_newer = account
            .created_at
            .is_some_and(|made| certainly_after(made, begun.at));
        (!is_newer).then_some(begun)
    }
}

fn newest<'a>(map: &mut HashMap<&'a str, &'a Erased>, name: &'a str, erased: &'a Erased) {
    let known = map.entry(name).or_insert(erased);
    if erased.at > known.at {
        *known = erased;
    }
}

/// Two accounts without an address do not have the same one. An account of the moment of the erasure may be either, and
/// stays.
fn of_same_id(account: &ScannedAccount<'_>, identity: Option<&str>, erased: &Erased) -> Verdict {
    let before = erased.email_identity.as_deref();
    match account.created_at {
        Some(made) if certainly_after(made, erased.at) => Verdict::IdUsedAgain,
        Some(made) if !certainly_before(made, erased.at) => Verdict::Unclear,
        Some(_) if identity == before => Verdict::CameBack,
        Some(_) => Verdict::CameBackOtherAddress,
        None if identity.is_some() && identity == before => Verdict::CameBack,
        None => Verdict::Unclear,
    }
}
