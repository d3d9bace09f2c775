//! Customers.

use serde_json::{Value, json};

use super::{Outcome, done, list::Page, search, shown};
use crate::stripe::{core::Core, model::Customer, params::Params, refusal::Refusal};

/// By e-mail, in exactly this letter case.
pub(super) fn list(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (page, email) = (Page::take(params)?, params.text("email")?);
    let created = params.span("created")?;
    done(params)?;
    let all = core.account.customers.newest(|customer| {
        !customer.deleted
            && created.holds(customer.created)
            && email.is_none_or_equal(customer.email.as_deref())
    });
    page.of(&all, "/v1/customers")
}

/// In any letter case, and as things were when the search last caught up.
pub(super) fn search(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let same = |given: Option<&String>, wanted: &str| {
        given.is_some_and(|given| given.to_lowercase() == wanted.to_lowercase())
    };
    search::search(
        &core.searchable,
        params,
        "/v1/customers/search",
        |customer: &Customer, clause| match clause.field.as_str() {
            "email" => Some(same(customer.email.as_ref(), &clause.value)),
            "name" => Some(same(customer.name.as_ref(), &clause.value)),
            field => {
                let name = field.strip_prefix("metadata[\"")?.strip_suffix("\"]")?;
                Some(customer.metadata.get(name) == Some(&clause.value))
            }
        },
    )
}

/// Of a deleted customer hardly more than that is shown.
pub(super) fn get(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    done(params)?;
    let customer = core.account.customers.get(id);
    let customer = customer.ok_or_else(|| Refusal::missing("customer", id, "id"))?;
    Ok(if customer.deleted {
        tombstone(id)
    } else {
        shown(customer)
    })
}

/// Subscriptions end at once. Payments stay, and go on naming the customer.
pub(super) fn delete(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    done(params)?;
    make_deleted(core, id)
}

/// Deletes one, whoever wants it.
pub(in crate::stripe) fn make_deleted(core: &mut Core, id: &str) -> Outcome {
    let customer = core.account.customers.get_mut(id);
    let customer = customer
        .filter(|customer| !customer.deleted)
        .ok_or_else(|| Refusal::missing("customer", id, "id"))?;
    customer.deleted = true;
    let before = customer.clone();
    cancel_subscriptions(core, id);
    core.happened("customer.deleted", &before);
    Ok(tombstone(id))
}

fn cancel_subscriptions(core: &mut Core, customer: &str) {
    let now = core.now();
    let mut cancelled = Vec::new();
    for one in core.account.subscriptions.iter_mut() {
        if one.customer == customer && !one.has_ended() {
            "canceled".clone_into(&mut one.status);
            one.canceled_at = Some(now);
            one.ended_at = Some(now);
            cancelled.push(one.clone());
        }
    }
    for one in &cancelled {
        core.happened("customer.subscription.deleted", one);
    }
}

fn tombstone(id: &str) -> Value {
    json!({"id": id, "object": "customer", "deleted": true})
}

/// A filter that may not have been given.
pub(super) trait Filter {
    /// Whether nothing was asked for, or just this.
    fn is_none_or_equal(&self, value: Option<&str>) -> bool;
}

impl Filter for Option<String> {
    fn is_none_or_equal(&self, value: Option<&str>) -> bool {
        self.is_none() || self.as_deref() == value
    }
}
