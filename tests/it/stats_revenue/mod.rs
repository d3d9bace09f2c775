//! `/ops stats revenue`: what came in during a month.

use chrono::{DateTime, Utc};
use countersign_sandbox::{
    data::stripe::{KEIKO, KOFI},
    stripe::{Key, NewPayment, Outage},
};
use insta::assert_snapshot;

use crate::support::{Options, World, boundary::Boundary, once::results, people::VICTOR, story::*};

/// A month that is over in every run, so that what is told of it never differs.
const LINE: &str = "/ops stats revenue 2025-05";
/// A month of the app's rows.
const OCTOBER: &str = "/ops stats revenue 2026-10";

async fn with_stripe() -> World {
    let world = World::with(Options::default().and_stripe()).await;
    fill(&world);
    world
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A month with payments in three currencies, one of them booked in another; refunds, a dispute and a payout. The last
/// moment before the month and the first after it have payments too.
fn fill(world: &World) {
    let stripe = &world.stripe;
    let pay = |payment: NewPayment, time: &str| stripe.add_payment(payment.at(at(time)));
    pay(NewPayment::of(77_700, "usd"), "2025-04-30T23:59:59Z");
    let first = pay(NewPayment::of(1999, "usd"), "2025-05-01T00:00:00Z");
    let disputed = pay(NewPayment::of(999, "usd"), "2025-05-02T12:00:00Z");
    pay(
        NewPayment::of(1500, "jpy").described(KEIKO.id),
        "2025-05-02T13:00:00Z",
    );
    let rupees = NewPayment::of(90_000, "inr").described(KOFI.id);
    pay(rupees.settled(1067, "usd"), "2025-05-31T23:59:59Z");
    pay(NewPayment::of(88_800, "usd"), "2025-06-01T00:00:00Z");
    pay(
        NewPayment::of(5000, "usd").failed("card_declined"),
        "2025-05-03T00:00:00Z",
    );
    stripe.back_then(at("2025-05-20T08:00:00Z"), |stripe| {
        stripe
            .refund_at_dashboard(&first.charge, Some(500))
            .unwrap();
        stripe.dispute(&disputed.charge, "fraudulent", "needs_response", None);
    });
    stripe.add_payout(2500, "usd", at("2025-05-15T08:00:00Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stripes_books_are_summed_per_currency_and_day() {
    let world = with_stripe().await;
    let (id, told) = world.ask_and_read(VICTOR, LINE).await;
    assert_snapshot!("booked", told);
    let result = &results(&world, id).await[0].1;
    assert_eq!(result["source"], "Stripe");
    assert_eq!(result["entries"], 6);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_currency_has_a_picture_of_its_own_whoever_keeps_the_books() {
    let pictures = async |world: &World, line: &str| {
        let (_, told) = world.answered(VICTOR, line).await;
        let images = told.blocks.into_iter().filter(|it| it["type"] == "image");
        images
            .map(|image| image["alt_text"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let booked = with_stripe().await;
    assert_snapshot!("pictures_booked", pictures(&booked, LINE).await.join("\n"));
    booked.finish().await;
    let written = World::start().await;
    assert_snapshot!(
        "pictures_written",
        pictures(&written, OCTOBER).await.join("\n")
    );
    written.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_month_is_taken_when_none_is_said_and_what_is_pending_is_told_apart() {
    let world = with_stripe().await;
    world.stripe.add_payment(NewPayment::of(1500, "jpy"));
    let (id, told) = world.ask_and_read(ADA, "/ops stats revenue").await;
    assert!(told.contains("pending"), "{told}");
    let month = countersign::runtime::Clock::now(world.clock.as_ref()).format("%Y-%m");
    assert_eq!(results(&world, id).await[0].1["month"], month.to_string());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_without_entries_is_no_zero_in_some_currency() {
    let world = with_stripe().await;
    let (_, told) = world.ask_and_read(ADA, "/ops stats revenue 2025-01").await;
    assert!(told.contains("Nothing was booked."), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_month_is_refused() {
    let world = with_stripe().await;
    let line = "/ops stats revenue may";
    world.slack.slash(ADA, OPS, line).await.unwrap();
    world
        .until_told(ADA, "is not a month such as 2026-11")
        .await;
    let told = world.refusal_of(ADA, "/ops stats revenue 2099-01").await;
    assert!(told.contains("has not begun"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_the_key_lacks_is_named() {
    let world = with_stripe().await;
    let secret = world.stripe.secret_key();
    world.stripe.set_keys(vec![Key {
        secret,
        ..Key::restricted(true, &["rak_charge_read"])
    }]);
    let told = world.refusal_of(ADA, LINE).await;
    let right = "the key lacks the permission rak_balance_transaction_source_read";
    assert!(told.contains(right), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_stripe_the_apps_rows_are_summed_and_said_to_be_less_true() {
    let world = World::start().await;
    let (id, told) = world.ask_and_read(VICTOR, OCTOBER).await;
    assert_snapshot!("written", told);
    assert_eq!(results(&world, id).await[0].1["source"], "Subscription");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_shape_dollars_and_rupees_are_never_one_sum() {
    let world = World::with(Options::real()).await;
    world
        .run(r#"update "Subscription" set "createdAt" = '2026-10-15'"#)
        .await;
    let (_, told) = world.ask_and_read(ADA, OCTOBER).await;
    assert_snapshot!("written_real", told);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_missing_is_named_with_its_prisma_field() {
    let world = World::start().await;
    world
        .run(r#"alter table "Subscription" drop column status"#)
        .await;
    let (_, told) = world.ask_and_read(ADA, OCTOBER).await;
    assert!(
        told.contains("add `status String` to model Subscription"),
        "{told}"
    );
    world
        .run(r#"alter table "Subscription" drop column currency"#)
        .await;
    let told = world.refusal_of(VICTOR, OCTOBER).await;
    assert!(
        told.contains("add `currency String` to model Subscription"),
        "{told}"
    );
    world
        .run(r#"alter table "Subscription" alter column amount type text, add currency text"#)
        .await;
    let told = world.refusal_of(VICTOR, "/ops stats revenue 2026-09").await;
    assert!(
        told.contains("column Subscription.amount of the right type: it is of type text"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_payments_is_preferred_to_subscriptions() {
    let world = World::start().await;
    world
        .run(
            r#"create table "Payment" (id text primary key, amount integer not null, currency text, state text, paid date,
                                       "createdAt" timestamptz not null);
               insert into "Payment" values ('a', 999, 'usd', 'PAID', null, '2026-10-01 00:00:00Z'),
                                            ('b', 500, null, 'PAID', null, '2026-10-31 23:59:59Z'),
                                            ('c', 700, 'usd', 'PAID', null, '2026-11-01 00:00:00Z')"#,
        )
        .await;
    let (id, told) = world.ask_and_read(ADA, OCTOBER).await;
    let result = &results(&world, id).await[0].1;
    assert_eq!(
        (&result["source"], &result["rows"]),
        (&"Payment".into(), &2.into())
    );
    assert!(told.contains("(none)"), "{told}");
    assert!(
        told.contains("add `status String` to model Payment"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_before_the_answer_is_on_record_it_is_summed_again_and_told_once() {
    let mut world = with_stripe().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(ADA, LINE).await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await.len(), 1);
    let answers = "select count(*) from countersign.private_text where kind = 'answer'";
    assert_eq!(world.count(answers).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_without_rows_of_the_app_is_said_to_have_none() {
    let world = World::start().await;
    let (id, told) = world.ask_and_read(ADA, "/ops stats revenue 2020-01").await;
    assert!(told.contains("There is no row of this month."), "{told}");
    assert_eq!(results(&world, id).await[0].1["rows"], 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_stripe_is_tried_for_a_while_and_then_said() {
    let world = with_stripe().await;
    world.stripe.faults().set_outage(Outage::Unavailable);
    let id = world.ask_freely(ADA, LINE).await;
    world.hurry_until_state(id, "refused").await;
    let told = world.told_directly(ADA, id).await;
    assert!(told.contains("Ask again later"), "{told}");
    assert!(!told.contains("USD"), "{told}");
    world.finish().await;
}
