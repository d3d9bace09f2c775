//! The endpoints.

mod customers;
mod events;
mod expand;
mod list;
mod money;
mod payments;
mod refunds;
mod review;
mod search;
mod subscriptions;

use axum::http::Method;
use serde_json::Value;

use super::{
    core::{Account, Core},
    model::Object,
    params::Params,
    refusal::Refusal,
};

pub(super) use customers::make_deleted;
pub(super) use refunds::{Wanted, make as make_refund};

type Outcome = Result<Value, Refusal>;

/// One endpoint.
pub(super) struct Route {
    /// Method and path, with `{id}` where an id stands.
    pub(super) name: &'static str,
    /// What a restricted key needs, by Stripe's name.
    pub(super) right: &'static str,
    run: fn(&mut Core, &str, &mut Params) -> Outcome,
}

/// An endpoint, and the id in the path.
pub(super) struct Found {
    pub(super) route: &'static Route,
    id: String,
}

impl Found {
    /// Whether an account has the object that is asked for.
    pub(super) fn is_in(&self, account: &Account) -> bool {
        let id = self.id.as_str();
        account.intents.get(id).is_some()
            || account.charges.get(id).is_some()
            || account.sessions.get(id).is_some()
            || account.customers.get(id).is_some()
            || account.refunds.get(id).is_some()
    }
}

const fn route(
    name: &'static str,
    right: &'static str,
    run: fn(&mut Core, &str, &mut Params) -> Outcome,
) -> Route {
    Route { name, right, run }
}

/// The first that fits is taken.
static ROUTES: &[Route] = &[
    route("GET /v1/customers", "rak_customer_read", customers::list),
    route(
        "GET /v1/customers/search",
        // Stripe documents no right of its own for searching; a key that may list and not search stands for the accounts
        // that have no search at all, as in India.
        "rak_customer_search_read",
        customers::search,
    ),
    route(
        "GET /v1/customers/{id}",
        "rak_customer_read",
        customers::get,
    ),
    route(
        "DELETE /v1/customers/{id}",
        "rak_customer_write",
        customers::delete,
    ),
    route(
        "GET /v1/subscriptions",
        "rak_subscription_read",
        subscriptions::list,
    ),
    route(
        "GET /v1/subscriptions/{id}",
        "rak_subscription_read",
        subscriptions::get,
    ),
    route(
        "GET /v1/checkout/sessions",
        "rak_checkout_session_read",
        payments::sessions,
    ),
    route(
        "GET /v1/checkout/sessions/{id}",
        "rak_checkout_session_read",
        payments::session,
    ),
    route(
        "GET /v1/payment_intents",
        "rak_payment_intent_read",
        payments::intents,
    ),
    route(
        "GET /v1/payment_intents/search",
        "rak_payment_intent_read",
        payments::search_intents,
    ),
    route(
        "GET /v1/payment_intents/{id}",
        "rak_payment_intent_read",
        payments::intent,
    ),
    route("GET /v1/charges", "rak_charge_read", payments::charges),
    route("GET /v1/charges/{id}", "rak_charge_read", payments::charge),
    route("POST /v1/refunds", "rak_charge_write", refunds::create),
    route("GET /v1/refunds", "rak_charge_read", refunds::list),
    route("GET /v1/refunds/{id}", "rak_charge_read", refunds::get),
    route("GET /v1/disputes", "rak_dispute_read", review::disputes),
    route("GET /v1/disputes/{id}", "rak_dispute_read", review::dispute),
    route(
        "GET /v1/radar/early_fraud_warnings",
        "rak_radar_read",
        review::warnings,
    ),
    route(
        "GET /v1/balance_transactions",
        "rak_balance_transaction_source_read",
        money::transactions,
    ),
    route(
        "GET /v1/balance_transactions/{id}",
        "rak_balance_transaction_source_read",
        money::transaction,
    ),
    route("GET /v1/balance", "rak_balance_read", money::balance),
    route("GET /v1/events", "rak_event_read", events::list),
    route("GET /v1/events/{id}", "rak_event_read", events::get),
    route(
        "GET /v1/webhook_endpoints",
        "rak_webhook_read",
        events::endpoints,
    ),
    route(
        "GET /v1/webhook_endpoints/{id}",
        "rak_webhook_read",
        events::endpoint,
    ),
];

/// The endpoint for a path.
pub(super) fn find(method: &Method, path: &str) -> Option<Found> {
    ROUTES.iter().find_map(|route| {
        let (of, pattern) = route.name.split_once(' ')?;
        if of != method.as_str() {
            return None;
        }
        let id = match pattern.strip_suffix("{id}") {
            None => (path == pattern).then_some("")?,
            Some(before) => path
                .strip_prefix(before)
                .filter(|id| !id.is_empty() && !id.contains('/'))?,
        };
        Some(Found {
            route,
            id: id.to_owned(),
        })
    })
}

/// Carries a request out: the endpoint takes its parameters, and nothing may be left of them.
pub(super) fn run(core: &mut Core, found: &Found, params: Params) -> Outcome {
    let mut params = params;
    let expand = params.list("expand")?;
    let mut body = (found.route.run)(core, &found.id, &mut params)?;
    for path in &expand {
        expand::expand(core, &mut body, path)?;
    }
    if core.null_metadata {
        without_empty_metadata(&mut body);
    }
    Ok(body)
}

/// Writes `null` where no metadata are, at any depth.
fn without_empty_metadata(body: &mut Value) {
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Object(empty) if name == "metadata" && empty.is_empty() => {
                        *value = Value::Null;
                    }
                    _ => without_empty_metadata(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_empty_metadata),
        _ => {}
    }
}

/// Refuses what nobody took. Every endpoint ends its reading with it, before it has an effect.
fn done(params: &mut Params) -> Result<(), Refusal> {
    std::mem::take(params).finish()
}

/// An object as the API shows it.
fn shown(object: &impl Object) -> Value {
    // What the model holds can always be written as JSON.
    serde_json::to_value(object).unwrap_or(Value::Null)
}

/// One object by the id in the path.
fn one<T: Object>(object: Option<&T>, id: &str, params: &mut Params) -> Outcome {
    done(params)?;
    let object = object.ok_or_else(|| Refusal::missing(T::KIND, id, "id"))?;
    Ok(shown(object))
}
