//! What a refund needs is gone when it is needed: the account, the payment, the key, what was written down.

use countersign::journal::sealed::RefundRow;
use countersign_sandbox::stripe::{NewRefunds, Settlement, Stripe};

use super::*;
use crate::support::boundary::Boundary;

/// The service stands right before it begins to send.
async fn about_to_send(world: &World) -> (RequestId, Boundary) {
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    let begun = "new.name = 'step_started' and new.body like '%\"send\"%'";
    let boundary = Boundary::at(world, begun).await;
    world.cool_off().await;
    boundary.reached(world).await;
    (id, boundary)
}

fn dispute(world: &World) {
    let charge = charge_of(world, PRO);
    let stripe = &world.stripe;
    stripe.dispute(&charge, "fraudulent", "needs_response", None);
}

async fn settled(world: &World, id: RequestId) {
    let view = world.open_modal(LINUS, id, "settle").await;
    world.submit(LINUS, &view, "looked at in Stripe").await;
    world.until_state(id, "settled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_gone_when_credits_go_back_is_said_to_be_gone() {
    let world = shop().await;
    let (id, boundary) = about_to_send(&world).await;
    world
        .run(r#"set session_replication_role = replica; delete from "User" where id = 'usr_1'"#)
        .await;
    dispute(&world);
    boundary.open().await;
    world.until_state(id, "failed").await;
    let card = world
        .until_card_says(id, "10 credits could not be given back")
        .await;
    let says = card.all_text();
    assert!(says.contains("the payer disputes it at the bank"), "{says}");
    assert!(says.contains("account is not there any more"), "{says}");
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_it_ended_is_said_also_when_the_credits_cannot_go_back_yet() {
    let world = shop().await;
    let (id, boundary) = about_to_send(&world).await;
    world
        .run(
            r#"create function keep() returns trigger language plpgsql as $$
               begin raise exception 'credits only go down' using errcode = 'check_violation'; end $$;
               create trigger keep before update on "User" for each row
                   when (new.credits > old.credits) execute function keep()"#,
        )
        .await;
    dispute(&world);
    boundary.open().await;
    world.until_state(id, "failed").await;
    let card = world.until_card_says(id, "SQLSTATE 23514").await;
    let says = card.all_text();
    assert!(says.contains("the payer disputes it at the bank"), "{says}");
    let by_hand = by_hand(&world, id, "usr_1", 10).await;
    assert!(says.contains(&by_hand), "{says}");
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);

    world.run(r#"drop trigger keep on "User""#).await;
    world.click(LINUS, id, "resume").await;
    world.until_event(id, "run_failed", 2).await;
    world
        .until_card_says(id, "The 10 credits are given back")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_it_waits_before_it_sends_and_goes_on_when_the_key_is_back() {
    let mut world = shop().await;
    let (id, boundary) = about_to_send(&world).await;
    world.crash().await;
    boundary.roll_back(&world).await;
    let key = world.environment.remove("STRIPE_SECRET_KEY").unwrap();
    world.start_replica().await;
    world.until_card_says(id, "STRIPE_SECRET_KEY").await;
    assert_eq!(world.request(id).await.state.word(), "running");
    assert_eq!(asked_for(&world), 0);
    world.environment.insert("STRIPE_SECRET_KEY".into(), key);
    world.restart().await;
    world.skip_pauses_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    only_refund(&world, PRO, 999, id);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_out_between_plan_and_run_refuses_it_and_touches_no_credits() {
    let mut world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.until_state(id, "cooling off").await;
    world.environment.remove("STRIPE_SECRET_KEY").unwrap();
    world.restart().await;
    world.cool_off().await;
    world.hurry_until_state(id, "refused").await;
    world.until_card_says(id, "set STRIPE_SECRET_KEY").await;
    world.hurry_until_delivered().await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_gone_at_stripe_asks_a_person_and_is_not_given_up() {
    let mut world = shop().await;
    let (id, boundary) = about_to_send(&world).await;
    world.crash().await;
    boundary.roll_back(&world).await;
    // Another account of Stripe's, which has no such payment.
    let other = Stripe::start(countersign_sandbox::stripe::Settings::default())
        .await
        .unwrap();
    let base = world
        .environment
        .insert("STRIPE_API_BASE".into(), other.url().into());
    let key = other.secret_key();
    let key = world.environment.insert("STRIPE_SECRET_KEY".into(), key);
    world.start_replica().await;
    world.hurry_until_state(id, "indeterminate").await;
    world
        .until_card_says(id, "there is no such thing under this key")
        .await;
    let by_hand = by_hand(&world, id, "usr_1", 10).await;
    world.until_card_says(id, &by_hand).await;
    assert!(other.calls_of("POST /v1/refunds").is_empty());
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);

    // With the right key it is made after all.
    world
        .environment
        .insert("STRIPE_API_BASE".into(), base.unwrap());
    world
        .environment
        .insert("STRIPE_SECRET_KEY".into(), key.unwrap());
    world.restart().await;
    world.click(LINUS, id, "resume").await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    only_refund(&world, PRO, 999, id);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_dies_while_it_follows_a_refund_leaves_it_to_the_next_one() {
    let mut world = shop().await;
    world.stripe.set_new_refunds(NewRefunds::Processing);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    world.until_card_says(id, "has not settled it yet").await;
    let refund = only_refund(&world, PRO, 999, id);
    world.crash().await;
    let failed = Settlement::Failed("lost_or_stolen_card".to_owned());
    world.stripe.settle_refund(&refund.id, &failed);
    world.start_replica().await;
    world.hurry_until_state(id, "failed").await;
    world
        .until_card_says(id, "The 10 credits are given back")
        .await;
    world.hurry_until_delivered().await;
    assert_eq!(asked_for(&world), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_what_was_written_down_nothing_is_sent_and_a_person_is_asked() {
    let world = shop().await;
    let (id, boundary) = about_to_send(&world).await;
    world.run("delete from countersign.refund").await;
    boundary.open().await;
    world.until_state(id, "indeterminate").await;
    world
        .until_card_says(id, "what was written down of this refund is gone")
        .await;
    let by_hand = by_hand(&world, id, "usr_1", 10).await;
    world.until_card_says(id, &by_hand).await;
    assert_eq!(asked_for(&world), 0);
    settled(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_stripe_does_not_know_any_more_is_not_called_settled() {
    let world = shop().await;
    world.stripe.set_new_refunds(NewRefunds::Processing);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    world.until_card_says(id, "has not settled it yet").await;
    world
        .run("update countersign.refund set refund_id = 're_nobody'")
        .await;
    world.seal_again::<RefundRow>().await;
    world.skip_pauses_until_state(id, "indeterminate").await;
    world.until_card_says(id, "cannot be looked up").await;
    let by_hand = by_hand(&world, id, "usr_1", 10).await;
    world.until_card_says(id, &by_hand).await;
    world.hurry_until_delivered().await;
    settled(&world, id).await;
    world.hurry_until_delivered().await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_frozen_for_long_before_it_was_sent_is_not_sent_and_the_credits_come_back() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    let prepared = "new.name = 'step_succeeded' and new.body like '%\"prepare\"%'";
    let boundary = Boundary::at(&world, prepared).await;
    world.cool_off().await;
    boundary.reached(&world).await;
    let freeze = "/ops freeze on somebody is in the database";
    world.slack.slash(OLGA, OPS, freeze).await.unwrap();
    world.until_told(OLGA, "frozen").await;
    boundary.open().await;
    world.until_event(id, "step_succeeded", 1).await;
    world.clock.advance(std::time::Duration::from_secs(31 * 60));
    // Another command is let through: once it is done, the refund has had its chance.
    world.answered(ADA, "/ops whoami").await;
    assert_eq!(world.request(id).await.state.word(), "running");
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    let thaw = "/ops freeze off nobody is any more";
    world.slack.slash(OLGA, OPS, thaw).await.unwrap();
    world.hurry_until_state(id, "failed").await;
    let card = world.until_card_says(id, "held up for so long").await;
    let says = card.all_text();
    assert!(says.contains("nothing was sent"), "{says}");
    assert!(says.contains("The 10 credits are given back"), "{says}");
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    assert_eq!(asked_for(&world), 0);
    world.hurry_until_delivered().await;
    world.finish().await;
}
