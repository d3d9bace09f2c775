//! `expand[]`: ids that are replaced by what they name.

use serde_json::{Value, json};

use super::shown;
use crate::stripe::{
    core::{Account, Core},
    model::{Collection, Object},
    refusal::Refusal,
};

/// Stripe follows no longer paths.
const DEEPEST: usize = 4;

/// Replaces what stands at the end of `path`, for example `data.latest_charge`.
pub(super) fn expand(core: &Core, body: &mut Value, path: &str) -> Result<(), Refusal> {
    let parts: Vec<&str> = path.split('.').collect();
    if parts.len() > DEEPEST {
        let message = format!("You cannot expand more than {DEEPEST} levels of a property.");
        return Err(Refusal::malformed(None, message, "expand"));
    }
    follow(&core.account, body, &parts).ok_or_else(|| {
        let message = format!("This property cannot be expanded ({path}).");
        Refusal::malformed(None, message, "expand")
    })
}

fn follow(account: &Account, here: &mut Value, path: &[&str]) -> Option<()> {
    let Some((first, rest)) = path.split_first() else {
        return Some(());
    };
    match here {
        Value::Array(entries) => entries
            .iter_mut()
            .try_for_each(|entry| follow(account, entry, path)),
        // What is not there has nothing to expand.
        Value::Null => Some(()),
        Value::Object(fields) => {
            if *first == "refunds" && fields.get("object") == Some(&json!("charge")) {
                let refunds = refunds_of(account, fields.get("id")?.as_str()?);
                fields.insert("refunds".into(), refunds);
            }
            let field = fields.get_mut(*first)?;
            if let Value::String(id) = field {
                *field = named(account, id)?;
            }
            if matches!(field, Value::Bool(_) | Value::Number(_)) {
                return None;
            }
            follow(account, field, rest)
        }
        _ => None,
    }
}

fn refunds_of(account: &Account, charge: &str) -> Value {
    let refunds = account.refunds.newest(|refund| refund.charge == charge);
    let data: Vec<Value> = refunds.into_iter().map(shown).collect();
    let url = format!("/v1/charges/{charge}/refunds");
    json!({"object": "list", "url": url, "has_more": false, "data": data})
}

/// The object that an id names.
fn named(account: &Account, id: &str) -> Option<Value> {
    fn of<T: Object>(collection: &Collection<T>, id: &str) -> Option<Value> {
        collection.get(id).map(shown)
    }
    match id.split_once('_')?.0 {
        "cus" => of(&account.customers, id),
        "sub" => of(&account.subscriptions, id),
        "pi" => of(&account.intents, id),
        "ch" => of(&account.charges, id),
        "cs" => of(&account.sessions, id),
        "re" => of(&account.refunds, id),
        "du" => of(&account.disputes, id),
        "txn" => of(&account.transactions, id),
        _ => None,
    }
}
