//! Disputes and early fraud warnings.

use super::{Outcome, customers::Filter, done, list::Page, one};
use crate::stripe::{core::Core, params::Params};

pub(super) fn disputes(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (page, charge) = (Page::take(params)?, params.text("charge")?);
    let intent = params.text("payment_intent")?;
    let created = params.span("created")?;
    done(params)?;
    let all = core.account.disputes.newest(|dispute| {
        created.holds(dispute.created)
            && charge.is_none_or_equal(Some(&dispute.charge))
            && intent.is_none_or_equal(dispute.payment_intent.as_deref())
    });
    page.of(&all, "/v1/disputes")
}

pub(super) fn dispute(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    one(core.account.disputes.get(id), id, params)
}

/// They cannot be filtered by their time.
pub(super) fn warnings(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let (page, charge) = (Page::take(params)?, params.text("charge")?);
    let intent = params.text("payment_intent")?;
    done(params)?;
    let all = core.account.warnings.newest(|warning| {
        charge.is_none_or_equal(Some(&warning.charge))
            && intent.is_none_or_equal(warning.payment_intent.as_deref())
    });
    page.of(&all, "/v1/radar/early_fraud_warnings")
}
