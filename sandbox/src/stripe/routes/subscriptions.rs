//! Subscriptions.

use super::{Outcome, customers::Filter, done, list::Page, one};
use crate::stripe::{core::Core, params::Params};

/// What can be asked for as a status.
const STATUSES: &[&str] = &[
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
];

/// Those that have not been cancelled, unless a status is asked for.
pub(super) fn list(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (page, customer) = (Page::take(params)?, params.text("customer")?);
    let status = params.choice("status", STATUSES)?;
    let created = params.span("created")?;
    done(params)?;
    let all = core.account.subscriptions.newest(|one| {
        let fits = match status.as_deref() {
            None => one.status != "canceled",
            Some("all") => true,
            Some("ended") => one.has_ended(),
            Some(status) => one.status == status,
        };
        fits && created.holds(one.created) && customer.is_none_or_equal(Some(&one.customer))
    });
    page.of(&all, "/v1/subscriptions")
}

pub(super) fn get(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    one(core.account.subscriptions.get(id), id, params)
}
