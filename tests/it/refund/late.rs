//! A refund that the bank sends back after Stripe had called it done.

use std::time::Duration;

use countersign_sandbox::stripe::{Key, NewRefunds, Outage, Settlement};
use insta::assert_snapshot;

use super::*;
use crate::support::{boundary::Boundary, seen::seen};

const DAY: Duration = Duration::from_secs(24 * 3600);
const LOOK: &str = "GET /v1/refunds/{id}";
const CAME_BACK: &str = "taken back afterwards";

fn failed() -> Settlement {
    Settlement::Failed("expired_or_canceled_card".to_owned())
}

/// How often Ada was told that it came back.
fn told(world: &World) -> usize {
    let dm = world.slack.dm(ADA).into_iter();
    dm.filter(|message| message.all_text().contains(CAME_BACK))
        .count()
}

/// It came back once, whatever happened: on record, told, and the credits are there again.
async fn came_back_once(world: World, id: RequestId, credits: i32) {
    world.until_told(ADA, CAME_BACK).await;
    world.hurry_until_delivered().await;
    assert_eq!(told(&world), 1);
    let names = world.event_names(id).await;
    assert_eq!(names.iter().filter(|name| *name == "reversed").count(), 1);
    assert_eq!(credits_of(&world, "usr_1").await, credits);
    world
        .until("every event is followed", async |world| {
            let open = "select count(*) from countersign.inbox where done_at is null";
            (world.count(open).await == 0).then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_on_record_on_the_card_and_told_and_the_credits_come_back() {
    let world = shop().await;
    let id = refunded(&world, PRO_LINE, PRO_ALL).await;
    let refund = only_refund(&world, PRO, 999, id);
    world.stripe.settle_refund(&refund.id, &failed());
    world.until_state(id, "reversed").await;
    let card = world.until_card_says(id, CAME_BACK).await;
    assert_snapshot!("card_reversed", seen(&[card]));
    let told = world.until_told(ADA, CAME_BACK).await;
    assert_snapshot!("told_that_it_came_back", seen(&[told]));
    world.hurry_until_delivered().await;
    let thread = world.audit_thread(id).await;
    let entry = thread.last().unwrap().all_text();
    assert!(entry.contains("*Reversed* after its end"), "{entry}");
    assert!(entry.contains("credits given back: 10"), "{entry}");
    came_back_once(world, id, MARIAS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_event_delivered_again_changes_nothing() {
    let world = shop().await;
    let id = refunded(&world, PRO_LINE, PRO_ALL).await;
    let refund = only_refund(&world, PRO, 999, id);
    world.stripe.settle_refund(&refund.id, &failed());
    world.until_state(id, "reversed").await;
    let events = world.stripe.account().events;
    let about: Vec<String> = events
        .iter()
        .filter(|event| event.kind == "refund.failed")
        .map(|event| event.id.clone())
        .collect();
    let before = world.stripe.deliveries().len();
    for event in &about {
        world.stripe.send_again(event, &world.stripe_endpoint);
    }
    world
        .hurry_until("the second delivery", async |world| {
            (world.stripe.deliveries().len() >= before + about.len()).then_some(())
        })
        .await;
    came_back_once(world, id, MARIAS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_the_credits_and_the_entry_they_are_not_given_back_again() {
    let mut world = shop().await;
    let id = refunded(&world, PRO_LINE, PRO_ALL).await;
    let refund = only_refund(&world, PRO, 999, id);
    let boundary = Boundary::at(&world, "new.name = 'reversed'").await;
    world.stripe.settle_refund(&refund.id, &failed());
    world.crash_after_effect(boundary).await;
    world.hurry_until_state(id, "reversed").await;
    came_back_once(world, id, MARIAS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_webhook_the_daily_look_finds_it() {
    let world = shop().await;
    world.stripe.hold_webhooks(true);
    let id = refunded(&world, PRO_LINE, PRO_ALL).await;
    let refund = only_refund(&world, PRO, 999, id);
    world.hurry_until_delivered().await;
    world.clock.advance(3 * DAY);
    world.stripe.settle_refund(&refund.id, &failed());
    world.clock.advance(DAY);
    world.hurry_until_state(id, "reversed").await;
    world.stripe.hold_webhooks(false);
    came_back_once(world, id, MARIAS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_stripe_is_away_it_is_looked_at_again_later() {
    let world = shop().await;
    let id = refunded(&world, PRO_LINE, PRO_ALL).await;
    let refund = only_refund(&world, PRO, 999, id);
    world.stripe.faults().set_outage(Outage::Unavailable);
    world.stripe.settle_refund(&refund.id, &failed());
    let before = world.stripe.calls().len();
    world
        .hurry_until("a look that fails", async |world| {
            (world.stripe.calls().len() > before).then_some(())
        })
        .await;
    assert_eq!(world.request(id).await.state.word(), "done");
    world.stripe.faults().clear();
    world.hurry_until_state(id, "reversed").await;
    came_back_once(world, id, MARIAS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_one_looks_a_day_and_after_five_weeks_none() {
    let mut world = shop().await;
    world.start_replica().await;
    let id = refunded(&world, PRO_LINE, PRO_ALL).await;
    world.hurry_until_delivered().await;
    let settled = world.stripe.calls_of(LOOK).len();
    let mut looks = 0;
    loop {
        world.clock.advance(DAY);
        // The look is over when the row says when the next one is, or that there is none.
        let now = countersign::runtime::Clock::now(&*world.clock);
        let next: Option<countersign::domain::Instant> = world
            .until("the day's look", async |world| {
                let sql = "select look_at from countersign.refund where request_id = $1";
                let next = sqlx::query_scalar(sql).bind(id.0).fetch_one(&world.db);
                let next: Option<countersign::domain::Instant> = next.await.unwrap();
                next.is_none_or(|at| at > now + chrono::Duration::hours(2))
                    .then_some(next)
            })
            .await;
        looks += 1;
        assert_eq!(world.stripe.calls_of(LOOK).len() - settled, looks);
        if next.is_none() {
            break;
        }
        assert!(looks < 40, "it never ends");
    }
    assert_eq!(looks, 35);
    assert_eq!(world.request(id).await.state.word(), "done");
    world.finish().await;
}

/// Another key than the service's: whatever it asks is refused.
fn change_the_key(world: &World) -> Key {
    let key = Key {
        secret: world.stripe.secret_key(),
        ..Key::full(true)
    };
    world.stripe.set_keys(vec![Key::full(true)]);
    key
}

/// Stripe has the refund and it is pending; then it could not be looked at any more, and a person settled the request.
async fn settled_while_pending(world: &World) -> (RequestId, Refund) {
    world.stripe.set_new_refunds(NewRefunds::Processing);
    let id = approved(world, PRO_LINE, PRO_ALL).await;
    world.until_card_says(id, "has not settled it yet").await;
    let refund = only_refund(world, PRO, 999, id);
    let key = change_the_key(world);
    world.skip_pauses_until_state(id, "indeterminate").await;
    world.stripe.set_keys(vec![key]);
    let view = world.open_modal(LINUS, id, "settle").await;
    world.submit(LINUS, &view, "Stripe has it").await;
    world.until_state(id, "settled").await;
    (id, refund)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_a_person_had_settled_is_told_of_and_gives_nothing_back_by_itself() {
    let world = shop().await;
    let (id, refund) = settled_while_pending(&world).await;
    world.stripe.settle_refund(&refund.id, &failed());
    world.hurry_until_state(id, "reversed").await;
    let card = world
        .until_card_says(id, "nothing follows by itself")
        .await
        .all_text();
    assert!(card.contains("it was settled"), "{card}");
    let by_hand = by_hand(&world, id, "usr_1", 10).await;
    assert!(card.contains(&by_hand), "{card}");
    came_back_once(world, id, MARIAS - 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_a_person_had_settled_is_found_by_the_daily_look_as_well() {
    let world = shop().await;
    world.stripe.hold_webhooks(true);
    let (id, refund) = settled_while_pending(&world).await;
    world.hurry_until_delivered().await;
    world.stripe.settle_refund(&refund.id, &failed());
    world.clock.advance(2 * DAY);
    world.hurry_until_state(id, "reversed").await;
    world.stripe.hold_webhooks(false);
    came_back_once(world, id, MARIAS - 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_refuses_to_show_is_looked_at_daily_and_for_five_weeks_only() {
    let world = shop().await;
    let id = refunded(&world, PRO_LINE, PRO_ALL).await;
    world.hurry_until_delivered().await;
    let key = change_the_key(&world);
    let next = async |after: chrono::Duration| {
        let now = countersign::runtime::Clock::now(&*world.clock);
        world
            .until("the look", async |world| {
                let sql = "select look_at from countersign.refund where request_id = $1";
                let next = sqlx::query_scalar(sql).bind(id.0).fetch_one(&world.db);
                let next: Option<countersign::domain::Instant> = next.await.unwrap();
                next.is_none_or(|at| at > now + after).then_some(next)
            })
            .await
    };
    world.clock.advance(DAY + DAY / 24);
    let rests = next(chrono::Duration::hours(20)).await;
    assert!(rests.is_some());
    world.clock.advance(36 * DAY);
    assert_eq!(next(chrono::Duration::hours(2)).await, None);
    assert_eq!(world.request(id).await.state.word(), "done");
    world.stripe.set_keys(vec![key]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_of_an_account_that_is_gone_are_said_to_be_lost() {
    let world = shop().await;
    let id = refunded(&world, PRO_LINE, PRO_ALL).await;
    let refund = only_refund(&world, PRO, 999, id);
    sqlx::query(r#"update "User" set id = 'usr_gone' where id = 'usr_1'"#)
        .execute(&world.db)
        .await
        .unwrap();
    world.stripe.settle_refund(&refund.id, &failed());
    world.until_state(id, "reversed").await;
    let says = "10 credits could not be given back: the account is not there any more";
    world.until_card_says(id, says).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_app_has_no_credits_only_the_money_is_told_of() {
    let world = World::with(Options::real().and_stripe()).await;
    let line = "/ops refund pi_maria_pro the test was interrupted";
    let id = refunded(&world, line, PRO_ALL).await;
    let refund = only_refund(&world, PRO, 999, id);
    world.stripe.settle_refund(&refund.id, &failed());
    world.until_state(id, "reversed").await;
    let card = world.until_card_says(id, CAME_BACK).await.all_text();
    assert!(card.contains("the money is with us again"), "{card}");
    assert!(!card.contains("given back"), "{card}");
    world.until_told(ADA, CAME_BACK).await;
    world.hurry_until_delivered().await;
    world.finish().await;
}
