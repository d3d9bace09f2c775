//! `/ops stripe review`: what at Stripe somebody should look at.

use std::time::Duration;

use chrono::{DateTime, Days, TimeDelta, Utc};
use countersign::runtime::Clock;
use countersign_sandbox::{
    data::stripe::{APP_ENDPOINT, OLD_ENDPOINT},
    stripe::{Failure, Key, NewPayment, Reach, Times},
};
use insta::assert_snapshot;

use crate::support::{
    Options, World, boundary::Boundary, once::results, people::VICTOR, seen::assert_tables_fit,
    story::*,
};

const LINE: &str = "/ops stripe review";
const DISPUTES: &str = "GET /v1/disputes";

async fn with_stripe() -> World {
    World::with(Options::default().and_stripe()).await
}

/// An account in which nothing has happened, with our own endpoint alone.
async fn with_an_empty_account() -> World {
    let mut world = World::without_service(Options::default()).await;
    let (key, base) = (world.stripe.secret_key(), world.stripe.url().to_owned());
    world.environment.insert("STRIPE_SECRET_KEY".into(), key);
    world.environment.insert("STRIPE_API_BASE".into(), base);
    world.start_replica().await;
    world
}

/// The same key, less some rights.
fn without(world: &World, missing: &[&str]) {
    let all = [
        "rak_webhook_read",
        "rak_event_read",
        "rak_dispute_read",
        "rak_radar_read",
        "rak_charge_read",
    ];
    let rights: Vec<_> = all.into_iter().filter(|it| !missing.contains(it)).collect();
    let secret = world.stripe.secret_key();
    world.stripe.set_keys(vec![Key {
        secret,
        ..Key::restricted(true, &rights)
    }]);
}

/// Days and times differ from run to run.
fn undated(text: &str) -> String {
    let shape = |word: &str, shape: &str| {
        word.len() == shape.len()
            && word
                .chars()
                .zip(shape.chars())
                .all(|(c, wanted)| c == wanted || (wanted == '9' && c.is_ascii_digit()))
    };
    let words = text.split_inclusive([' ', '\n', ':']).map(|piece| {
        let word = piece.trim_end_matches([' ', '\n', ':']);
        let rest = &piece[word.len()..];
        match word {
            word if shape(word, "9999-99-99") => format!("<day>{rest}"),
            word => format!("{word}{rest}"),
        }
    });
    let text: String = words.collect();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(" UTC") {
        let time = at.saturating_sub("09:00".len());
        let is_time = rest.get(time..at).is_some_and(|time| shape(time, "99:99"));
        let keep = if is_time { time } else { at };
        out.push_str(&rest[..keep]);
        out.push_str(if is_time { "<time>" } else { "" });
        out.push_str(" UTC");
        rest = &rest[at + " UTC".len()..];
    }
    out + rest
}

