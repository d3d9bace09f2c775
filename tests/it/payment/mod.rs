//! `/ops payment find`: what Stripe knows of a person's payments.

mod captures;
mod old_charges;

use countersign_sandbox::stripe::{ANY_OPERATION, Failure, Key, NewCustomer, NewPayment, Times};
use insta::assert_snapshot;

use crate::support::{
    Options, World, boundary::Boundary, once::results, people::VICTOR, seen::assert_tables_fit,
    story::*,
};

async fn shop() -> World {
    World::with(Options::default().and_stripe()).await
}

/// Dates are told relative to today.
fn undated(told: &str) -> String {
    let date = |word: &str| {
        let parts: Vec<&str> = word.split('-').collect();
        let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        parts.len() == 3 && parts.iter().all(digits) && word.len() == 10
    };
    let time = |word: &str| word.len() == 5 && word.as_bytes()[2] == b':';
    let lines = told.lines().map(|line| {
        let words = line.split(' ').map(|word| match word {
            word if date(word) => "<- date ->",
            word if time(word) => "<- t>",
            word => word,
        });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_payments_are_shown_to_whoever_asked_alone() {
    let world = shop().await;
    let (id, told) = world
        .ask_and_read(VICTOR, "/ops payment find maria@example.com")
        .await;
    assert_snapshot!("of_maria", undated(&told));
    let heard = format!("{:#?}", world.audit_thread(id).await);
    for private in ["maria@example.com", "pi_maria_pro"] {
        assert!(
            !heard.contains(private),
            "{private} is in the audit channel"
        );
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_is_found_by_the_apps_user_id() {
    let world = shop().await;
    let (_, told) = world.ask_and_read(ADA, "/ops payment find usr_1").await;
    for there in ["pi_maria_pro", "pi_maria_credits", "pi_twin"] {
        assert!(told.contains(there), "{told}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_paid_as_a_guest_is_found_without_an_account() {
    let world = shop().await;
    let (_, told) = world
        .ask_and_read(ADA, "/ops payment find nobody@example.net")
        .await;
    assert!(told.contains("pi_stranger"), "{told}");
    assert!(told.contains("guest"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_payment_is_shown_with_its_refunds() {
    let world = shop().await;
    let (_, told) = world.ask_and_read(ADA, "/ops payment find pi_tara").await;
    assert_snapshot!("of_tara", undated(&told));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_does_not_break_with_ids_as_long_as_stripes() {
    let world = shop().await;
    let guest = NewPayment::of(150_000, "usd")
        .named("3QhT0aB2eZvKYlo2C1x7Yw9R")
        .by_guest("pat@example.com", "Pat");
    world.stripe.add_payment(guest);
    let (_, told) = world
        .ask_and_read(ADA, "/ops payment find pat@example.com")
        .await;
    assert!(
        told.contains("pi_3QhT0aB2eZvKYlo2C1x7Yw9R: guest"),
        "{told}"
    );
    assert_tables_fit(&told);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disputed_payment_and_one_in_yen_are_shown_as_such() {
    let world = shop().await;
    let (_, told) = world.ask_and_read(ADA, "/ops payment find usr_6").await;
    assert!(told.contains("disputed"), "{told}");
    let (_, told) = world.ask_and_read(ADA, "/ops payment find usr_38").await;
    assert!(told.contains("1500 JPY"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whom_the_search_does_not_know_yet_is_said_to_be_possible() {
    let world = shop().await;
    let customer = world.stripe.add_customer(NewCustomer {
        email: Some("LATE@example.com".to_owned()),
        ..NewCustomer::default()
    });
    let payment = NewPayment::of(999, "usd")
        .named("late")
        .by(&customer)
        .without_checkout();
    world.stripe.add_payment(payment);
    let line = "/ops payment find late@example.com";
    let (_, told) = world.ask_and_read(ADA, line).await;
    assert!(!told.contains("pi_late"), "{told}");
    assert!(told.contains("lags"), "{told}");
    world.stripe.catch_up_search();
    let (_, told) = world.ask_and_read(LINUS, line).await;
    assert!(told.contains("pi_late"), "{told}");
    assert!(told.contains("other letter case"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_shape_it_works_as_well() {
    let world = World::with(Options::real().and_stripe()).await;
    let (_, told) = world.ask_and_read(ADA, "/ops payment find usr_41").await;
    assert!(told.contains("pi_twin"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_of_whom_stripe_knows_nothing_has_no_payments() {
    let world = shop().await;
    let (_, told) = world.ask_and_read(ADA, "/ops payment find usr_2").await;
    assert!(told.contains("no customer with this address"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_nobody_has_is_refused() {
    let world = shop().await;
    let says = world.refusal_of(ADA, "/ops payment find usr_999").await;
    assert!(says.contains("no account has this id"), "{says}");
    let says = world.refusal_of(ADA, "/ops payment find pi_nobody").await;
    assert!(says.contains("Stripe has no pi_nobody"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_it_is_said_which_setting_is_missing() {
    let world = World::start().await;
    let says = world.refusal_of(ADA, "/ops payment find usr_1").await;
    assert!(says.contains("set STRIPE_SECRET_KEY"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_tried_for_a_while_and_then_said() {
    let world = shop().await;
    let faults = world.stripe.faults();
    faults.fail(ANY_OPERATION, Failure::ErrorBefore, Times::UntilCleared);
    let id = world.ask_freely(ADA, "/ops payment find usr_1").await;
    world.hurry_until_state(id, "refused").await;
    let says = world.told_directly(ADA, id).await;
    assert!(says.contains("Stripe failed with status 500"), "{says}");
    assert!(says.contains("Ask again later"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_stripe_does_not_know_is_said_without_the_key() {
    let options = Options::default()
        .and_stripe()
        .with("STRIPE_SECRET_KEY", "sk_live_0123456789abcdef");
    let world = World::with(options).await;
    let says = world.refusal_of(ADA, "/ops payment find usr_1").await;
    assert!(says.contains("does not accept the key"), "{says}");
    assert!(!says.contains("0123456789abcdef"), "{says}");
    world.finish().await;
}

/// The service's key, with these rights alone.
fn restrict(world: &World, rights: &[&str]) {
    let key = Key {
        secret: world.stripe.secret_key(),
        ..Key::restricted(true, rights)
    };
    world.stripe.set_keys(vec![key]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_the_key_lacks_is_named() {
    let world = shop().await;
    restrict(&world, &["rak_charge_read"]);
    let says = world.refusal_of(ADA, "/ops payment find usr_1").await;
    assert!(says.contains("lacks the permission rak_"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_search_finds_the_rest_and_says_so() {
    let world = shop().await;
    let rights = [
        "rak_customer_read",
        "rak_charge_read",
        "rak_payment_intent_read",
        "rak_checkout_session_read",
    ];
    restrict(&world, &rights);
    let (id, told) = world.ask_and_read(ADA, "/ops payment find usr_1").await;
    assert_eq!(world.request(id).await.state.word(), "done");
    let says = "customers with the address in other letter case could not be searched for";
    assert!(told.contains(says), "{told}");
    assert!(told.contains("pi_maria_pro"), "{told}");
    assert!(!told.contains("pi_twin"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_an_account_without_an_address_is_shown_by_its_own_id() {
    let world = shop().await;
    world
        .run(
            r#"alter table "User" alter email drop not null;
               update "User" set email = null where id = 'usr_1'"#,
        )
        .await;
    let (id, told) = world
        .ask_and_read(ADA, "/ops payment find pi_maria_pro")
        .await;
    assert!(told.contains("9.99 USD"), "{told}");
    assert_eq!(world.request(id).await.state.word(), "done");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_an_address_is_nobody_whom_stripe_knows() {
    let world = shop().await;
    world
        .run(
            r#"alter table "User" alter email drop not null;
               update "User" set email = null where id = 'usr_5'"#,
        )
        .await;
    let says = world.refusal_of(ADA, "/ops payment find usr_5").await;
    assert!(says.contains("usr_5 has no e-mail address"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_before_the_answer_is_on_record_it_is_looked_up_again_and_told_once() {
    let mut world = shop().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world
        .ask_freely(VICTOR, "/ops payment find maria@example.com")
        .await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await.len(), 1);
    let told = world.told_directly(VICTOR, id).await;
    assert!(told.contains("pi_maria_pro"), "{told}");
    world.finish().await;
}
