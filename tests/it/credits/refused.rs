//! What is refused before anything changes.

use super::{asked, credits_of, set_credits};
use crate::support::{World, people::VICTOR, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_with_that_address_is_refused_without_repeating_it() {
    let world = World::start().await;
    world
        .ask_and_be_refused("/ops credits add nobody@example.com 10 a gift")
        .await;
    let told = world
        .until_told(ADA, "no account has this id or e-mail address")
        .await;
    assert!(!told.all_text().contains("nobody@example.com"), "{told:#?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_letter_case_is_refused_with_the_id_to_ask_by() {
    let world = World::start().await;
    world
        .ask_and_be_refused("/ops credits add MARIA@example.com 10 a gift")
        .await;
    world.until_told(ADA, "ask by id: usr_1").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_by_letter_case_are_never_guessed_between() {
    let world = World::start().await;
    sqlx::query(r#"update "User" set email = 'Maria@example.com' where id = 'usr_9'"#)
        .execute(&world.db)
        .await
        .unwrap();
    for verb in ["add", "remove"] {
        let line = format!("/ops credits {verb} maria@example.com 10 a reason");
        world.ask_and_be_refused(&line).await;
        world.until_told(ADA, "ask by id: usr_1, usr_9").await;
    }
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_column_holds_is_refused_while_planning() {
    let world = World::start().await;
    set_credits(&world, "usr_1", i32::MAX - 9).await;
    world
        .ask_and_be_refused("/ops credits add usr_1 10 a gift")
        .await;
    world
        .until_told(ADA, "an account holds 2147483647 credits at most")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(i32::MAX - 9));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_filled_up_since_the_plan_is_not_overflowed() {
    let world = World::start().await;
    let boundary = crate::support::boundary::Boundary::at(&world, "new.name = 'run_started'").await;
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    boundary.reached(&world).await;
    set_credits(&world, "usr_1", i32::MAX - 9).await;
    boundary.open().await;
    world.until_state(id, "failed").await;
    world
        .until_card_says(id, "an account holds 2147483647 credits at most")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(i32::MAX - 9));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_number_is_answered_with_an_example_and_asks_for_nothing() {
    let world = World::start().await;
    for wrong in ["0", "-5", "1.5", "1000001", "ten"] {
        let line = format!("/ops credits add maria@example.com {wrong} a gift");
        world.slack.slash(OLGA, OPS, &line).await.unwrap();
        let says = format!("`{wrong}` is not a whole number from 1 to 1000000");
        world.until_told(OLGA, &says).await;
    }
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_may_not_add_or_remove_credits() {
    let world = World::start().await;
    for verb in ["add", "remove"] {
        let line = format!("/ops credits {verb} usr_1 1 because");
        let id = asked(&world, VICTOR, &line).await;
        world.until_state(id, "refused").await;
        world.until_told(VICTOR, "operator").await;
    }
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    world.finish().await;
}
