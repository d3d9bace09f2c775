//! Refunds, and what they do to charges and to the balance.

use countersign_sandbox::stripe::{NewPayment, NewRefunds, Settlement};
use serde_json::json;

use crate::World;

#[tokio::test]
async fn a_full_refund_gives_everything_back_once() {
    let world = World::start().await;
    let payment = world.payment();
    let form = format!("payment_intent={}&metadata[request]=OPS-1", payment.intent);
    let refund = world.refund(&form, "k1").await.good();
    assert_eq!(refund["amount"], 999);
    assert_eq!(refund["status"], "succeeded");
    assert_eq!(refund["metadata"], json!({"request": "OPS-1"}));
    let path = format!(
        "/v1/payment_intents/{}?expand[]=latest_charge",
        payment.intent
    );
    let intent = world.get(&path).await.good();
    assert_eq!(intent["amount_received"], 999, "refunds do not lower it");
    assert_eq!(intent["latest_charge"]["amount_refunded"], 999);
    assert_eq!(intent["latest_charge"]["refunded"], true);
    let again = world.refund(&form, "k2").await;
    let (status, code, message) = again.refusal();
    assert_eq!((status, code), (400, "charge_already_refunded"));
    assert!(message.ends_with("has already been refunded."), "{message}");
    assert_eq!(world.stripe.account().refunds.iter().count(), 1);
}

#[tokio::test]
async fn parts_are_given_back_until_nothing_is_left() {
    let world = World::start().await;
    let payment = world.payment();
    let part = |amount: i64| format!("charge={}&amount={amount}", payment.charge);
    world.refund(&part(400), "a").await.good();
    let too_much = world.refund(&part(600), "b").await;
    let (status, _, message) = too_much.refusal();
    assert_eq!(status, 400);
    let expected = "Refund amount ($6.00) is greater than unrefunded amount on charge ($5.99)";
    assert_eq!(message, expected);
    let rest = world
        .refund(&format!("charge={}", payment.charge), "c")
        .await;
    assert_eq!(rest.good()["amount"], 599);
    let list = world
        .get(&format!("/v1/refunds?payment_intent={}", payment.intent))
        .await;
    assert_eq!(list.ids().len(), 2);
}

#[tokio::test]
async fn yen_have_no_smaller_unit() {
    let world = World::start().await;
    let payment = world.stripe.add_payment(NewPayment::of(1500, "jpy"));
    let form = format!("charge={}&amount=1501", payment.charge);
    let refused = world.refund(&form, "").await;
    let expected = "Refund amount (¥1501) is greater than unrefunded amount on charge (¥1500)";
    assert_eq!(refused.refusal().2, expected);
}

#[tokio::test]
async fn what_cannot_be_refunded_says_why() {
    let world = World::start().await;
    let missing = world.refund("payment_intent=pi_nobody", "").await;
    let wanted = (
        404,
        "resource_missing",
        "No such payment_intent: 'pi_nobody'",
    );
    assert_eq!(missing.refusal(), wanted);
    let declined = world
        .stripe
        .add_payment(NewPayment::of(999, "usd").failed("card_declined"));
    let form = format!("payment_intent={}", declined.intent);
    let message = world.refund(&form, "").await;
    assert!(
        message
            .refusal()
            .2
            .ends_with("does not have a successful charge to refund.")
    );
    let disputed = world.payment();
    world
        .stripe
        .dispute(&disputed.charge, "fraudulent", "needs_response", None);
    let form = format!("payment_intent={}", disputed.intent);
    assert_eq!(world.refund(&form, "").await.refusal().1, "charge_disputed");
    let asked = world.payment();
    world
        .stripe
        .dispute(&asked.charge, "fraudulent", "warning_needs_response", None);
    let form = format!("payment_intent={}", asked.intent);
    world.refund(&form, "").await.good();
    assert!(world.stripe.unexpected().is_empty());
}

#[tokio::test]
async fn a_pending_refund_that_fails_gives_the_money_back() {
    let world = World::start().await;
    let payment = world.payment();
    world.stripe.set_new_refunds(NewRefunds::Processing);
    let form = format!("payment_intent={}", payment.intent);
    let refund = world.refund(&form, "k").await.good();
    assert_eq!(
        (&refund["status"], &refund["pending_reason"]),
        (&json!("pending"), &json!("processing"))
    );
    let id = refund["id"].as_str().unwrap();
    let failed = Settlement::Failed("expired_or_canceled_card".into());
    world.stripe.settle_refund(id, &failed);
    let refund = world.get(&format!("/v1/refunds/{id}")).await.good();
    assert_eq!(refund["status"], "failed");
    assert_eq!(refund["failure_reason"], "expired_or_canceled_card");
    let charge = world
        .get(&format!("/v1/charges/{}", payment.charge))
        .await
        .good();
    assert_eq!(charge["amount_refunded"], 0);
    assert_eq!(charge["refunded"], false);
    let sum: i64 = world
        .stripe
        .account()
        .transactions
        .iter()
        .map(|it| it.amount)
        .sum();
    assert_eq!(
        sum, 999,
        "the charge, the refund, and the refund that came back"
    );
}

#[tokio::test]
async fn a_refund_that_waits_for_funds_leaves_the_balance_when_it_goes() {
    let world = World::start().await;
    let payment = world.payment();
    world.stripe.set_new_refunds(NewRefunds::WaitForFunds);
    let refund = world
        .refund(&format!("charge={}", payment.charge), "")
        .await
        .good();
    assert_eq!(refund["pending_reason"], "insufficient_funds");
    assert_eq!(refund["balance_transaction"], json!(null));
    world
        .stripe
        .settle_refund(refund["id"].as_str().unwrap(), &Settlement::Succeeded);
    let account = world.stripe.account();
    let refund = account.refunds.iter().next().unwrap();
    assert_eq!(refund.status, "succeeded");
    assert!(refund.balance_transaction.is_some());
}

#[tokio::test]
async fn a_refund_is_booked_at_the_rate_of_its_charge() {
    let world = World::start().await;
    let payment = world
        .stripe
        .add_payment(NewPayment::of(90_000, "inr").settled(1_000, "usd"));
    world
        .refund(&format!("charge={}&amount=45000", payment.charge), "")
        .await
        .good();
    let entries = world.get("/v1/balance_transactions?type=refund").await;
    let entry = &entries.body["data"][0];
    assert_eq!(
        (&entry["amount"], &entry["currency"]),
        (&json!(-500), &json!("usd"))
    );
}
