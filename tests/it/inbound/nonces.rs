//! A button is of one card at one place in its request's life. What a drawing said that no longer stands decides nothing.

use countersign::domain::RequestId;
use countersign_sandbox::slack::{Outgoing, Pick};
use serde_json::Value;

use super::wire::status;
use crate::support::{World, story::*};

const OUT_OF_DATE: &str = "this card is out of date";

/// A click as it would reach the app now; it can be sent later.
async fn click(world: &World, who: &str, id: RequestId, action: &str) -> Value {
    let card = world.until_card_shows(id, action).await;
    let pick = Pick::on_message(who, APPROVALS, &card.ts, action);
    let request = world.slack.click_request(&pick).unwrap();
    let payload = form_urlencoded::parse(request.body.as_bytes())
        .find(|(name, _)| name == "payload")
        .map(|(_, payload)| payload.into_owned())
        .unwrap();
    serde_json::from_str(&payload).unwrap()
}

async fn send(world: &World, payload: &Value) {
    let request = Outgoing::payload("/slack/interactions", payload);
    assert_eq!(status(&world.slack.send(&request).await), 200);
}

fn with_nonce(mut click: Value, nonce: &str) -> Value {
    let value = click["actions"][0]["value"].as_str().unwrap();
    let (rest, _) = value.rsplit_once('|').unwrap();
    click["actions"][0]["value"] = format!("{rest}|{nonce}").into();
    click
}

fn nonce(click: &Value) -> String {
    let value = click["actions"][0]["value"].as_str().unwrap();
    value.rsplit_once('|').unwrap().1.to_owned()
}

async fn all_worked_off(world: &World) {
    world
        .until("all inbox entries are done", async |world| {
            let open = "select count(*) from countersign.inbox where done_at is null";
            (world.count(open).await == 0).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_whose_nonce_is_not_its_cards_does_nothing() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let other = world
        .ask(GRACE, "/ops user delete usr_10 asked for it too")
        .await;
    let foreign = nonce(&click(&world, LINUS, other, "approve").await);
    let buttons = [
        (GRACE, "approve"),
        (LINUS, "deny"),
        (OLGA, "full_plan"),
        (ADA, "cancel"),
    ];
    for nonce in [foreign.as_str(), "2", ""] {
        for (who, action) in buttons {
            let told = world.slack.ephemerals(who).len();
            let forged = with_nonce(click(&world, who, id, action).await, nonce);
            send(&world, &forged).await;
            let answer = world
                .until("an answer", async |world| {
                    world.slack.ephemerals(who).get(told).cloned()
                })
                .await;
            assert!(
                answer.all_text().contains(OUT_OF_DATE),
                "{action}: {answer:#?}"
            );
            assert!(world.slack.open_views(who).is_empty(), "{action}");
        }
    }
    let request = world.request(id).await;
    assert_eq!(request.state.word(), "awaiting approval");
    assert_eq!(world.event_names(id).await, ["asked", "planned"]);

    world.approve(GRACE, id).await;
    let forged = with_nonce(click(&world, LINUS, id, "stop").await, &foreign);
    send(&world, &forged).await;
    world.until_told(LINUS, OUT_OF_DATE).await;
    assert_eq!(world.request(id).await.state.word(), "cooling off");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_decide_is_refused_by_the_rules_whatever_the_nonce_is() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    for (who, action) in [
        (ADA, "approve"),
        (OLGA, "deny"),
        (GRACE, "cancel"),
        (GIL, "full_plan"),
    ] {
        let forged = with_nonce(click(&world, who, id, action).await, "forged");
        send(&world, &forged).await;
        let says = format!(
            "<@{who}> tried `{}` and was refused",
            action.replace('_', " ")
        );
        world.until_audit(id, &says).await;
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_who_click_do_not_make_a_card_out_of_date() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let earlier = click(&world, GRACE, id, "approve").await;
    world.click_from(GIL, id, "deny").await;
    world
        .until_audit(id, "<@U0GIL> tried `deny` and was refused")
        .await;
    // The trigger that it carries has to be as new as the click.
    let mut again = click(&world, GRACE, id, "approve").await;
    again["actions"] = earlier["actions"].clone();
    send(&world, &again).await;
    let view = world
        .until("the dialog", async |world| {
            world
                .slack
                .open_views(GRACE)
                .pop()
                .filter(|view| !view.all_text().contains(LOOKING))
        })
        .await;
    world.submit(GRACE, &view.id, "usr_1").await;
    world.until_state(id, "cooling off").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_of_a_superseded_card_approve_and_deny_nothing_but_still_stop() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let deny = click(&world, LINUS, id, "deny").await;
    let approve = click(&world, LINUS, id, "approve").await;
    world.approve(GRACE, id).await;
    let stop = click(&world, LINUS, id, "stop").await;
    world.until_card_shows(id, "stop").await;
    world.add_flashcards_of_maria(50).await;
    world.cool_off().await;
    world.until_event(id, "superseded", 1).await;
    world.until_state(id, "awaiting approval").await;

    send(&world, &deny).await;
    world.until_told(LINUS, OUT_OF_DATE).await;
    send(&world, &approve).await;
    world
        .until_told(LINUS, "the plan has changed since this card was drawn")
        .await;
    assert!(world.slack.open_views(LINUS).is_empty());
    assert!(world.request(id).await.state.approvals().is_empty());

    world.approve(GRACE, id).await;
    world.until_state(id, "cooling off").await;
    send(&world, &stop).await;
    world.until_state(id, "stopped").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_that_was_opened_on_a_superseded_card_denies_nothing() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(LINUS, id, "deny").await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.add_flashcards_of_maria(50).await;
    world.cool_off().await;
    world.until_event(id, "superseded", 1).await;
    world.until_state(id, "awaiting approval").await;
    world.submit(LINUS, &view, "too many rows").await;
    world.until_told(LINUS, OUT_OF_DATE).await;
    all_worked_off(&world).await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.finish().await;
}
