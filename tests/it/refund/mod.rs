//! `/ops refund`, told as stories.

mod again;
mod amounts;
mod blocked;
mod captures;
mod crash;
mod credits;
mod disputes;
mod doubt;
mod drift;
mod gone;
mod late;
mod old_key;
mod pending;
mod rounds;
mod success;
mod test_mode;
mod together;

use countersign::domain::RequestId;
use countersign_sandbox::stripe::Refund;

use crate::support::{Options, World, story::*};

/// Both payments of Maria: 9.99 USD for 10 credits, 19.99 USD for 20. She has 12 credits left.
const PRO: &str = "pi_maria_pro";
const PRO_LINE: &str = "/ops refund pi_maria_pro the test was interrupted";
const PRO_ALL: &str = "9.99 USD";

async fn shop() -> World {
    World::with(Options::default().and_stripe()).await
}

/// Somebody asks, Grace approves by typing the amount, and the cooling-off time passes.
async fn approved(world: &World, line: &str, amount: &str) -> RequestId {
    let id = world.ask(ADA, line).await;
    world.approve_typing(GRACE, id, amount).await;
    world.cool_off().await;
    id
}

/// The same, up to the end.
async fn refunded(world: &World, line: &str, amount: &str) -> RequestId {
    let id = approved(world, line, amount).await;
    world.until_state(id, "done").await;
    id
}

/// The refunds that Stripe has of a payment, by the charge's name.
fn refunds_of(world: &World, payment: &str) -> Vec<Refund> {
    let intent = Some(payment.to_owned());
    let account = world.stripe.account();
    let all = account.refunds.iter();
    all.filter(|refund| refund.payment_intent == intent)
        .cloned()
        .collect()
}

/// The refund of this request: exactly one, for this amount.
fn only_refund(world: &World, payment: &str, amount: i64, id: RequestId) -> Refund {
    let all = refunds_of(world, payment);
    assert_eq!(all.len(), 1, "{all:?}");
    let refund = all.into_iter().next().unwrap();
    assert_eq!(refund.amount, amount);
    let request = refund.metadata.get("countersign_request");
    assert_eq!(request.map(String::as_str), Some(&*id.0.to_string()));
    refund
}

/// The charge of a payment.
fn charge_of(world: &World, payment: &str) -> String {
    let intent = world.stripe.account().intents.get(payment).cloned();
    intent.unwrap().latest_charge.unwrap()
}

/// How many refunds Stripe was asked for.
fn asked_for(world: &World) -> usize {
    world.stripe.calls_of("POST /v1/refunds").len()
}

async fn credits_of(world: &World, user: &str) -> i32 {
    sqlx::query_scalar(r#"select credits from "User" where id = $1"#)
        .bind(user)
        .fetch_one(&world.db)
        .await
        .unwrap()
}

/// Maria's credits at first.
const MARIAS: i32 = 12;

/// How a person gives credits back by hand, as the card says it.
async fn by_hand(world: &World, id: RequestId, user: &str, credits: i64) -> String {
    let label = world.request(id).await.label();
    format!("/ops credits add {user} {credits} {label} was not refunded")
}
