//! Who of the erased is there again. An address alone proves nothing: after an erasure it may be anybody's, and whoever
//! signed up with it since must not be erased.

use std::collections::HashMap;

use super::record::Erased;
use crate::{
    domain::person::email_identity,
    operations::PlanError,
    systems::{Systems, app_db::ScannedAccount},
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
    /// The same id with another address, and nothing says when it was made.
    Unclear,
}

/// Looks at every account of the app.
pub(super) async fn search(systems: &Systems, record: &[Erased]) -> Result<Vec<Match>, PlanError> {
    let mut by_id: HashMap<&str, &Erased> = HashMap::new();
    let mut by_identity: HashMap<&str, &Erased> = HashMap::new();
    for erased in record {
        newest(&mut by_id, &erased.user_id, erased);
        if let Some(identity) = &erased.email_identity {
            newest(&mut by_identity, identity, erased);
        }
    }
    let key = systems.key.bytes();
    let look = |account: ScannedAccount<'_>| {
        let identity = account.email.map(|email| email_identity(key, email));
        let (erased, verdict) = match by_id.get(account.id) {
            Some(erased) => (*erased, of_same_id(&account, identity.as_deref(), erased)),
            None => {
                let erased = by_identity.get(identity.as_deref()?)?;
                (*erased, Verdict::AddressAlone)
            }
        };
        Some(Match {
            user_id: account.id.to_owned(),
            erased: erased.clone(),
            verdict,
        })
    };
    let mut found = systems.app_db.scan_accounts(&look).await?;
    found.sort_by(|a, b| a.user_id.cmp(&b.user_id));
    Ok(found)
}

fn newest<'a>(map: &mut HashMap<&'a str, &'a Erased>, name: &'a str, erased: &'a Erased) {
    let known = map.entry(name).or_insert(erased);
    if erased.at > known.at {
        *known = erased;
    }
}

fn of_same_id(account: &ScannedAccount<'_>, identity: Option<&str>, erased: &Erased) -> Verdict {
    let same_address = identity == erased.email_identity.as_deref();
    match account.created_at {
        Some(made) if made > erased.at => Verdict::IdUsedAgain,
        _ if same_address => Verdict::CameBack,
        Some(_) => Verdict::CameBackOtherAddress,
        None => Verdict::Unclear,
    }
}
