//! Events, and where they are sent.

use super::{Outcome, done, list::Page, one};
use crate::stripe::{core::Core, params::Params, refusal::Refusal};

/// Events are kept for 30 days.
const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;
/// The most types that can be asked for at once.
const TYPES: usize = 20;

pub(super) fn list(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let page = Page::take(params)?;
    let mut types = params.list("types")?;
    let one_type = params.text("type")?;
    let delivered = params.flag("delivery_success")?;
    let created = params.span("created")?;
    done(params)?;
    if one_type.is_some() && !types.is_empty() {
        let message = "You may pass either type or types, but not both.";
        return Err(Refusal::malformed(None, message, "type"));
    }
    if types.len() > TYPES {
        let message = format!("You may not pass more than {TYPES} types.");
        return Err(Refusal::malformed(None, message, "types"));
    }
    types.extend(one_type);
    let oldest = core.now() - KEPT_SECONDS;
    let all = core.account.events.newest(|event| {
        event.created >= oldest
            && created.holds(event.created)
            && (types.is_empty() || types.contains(&event.kind))
            && delivered.is_none_or(|delivered| (event.pending_webhooks == 0) == delivered)
    });
    page.of(&all, "/v1/events")
}

pub(super) fn get(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    let oldest = core.now() - KEPT_SECONDS;
    let event = core.account.events.get(id);
    one(event.filter(|event| event.created >= oldest), id, params)
}

pub(super) fn endpoints(core: &mut Core, _: &str, params: &mut Params) -> Outcome {
    let page = Page::take(params)?;
    done(params)?;
    page.of(
        &core.account.endpoints.newest(|_| true),
        "/v1/webhook_endpoints",
    )
}

pub(super) fn endpoint(core: &mut Core, id: &str, params: &mut Params) -> Outcome {
    one(core.account.endpoints.get(id), id, params)
}
