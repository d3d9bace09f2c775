//! Which credits go, and whose.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_are_not_there_are_not_taken_and_the_shortfall_is_shown_before_anybody_approves()
 {
    let world = shop().await;
    let line = "/ops refund pi_maria_credits the microphone never worked";
    let id = world.ask(ADA, line).await;
    world
        .until_card_says(id, "8 of the 20 credits to take are not on the account")
        .await;
    world.approve_typing(GRACE, id, "19.99 USD").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, 0);
    world.until_audit(id, "credits missing").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_were_spent_while_people_decided_do_not_void_the_approval() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world
        .run(r#"update "User" set credits = 11 where id = 'usr_1'"#)
        .await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_were_given_by_hand_for_the_payment_are_the_ones_that_go() {
    let world = shop().await;
    let line = "/ops credits add usr_10 7 pi_stranger paid as a guest";
    let (given, _) = world.ask_and_read(ADA, line).await;
    assert_eq!(world.request(given).await.state.word(), "done");
    let before = credits_of(&world, "usr_10").await;
    refunded(
        &world,
        "/ops refund pi_stranger wants the money after all",
        "19.99 USD",
    )
    .await;
    assert_eq!(credits_of(&world, "usr_10").await, before - 7);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_apps_own_row_of_the_payment_wins_over_stripes_metadata() {
    let world = shop().await;
    world
        .run(
            r#"create table "Payment" (id text primary key, "stripePaymentId" text, "userId" text, credits integer);
               insert into "Payment" values ('1', 'pi_maria_pro', 'usr_10', 3)"#,
        )
        .await;
    let before = credits_of(&world, "usr_10").await;
    refunded(
        &world,
        "/ops refund pi_maria_pro paid for a friend",
        PRO_ALL,
    )
    .await;
    assert_eq!(credits_of(&world, "usr_10").await, before - 3);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn less_than_the_price_of_one_credit_takes_none() {
    let world = shop().await;
    let line = "/ops refund pi_maria_pro 0.50 a small thing";
    let id = world.ask(ADA, line).await;
    world
        .until_card_says(id, "0.50 USD is less than the price of one credit")
        .await;
    world.approve_typing(GRACE, id, "0.50 USD").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    only_refund(&world, PRO, 50, id);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_of_a_payment_of_which_the_app_never_heard_are_not_taken() {
    let world = shop().await;
    let before = credits_of(&world, "usr_9").await;
    let line = "/ops refund pi_hana_late the credits never came";
    let id = world.ask(ADA, line).await;
    let card = world
        .until_card_says(id, "which Stripe still tries to deliver")
        .await
        .all_text();
    assert!(card.contains("the app has not given them"), "{card}");
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    only_refund(&world, "pi_hana_late", 999, id);
    assert_eq!(credits_of(&world, "usr_9").await, before);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_the_app_has_only_begun_to_give_are_not_taken() {
    let world = shop().await;
    world
        .run(
            r#"create table "Payment" (id text primary key, "stripePaymentId" text, "userId" text, credits integer, status text);
               insert into "Payment" values ('1', 'pi_maria_pro', 'usr_1', 10, 'PENDING')"#,
        )
        .await;
    let id = world.ask(ADA, PRO_LINE).await;
    world
        .until_card_says(id, "the app has not given them")
        .await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_were_given_by_hand_and_by_a_late_webhook_all_go_and_it_is_said() {
    let world = shop().await;
    let line = "/ops credits add usr_9 7 pi_hana_late the webhook failed";
    let (given, _) = world.ask_and_read(ADA, line).await;
    let label = world.request(given).await.label();
    // The webhook comes after all.
    world
        .run(
            r#"create table "Payment" (id text primary key, "stripePaymentId" text, "userId" text, credits integer, status text);
               insert into "Payment" values ('1', 'cs_hana_late', 'usr_9', 10, 'COMPLETED');
               update "User" set credits = credits + 10 where id = 'usr_9'"#,
        )
        .await;
    let before = credits_of(&world, "usr_9").await;
    let line = "/ops refund pi_hana_late wants the money after all";
    let id = world.ask(ADA, line).await;
    let twice = format!("this payment was counted twice: {label} gave 7, and the app 10");
    let card = world.until_card_says(id, &twice).await.all_text();
    let differs = format!("{label} gave 7 credits for this payment, and Stripe's metadata say 10");
    assert!(card.contains(&differs), "{card}");
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_9").await, before - 17);
    world.finish().await;
}
