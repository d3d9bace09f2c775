//! What forbids deleting a customer, and what can go wrong on the way.

use countersign_sandbox::stripe::{Failure, Key, Outage, Times};

use super::stripe_customer::{BY_ID, DELETE, approved, customer, deleted, is_deleted, options};
use crate::support::{
    Options, World,
    once::{maria_is_erased_once, results},
    story::*,
};

/// Gives the key these rights alone, and those that every deletion with Stripe looks with.
fn allow(world: &World, rights: &[&str]) {
    let all = [
        &[
            "rak_checkout_session_read",
            "rak_payment_intent_read",
            "rak_charge_read",
            "rak_dispute_read",
        ],
        rights,
    ]
    .concat();
    let mut key = Key::restricted(true, &all);
    key.secret = world.stripe.secret_key();
    world.stripe.set_keys(vec![key]);
}

async fn is_refused_until_it_is_cancelled(world: &World) {
    let running = world.stripe.add_subscription("cus_maria", "past_due");
    world.stripe.add_subscription("cus_maria", "canceled");
    let told = world.refusal_of(ADA, LINE).await;
    let says =
        format!("1 subscription is running at Stripe ({running}): cancel and settle it first");
    assert!(told.contains(&says), "{told}");
    world.stripe.cancel_subscription(&running);
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    assert!(!is_deleted(world, "cus_maria"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_is_running_at_stripe_comes_first() {
    let world = World::with(options()).await;
    is_refused_until_it_is_cancelled(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_whose_customer_is_kept_is_erased_and_goes_on_being_charged() {
    let world = World::with(Options::default().and_stripe()).await;
    is_refused_until_it_is_cancelled(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_of_a_customer_of_unclear_owner_is_told_and_forbids_nothing() {
    let world = World::with(options()).await;
    let unclear = customer(&world, "loud", "MARIA@example.com", None);
    let running = world.stripe.add_subscription(&unclear, "active");
    let id = approved(&world, BY_ID, "usr_1").await;
    let warnings = world.request(id).await.plan.unwrap().plan.warnings;
    assert!(
        warnings
            .iter()
            .any(|one| one.text.contains(&running) && one.text.contains("may be this person's")),
        "{warnings:?}"
    );
    world.until_state(id, "done").await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_customers_than_one_person_has_are_deleted_by_nobody() {
    let world = World::with(options()).await;
    for number in 0..10 {
        customer(&world, &format!("n{number}"), "maria@example.com", None);
    }
    let told = world.refusal_of(ADA, LINE).await;
    let says = "more than 10 customers at Stripe have this address";
    assert!(told.contains(says), "{told}");
    assert_eq!(deleted(&world), Vec::<String>::new());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_delete_customers_stops_the_run_with_its_missing_right() {
    let world = World::with(options()).await;
    allow(&world, &["rak_customer_read", "rak_subscription_read"]);
    let id = approved(&world, LINE, "usr_1").await;
    world.until_state(id, "failed").await;
    let says = "cus_maria was not deleted: Stripe refused: the key lacks the permission rak_customer_write";
    world.until_card_says(id, says).await;
    allow(&world, &["rak_customer_write", "rak_subscription_read"]);
    world.click(GRACE, id, "resume").await;
    world.until_state(id, "done").await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_read_subscriptions_is_said_before_anybody_approves() {
    let world = World::with(options()).await;
    allow(&world, &["rak_customer_write"]);
    let id = approved(&world, LINE, "usr_1").await;
    let warnings = world.request(id).await.plan.unwrap().plan.warnings;
    let says = "whether a subscription is running cannot be read from Stripe";
    assert!(
        warnings
            .iter()
            .any(|one| one.text.contains(says) && one.text.contains("rak_subscription_read")),
        "{warnings:?}"
    );
    world.until_state(id, "done").await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_read_customers_forbids_a_deletion_that_has_to_delete_them() {
    let world = World::with(options()).await;
    allow(&world, &["rak_subscription_read"]);
    let told = world.refusal_of(ADA, LINE).await;
    let says = "the Stripe customer cannot be looked for";
    assert!(
        told.contains(says) && told.contains("rak_customer_read"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_stripe_in_the_middle_is_waited_for() {
    let world = World::with(options()).await;
    let gate = world.s3.faults().hold("DeleteObjects");
    let id = approved(&world, LINE, "usr_1").await;
    gate.arrived().await;
    world.stripe.faults().set_outage(Outage::CutOff);
    gate.release();
    world
        .hurry_until("three pauses", async |world| {
            let names = world.event_names(id).await;
            let pauses = names.iter().filter(|name| *name == "step_deferred");
            (pauses.count() >= 3).then_some(())
        })
        .await;
    assert_eq!(deleted(&world), Vec::<String>::new());
    world.stripe.faults().set_outage(Outage::Off);
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_and_lost_answers_of_stripe_are_looked_into_and_tried_again() {
    let world = World::with(options()).await;
    let faults = world.stripe.faults();
    faults.fail(DELETE, Failure::RateLimit(1), Times::First(1));
    faults.fail(DELETE, Failure::ErrorBefore, Times::First(1));
    faults.fail(DELETE, Failure::LostAnswer, Times::First(1));
    let id = approved(&world, LINE, "usr_1").await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    let steps = results(&world, id).await;
    let (_, result) = steps.iter().find(|(step, _)| step == "stripe").unwrap();
    assert_eq!(result["customers_deleted"][0], "cus_maria");
    assert_eq!(world.stripe.calls_of(DELETE).len(), 3);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_the_deletion_and_its_entry_it_is_found_and_not_sent_again() {
    let mut world = World::with(options()).await;
    let gate = world.stripe.faults().hold_answers(DELETE);
    let id = approved(&world, LINE, "usr_1").await;
    gate.arrived().await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    world.crash().await;
    gate.drop_connections();
    world.start_replica().await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    assert_eq!(world.stripe.calls_of(DELETE).len(), 1);
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_somebody_deleted_at_the_dashboard_meanwhile_is_gone_too() {
    let world = World::with(options()).await;
    let gate = world.stripe.faults().hold(DELETE);
    let id = approved(&world, LINE, "usr_1").await;
    gate.arrived().await;
    world.stripe.delete_customer_at_dashboard("cus_maria");
    gate.release();
    world.until_state(id, "done").await;
    let calls = world.stripe.calls_of(DELETE);
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].status, 404);
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_stripe_knows_no_more_is_said_and_holds_nothing_up() {
    let world = World::with(options()).await;
    let gate = world.s3.faults().hold("DeleteObjects");
    let id = approved(&world, LINE, "usr_1").await;
    gate.arrived().await;
    world.stripe.forget_customer("cus_maria");
    gate.release();
    world.until_state(id, "done").await;
    assert!(world.stripe.calls_of(DELETE).is_empty());
    let steps = results(&world, id).await;
    let (_, result) = steps.iter().find(|(step, _)| step == "stripe").unwrap();
    let note = result["note"].as_str().unwrap();
    assert!(note.starts_with("Stripe knows no cus_maria"), "{note}");
    assert_eq!(result["customers_deleted"].as_array().unwrap().len(), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_became_somebody_elses_after_the_plan_is_not_deleted() {
    let world = World::with(options()).await;
    let gate = world.s3.faults().hold("DeleteObjects");
    let id = approved(&world, LINE, "usr_1").await;
    gate.arrived().await;
    let tied = [("userId", "usr_8")];
    let stripe = &world.stripe;
    stripe.change_customer("cus_maria", "maria@example.com", &tied);
    gate.release();
    world.until_state(id, "failed").await;
    world.until_card_says(id, "cus_maria was not deleted").await;
    assert!(stripe.calls_of(DELETE).is_empty());
    let tied = [("userId", "usr_1")];
    stripe.change_customer("cus_maria", "maria@example.com", &tied);
    world.click(GRACE, id, "resume").await;
    world.until_state(id, "done").await;
    assert_eq!(deleted(&world), ["cus_maria"]);
    world.finish().await;
}
