//! Finding customers and payments, lists and their pages.

use chrono::TimeDelta;
use countersign_sandbox::stripe::{NewCustomer, NewPayment};

use crate::World;

fn customer(world: &World, id: &str, email: &str) -> String {
    world.stripe.add_customer(NewCustomer {
        name_of_id: Some(id.into()),
        email: Some(email.into()),
        ..NewCustomer::default()
    })
}

#[tokio::test]
async fn the_list_minds_the_letter_case_and_the_search_does_not() {
    let world = World::start().await;
    customer(&world, "small", "maria@example.com");
    customer(&world, "capital", "Maria@example.com");
    let listed = world.get("/v1/customers?email=maria%40example.com").await;
    assert_eq!(listed.ids(), ["cus_small"]);
    let search = "/v1/customers/search?query=email%3A%22maria%40example.com%22";
    assert!(world.get(search).await.ids().is_empty(), "the search lags");
    world.stripe.catch_up_search();
    assert_eq!(world.get(search).await.ids(), ["cus_capital", "cus_small"]);
    let first = world.get(&format!("{search}&limit=1")).await;
    assert_eq!(first.ids(), ["cus_capital"]);
    let next = first.body["next_page"].as_str().unwrap();
    let second = world.get(&format!("{search}&limit=1&page={next}")).await;
    assert_eq!(second.ids(), ["cus_small"]);
    assert_eq!(second.body["has_more"], false);
}

#[tokio::test]
async fn a_deleted_customer_is_a_tombstone_and_its_payments_stay() {
    let world = World::start().await;
    let id = customer(&world, "gone", "kofi@example.org");
    let payment = world.stripe.add_payment(NewPayment::of(999, "usd").by(&id));
    let request = world.http.delete(world.url(&format!("/v1/customers/{id}")));
    assert_eq!(world.send(request).await.unwrap().good()["deleted"], true);
    assert_eq!(
        world.get(&format!("/v1/customers/{id}")).await.good()["deleted"],
        true
    );
    assert!(world.get("/v1/customers").await.ids().is_empty());
    let payments = world
        .get(&format!("/v1/payment_intents?customer={id}"))
        .await;
    assert_eq!(payments.ids(), [payment.intent]);
    let again = world.http.delete(world.url(&format!("/v1/customers/{id}")));
    assert_eq!(
        world.send(again).await.unwrap().refusal().1,
        "resource_missing"
    );
}

#[tokio::test]
async fn the_subscriptions_of_a_customer_end_at_once_when_it_is_deleted() {
    let world = World::start().await;
    let (id, other) = (
        customer(&world, "gone", "kofi@example.org"),
        customer(&world, "stays", "kofi@example.org"),
    );
    let stripe = &world.stripe;
    let (running, ended) = (
        stripe.add_subscription(&id, "past_due"),
        stripe.add_subscription(&id, "canceled"),
    );
    let of_other = stripe.add_subscription(&other, "active");
    let list = format!("/v1/subscriptions?customer={id}");
    assert_eq!(world.get(&list).await.ids(), [running.as_str()]);
    let all = world.get(&format!("{list}&status=all")).await;
    assert_eq!(all.ids(), [ended, running.clone()]);
    let request = world.http.delete(world.url(&format!("/v1/customers/{id}")));
    world.send(request).await.unwrap().good();
    assert!(world.get(&list).await.ids().is_empty());
    let one = world.get(&format!("/v1/subscriptions/{running}")).await;
    assert_eq!(one.good()["status"], "canceled");
    assert_eq!(world.get("/v1/subscriptions").await.ids(), [of_other]);
}

#[tokio::test]
async fn a_key_that_may_only_read_customers_deletes_none() {
    let world = World::start().await;
    let id = customer(&world, "stays", "kofi@example.org");
    world.allow(&["rak_customer_read"]);
    let path = format!("/v1/customers/{id}");
    let refused = world.send(world.http.delete(world.url(&path))).await;
    let refused = refused.unwrap();
    assert_eq!(refused.status, 403);
    let says = refused.refusal().2;
    assert!(says.contains("'rak_customer_write'"), "{says}");
    assert_eq!(world.get(&path).await.good()["email"], "kofi@example.org");
    let subscriptions = world.get("/v1/subscriptions").await;
    assert_eq!(subscriptions.status, 403);
    world.allow(&["rak_customer_write"]);
    let with_words = format!("{path}?reason=asked");
    let request = world.http.delete(world.url(&with_words));
    let refused = world.send(request).await.unwrap();
    assert_eq!(refused.refusal().1, "parameter_unknown");
    assert_eq!(world.stripe.unexpected().len(), 1);
}

