//! What its requester has to confirm: shown to them alone, done once they say so, as it was shown.

mod changed;
mod crashes;
mod who;

use std::time::Duration;

use countersign::domain::RequestId;
use countersign_sandbox::slack::{Outgoing, Pick};
use insta::assert_snapshot;

use crate::support::{Options, World, once::results, seen::seen, story::*};

const LINE: &str = "/ops credits add usr_1 10 a gift";
const REMOVE: &str = "/ops credits remove usr_1 10 refunded by hand";
/// How long a confirmation is waited for.
const EXPIRY: Duration = Duration::from_secs(10 * 60);

/// Olga asks; gives the request once she is shown what she has to confirm.
async fn shown(world: &World, line: &str) -> RequestId {
    let id = world.asks(OLGA, line).await;
    world.until_state(id, "awaiting confirmation").await;
    until_shown(world, id, "expires").await;
    id
}

/// Waits until the direct message says something, and has the button.
async fn until_shown(world: &World, id: RequestId, words: &str) {
    world
        .until("what is to be confirmed", async |world| {
            let (_, card) = world.confirm_card(id).await?;
            let is_there = card.has_action("confirm") && card.all_text().contains(words);
            is_there.then_some(())
        })
        .await;
}

/// Waits until the direct message says something and has no buttons.
async fn until_decided(world: &World, id: RequestId, words: &str) {
    world
        .until("a direct message without buttons", async |world| {
            let (_, card) = world.confirm_card(id).await?;
            let is_over = card.elements().is_empty() && card.all_text().contains(words);
            is_over.then_some(())
        })
        .await;
}

/// A click on the direct message as it is now, as it would reach the app; it can be sent later.
async fn click(world: &World, who: &str, id: RequestId, action: &str) -> Outgoing {
    let (channel, card) = world.confirm_card(id).await.unwrap();
    let pick = Pick::on_message(who, &channel, &card.ts, action);
    world.slack.click_request(&pick).unwrap()
}

async fn credits(world: &World) -> i64 {
    world
        .count(r#"select credits::bigint from "User" where id = 'usr_1'"#)
        .await
}

/// How often something is on record of a request.
async fn times(world: &World, id: RequestId, event: &str) -> usize {
    let names = world.event_names(id).await;
    names.iter().filter(|name| *name == event).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_touches_credits_is_shown_to_the_requester_alone_and_done_once_they_confirm() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, LINE).await;
    assert_eq!(credits(&world).await, 12);
    let (_, card) = world.confirm_card(id).await.unwrap();
    assert_snapshot!(
        "to_confirm",
        format!("{}\n────\n{}", notification(&card.text), seen(&[card]))
    );
    let planned = world.until_audit(id, "Planned").await.all_text();
    let says = "needs the confirmation of the person who asked";
    assert!(planned.contains(says), "{planned}");

    world.press(OLGA, id, "confirm").await;
    world.until_state(id, "done").await;
    assert_eq!(credits(&world).await, 22);
    assert_eq!(results(&world, id).await.len(), 1);
    let names = [
        "asked",
        "planned",
        "confirmed",
        "run_started",
        "step_started",
        "step_succeeded",
        "run_succeeded",
    ];
    assert_eq!(world.event_names(id).await, names);
    until_decided(&world, id, "*Done*").await;
    world.until_audit(id, "*Confirmed* by <@U0OLGA>").await;
    assert!(
        world.slack.messages(APPROVALS).is_empty(),
        "a card for nobody"
    );
    world.finish().await;
}

