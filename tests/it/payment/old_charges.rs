//! Charges without a payment intent, as old integrations make them.

use countersign_sandbox::stripe::NewPayment;

use super::*;

/// A charge of Maria, which bought 10 credits.
fn charge(world: &World, captured: bool) -> String {
    let charge = NewPayment::of(999, "usd")
        .named("old")
        .by("cus_maria")
        .with("userId", "usr_1")
        .with("credits", "10");
    world.stripe.add_charge(charge, captured)
}

async fn credits(world: &World) -> i64 {
    let sql = r#"select credits::int8 from "User" where id = 'usr_1'"#;
    world.count(sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_money_was_taken_is_found_granted_and_refunded() {
    let world = shop().await;
    let id = charge(&world, true);
    let (_, found) = world
        .ask_and_read(VICTOR, &format!("/ops payment find {id}"))
        .await;
    assert!(found.contains("succeeded"), "{found}");
    let line = format!("/ops credits add usr_1 10 {id} the webhook failed");
    let (given, _) = world.ask_and_read(ADA, &line).await;
    assert_eq!(world.request(given).await.state.word(), "done");
    let line = format!("/ops refund {id} wants the money after all");
    let refund = world.ask(ADA, &line).await;
    world.approve_typing(GRACE, refund, "9.99 USD").await;
    world.cool_off().await;
    world.until_state(refund, "done").await;
    let account = world.stripe.account();
    let refunded: Vec<&str> = account
        .refunds
        .iter()
        .map(|it| it.charge.as_str())
        .collect();
    assert!(refunded.contains(&"ch_old"), "{refunded:?}");
    assert_eq!(credits(&world).await, 12);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_authorised_only_is_no_money_that_was_received() {
    let world = shop().await;
    let id = charge(&world, false);
    let (_, found) = world
        .ask_and_read(VICTOR, &format!("/ops payment find {id}"))
        .await;
    assert!(found.contains("uncaptured"), "{found}");
    assert!(found.contains("0.00 USD"), "{found}");
    for line in [
        format!("/ops credits add usr_1 10 {id} the webhook failed"),
        format!("/ops refund {id} wants it back"),
    ] {
        let says = world.refusal_of(ADA, &line).await;
        let why = "nothing was received: the payment's status is uncaptured";
        assert!(says.contains(why), "{says}");
    }
    assert_eq!(credits(&world).await, 12);
    assert!(world.stripe.calls_of("POST /v1/refunds").is_empty());
    world.finish().await;
}