#[tokio::test]
async fn a_guest_is_found_by_the_address_typed_at_the_checkout() {
    let world = World::start().await;
    let payment = world.payment();
    let path = "/v1/checkout/sessions?customer_details%5Bemail%5D=hana%40example.com&expand[]=data.payment_intent";
    let found = world.get(path).await;
    let session = &found.body["data"][0];
    assert_eq!(session["payment_intent"]["id"], payment.intent.as_str());
    assert_eq!(session["customer"], serde_json::Value::Null);
    assert!(
        world
            .get("/v1/customers?email=hana%40example.com")
            .await
            .ids()
            .is_empty()
    );
}

#[tokio::test]
async fn lists_come_in_pages_the_newest_first() {
    let world = World::start().await;
    for number in 1..=5 {
        let at = world.now() - TimeDelta::days(10 - number);
        let new = NewPayment::of(100 * number, "usd").named(&format!("p{number}"));
        world.stripe.add_payment(new.at(at));
    }
    let first = world.get("/v1/charges?limit=2").await;
    assert_eq!(first.ids(), ["ch_p5", "ch_p4"]);
    assert_eq!(first.body["has_more"], true);
    let second = world.get("/v1/charges?limit=3&starting_after=ch_p4").await;
    assert_eq!(second.ids(), ["ch_p3", "ch_p2", "ch_p1"]);
    assert_eq!(second.body["has_more"], false);
    let back = world.get("/v1/charges?limit=1&ending_before=ch_p3").await;
    assert_eq!(back.ids(), ["ch_p4"]);
    let since = (world.now() - TimeDelta::days(7)).timestamp() + 60;
    let recent = world
        .get(&format!("/v1/charges?created[gte]={since}"))
        .await;
    assert_eq!(recent.ids(), ["ch_p5", "ch_p4"]);
}

#[tokio::test]
async fn the_balance_tells_amount_fee_and_net_per_currency() {
    let world = World::start().await;
    let past = world.now() - TimeDelta::days(5);
    world
        .stripe
        .add_payment(NewPayment::of(1000, "usd").at(past));
    world
        .stripe
        .add_payment(NewPayment::of(1000, "jpy").at(past));
    world.stripe.add_payout(500, "usd", world.now());
    let entries = world.get("/v1/balance_transactions?type=charge").await;
    let fees: Vec<_> = entries.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["currency"].as_str().unwrap(),
                it["fee"].as_i64().unwrap(),
                it["net"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(fees, [("jpy", 36, 964), ("usd", 59, 941)]);
    let balance = world.get("/v1/balance").await.good();
    assert_eq!(balance["available"][1]["amount"], 941);
    assert_eq!(balance["pending"][0]["amount"], -500);
}

#[tokio::test]
async fn warnings_stop_being_actionable_when_the_money_is_back() {
    let world = World::start().await;
    let payment = world.payment();
    world
        .stripe
        .warn_of_fraud(&payment.charge, "made_with_stolen_card")
        .unwrap();
    let look = || world.get("/v1/radar/early_fraud_warnings");
    assert_eq!(look().await.body["data"][0]["actionable"], true);
    world
        .stripe
        .refund_at_dashboard(&payment.charge, None)
        .unwrap();
    assert_eq!(look().await.body["data"][0]["actionable"], false);
}

#[tokio::test]
async fn a_dispute_takes_the_money_and_a_fee() {
    let world = World::start().await;
    let payment = world.payment();
    let due = world.now() + TimeDelta::days(7);
    world
        .stripe
        .dispute(&payment.charge, "fraudulent", "needs_response", Some(due))
        .unwrap();
    let list = world.get("/v1/disputes").await;
    assert_eq!(
        list.body["data"][0]["evidence_details"]["due_by"],
        due.timestamp()
    );
    assert_eq!(list.body["data"][0]["is_charge_refundable"], false);
    let charge = world
        .get(&format!("/v1/charges/{}", payment.charge))
        .await
        .good();
    assert_eq!(charge["disputed"], true);
    let entries = world.get("/v1/balance_transactions?type=adjustment").await;
    let entry = &entries.body["data"][0];
    assert_eq!(
        (entry["amount"].as_i64(), entry["fee"].as_i64()),
        (Some(-999), Some(1500))
    );
}