/// The notification, without the time.
fn notification(text: &str) -> String {
    let (before, after) = text.split_once("<!date").unwrap();
    let (_, after) = after.split_once('>').unwrap();
    format!("{before}<time>{after}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_requester_cancels_is_not_done() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, LINE).await;
    world.press(OLGA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    until_decided(&world, id, "*Cancelled*").await;
    assert_eq!(credits(&world).await, 12);
    assert_eq!(
        world.event_names(id).await,
        ["asked", "planned", "cancelled"]
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_listed_shown_and_cancelled_by_commands() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, LINE).await;
    let label = world.request(id).await.label();
    for (line, says) in [
        ("/ops requests awaiting".to_owned(), "awaiting confirmation"),
        (
            format!("/ops show {label}"),
            "the confirmation of the person who asked",
        ),
        (
            format!("/ops cancel {label}"),
            "is cancelled: it will not run",
        ),
    ] {
        let (_, told) = world.answered(OLGA, &line).await;
        let told = told.all_text();
        assert!(
            told.contains(&label) && told.contains(says),
            "{line}: {told}"
        );
    }
    world.until_state(id, "cancelled").await;
    until_decided(&world, id, "*Cancelled*").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_confirms_within_ten_minutes_expires_and_says_so() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, LINE).await;
    let late = click(&world, OLGA, id, "confirm").await;
    world.clock.advance(EXPIRY - Duration::from_secs(60));
    world.answered(OLGA, "/ops whoami").await;
    assert_eq!(
        world.request(id).await.state.word(),
        "awaiting confirmation"
    );
    world.clock.advance(Duration::from_secs(61));
    world.until_state(id, "expired").await;
    until_decided(&world, id, "it was not confirmed in time").await;
    let told = world.told_of(OLGA, id).await.all_text();
    assert!(told.contains("it was not confirmed in time"), "{told}");
    world.slack.send(&late).await;
    world.until_told(OLGA, "there is nothing to decide").await;
    assert_eq!(credits(&world).await, 12);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_freeze_it_is_confirmed_and_done_after_the_thaw_or_expires() {
    let world = World::start().await;
    world.nobody_confirms();
    world
        .ask_and_read(ADA, "/ops freeze on restoring the database")
        .await;
    let id = shown(&world, LINE).await;
    let other = shown(&world, REMOVE).await;
    world.press(OLGA, id, "confirm").await;
    world.until_state(id, "approved").await;
    until_decided(&world, id, "frozen").await;
    world.clock.advance(EXPIRY + Duration::from_secs(1));
    world.until_state(other, "expired").await;
    assert_eq!(credits(&world).await, 12);
    world.ask_and_read(ADA, "/ops freeze off restored").await;
    world.hurry_until_state(id, "done").await;
    assert_eq!(credits(&world).await, 22);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_without_a_warning_is_done_at_once() {
    let world = World::start().await;
    world.nobody_confirms();
    let (id, _) = world
        .ask_and_read(OLGA, "/ops user ban usr_13 sends spam")
        .await;
    assert_eq!(times(&world, id, "confirmed").await, 0);
    assert!(world.confirm_card(id).await.is_none());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_alone_is_confirmed_as_well() {
    let world = World::with(Options::default().and_vendors()).await;
    world.nobody_confirms();
    let id = shown(&world, "/ops ip ban 8.8.4.4 it scrapes the tests").await;
    until_shown(&world, id, "COUNTERSIGN_PROTECTED_NETWORKS is empty").await;
    assert!(world.vercel.rules().is_empty());
    world.press(OLGA, id, "confirm").await;
    world.until_state(id, "done").await;
    assert_eq!(world.vercel.rules().len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_asks_for_waits_for_nobody() {
    let world = World::with(Options::default().and_vendors()).await;
    let line = "/ops ip ban 8.8.4.4 for 24h it scrapes the tests";
    let (ban, _) = world.ask_and_read(OLGA, line).await;
    world.nobody_confirms();
    world.clock.advance(Duration::from_secs(24 * 60 * 60 + 60));
    let lift = world.until_newer_than(Some(ban)).await;
    world.until_state(lift, "done").await;
    assert_eq!(times(&world, lift, "confirmed").await, 0);
    assert!(world.vercel.rules().is_empty());
    world.finish().await;
}
