//! With a test key everything works with test payments, and everything says so. With the other mode's payments nothing does.

use countersign_sandbox::stripe::{self, Key, NewPayment, Stripe};

use super::*;
use crate::support::people::VICTOR;

const LINE: &str = "/ops refund pi_tried 5 only a try";
const SAYS: &str = "TEST MODE";

/// An account of one mode with one payment, and a service with a key of one mode.
async fn world_with(account_is_live: bool, key_is_live: bool) -> (World, Stripe) {
    let stripe = Stripe::start(stripe::Settings {
        keys: vec![Key::full(key_is_live)],
        live: account_is_live,
        ..stripe::Settings::default()
    })
    .await
    .unwrap();
    stripe.add_payment(
        NewPayment::of(999, "usd")
            .named("tried")
            .with("credits", "10"),
    );
    let options = Options::default()
        .and_stripe()
        .with("STRIPE_API_BASE", stripe.url())
        .with("STRIPE_SECRET_KEY", &stripe.secret_key());
    (World::with(options).await, stripe)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_payment_is_refunded_under_a_test_key_and_every_message_says_test_mode() {
    let (world, test) = world_with(false, false).await;
    let id = world.ask(ADA, LINE).await;
    let card = world.card(id).await;
    assert!(card.text.contains(SAYS), "notification: {}", card.text);
    let header = card.blocks[0].to_string();
    assert!(header.contains(SAYS), "header: {header}");
    // Nobody's credits are in this payment, so that no credits change is said.
    let says = card.all_text();
    assert!(says.contains("no real money moves"), "{says}");
    assert!(!says.contains("credits in the app's database"), "{says}");
    let view = world.open_modal(GRACE, id, "approve").await;
    world.submit(GRACE, &view, "5.00 USD").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(test.account().refunds.iter().count(), 1);
    let done = world.until_card_says(id, "*Done*").await;
    assert!(done.blocks[0].to_string().contains(SAYS), "{done:?}");
    let told = world.told_of(ADA, id).await;
    assert!(told.text.contains(SAYS), "{told:?}");
    let audit = world.until_audit(id, "OPS-").await;
    assert!(audit.text.contains(SAYS), "{audit:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_reads_from_stripe_says_test_mode_under_a_test_key() {
    let (world, _test) = world_with(false, false).await;
    for line in [
        "/ops payment find pi_tried",
        "/ops payment find nobody@example.net",
        "/ops stripe review",
        "/ops stats revenue",
    ] {
        let (_, told) = world.answered(VICTOR, line).await;
        assert!(told.text.contains(SAYS), "{line}: {}", told.text);
        assert!(told.blocks[0].to_string().contains(SAYS), "{line}");
    }
    let says = world
        .refusal_of(ADA, "/ops refund pi_nobody only a try")
        .await;
    assert!(says.contains(SAYS), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_live_key_nothing_says_test_mode() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    let card = world.card(id).await;
    assert!(!card.all_text().contains(SAYS), "{card:?}");
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_payment_is_refused_under_a_live_key() {
    let (world, test) = world_with(false, true).await;
    let says = world.refusal_of(ADA, LINE).await;
    assert!(says.contains("STRIPE_SECRET_KEY is a live key"), "{says}");
    assert!(says.contains("test mode"), "{says}");
    assert!(test.calls_of("POST /v1/refunds").is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_payment_is_refused_under_a_test_key() {
    let (world, live) = world_with(true, false).await;
    for line in [
        LINE,
        "/ops credits add usr_1 10 pi_tried paid",
        "/ops payment find pi_tried",
    ] {
        let says = world.refusal_of(ADA, line).await;
        assert!(says.contains("STRIPE_SECRET_KEY is a test key"), "{says}");
        assert!(says.contains(SAYS), "{says}");
    }
    assert!(live.calls_of("POST /v1/refunds").is_empty());
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}
