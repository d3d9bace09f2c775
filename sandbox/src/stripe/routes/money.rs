//! The balance and its entries.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Outcome, customers::Filter, done, list::Page, one};
use crate::stripe::{core::Core, params::Params};

pub(super) fn transactions(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (page, kind) = (Page::take(params)?, params.text("type")?);
    let (currency, source) = (params.text("currency")?, params.text("source")?);
    let created = params.span("created")?;
    done(params)?;
    core.settle_funds();
    let all = core.account.transactions.newest(|entry| {
        created.holds(entry.created)
            && kind.is_none_or_equal(Some(entry.kind))
            && currency.is_none_or_equal(Some(&entry.currency))
            && source.is_none_or_equal(entry.source.as_deref())
    });
    page.of(&all, "/v1/balance_transactions")
}

pub(super) fn transaction(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    core.settle_funds();
    one(core.account.transactions.get(id), id, params)
}

/// What there is per currency, and what can be paid out of it already.
pub(super) fn balance(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    done(params)?;
    let now = core.now();
    let (mut available, mut pending) = (BTreeMap::new(), BTreeMap::new());
    for entry in core.account.transactions.iter() {
        let sums = if entry.available_on <= now {
            &mut available
        } else {
            &mut pending
        };
        *sums.entry(entry.currency.clone()).or_insert(0) += entry.net;
    }
    let shown = |sums: BTreeMap<String, i64>| -> Vec<Value> {
        sums.into_iter()
            .map(|(currency, amount)| json!({"amount": amount, "currency": currency}))
            .collect()
    };
    Ok(json!({
        "object": "balance", "livemode": core.live,
        "available": shown(available), "pending": shown(pending)
    }))
}