#[tokio::test(flavor = "multi_thread")]
async fn each_section_has_its_own_verdict_and_what_it_rests_on() {
    let world = with_stripe().await;
    let (id, told) = world.ask_and_read(VICTOR, LINE).await;
    assert_snapshot!("review", undated(&told));
    let result = &results(&world, id).await[0].1;
    assert_eq!(result["webhook_endpoints"], 1);
    assert_eq!(result["undelivered_events"], 2);
    assert_eq!(result["open_disputes"], 1);
    assert_eq!(result["actionable_warnings"], 1);
    assert_eq!(result["worse_rates"], 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_happened_there_is_nothing_to_look_at() {
    let world = with_an_empty_account().await;
    let (_, told) = world.ask_and_read(ADA, "/ops stripe review").await;
    assert!(told.contains("Stripe: nothing to look at"), "{told}");
    assert!(
        told.contains("There was nothing in the month before to compare with."),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_the_key_lacks_hides_its_section_alone_and_is_named() {
    let world = with_stripe().await;
    without(&world, &["rak_dispute_read", "rak_radar_read"]);
    let (id, told) = world.ask_and_read(ADA, LINE).await;
    for title in ["Disputes: not known", "Early fraud warnings: not known"] {
        assert!(told.contains(title), "{told}");
    }
    for right in [
        "lacks the right rak_dispute_read",
        "lacks the right rak_radar_read",
    ] {
        assert!(told.contains(right), "{told}");
    }
    assert!(
        told.contains("Stripe: 3 of 5 to look at, 2 not known"),
        "{told}"
    );
    let result = &results(&world, id).await[0].1;
    assert_eq!(result["open_disputes"], "not known");
    assert_eq!(result["webhook_endpoints"], 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_stripe_does_not_accept_ends_the_review_with_the_reason() {
    let world = with_stripe().await;
    world.stripe.set_keys(vec![Key::full(true)]);
    let told = world.refusal_of(ADA, LINE).await;
    assert!(
        told.contains("does not accept the key in STRIPE_SECRET_KEY"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_stripe_the_setting_is_named() {
    let world = World::with(Options::real()).await;
    let told = world.refusal_of(ADA, LINE).await;
    assert!(told.contains("set STRIPE_SECRET_KEY"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_stripe_asks_for_patience_the_review_is_tried_again() {
    let world = with_stripe().await;
    let busy = Failure::RateLimit(1);
    world.stripe.faults().fail(DISPUTES, busy, Times::First(2));
    let id = world.ask_freely(ADA, LINE).await;
    world
        .hurry_until("the end of the review", async |world| {
            (world.request(id).await.state.word() == "done").then_some(())
        })
        .await;
    assert_eq!(world.stripe.calls_of(DISPUTES).len(), 3);
    assert_eq!(results(&world, id).await.len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_before_the_answer_is_on_record_it_is_looked_at_again_and_told_once() {
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
async fn what_was_mended_is_in_order_again() {
    let world = with_stripe().await;
    let account = world.stripe.account();
    for endpoint in account.endpoints.iter() {
        if endpoint.url == OLD_ENDPOINT {
            world.stripe.set_enabled(&endpoint.id, true);
        }
        if endpoint.url == APP_ENDPOINT {
            world.stripe.set_reach(&endpoint.id, Reach::Answers(200));
        }
    }
    for event in account.events.iter().filter(|it| it.pending_webhooks > 0) {
        let app = account.endpoints.iter().find(|it| it.url == APP_ENDPOINT);
        world.stripe.send_again(&event.id, &app.unwrap().id);
    }
    let dispute = account.disputes.iter().next().unwrap();
    world.stripe.close_dispute(&dispute.id, "lost");
    world.stripe.refund_at_dashboard("ch_umar", None).unwrap();
    world
        .until("everything is delivered", async |world| {
            let account = world.stripe.account();
            let open = account
                .events
                .iter()
                .any(|it| it.created < day_ago(world) && it.pending_webhooks > 0);
            (!open).then_some(())
        })
        .await;
    let (_, told) = world.ask_and_read(ADA, LINE).await;
    for title in [
        "Webhook endpoints",
        "Webhook deliveries",
        "Disputes",
        "Early fraud warnings",
    ] {
        assert!(told.contains(&format!("{title}: in order")), "{told}");
    }
    world.finish().await;
}

fn day_ago(world: &World) -> i64 {
    (world.clock.now() - Days::new(1)).timestamp()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_the_last_minutes_is_on_its_way_and_not_missed() {
    let world = with_an_empty_account().await;
    let wanted = ["payment_intent.succeeded"];
    world
        .stripe
        .add_endpoint(APP_ENDPOINT, &wanted, Reach::Answers(500));
    world.stripe.add_payment(NewPayment::of(999, "usd"));
    let (_, told) = world.ask_and_read(ADA, LINE).await;
    assert!(
        told.contains("1 of the last minutes are on their way"),
        "{told}"
    );
    world.clock.advance(Duration::from_mins(11));
    let (_, told) = world.ask_and_read(VICTOR, LINE).await;
    assert!(
        told.contains("1 event of the last 30 days did not arrive everywhere"),
        "{told}"
    );
    assert!(
        told.contains("somebody may have paid and got nothing"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disputes_stand_in_the_order_in_which_their_evidence_is_due() {
    let world = with_an_empty_account().await;
    let now: DateTime<Utc> = world.clock.now();
    let cases = [
        ("late", Some(TimeDelta::days(-1)), "needs_response"),
        ("soon", Some(TimeDelta::hours(30)), "needs_response"),
        ("asked", Some(TimeDelta::days(9)), "warning_needs_response"),
        ("bank", Some(TimeDelta::days(2)), "under_review"),
        ("won", None, "won"),
    ];
    for (name, due, status) in cases.into_iter().rev() {
        let payment = world
            .stripe
            .add_payment(NewPayment::of(1500, "jpy").named(name));
        let due = due.map(|due| now + due);
        world
            .stripe
            .dispute(&payment.charge, "fraudulent", status, due);
    }
    let (_, told) = world.ask_and_read(ADA, LINE).await;
    let place = |words: &str| {
        told.find(words)
            .unwrap_or_else(|| panic!("no {words}: {told}"))
    };
    assert!(place("pi_late") < place("pi_soon"));
    assert!(place("pi_soon") < place("pi_asked"));
    assert!(place("pi_asked") < place("pi_bank"));
    for words in [
        ": over",
        ": in 1 day ",
        "1500 JPY",
        "2 disputes wait for our answer: without one the money is lost; 1 inquiry of a bank waits",
    ] {
        assert!(told.contains(words), "no {words}: {told}");
    }
    assert!(!told.contains("pi_won"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_breaks_with_ids_as_long_as_stripes() {
    let world = with_an_empty_account().await;
    let wanted = ["payment_intent.succeeded"];
    world
        .stripe
        .add_endpoint(APP_ENDPOINT, &wanted, Reach::Answers(500));
    let payment = NewPayment::of(150_000, "usd").named("3QhT0aB2eZvKYlo2C1x7Yw9R");
    let payment = world.stripe.add_payment(payment);
    assert_eq!(payment.intent.len(), 27);
    let due = world.clock.now() + TimeDelta::days(9);
    world
        .stripe
        .dispute(&payment.charge, "fraudulent", "needs_response", Some(due));
    world.clock.advance(Duration::from_mins(11));
    let (_, told) = world.ask_and_read(ADA, LINE).await;
    assert!(
        told.contains("Newest payment_intent.succeeded: `evt_"),
        "{told}"
    );
    assert!(
        told.contains("3QhT0aB2eZvKYlo2C1x7Yw9R: dispute `"),
        "{told}"
    );
    assert!(told.contains("needs response"), "{told}");
    assert_tables_fit(&told);
    world.finish().await;
}
