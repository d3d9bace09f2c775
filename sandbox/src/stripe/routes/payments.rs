//! Payments: checkout sessions, payment intents, charges.

use super::{Outcome, customers::Filter, done, list::Page, one, search};
use crate::stripe::{core::Core, model::PaymentIntent, params::Params};

/// With `customer_details[email]` the one way to find who paid as a guest.
pub(super) fn sessions(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (page, customer) = (Page::take(params)?, params.text("customer")?);
    let intent = params.text("payment_intent")?;
    let status = params.choice("status", &["complete", "expired", "open"])?;
    let created = params.span("created")?;
    let mut details = params.inner("customer_details")?;
    let email = details.text("email")?;
    details.finish()?;
    done(params)?;
    let all = core.account.sessions.newest(|session| {
        created.holds(session.created)
            && customer.is_none_or_equal(session.customer.as_deref())
            && intent.is_none_or_equal(session.payment_intent.as_deref())
            && status.is_none_or_equal(Some(session.status))
            && email.is_none_or_equal(session.customer_details.email.as_deref())
    });
    page.of(&all, "/v1/checkout/sessions")
}

pub(super) fn session(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    one(core.account.sessions.get(id), id, params)
}

pub(super) fn intents(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (page, customer) = (Page::take(params)?, params.text("customer")?);
    let created = params.span("created")?;
    done(params)?;
    let all = core.account.intents.newest(|intent| {
        created.holds(intent.created) && customer.is_none_or_equal(intent.customer.as_deref())
    });
    page.of(&all, "/v1/payment_intents")
}

/// By what stands in the metadata, exactly. An address cannot be searched for.
pub(super) fn search_intents(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let mut all: Vec<PaymentIntent> = core.account.intents.iter().cloned().collect();
    all.sort_by_key(|intent| intent.created);
    let url = "/v1/payment_intents/search";
    search::search(&all, params, url, |intent: &PaymentIntent, clause| {
        let name = clause
            .field
            .strip_prefix("metadata[\"")?
            .strip_suffix("\"]")?;
        Some(intent.metadata.get(name) == Some(&clause.value))
    })
}

pub(super) fn intent(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    one(core.account.intents.get(id), id, params)
}

pub(super) fn charges(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (page, customer) = (Page::take(params)?, params.text("customer")?);
    let intent = params.text("payment_intent")?;
    let created = params.span("created")?;
    done(params)?;
    let all = core.account.charges.newest(|charge| {
        created.holds(charge.created)
            && customer.is_none_or_equal(charge.customer.as_deref())
            && intent.is_none_or_equal(charge.payment_intent.as_deref())
    });
    page.of(&all, "/v1/charges")
}

pub(super) fn charge(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    one(core.account.charges.get(id), id, params)
}
