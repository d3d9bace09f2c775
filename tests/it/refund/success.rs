//! Money goes back, credits go with it.

use insta::assert_snapshot;

use super::*;
use crate::support::{once::results, seen::seen};

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_payment_goes_back_and_the_credits_that_it_bought_go() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    let card = world.until_card_shows(id, "approve").await;
    assert_snapshot!("card_asked", seen(&[card]));
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    only_refund(&world, PRO, 999, id);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    assert_eq!(results(&world, id).await.len(), 3);
    let card = world.until_card_says(id, "*Done*").await;
    assert_snapshot!("card_done", seen(&[card]));
    world.until_audit(id, "every step succeeded").await;
    assert_snapshot!("audit_thread", seen(&world.audit_thread(id).await));
    world.until_told(ADA, "*Done*").await;
    assert_snapshot!("told_to_the_requester", seen(&world.slack.dm(ADA)));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_goes_back_and_its_share_of_the_credits_goes() {
    let world = shop().await;
    let line = "/ops refund pi_maria_pro 5.00 half of the test was interrupted";
    let id = refunded(&world, line, "5.00 USD").await;
    only_refund(&world, PRO, 500, id);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 5);

    // The rest of the money takes the rest of the credits.
    let id = refunded(&world, PRO_LINE, "4.99 USD").await;
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    let sum: i64 = refunds_of(&world, PRO).iter().map(|it| it.amount).sum();
    assert_eq!(sum, 999);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yen_have_no_decimals() {
    let world = shop().await;
    let id = refunded(
        &world,
        "/ops refund pi_keiko 600 a lesson fell out",
        "600 JPY",
    )
    .await;
    only_refund(&world, "pi_keiko", 600, id);
    assert_eq!(credits_of(&world, "usr_38").await, 6 - 4);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_can_be_named_by_its_charge_and_by_its_checkout() {
    let world = shop().await;
    let charge = world.stripe.account().intents.get(PRO).unwrap().clone();
    let charge = charge.latest_charge.unwrap();
    let line = format!("/ops refund {charge} 1.00 by its charge");
    refunded(&world, &line, "1.00 USD").await;
    let account = world.stripe.account();
    let mut sessions = account.sessions.iter();
    let session = sessions
        .find(|session| session.payment_intent.as_deref() == Some(PRO))
        .unwrap();
    let line = format!("/ops refund {} 2.00 by its checkout", session.id);
    refunded(&world, &line, "2.00 USD").await;
    let amounts: Vec<i64> = refunds_of(&world, PRO).iter().map(|it| it.amount).collect();
    assert_eq!(amounts, [100, 200]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_without_an_account_is_refunded_and_no_credits_are_taken() {
    let world = shop().await;
    let line = "/ops refund pi_stranger paid by mistake";
    let id = world.ask(ADA, line).await;
    world
        .until_card_says(id, "say whose account it was for")
        .await;
    world.approve_typing(GRACE, id, "19.99 USD").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    only_refund(&world, "pi_stranger", 1999, id);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_credits_is_refunded_all_the_same_and_the_missing_column_is_named() {
    let world = World::with(Options::real().and_stripe()).await;
    let id = world.ask(ADA, PRO_LINE).await;
    let card = world.until_card_shows(id, "approve").await;
    assert_snapshot!("card_asked_real", seen(&[card]));
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    only_refund(&world, PRO, 999, id);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_stripe_calls_null_are_read_as_none() {
    let world = shop().await;
    world.stripe.set_null_metadata(true);
    let charge = charge_of(&world, "pi_stranger");
    world
        .stripe
        .refund_at_dashboard(&charge, Some(500))
        .unwrap();
    let line = "/ops refund pi_stranger the rest as well";
    refunded(&world, line, "14.99 USD").await;
    let refunds = refunds_of(&world, "pi_stranger");
    assert_eq!(refunds.len(), 2, "{refunds:?}");
    world.finish().await;
}
