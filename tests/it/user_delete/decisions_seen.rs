//! What people see of a request, from the first card to the last line of the audit thread.

use crate::support::{World, environment::Options, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_a_deletion_as_people_see_it() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let asked = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_awaiting_approval", seen(&[asked]));

    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    let cooling = world.until_card_says(id, "sessions ended").await;
    insta::assert_snapshot!("card_cooling_off", seen(&[cooling]));

    world.cool_off().await;
    world.until_state(id, "done").await;
    let done = world.until_card_says(id, "*Done*").await;
    insta::assert_snapshot!("card_done", seen(&[done]));
    world.until_audit(id, "every step succeeded").await;
    insta::assert_snapshot!("audit_thread_done", seen(&world.audit_thread(id).await));
    world.until_told(ADA, "*Done*").await;
    insta::assert_snapshot!("told_to_the_requester", seen(&world.slack.dm(ADA)));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_the_real_application_says_what_it_cannot_do() {
    let world = World::with(Options::real()).await;
    let line = "/ops user delete usr_1 asked for erasure by mail";
    let id = world.ask(ADA, line).await;
    let card = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_of_the_real_application", seen(&[card]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_plan_has_changed_says_what_is_different() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.add_flashcards_of_maria(50).await;
    world.cool_off().await;
    world.until_state(id, "awaiting approval").await;
    world.until_card_says(id, "The plan has changed").await;
    let card = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_superseded", seen(&[card]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_card_says_who_stopped_it_and_has_nothing_to_click() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    assert!(world.click(LINUS, id, "stop").await.ok());
    world.until_state(id, "stopped").await;
    let card = world
        .until("the card at its end", async |world| {
            let card = world.card(id).await;
            let text = card.all_text();
            (text.contains("*Stopped*") && !text.contains("undoing")).then_some(card)
        })
        .await;
    insta::assert_snapshot!("card_stopped", seen(&[card]));
    world.finish().await;
}
