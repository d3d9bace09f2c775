//! `/ops freeze`, told as stories.

use countersign_sandbox::slack::Message;

use crate::support::{World, boundary::Boundary, once::results, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_run_waits_and_goes_on_after_the_thaw() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    world
        .slack
        .slash(OLGA, OPS, "/ops freeze on restoring the database")
        .await
        .unwrap();
    world.until_told(OLGA, "frozen").await;
    world.cool_off().await;

    // Another command is let through: once it is done, the deletion has had its chance.
    world.answered(ADA, "/ops whoami").await;
    assert_eq!(world.request(id).await.state.word(), "cooling off");
    assert_eq!(
        world
            .count(r#"select count(*) from "User" where id = 'usr_1'"#)
            .await,
        1
    );

    world
        .slack
        .slash(OLGA, OPS, "/ops freeze off restored")
        .await
        .unwrap();
    world.until_told(OLGA, "thawed").await;
    world.clock.advance(std::time::Duration::from_secs(6));
    world.until_state(id, "done").await;
    world.finish().await;
}

/// What stands beside a request that a freeze holds.
const HELD: &str = "frozen: it waits until an operator types `/ops freeze off &lt;reason&gt;`";

/// Has the switch thrown, and waits until it is.
async fn switch(world: &World, line: &str, told: &str) {
    world.slack.slash(OLGA, OPS, line).await.unwrap();
    world.until_told(OLGA, told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_says_that_a_freeze_holds_its_request_as_long_as_it_does() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    world.until_card_shows(id, "stop").await;
    assert!(!world.card(id).await.all_text().contains(HELD));

    switch(&world, "/ops freeze on restoring the database", "frozen").await;
    let held = async |world: &World, wanted: bool| {
        let mut shown = world.slack.messages(AUDIT);
        shown.retain(|line| line.all_text().contains("Delete a user"));
        shown.push(world.card(id).await);
        let says = |message: &Message| message.all_text().contains(HELD);
        (shown.len() > 1 && shown.iter().all(|message| says(message) == wanted)).then_some(())
    };
    let both = "the card and the audit line say what holds it";
    world
        .until(both, async |world| held(world, true).await)
        .await;

    switch(&world, "/ops freeze off restored", "thawed").await;
    let both = "the card and the audit line say it no more";
    world
        .until(both, async |world| held(world, false).await)
        .await;
    world.click(GRACE, id, "stop").await;
    world.until_state(id, "stopped").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_during_a_freeze_is_told_at_once_that_it_waits() {
    let world = World::start().await;
    switch(&world, "/ops freeze on restoring the database", "frozen").await;
    let id = world
        .asks(OLGA, "/ops credits add usr_1 3 the payment was lost")
        .await;
    let asked = world.until_told(OLGA, "Add credits: asked").await;
    assert!(asked.all_text().contains(HELD), "{asked:?}");
    world.until_state(id, "approved").await;
    world
        .until("the audit line says it too", async |world| {
            let shown = world.slack.messages(AUDIT);
            let mut shown = shown.iter().map(Message::all_text);
            shown
                .find(|text| text.contains("About to run") && text.contains(HELD))
                .map(|_| ())
        })
        .await;

    // What only reads, and the thaw itself, are not held and are not said to be.
    world.answered(ADA, "/ops whoami").await;
    switch(&world, "/ops freeze off restored", "thawed").await;
    for (who, title) in [(ADA, "Who am I: asked"), (OLGA, "Freeze or thaw: asked")] {
        let told = world.until_told(who, title).await;
        assert!(!told.all_text().contains(HELD), "{told:?}");
    }
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_so_already_is_said() {
    let world = World::start().await;
    let says = world.refusal_of(OLGA, "/ops freeze off all is well").await;
    assert!(says.contains("the freeze is off already"), "{says}");
    world
        .slack
        .slash(OLGA, OPS, "/ops freeze on restoring the database")
        .await
        .unwrap();
    world.until_told(OLGA, "frozen").await;
    let says = world.refusal_of(ADA, "/ops freeze on restoring it").await;
    assert!(says.contains("the freeze is on already"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_that_is_neither_on_nor_off_is_refused_with_an_example() {
    let world = World::start().await;
    world
        .slack
        .slash(OLGA, OPS, "/ops freeze maybe later")
        .await
        .unwrap();
    let told = world.until_told(OLGA, "`maybe` is none of on, off").await;
    assert!(told.all_text().contains("/ops freeze on"), "{told:?}");
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_may_not_freeze() {
    let world = World::start().await;
    world
        .slack
        .slash("U0VICTOR", OPS, "/ops freeze on because")
        .await
        .unwrap();
    world.until_told("U0VICTOR", "operator").await;
    assert_eq!(
        world
            .count("select count(*) from countersign.service_settings")
            .await,
        0
    );
    world.finish().await;
}

/// The switch, as it is.
const FROZEN: &str =
    "select count(*) from countersign.service_settings where frozen and version = 1";

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_the_switch_and_its_entry_it_is_frozen_and_told_once() {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world
        .ask_freely(OLGA, "/ops freeze on restoring the database")
        .await;
    boundary.reached(&world).await;
    assert_eq!(world.count(FROZEN).await, 1);
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(world.count(FROZEN).await, 1);
    assert_eq!(results(&world, id).await.len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_that_the_store_breaks_off_is_tried_again() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    let id = world
        .ask_freely(OLGA, "/ops freeze on restoring the database")
        .await;
    let lock = "lock table countersign.service_settings in exclusive mode";
    let held = world.cut_off_at(boundary, id, lock).await;
    held.rollback().await.unwrap();
    world.hurry_until_state(id, "done").await;
    assert_eq!(world.count(FROZEN).await, 1);
    world.hurry_until_delivered().await;
    world.finish().await;
}
