//! What Stripe says of a payment before credits are given for it.

use countersign_sandbox::{
    data::stripe::APP_ENDPOINT,
    slack::Message,
    stripe::{self, Key, NewPayment, Outage, Reach, Stripe},
};

use super::{asked, credits_of, done, events_of};
use crate::support::{Options, World, seen::seen, story::*};

async fn world() -> World {
    World::with(Options::default().and_stripe()).await
}

fn told(world: &World, who: &str) -> String {
    let texts = world.slack.dm(who);
    texts.iter().map(Message::all_text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_may_still_arrive_is_said_to_whoever_asked() {
    let world = world().await;
    done(
        &world,
        OLGA,
        "/ops credits add usr_9 10 cs_hana_late the webhook failed",
    )
    .await;
    world
        .until_told(OLGA, "Stripe is still trying to deliver")
        .await;
    let events = events_of(&world, "usr_9").await;
    assert_eq!(events[0].1["payment"], "pi_hana_late");
    assert_eq!(events[0].1["credits"], 10);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_ids_of_a_payment_are_one_payment() {
    let world = world().await;
    done(
        &world,
        OLGA,
        "/ops credits add usr_9 10 pi_hana_late the webhook failed",
    )
    .await;
    let credits = credits_of(&world, "usr_9").await;
    for id in ["cs_hana_late", "ch_hana_late", "pi_hana_late"] {
        let line = format!("/ops credits add usr_9 10 {id} the webhook failed");
        world.ask_and_be_refused(&line).await;
    }
    world
        .until_told(ADA, "pi_hana_late was granted by OPS-1001 already")
        .await;
    assert_eq!(credits_of(&world, "usr_9").await, credits);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_approver_sees_what_stripe_knows() {
    let world = world().await;
    let line = "/ops credits add usr_9 60 cs_hana_late the webhook failed";
    let id = world.ask(ADA, line).await;
    let card = world.until_card_shows(id, "approve").await;
    let shown = seen(&[card]);
    let shown = shown.replace(&pending_event(&world), "evt_…");
    insta::assert_snapshot!("card_with_stripe", shown);
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

/// The id of the newest event that the app has not taken and that tells of a payment's success.
fn pending_event(world: &World) -> String {
    let account = world.stripe.account();
    let found = account.events.iter().find(|event| {
        event.kind == "checkout.session.completed"
            && event.pending_webhooks > 0
            && event.data.object.to_string().contains("hana_late")
    });
    found
        .map(|event| event.id.clone())
        .expect("an undelivered event")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_arrives_before_the_run_voids_the_approval() {
    let world = world().await;
    let line = "/ops credits add usr_9 60 pi_hana_late the webhook failed";
    let id = world.ask(ADA, line).await;
    let account = world.stripe.account();
    let mut endpoints = account.endpoints.iter();
    let app = endpoints.find(|one| one.url == APP_ENDPOINT).unwrap();
    world.stripe.set_reach(&app.id, Reach::Answers(200));
    for event in account
        .events
        .iter()
        .filter(|event| event.pending_webhooks > 0)
    {
        world.stripe.send_again(&event.id, &app.id);
    }
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_event(id, "superseded", 1).await;
    world
        .until_card_says(id, "the app may have added the credits already")
        .await;
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_paid_or_is_not_theirs_is_refused() {
    let world = world().await;
    for (line, says) in [
        (
            "usr_1 10 pi_nothing",
            "Stripe has no pi_nothing under this key",
        ),
        (
            "usr_1 10 pi_hana_late",
            "this payment is usr_9's, not usr_1's",
        ),
        ("usr_1 10 pi_other_15", "nothing was received"),
    ] {
        world
            .ask_and_be_refused(&format!("/ops credits add {line} a reason"))
            .await;
        world.until_told(ADA, says).await;
    }
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    let claims = "select count(*) from countersign.credit_grant";
    assert_eq!(world.count(claims).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disputes_refunds_and_unknown_payers_are_said() {
    let world = world().await;
    for (line, says) in [
        ("usr_6 20 pi_elif", "the payer disputes it at the bank"),
        ("usr_21 20 pi_tara", "are refunded already"),
        ("usr_1 20 pi_stranger", "whose payment it is cannot be said"),
        ("usr_1 7 pi_maria_credits", "this payment bought 20 credits"),
    ] {
        done(&world, OLGA, &format!("/ops credits add {line} a reason")).await;
        world.until_told(OLGA, says).await;
    }
    assert!(told(&world, OLGA).contains("the app may have added the credits already"));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_stripe_is_down_nothing_is_given_for_a_payment() {
    let world = world().await;
    world.stripe.faults().set_outage(Outage::Unavailable);
    let line = "/ops credits add usr_9 10 pi_hana_late the webhook failed";
    let id = asked(&world, OLGA, line).await;
    let before = credits_of(&world, "usr_9").await;
    world
        .hurry_until("the plan was tried twice", async |world| {
            let sql = "select count(*) from countersign.lease where fence > 2";
            (world.count(sql).await > 0).then_some(())
        })
        .await;
    assert_eq!(world.request(id).await.state.word(), "being planned");
    assert_eq!(credits_of(&world, "usr_9").await, before);
    // What is for no payment needs no Stripe.
    done(&world, OLGA, "/ops credits add usr_9 1 a gift").await;
    world.stripe.faults().set_outage(Outage::Off);
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_cannot_be_planned_for_long_is_refused_with_the_reason() {
    let world = world().await;
    world.stripe.faults().set_outage(Outage::Unavailable);
    let line = "/ops credits add usr_9 10 pi_hana_late the webhook failed";
    let id = asked(&world, OLGA, line).await;
    world
        .until("a plan that was put off", async |world| {
            let sql = "select count(*) from countersign.request where look_at > due_at";
            (world.count(sql).await > 0).then_some(())
        })
        .await;
    assert_eq!(world.request(id).await.state.word(), "being planned");
    world.clock.advance(std::time::Duration::from_secs(31 * 60));
    world.hurry_until_state(id, "refused").await;
    world.until_told(OLGA, "Ask again later").await;
    world.stripe.faults().set_outage(Outage::Off);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_the_test_mode_buys_credits_under_a_test_key_and_says_so() {
    let test = Stripe::start(stripe::Settings {
        keys: vec![Key::full(false)],
        live: false,
        ..stripe::Settings::default()
    })
    .await
    .unwrap();
    test.add_payment(NewPayment::of(999, "usd").named("tried"));
    let options = Options::default()
        .and_stripe()
        .with("STRIPE_API_BASE", test.url())
        .with("STRIPE_SECRET_KEY", &test.secret_key());
    let world = World::with(options).await;
    let line = "/ops credits add usr_1 10 pi_tried only a try";
    let id = done(&world, ADA, line).await;
    let told = world.told_of(ADA, id).await;
    assert!(told.text.contains("TEST MODE"), "{told:?}");
    let plan = world.request(id).await.plan.unwrap().plan;
    let says = "credits in the app's database do change";
    assert!(plan.warnings[0].text.contains(says), "{:?}", plan.warnings);
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    // What is for no payment is no test.
    let id = done(&world, ADA, "/ops credits add usr_1 1 a gift").await;
    let told = world.told_of(ADA, id).await;
    assert!(!told.all_text().contains("TEST MODE"), "{told:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_apps_own_record_counts_is_not_given_again_and_what_it_only_began_is() {
    let world = world().await;
    sqlx::raw_sql(
        r#"create table "Payment" (id text primary key, "stripePaymentId" text, "userId" text, credits integer, status text);
           insert into "Payment" values ('1', 'cs_hana_late', 'usr_9', 10, 'PENDING'),
                                        ('2', 'pi_maria_pro', 'usr_1', 10, 'COMPLETED'),
                                        ('3', 'pi_maria_pro', 'usr_1', 10, 'PENDING')"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    world
        .ask_and_be_refused("/ops credits add usr_1 10 pi_maria_pro the webhook failed")
        .await;
    let says = "the app has counted this payment already: its own record says 10 credits of usr_1";
    world.until_told(ADA, says).await;
    let line = "/ops credits add usr_9 10 pi_hana_late the webhook failed";
    done(&world, OLGA, line).await;
    world.finish().await;
}
