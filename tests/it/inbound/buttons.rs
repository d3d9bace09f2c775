//! What a button says is what a click is about, never a right to anything.

use countersign::domain::RequestId;
use countersign_sandbox::slack::{Outgoing, Pick};
use serde_json::{Value, json};

use super::wire::status;
use crate::support::{World, story::*};

/// A click as it reaches the app.
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

async fn send(world: &World, payload: &Value) -> u16 {
    let request = Outgoing::payload("/slack/interactions", payload);
    status(&world.slack.send(&request).await)
}

fn value(payload: &Value) -> String {
    payload["actions"][0]["value"].as_str().unwrap().to_owned()
}

async fn inbox(world: &World) -> i64 {
    world.count("select count(*) from countersign.inbox").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_names_another_request_gives_no_right_to_it() {
    let world = World::start().await;
    let own = world.ask_for_maria().await;
    let other = world
        .ask(GRACE, "/ops user delete usr_10 asked for it too")
        .await;
    // Grace clicks Approve on Ada's card, with the value of her own request in it.
    let mut tampered = click(&world, GRACE, own, "approve").await;
    let theirs = value(&click(&world, GRACE, other, "approve").await);
    tampered["actions"][0]["value"] = theirs.into();
    assert_eq!(send(&world, &tampered).await, 200);

    world
        .until_audit(other, "<@U0GRACE> tried `approve` and was refused")
        .await;
    for id in [own, other] {
        let request = world.request(id).await;
        assert_eq!(request.state.word(), "awaiting approval");
        assert!(request.state.approvals().is_empty());
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_names_another_plan_approves_nothing() {
    let world = World::start().await;
    let own = world.ask_for_maria().await;
    let other = world
        .ask(ADA, "/ops user delete usr_10 asked for it too")
        .await;
    let mut tampered = click(&world, GRACE, own, "approve").await;
    let theirs = value(&click(&world, GRACE, other, "approve").await);
    let theirs: Vec<&str> = theirs.split('|').collect();
    let mine = value(&tampered);
    let mine: Vec<&str> = mine.split('|').collect();
    tampered["actions"][0]["value"] = format!("{}|{}|{}", mine[0], theirs[1], mine[2]).into();
    assert_eq!(send(&world, &tampered).await, 200);
    world
        .until_told(GRACE, "the plan has changed since this card was drawn")
        .await;
    assert!(world.request(own).await.state.approvals().is_empty());
    assert!(world.slack.open_views(GRACE).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modal_that_names_another_plan_approves_nothing() {
    let world = World::start().await;
    let own = world.ask_for_maria().await;
    let other = world
        .ask(ADA, "/ops user delete usr_10 asked for it too")
        .await;
    let theirs = world.request(other).await.plan.unwrap().digest;
    let view = world.open_modal(GRACE, own, "approve").await;
    let metadata =
        json!({ "request": own, "plan": theirs, "channel": APPROVALS, "message_ts": "1.2" });
    let payload = json!({
        "type": "view_submission",
        "team": { "id": "T0COUNTER" },
        "user": { "id": GRACE, "team_id": "T0COUNTER" },
        "trigger_id": "1.2.tampered",
        "view": {
            "id": view, "hash": "1.tampered", "callback_id": "approve_confirm",
            "private_metadata": metadata.to_string(),
            "state": { "values": { "note": { "text": { "type": "plain_text_input", "value": "usr_10" } } } },
        },
    });
    assert_eq!(send(&world, &payload).await, 200);
    world
        .until_told(GRACE, "the plan has changed since this card was drawn")
        .await;
    for id in [own, other] {
        assert!(world.request(id).await.state.approvals().is_empty());
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_of_a_request_that_is_not_there_is_acknowledged_and_changes_nothing() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let mut gone = click(&world, GRACE, id, "approve").await;
    let nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
    gone["actions"][0]["value"] = value(&gone).replace(&id.to_string(), nobody).into();
    let before = inbox(&world).await;
    assert_eq!(send(&world, &gone).await, 200);
    assert_eq!(inbox(&world).await, before);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_actions_and_views_are_acknowledged_and_change_nothing() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let before = (inbox(&world).await, world.event_names(id).await);
    let mut unknown = click(&world, GRACE, id, "approve").await;
    unknown["actions"][0]["action_id"] = "approve_everything".into();
    assert_eq!(send(&world, &unknown).await, 200);

    let mut garbage = click(&world, GRACE, id, "approve").await;
    garbage["actions"][0]["value"] = "no value of ours".into();
    assert_eq!(send(&world, &garbage).await, 200);

    let view = json!({
        "type": "view_submission",
        "user": { "id": GRACE },
        "trigger_id": "1.2.unknown",
        "view": { "id": "V0UNKNOWN", "hash": "1.x", "callback_id": "no_view_of_ours", "state": { "values": {} } },
    });
    assert_eq!(send(&world, &view).await, 200);

    let kind = json!({ "type": "shortcut", "callback_id": "x", "user": { "id": GRACE }, "trigger_id": "1.3" });
    assert_eq!(send(&world, &kind).await, 200);

    let after = (inbox(&world).await, world.event_names(id).await);
    assert_eq!(after, before);
    assert!(world.slack.open_views(GRACE).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_for_options_answers_with_an_empty_list() {
    let world = World::start().await;
    let payload = json!({ "type": "block_suggestion", "action_id": "user", "value": "mar", "user": { "id": ADA } });
    let request = Outgoing::payload("/slack/options", &payload);
    let countersign_sandbox::slack::Outcome::Answered { status, body, .. } =
        world.slack.send(&request).await
    else {
        panic!("no answer");
    };
    assert_eq!((status, body.as_str()), (200, r#"{"options":[]}"#));
    world.finish().await;
}
